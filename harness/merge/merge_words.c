/* SPDX-License-Identifier: MIT
 *
 * merge_words.c - the answer in plain words: every number is out of the data, every verdict out of an interval.
 */
#include "merge.h"

#include "bootstrap.h"
#include "describe.h"
#include "units.h"
#include "verdict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool words_is(const char *word, const char *expected) {
    return strcmp(word, expected) == 0;
}

/* "12.3 µs" in a buffer of its own: two may stand in one sentence. */
static const char *words_time(double ns) {
    static _Thread_local hy_number number[2];
    static _Thread_local unsigned turn;
    hy_number *const n = &number[turn++ % 2];
    *n = hy_show_time(ns);
    return n->text;
}

/* "12 % less", "as much", "1.8× as much" */
static hy_words words_share(double ratio, const char *less, const char *more, const char *same) {
    hy_words w;
    if (ratio <= 1 + HY_VERDICT_MARGIN && ratio >= 1 / (1 + HY_VERDICT_MARGIN))
        snprintf(w.text, sizeof w.text, "%s", same);
    else if (ratio >= 1.5)
        snprintf(w.text, sizeof w.text, "%.2f× as much", ratio);
    else
        snprintf(w.text, sizeof w.text, "%.0f %% %s", 100 * fabs(ratio - 1), ratio < 1 ? less : more);
    return w;
}

static hy_words words_memory(double ratio) {
    return words_share(ratio, "less memory", "more memory", "as much memory (within 2 %)");
}

/* ------------------------------------------------------------------------------------------------------- scope ---- */

static unsigned words_runs(const hy_merge_study *study) {
    unsigned most = 0;
    for (size_t i = 0; i < study->count; i++)
        for (size_t k = 0; k < study->curves[i].count; k++) {
            const unsigned runs = study->curves[i].points[k].entry->pass[HY_REPORT_THROUGHPUT].good;
            most = runs > most ? runs : most;
        }
    return most;
}

static void words_scope(const hy_merge_study *study, FILE *out) {
    size_t points = 0, failed = 0, traces = 0;
    for (size_t i = 0; i < study->count; i++) {
        points += study->curves[i].count;
        failed += study->curves[i].failed;
        traces += i == 0 || study->curves[i].study != study->curves[i - 1].study;
    }
    const unsigned runs = words_runs(study);
    fprintf(out, "%zu allocator%s on %zu trace%s, %zu points of %u timed run%s each", study->fit_count,
            study->fit_count == 1 ? "" : "s", traces, traces == 1 ? "" : "s", points, runs, runs == 1 ? "" : "s");
    if (failed > 0)
        fprintf(out, "; %zu point%s did not get through", failed, failed == 1 ? "" : "s");
    fputs(".\n", out);
    if (runs < HY_BOOTSTRAP_LEAST)
        fprintf(out,
                "With fewer than %d runs nobody can say how sure any of this is: no intervals, no verdicts, and a best "
                "rule that may be chance.\n",
                HY_BOOTSTRAP_LEAST);
}

/* ------------------------------------------------------------------------------------------------------ answers ----
 */

/* Whether it is faster than immediate by more than the margin even at the worse end of the interval: the best of many
 * rules is faster by a little somewhere, by chance alone. */
static bool words_gains(const hy_merge_point *point) {
    return point && words_is(point->time_word, "faster") && point->time_ratio.high < 1 / (1 + HY_VERDICT_MARGIN);
}

typedef struct words_counts {
    size_t curves, immediate, faster, smaller, same; /* what the best of the axis is against immediate */
} words_counts;

static words_counts words_count(const hy_merge_study *study) {
    words_counts n = {0};
    for (size_t i = 0; i < study->count; i++) {
        const hy_merge_curve *const c = &study->curves[i];
        if (!c->best || !hy_merge_complete(c->immediate))
            continue;
        n.curves++;
        if (c->best == c->immediate)
            n.immediate++;
        else if (words_gains(c->best))
            n.faster++;
        else if (words_is(c->best->size_word, "smaller"))
            n.smaller++;
        else
            n.same++;
    }
    return n;
}

static void words_frequency(const hy_merge_study *study, FILE *out) {
    const words_counts n = words_count(study);
    if (n.curves == 0)
        return;
    fprintf(out, "Merging at every free (immediate) is best on %zu of %zu curves, one a trace and allocator",
            n.immediate, n.curves);
    if (n.faster > 0)
        fprintf(out, "; merging less often is faster on %zu, certainly by more than 2 %%", n.faster);
    if (n.smaller > 0)
        fprintf(out, "; not faster, but smaller on %zu", n.smaller);
    if (n.same > 0)
        fprintf(out, "; on %zu the best is no different from it beyond 2 %% and chance", n.same);
    fputs(".\n", out);
}

/* The curve whose best rule gains most, of those where it is certainly faster. */
static const hy_merge_curve *words_greatest(const hy_merge_study *study) {
    const hy_merge_curve *greatest = NULL;
    for (size_t i = 0; i < study->count; i++) {
        const hy_merge_curve *const c = &study->curves[i];
        if (!words_gains(c->best))
            continue;
        const double gain = c->best->time_ratio.middle * c->best->size_ratio;
        if (!greatest || gain < greatest->best->time_ratio.middle * greatest->best->size_ratio)
            greatest = c;
    }
    return greatest;
}

static void words_gain(const hy_merge_study *study, FILE *out) {
    const hy_merge_curve *const c = words_greatest(study);
    if (!c)
        return;
    const hy_interval *const i = &c->best->time_ratio;
    fprintf(out, "The largest gain: %s on %s with %s is %.2f× as fast as with immediate merging (95 %% CI %.2f–%.2f), ",
            c->fit, c->study->name, c->best->rule, 1 / i->middle, 1 / i->high, 1 / i->low);
    fprintf(out, "with %s.\n", words_memory(c->best->size_ratio).text);
}

/* The point of `never` with the greatest ratio of what `of` tells. */
static const hy_merge_curve *words_worst_never(const hy_merge_study *study, bool of_time) {
    const hy_merge_curve *worst = NULL;
    double most = 0;
    for (size_t i = 0; i < study->count; i++) {
        const hy_merge_point *const p = study->curves[i].never;
        const double own = p ? of_time ? p->time_ratio.middle : p->size_ratio : NAN;
        if (own > most) {
            most = own;
            worst = &study->curves[i];
        }
    }
    return worst;
}

static void words_never(const hy_merge_study *study, FILE *out) {
    const hy_merge_curve *const slow = words_worst_never(study, true), *const fat = words_worst_never(study, false);
    size_t died = 0, all = 0;
    for (size_t i = 0; i < study->count; i++) {
        all += study->curves[i].never != NULL;
        died += study->curves[i].never && !hy_merge_complete(study->curves[i].never);
    }
    if (!slow || !fat)
        return;
    fprintf(out, "Never merging takes up to %.2f× the memory of immediate merging (%s on %s) and up to %.2f× its time ",
            fat->never->size_ratio, fat->fit, fat->study->name, slow->never->time_ratio.middle);
    fprintf(out, "(%s on %s)", slow->fit, slow->study->name);
    if (died > 0)
        fprintf(out, "; %zu of %zu times it did not get through at all", died, all);
    fputs(".\n", out);
}

static void words_knee(const hy_merge_study *study, FILE *out) {
    const hy_merge_point *first = NULL, *last = NULL;
    size_t knees = 0, curves = 0;
    for (size_t i = 0; i < study->count; i++) {
        const hy_merge_point *const p = study->curves[i].knee;
        curves += study->curves[i].axis > 2;
        if (!p)
            continue;
        knees++;
        first = !first || p->place < first->place ? p : first;
        last = !last || p->place > last->place ? p : last;
    }
    if (knees == 0) {
        fprintf(out, "No curve has a knee: nowhere does more memory buy time at a rate that then falls off.\n");
        return;
    }
    fprintf(out, "Time can be bought with memory on %zu of %zu curves; the knee, beyond which it gets dear, ", knees,
            curves);
    if (first->place == last->place)
        fprintf(out, "lies at %s.\n", first->rule);
    else
        fprintf(out, "lies between %s and %s.\n", first->rule, last->rule);
}

/* ----------------------------------------------------------------------------------------------- regret and tail ----
 */

/* The median over all curves of the regret at immediate, or at the greatest N. */
static double words_regret(const hy_merge_study *study, bool rare, size_t *ret_curves) {
    double *const values = calloc(study->count + 1, sizeof *values);
    if (!values)
        abort();
    size_t n = 0;
    for (size_t i = 0; i < study->count; i++) {
        const hy_merge_curve *const c = &study->curves[i];
        const hy_merge_point *point = rare ? NULL : c->immediate;
        for (size_t k = 0; rare && k < c->axis; k++)
            if (c->points[k].place == study->last)
                point = &c->points[k];
        const double regret = hy_merge_metric(point, "regret");
        if (isfinite(regret))
            values[n++] = regret;
    }
    const double median = hy_median(values, n);
    free(values);
    *ret_curves = n;
    return median;
}

static void words_waste(const hy_merge_study *study, FILE *out) {
    size_t often, rare;
    const double at_once = words_regret(study, false, &often), late = words_regret(study, true, &rare);
    if (often == 0)
        return;
    fprintf(out,
            "With immediate merging %.0f %% of all merges are wasted: the hole is split again soon (median of %zu ",
            100 * at_once, often);
    fprintf(out, "curves)");
    if (rare > 0)
        fprintf(out, "; with every:%.0f it is %.0f %%", exp2(study->last), 100 * late);
    fputs(".\n", out);
}

/* How long the longest pass was: in ranges, which do not depend on the machine, or else in time. */
static double words_pass(const hy_merge_point *p) {
    const double ranges = hy_merge_metric(p, "longest_pass");
    return isfinite(ranges) ? ranges : hy_merge_least(p, "merge_max");
}

/* The deferred point with the longest pass. */
static void words_spike(const hy_merge_study *study, FILE *out) {
    const hy_merge_curve *where = NULL;
    const hy_merge_point *which = NULL;
    for (size_t i = 0; i < study->count; i++)
        for (size_t k = 0; k < study->curves[i].count; k++) {
            const hy_merge_point *const p = &study->curves[i].points[k];
            if (p == study->curves[i].immediate || isnan(hy_merge_least(p, "merge_max")) ||
                !(words_pass(p) > (which ? words_pass(which) : 0)))
                continue;
            where = &study->curves[i];
            which = p;
        }
    if (!which)
        return;
    fprintf(out,
            "The price of waiting is a spike: with %s the slowest operation that held a merge pass took %s (%s on ",
            which->rule, words_time(hy_merge_least(which, "merge_max")), where->fit);
    fprintf(out, "%s", where->study->name);
    const double ranges = hy_merge_metric(which, "longest_pass");
    if (isfinite(ranges))
        fprintf(out, "; the longest pass went over %s ranges", hy_show_count((uint64_t)ranges).text);
    fputs(")", out);
    const double usual = hy_merge_metric(where->immediate, "all_p999");
    if (isfinite(usual))
        fprintf(out, ", where with immediate merging 99.9 %% of all operations take at most %s", words_time(usual));
    fputs(".\n", out);
}

/* --------------------------------------------------------------------------------------------------------- yard ----
 */

/* What became of one rule in a yard, over all curves. */
typedef struct words_yard_sum {
    size_t curves, served; /* that got through; without a failure */
} words_yard_sum;

static void words_yard_add(const hy_merge_point *point, words_yard_sum *sum) {
    const double failures = hy_merge_metric(point, "failures");
    if (isnan(failures))
        return;
    sum->curves++;
    sum->served += failures == 0;
}

/* Where memory is short: on how many curves every request found room, by how often is merged. */
static void words_yard(const hy_merge_study *study, FILE *out) {
    words_yard_sum at_once = {0}, late = {0}, never = {0};
    double ratio = NAN;
    for (size_t i = 0; i < study->count; i++) {
        const hy_merge_curve *const c = &study->curves[i];
        words_yard_add(c->immediate, &at_once);
        words_yard_add(c->onfail, &late);
        words_yard_add(c->never, &never);
        if (isnan(ratio))
            ratio = hy_merge_metric(c->immediate, "yard") / hy_merge_metric(c->immediate, "peak_live");
    }
    if (at_once.curves == 0 || late.curves == 0 || never.curves == 0)
        return;
    fprintf(out, "Where memory is short, in a yard of %.2f times the most live bytes, every request found room ",
            ratio);
    fprintf(out, "on %zu of %zu curves with immediate merging, ", at_once.served, at_once.curves);
    fprintf(out, "on %zu of %zu with onfail, and on %zu of %zu with never.\n", late.served, late.curves, never.served,
            never.curves);
}

/* ------------------------------------------------------------------------------------------------------- advice ----
 */

static void words_average(const hy_merge_advice *a, FILE *out) {
    fprintf(out, "it takes %.2f× the time and %.2f× the memory of immediate merging", a->time, a->size);
    fprintf(out, " (geometric means of %zu trace%s; faster on %zu, slower on %zu, larger on %zu)", a->traces,
            a->traces == 1 ? "" : "s", a->faster, a->slower, a->larger);
}

static void words_choose(const hy_merge_study *study, const char *fit, FILE *out) {
    const hy_merge_advice a = hy_merge_advise(study, fit);
    if (!a.rule)
        return;
    if (words_is(a.rule, "immediate")) {
        fprintf(out, "With %s keep merge=immediate: no other rule is surely better by more than 2 %% over ", fit);
        fprintf(out, "%zu trace%s, and it has no spikes.\n", a.traces, a.traces == 1 ? "" : "s");
        return;
    }
    fprintf(out, "With %s choose merge=%s: ", fit, a.rule);
    words_average(&a, out);
    if (a.worst_time > 1 + HY_VERDICT_MARGIN)
        fprintf(out, ", at worst %.2f× the time on %s", a.worst_time, a.worst_trace);
    fputs(".\n", out);
}

void hy_merge_tell(const hy_merge_study *study, FILE *out) {
    words_scope(study, out);
    words_frequency(study, out);
    words_gain(study, out);
    words_never(study, out);
    words_knee(study, out);
    words_waste(study, out);
    words_spike(study, out);
    words_yard(study, out);
    for (size_t i = 0; i < study->fit_count; i++)
        words_choose(study, study->fits[i], out);
}
