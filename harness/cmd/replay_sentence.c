/* SPDX-License-Identifier: MIT
 *
 * replay_sentence.c - what a trace says, in one sentence.
 *
 * The fastest of those that do a whole allocator's work (no fakes, no regions, none that never uses memory again) is
 * compared with the baseline of the verdicts if that does the same, else with the first of the list; where that is the
 * fastest itself, with the next fastest.
 */
#include "bootstrap.h"
#include "replay_print.h"
#include "replay_verdict.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool does_all_the_work(const hy_row_of_spec *row) {
    return row->figure[HY_FIGURE_NS].count > 0 && hy_spec_is_general(row->spec);
}

/* The fastest but `without`, or NULL. */
static const hy_row_of_spec *fastest(const hy_rows *rows, const hy_row_of_spec *without) {
    const hy_row_of_spec *best = NULL;
    for (size_t i = 0; i < rows->count; i++) {
        const hy_row_of_spec *const row = &rows->row[i];
        if (row != without && does_all_the_work(row) &&
            (!best || replay_row_figure(row, HY_FIGURE_NS) < replay_row_figure(best, HY_FIGURE_NS)))
            best = row;
    }
    return best;
}

static const char *baseline(const hy_rows *rows) {
    const hy_trial *const trial = rows->trial;
    return trial && trial->baseline < trial->count ? trial->series[trial->baseline].spec : "system";
}

static const hy_row_of_spec *reference(const hy_rows *rows) {
    const hy_row_of_spec *first = NULL;
    for (size_t i = rows->count; i-- > 0;) {
        const hy_row_of_spec *const row = &rows->row[i];
        if (!does_all_the_work(row))
            continue;
        if (strcmp(row->spec, baseline(rows)) == 0)
            return row;
        first = row;
    }
    return first;
}

static void print_memory(const hy_row_of_spec *a, const hy_row_of_spec *b) {
    const double ratio = replay_row_figure(a, HY_FIGURE_RESIDENT) / replay_row_figure(b, HY_FIGURE_RESIDENT);
    if (isnan(ratio) || isinf(ratio))
        return;
    if (fabs(ratio - 1) < 0.005)
        printf(" in as much memory");
    else
        printf(" in %.0f %% %s memory", 100 * fabs(ratio - 1), ratio > 1 ? "more" : "less");
}

/* How much faster the fast one is, and how sure that is; NULL without an interval.  The judgement is of whichever of
 * the two is not the baseline. */
static const char *compare(const hy_rows *rows, const hy_row_of_spec *fast, const hy_row_of_spec *other,
                           double *ret_ratio, double *ret_low, double *ret_high) {
    const hy_series *const ours = replay_verdict_of(rows, fast), *const theirs = replay_verdict_of(rows, other);
    *ret_ratio = replay_row_figure(other, HY_FIGURE_NS) / replay_row_figure(fast, HY_FIGURE_NS);
    if (!ours == !theirs || isnan(ours ? ours->time.low : theirs->time.low))
        return NULL;
    const hy_judgement *const j = ours ? &ours->time : &theirs->time;
    *ret_ratio = ours ? 1 / j->ratio : j->ratio;
    *ret_low = ours ? 1 / j->high : j->low;
    *ret_high = ours ? 1 / j->low : j->high;
    return j->word;
}

/* `repetitions`: of whichever of the two has fewer. */
static void print_certainty(const char *word, size_t repetitions) {
    if (!word && repetitions < HY_BOOTSTRAP_LEAST)
        printf("; inconclusive: %d repetitions or more would give an interval.\n", HY_BOOTSTRAP_LEAST);
    else if (!word)
        puts("; no verdict: neither is the baseline that the verdicts are about.");
    else if (strcmp(word, HY_WORD_WITHHELD) == 0)
        puts("; no verdict, for the A/A control differs too.");
    else if (strcmp(word, HY_WORD_EQUIVALENT) == 0)
        printf("; equivalent within %g %%.\n", 100 * HY_VERDICT_MARGIN);
    else
        puts(hy_word_differs(word) ? "." : "; inconclusive: no difference to be sure of.");
}

void replay_print_sentence(const hy_rows *rows) {
    const hy_row_of_spec *const fast = fastest(rows, NULL);
    const hy_row_of_spec *other = reference(rows);
    double ratio, low = 0, high = 0;
    other = other == fast ? fastest(rows, fast) : other;
    if (!fast || !other)
        return;
    const char *const word = compare(rows, fast, other, &ratio, &low, &high);
    printf("On %s, %s ran %.2f\u00d7 as fast as %s", rows->trace, fast->spec, ratio, other->spec);
    if (word)
        printf(" (95 %% CI %.2f\u2013%.2f)", low, high);
    print_memory(fast, other);
    const size_t ours = fast->figure[HY_FIGURE_NS].count, theirs = other->figure[HY_FIGURE_NS].count;
    print_certainty(word, ours < theirs ? ours : theirs);
}
