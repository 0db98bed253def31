/* SPDX-License-Identifier: MIT
 *
 * micro_results.c - see micro_results.h.
 */
#include "micro_results.h"

#include "describe.h"
#include "session.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *results_calloc(size_t count, size_t size) {
    void *const memory = calloc(count + 1, size);
    if (!memory)
        abort();
    return memory;
}

/* ----------------------------------------------------------------------------------------------------- figures ---- */

static hy_micro_figure *find_figure(const hy_micro_results *results, const char *name) {
    for (size_t i = 0; i < results->figure_count; i++)
        if (strcmp(results->figures[i].name, name) == 0)
            return &results->figures[i];
    return NULL;
}

static hy_micro_figure *add_figure(hy_micro_results *results, const char *name, const char *unit,
                                   hy_contest_kind kind) {
    const size_t values = results->rounds * results->count;
    results->figures = realloc(results->figures, (results->figure_count + 1) * sizeof *results->figures);
    if (!results->figures)
        abort();
    hy_micro_figure *const figure = &results->figures[results->figure_count++];
    *figure = (hy_micro_figure){.kind = kind};
    snprintf(figure->name, sizeof figure->name, "%s", name);
    snprintf(figure->unit, sizeof figure->unit, "%s", unit);
    figure->values = results_calloc(values, sizeof *figure->values);
    figure->middle = results_calloc(results->count, sizeof *figure->middle);
    figure->against = results_calloc(results->count, sizeof *figure->against);
    figure->to_best = results_calloc(results->count, sizeof *figure->to_best);
    for (size_t i = 0; i < values; i++)
        figure->values[i] = NAN;
    return figure;
}

void hy_micro_note(hy_micro_results *results, const char *name, const char *unit, size_t entry, unsigned round,
                   double value) {
    const hy_contest_kind kind = strcmp(unit, "ns") == 0 ? HY_CONTEST_TIME : HY_CONTEST_SIZE;
    hy_micro_figure *figure = find_figure(results, name);
    figure = figure ? figure : add_figure(results, name, unit, kind);
    figure->values[round * results->count + entry] = value;
}

void hy_micro_free(hy_micro_results *results) {
    for (size_t i = 0; i < results->figure_count; i++) {
        const hy_micro_figure *const figure = &results->figures[i];
        free(figure->values);
        free(figure->middle);
        free(figure->against);
        free(figure->to_best);
    }
    free(results->figures);
    results->figures = NULL;
    results->figure_count = 0;
}

/* "pair/16/threads:2" and "pair/16" make "pair/16/scaling". */
static void add_scaling(hy_micro_results *results, size_t two_threads) {
    static const char suffix[] = "/threads:2";
    char name[sizeof results->figures->name];
    snprintf(name, sizeof name, "%s", results->figures[two_threads].name);
    char *const end = strstr(name, suffix);
    if (!end || end[sizeof suffix - 1])
        return;
    *end = '\0';
    const hy_micro_figure *const single = find_figure(results, name);
    if (!single)
        return;
    const size_t one = (size_t)(single - results->figures);
    snprintf(end, sizeof name - (size_t)(end - name), "/scaling");
    const hy_micro_figure *const scaling = add_figure(results, name, "ratio", HY_CONTEST_TIME);
    for (size_t i = 0; i < results->rounds * results->count; i++)
        scaling->values[i] = results->figures[two_threads].values[i] / results->figures[one].values[i];
}

/* ------------------------------------------------------------------------------------------------------ ratios ---- */

/* The values of an entry, without those that are missing; to be freed. */
static double *values_of(const hy_micro_results *results, const hy_micro_figure *figure, size_t entry, size_t *ret_n) {
    double *const values = results_calloc(results->rounds, sizeof *values);
    *ret_n = 0;
    for (unsigned round = 0; round < results->rounds; round++) {
        const double value = figure->values[round * results->count + entry];
        if (!isnan(value))
            values[(*ret_n)++] = value;
    }
    return values;
}

static void find_middles(const hy_micro_results *results, hy_micro_figure *figure) {
    figure->best = figure->second = results->count;
    for (size_t i = 0; i < results->count; i++) {
        size_t n;
        double *const values = values_of(results, figure, i, &n);
        figure->middle[i] = hy_median(values, n);
        free(values);
        if (results->entries[i].role != HY_MICRO_RIVAL || isnan(figure->middle[i]))
            continue;
        if (figure->best == results->count || figure->middle[i] < figure->middle[figure->best]) {
            figure->second = figure->best;
            figure->best = i;
        } else if (figure->second == results->count || figure->middle[i] < figure->middle[figure->second]) {
            figure->second = i;
        }
    }
}

/* Both sides of a contest, of the rounds that both have. */
static void add_contest(hy_session *s, const hy_micro_results *results, unsigned group, size_t entry, size_t other,
                        hy_judgement *judgement) {
    const hy_micro_figure *const figure = &results->figures[group];
    double *const ours = results_calloc(results->rounds, sizeof *ours);
    double *const theirs = results_calloc(results->rounds, sizeof *theirs);
    size_t count = 0;
    for (unsigned round = 0; round < results->rounds; round++) {
        const double *const values = figure->values + round * results->count;
        if (isnan(values[entry]) || isnan(values[other]))
            continue;
        ours[count] = values[entry];
        theirs[count++] = values[other];
    }
    hy_session_add(s,
                   &(hy_contest){.ours = ours,
                                 .theirs = theirs,
                                 .our_count = count,
                                 .their_count = count,
                                 .shared = true,
                                 .control = results->entries[entry].role == HY_MICRO_CONTROL,
                                 .group = group,
                                 .kind = figure->kind},
                   true, judgement);
}

/* Whom an entry is compared with; the number of entries: nobody. */
static size_t rival_of(const hy_micro_results *results, const hy_micro_figure *figure, size_t entry, bool to_best) {
    const hy_micro_role role = results->entries[entry].role;
    if (role == HY_MICRO_CONTROL)
        return results->controlled;
    if (role == HY_MICRO_NULL)
        return results->count;
    if (!to_best)
        return entry == results->reference ? results->count : results->reference;
    return entry == figure->best ? figure->second : figure->best;
}

static int judge_pairs(const hy_micro_results *results, bool to_best, const hy_rules *rules) {
    hy_session session = {.count = 0};
    for (size_t f = 0; f < results->figure_count; f++) {
        const hy_micro_figure *const figure = &results->figures[f];
        for (size_t i = 0; i < results->count; i++) {
            const size_t other = rival_of(results, figure, i, to_best);
            hy_judgement *const judgement = to_best ? &figure->to_best[i] : &figure->against[i];
            *judgement = (hy_judgement){.ratio = NAN, .low = NAN, .high = NAN, .word = ""};
            if (other < results->count)
                add_contest(&session, results, (unsigned)f, i, other, judgement);
        }
    }
    return hy_session_judge(&session, rules);
}

int hy_micro_judge(hy_micro_results *results, const hy_rules *rules, hy_error *error) {
    const size_t measured = results->figure_count;
    for (size_t i = 0; i < measured; i++)
        add_scaling(results, i);
    for (size_t i = 0; i < results->figure_count; i++)
        find_middles(results, &results->figures[i]);
    int r = judge_pairs(results, false, rules);
    if (r == 0)
        r = judge_pairs(results, true, rules);
    return r == 0 ? 0 : hy_fail(error, r, "no memory to judge %zu figures", results->figure_count);
}
