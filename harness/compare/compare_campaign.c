/* SPDX-License-Identifier: MIT
 *
 * compare_campaign.c - one campaign: each allocator against the baseline (see compare.h).
 */
#include "compare.h"

#include "describe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const hy_judgement not_judged = {NAN, NAN, NAN, NAN, NAN, NAN, HY_TEST_NONE, ""};

/* ----------------------------------------------------------------------------------------------------- figures ---- */

/* How many rounds both have, and the median of ours in them. */
static size_t count_pairs(const hy_trial *trial, const hy_series *ours, const hy_series *theirs, double *ret_median) {
    double *const values = malloc((2 * trial->rounds + 1) * sizeof *values);
    if (!values)
        abort();
    const size_t count = hy_trial_pairs(trial, ours, theirs, values, values + trial->rounds);
    *ret_median = hy_median(values, count);
    free(values);
    return count;
}

double hy_series_time(const hy_trial *trial, const hy_series *series) {
    double median = NAN;
    if (series)
        count_pairs(trial, series, series, &median);
    return median;
}

double hy_series_size(const hy_series *series) {
    return series ? hy_median(series->bytes, series->weighed) : NAN;
}

/* -------------------------------------------------------------------------------------------------------- rows ---- */

static void row_fill(hy_comparison *row, const hy_trial *trial, const hy_series *ours, const hy_series *theirs) {
    double unused;
    row->ours = hy_series_time(trial, ours);
    row->theirs = hy_series_time(trial, theirs);
    row->our_size = row->side == HY_SIDE_AGAIN ? NAN : hy_series_size(ours);
    row->their_size = hy_series_size(theirs);
    row->rounds = ours && theirs ? count_pairs(trial, ours, theirs, &unused) : 0;
    row->failed = ours && ours->problem; /* not measured is no failure: stopped, or too few rounds for a control */
    row->problem = ours ? ours->problem : NULL;
    row->time = ours && row->side != HY_SIDE_BASELINE ? ours->time : not_judged;
    row->size = ours && row->side == HY_SIDE_OTHER ? ours->size : not_judged;
}

static void compare_trial(hy_trial *trial, char *const *specs, size_t count, hy_compared *compared) {
    const hy_series *const base = hy_series_of(trial, specs[0]);
    const hy_series *const control = trial->control < trial->count ? &trial->series[trial->control] : NULL;
    compared->trial = trial;
    compared->null_time = hy_series_time(trial, hy_series_of(trial, "null"));
    compared->count = count;
    for (size_t i = 0; i < count; i++) {
        hy_comparison *const row = &compared->row[i];
        row->spec = specs[i];
        row->side = i == 0 ? HY_SIDE_BASELINE : strcmp(specs[i], specs[0]) == 0 ? HY_SIDE_AGAIN : HY_SIDE_OTHER;
        row_fill(row, trial, row->side == HY_SIDE_AGAIN ? control : hy_series_of(trial, specs[i]), base);
    }
    if (control)
        compared->control[compared->control_count++] = (hy_control){.spec = control->spec, .time = control->time};
}

int hy_compare_campaign(hy_trials *trials, char *const *specs, size_t count, const hy_rules *rules,
                        hy_comparisons *ret_comparisons, hy_error *error) {
    for (size_t i = 0; i < trials->count; i++) {
        hy_trial *const trial = &trials->trial[i];
        const hy_series *const base = hy_series_of(trial, specs[0]);
        trial->baseline = base ? (size_t)(base - trial->series) : trial->count;
    }
    const int r = hy_trials_judge(trials, rules, error);
    if (r < 0)
        return r;
    hy_comparisons all = {.rules = *rules, .trace = calloc(trials->count + 1, sizeof *all.trace)};
    if (!all.trace)
        abort();
    for (all.count = 0; all.count < trials->count; all.count++) {
        hy_compared *const compared = &all.trace[all.count];
        compared->row = calloc(count, sizeof *compared->row);
        if (!compared->row)
            abort();
        compare_trial(&trials->trial[all.count], specs, count, compared);
    }
    all.few = hy_trials_words_few(trials, rules->alpha);
    *ret_comparisons = all;
    return 0;
}

/* ------------------------------------------------------------------------------------------------- both forms ---- */

void hy_comparisons_free(hy_comparisons *comparisons) {
    for (size_t i = 0; i < comparisons->count; i++) {
        free(comparisons->trace[i].row);
        free(comparisons->trace[i].gone);
    }
    free(comparisons->trace);
    free(comparisons->gone);
    *comparisons = (hy_comparisons){.count = 0};
}

bool hy_comparison_worse(const hy_comparison *row) {
    return row->failed || hy_word_worse(row->time.word) || hy_word_worse(row->size.word);
}

size_t hy_comparisons_worse(const hy_comparisons *comparisons) {
    size_t worse = 0;
    for (size_t i = 0; i < comparisons->count; i++)
        for (size_t k = 0; k < comparisons->trace[i].count; k++)
            worse += hy_comparison_worse(&comparisons->trace[i].row[k]);
    return worse;
}
