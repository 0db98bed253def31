/* SPDX-License-Identifier: MIT
 *
 * programs_summary.c - see programs_summary.h.
 */
#include "programs_summary.h"

#include "bootstrap.h"
#include "describe.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *summary_must(void *memory) {
    if (!memory)
        abort();
    return memory;
}

/* ------------------------------------------------------------------------------------------------- who is there ----
 */

/* What all programs are compared with by themselves; NULL: they differ, or there are none. */
static const char *common_baseline(const hy_programs *programs) {
    const char *spec = NULL;
    for (size_t i = 0; i < programs->count; i++) {
        const hy_program_entry *const baseline = hy_program_baseline(&programs->program[i]);
        if (!baseline || (spec && strcmp(baseline->spec, spec) != 0))
            return NULL;
        spec = baseline->spec;
    }
    return spec;
}

static const hy_program_entry *entry_of(const hy_real_program *program, const hy_summary_row *row) {
    return row->control ? hy_program_control(program) : hy_program_find(program, row->spec);
}

static bool has_row(const hy_programs_summary *summary, const char *spec, bool control) {
    for (size_t i = 0; i < summary->count; i++)
        if (summary->row[i].control == control && strcmp(summary->row[i].spec, spec) == 0)
            return true;
    return false;
}

/* Every allocator of any program, but not the one that all are compared with; the control where it is its. */
static void collect_rows(const hy_programs *programs, hy_programs_summary *summary) {
    for (size_t i = 0; i < programs->count; i++)
        for (size_t k = 0; k < programs->program[i].count; k++) {
            const hy_program_entry *const entry = &programs->program[i].entry[k];
            const bool same = strcmp(entry->spec, summary->against) == 0;
            if (same != entry->control || has_row(summary, entry->spec, entry->control))
                continue;
            summary->row = summary_must(realloc(summary->row, (summary->count + 1) * sizeof *summary->row));
            summary->row[summary->count++] = (hy_summary_row){.spec = entry->spec, .control = entry->control};
        }
}

/* ------------------------------------------------------------------------------------------------------- figures ----
 */

/* One allocator's quotients of one figure, program by program. */
typedef struct quotients {
    hy_repeated *program;
    double *medians;
    size_t count;
} quotients;

static void quotients_free(quotients *q) {
    for (size_t i = 0; i < q->count; i++)
        free((void *)(size_t)q->program[i].value);
    free(q->program);
    free(q->medians);
}

static double *pair_quotients(const hy_program_entry *ours, const hy_program_entry *theirs, hy_program_figure figure,
                              size_t *ret_count) {
    double *const a = summary_must(calloc(2 * ours->count + 1, sizeof *a)), *const b = a + ours->count;
    *ret_count = hy_program_pairs(ours, theirs, figure, a, b);
    for (size_t i = 0; i < *ret_count; i++)
        a[i] /= b[i];
    return a;
}

static void note_slower(hy_summary_row *row, const hy_repeated *values, const char *name) {
    double median, low, high;
    if (hy_median_interval(values->value, values->count, HY_SUMMARY_LEVEL, HY_BOOTSTRAP_SEED, &median, &low, &high) <
            0 ||
        low <= HY_SUMMARY_SLOWER)
        return;
    hy_program_words_add(&row->slower_names, "%s%s", row->slower++ ? ", " : "", name);
}

static void note_larger(hy_summary_row *row, double ratio, const char *name) {
    if (ratio > HY_SUMMARY_LARGER)
        hy_program_words_add(&row->larger_names, "%s%s", row->larger++ ? ", " : "", name);
}

/* Whether the program counts for the row; what went wrong is counted once, with the first figure. */
static bool counts(const hy_program_entry *ours, const hy_program_entry *theirs, hy_program_figure figure,
                   hy_summary_row *row) {
    if (!ours || !theirs)
        return false;
    row->wrong += figure == 0 && (ours->wrong || theirs->wrong);
    return !ours->wrong && !theirs->wrong;
}

static quotients collect_quotients(const hy_programs *programs, const char *against, hy_program_figure figure,
                                   hy_summary_row *row) {
    quotients q = {summary_must(calloc(programs->count + 1, sizeof *q.program)),
                   summary_must(calloc(programs->count + 1, sizeof *q.medians)), 0};
    for (size_t i = 0; i < programs->count; i++) {
        const hy_real_program *const program = &programs->program[i];
        const hy_program_entry *const ours = entry_of(program, row), *const theirs = hy_program_find(program, against);
        if (!counts(ours, theirs, figure, row))
            continue;
        hy_repeated *const values = &q.program[q.count];
        values->value = pair_quotients(ours, theirs, figure, &values->count);
        const double median = hy_median(values->value, values->count);
        if (!(median > 0) || !isfinite(median)) {
            free((void *)(size_t)values->value);
            continue;
        }
        q.medians[q.count++] = median;
        if (figure == HY_PROGRAM_CPU)
            note_slower(row, values, program->name);
        if (figure == HY_PROGRAM_PEAK)
            note_larger(row, median, program->name);
    }
    return q;
}

static int fill_row(const hy_programs *programs, const char *against, hy_summary_row *row) {
    int r = 0;
    for (hy_program_figure figure = 0; r != -ENOMEM && (int)figure < HY_PROGRAM_JUDGED; figure++) {
        quotients q = collect_quotients(programs, against, figure, row);
        hy_summary_mean *const mean = &row->mean[figure];
        *mean = (hy_summary_mean){hy_geometric_mean(q.medians, q.count), NAN, NAN};
        row->programs = figure == 0 ? q.count : row->programs;
        r = hy_geometric_interval(q.program, q.count, HY_SUMMARY_LEVEL, HY_BOOTSTRAP_SEED, &mean->ratio, &mean->low,
                                  &mean->high);
        quotients_free(&q);
    }
    return r == -ENOMEM ? r : 0;
}

static int compare_rows(const void *left, const void *right) {
    const hy_summary_row *const a = left, *const b = right;
    if (a->control != b->control)
        return a->control ? -1 : 1;
    const double x = a->mean[HY_PROGRAM_CPU].ratio, y = b->mean[HY_PROGRAM_CPU].ratio;
    return isnan(x) || isnan(y) ? isnan(x) - isnan(y) : (x > y) - (x < y);
}

int hy_programs_summarise(const hy_programs *programs, const char *against, hy_programs_summary *ret_summary,
                          hy_error *error) {
    hy_programs_summary summary = {.against = against ? against : common_baseline(programs),
                                   .programs = programs->count};
    bool found = false;
    for (size_t i = 0; summary.against && i < programs->count; i++)
        found |= hy_program_find(&programs->program[i], summary.against) != NULL;
    if (against && !found)
        return hy_fail(error, -ENOENT, "no program was run on \"%s\", to compare others with", against);
    if (found)
        collect_rows(programs, &summary);
    int r = 0;
    for (size_t i = 0; r == 0 && i < summary.count; i++)
        r = fill_row(programs, summary.against, &summary.row[i]);
    if (r < 0) {
        hy_programs_summary_free(&summary);
        return hy_fail(error, r, "no memory to sum up %zu programs", programs->count);
    }
    if (summary.count > 0)
        qsort(summary.row, summary.count, sizeof *summary.row, compare_rows);
    *ret_summary = summary;
    return 0;
}

void hy_programs_summary_free(hy_programs_summary *summary) {
    free(summary->row);
    *summary = (hy_programs_summary){NULL, NULL, 0, 0};
}

/* ------------------------------------------------------------------------------------------------------- words ---- */

static void words_mean(hy_program_words *words, const hy_summary_mean *mean) {
    hy_program_words_add(words, "%.3f", mean->ratio);
    if (isfinite(mean->low))
        hy_program_words_add(words, " (%.3f to %.3f)", mean->low, mean->high);
}

static void words_count(hy_program_words *words, size_t count, const hy_program_words *names) {
    if (count == 0)
        hy_program_words_add(words, "none");
    else
        hy_program_words_add(words, "%zu (%s)", count, names->text);
}

hy_program_words hy_summary_sentence(const hy_programs_summary *summary, const hy_summary_row *row) {
    hy_program_words words = {""};
    if (row->programs == 0) {
        hy_program_words_add(&words, "No program can be counted for %s%s", row->spec,
                             row->control ? " against itself" : "");
        return words;
    }
    hy_program_words_add(&words, "Over %zu program%s %s took ", row->programs, row->programs == 1 ? "" : "s",
                         row->spec);
    words_mean(&words, &row->mean[HY_PROGRAM_CPU]);
    hy_program_words_add(&words, " of %s%s CPU time, ", row->control ? "its own" : summary->against,
                         row->control ? "" : "'s");
    words_mean(&words, &row->mean[HY_PROGRAM_WALL]);
    hy_program_words_add(&words, " of the wall time and ");
    words_mean(&words, &row->mean[HY_PROGRAM_PEAK]);
    hy_program_words_add(&words, " of the peak memory; surely more than 5 %% slower: ");
    words_count(&words, row->slower, &row->slower_names);
    hy_program_words_add(&words, ", more than 10 %% larger: ");
    words_count(&words, row->larger, &row->larger_names);
    if (row->wrong)
        hy_program_words_add(&words, "; %zu not counted, as it failed there", row->wrong);
    return words;
}

/* Of those that are no control and served all that any served; NULL: there are none. */
static const hy_summary_row *least_of(const hy_programs_summary *summary, hy_program_figure figure) {
    const hy_summary_row *least = NULL;
    for (size_t i = 0; i < summary->count; i++) {
        const hy_summary_row *const row = &summary->row[i];
        if (row->control || row->programs < summary->programs || isnan(row->mean[figure].ratio))
            continue;
        if (!least || row->mean[figure].ratio < least->mean[figure].ratio)
            least = row;
    }
    return least;
}

/* "tlsf took the least CPU time, 0.971 of system's", or that the other one did. */
static void words_least(hy_program_words *words, const hy_programs_summary *summary, hy_program_figure figure,
                        const char *what) {
    const hy_summary_row *const least = least_of(summary, figure);
    const bool ours = least->mean[figure].ratio < 1;
    hy_program_words_add(words, "%s took the least %s, ", ours ? least->spec : summary->against, what);
    if (!ours)
        hy_program_words_add(words, "the next, %s, ", least->spec);
    words_mean(words, &least->mean[figure]);
    hy_program_words_add(words, " of %s", ours ? summary->against : "that");
    hy_program_words_add(words, "%s", ours ? "'s" : "");
    if (least->mean[figure].low <= 1 && least->mean[figure].high >= 1)
        hy_program_words_add(words, ", which is not told apart from 1");
}

hy_program_words hy_summary_conclusion(const hy_programs_summary *summary) {
    hy_program_words words = {""};
    if (!least_of(summary, HY_PROGRAM_CPU) || !least_of(summary, HY_PROGRAM_PEAK))
        return words;
    hy_program_words_add(&words, "Over %zu program%s ", summary->programs, summary->programs == 1 ? "" : "s");
    words_least(&words, summary, HY_PROGRAM_CPU, "CPU time");
    hy_program_words_add(&words, ", and ");
    words_least(&words, summary, HY_PROGRAM_PEAK, "memory at its peak");
    hy_program_words_add(&words, " (geometric means over the programs, %s)",
                         isnan(least_of(summary, HY_PROGRAM_CPU)->mean[HY_PROGRAM_CPU].low)
                             ? "of too few rounds for intervals"
                             : "90 % intervals over the rounds");
    return words;
}
