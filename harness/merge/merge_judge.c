/* SPDX-License-Identifier: MIT
 *
 * merge_judge.c - what follows from the figures of a curve: ratios to immediate merging, front, knee, the best rule.
 *
 *   1. Everything is compared with immediate merging of the same allocator on the same trace.
 *   2. Best is the rule with the least time × footprint, both as ratios to immediate: one per cent of time is worth one
 *      per cent of memory.  Whoever prices them differently reads the picture, or takes the frugal one.
 *   3. Which N are likely: those that win 95 % of the draws of a bootstrap over the repetitions (winner.h).
 *   4. The footprint repeats almost exactly, so its word needs no interval: within 2 % is equivalent.
 *
 * Bad at: the interval of the best rule's own ratio is that of this one rule alone.  Being picked out of many flatters
 * it a little; the set of likely rules does not suffer from that.
 */
#include "merge.h"

#include "bootstrap.h"
#include "describe.h"
#include "knee.h"
#include "verdict.h"
#include "winner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double hy_merge_metric(const hy_merge_point *point, const char *name) {
    return point ? hy_entry_metric(point->entry, name) : NAN;
}

bool hy_merge_complete(const hy_merge_point *point) {
    return point && hy_entry_complete(point->entry);
}

static const hy_sample *judge_sample(const hy_merge_point *point, const char *name) {
    static const hy_sample none = {.count = 0};
    for (size_t i = 0; i < point->entry->sample_count; i++)
        if (strcmp(point->entry->samples[i].name, name) == 0)
            return &point->entry->samples[i];
    return &none;
}

double hy_merge_least(const hy_merge_point *point, const char *name) {
    double least = NAN;
    const hy_sample *const s = point ? judge_sample(point, name) : NULL;
    for (size_t i = 0; s && i < s->count; i++)
        least = fmin(least, s->values[i]);
    return least;
}

/* ------------------------------------------------------------------------------------------------------- ratios ----
 */

static void judge_time(hy_merge_point *point, const hy_merge_point *base) {
    point->time_ratio = (hy_interval){NAN, NAN, NAN};
    point->time_word = "";
    if (!base || point == base)
        return;
    const hy_sample *const ours = judge_sample(point, "ns_per_op"), *const theirs = judge_sample(base, "ns_per_op");
    hy_interval *const i = &point->time_ratio;
    i->middle = point->entry->time.middle / base->entry->time.middle;
    if (hy_ratio_interval(ours->values, ours->count, theirs->values, theirs->count, HY_MERGE_LEVEL, HY_BOOTSTRAP_SEED,
                          &i->middle, &i->low, &i->high) == 0)
        point->time_word = hy_verdict_time(i->middle, i->low, i->high, HY_VERDICT_MARGIN);
}

static void judge_size(hy_merge_point *point, const hy_merge_point *base) {
    point->size_ratio = base && point != base ? point->entry->footprint / base->entry->footprint : NAN;
    point->size_word = isfinite(point->size_ratio)
                           ? hy_verdict_size(point->size_ratio, point->size_ratio, point->size_ratio, HY_VERDICT_MARGIN)
                           : "";
}

/* ------------------------------------------------------------------------------------------------ the best, the knee
 */

static hy_candidate judge_candidate(const hy_merge_point *point) {
    if (!hy_merge_complete(point))
        return (hy_candidate){.time_count = 0};
    const hy_sample *const times = judge_sample(point, "ns_per_op"), *const bytes =
                                                                         judge_sample(point, "peak_resident");
    return (hy_candidate){times->values, bytes->values, times->count, bytes->count};
}

static const hy_merge_point *judge_best(const hy_merge_curve *curve, const hy_candidate *candidates, size_t count) {
    const size_t best = hy_winner(candidates, count);
    return best < count ? &curve->points[best] : NULL;
}

static void judge_shares(hy_merge_curve *curve, const hy_candidate *candidates) {
    double *const shares = calloc(curve->axis + 1, sizeof *shares);
    bool *const likely = calloc(curve->axis + 1, sizeof *likely);
    if (!shares || !likely)
        abort();
    const bool sure = hy_winner_shares(candidates, curve->axis, HY_BOOTSTRAP_SEED, shares) == 0;
    if (sure)
        hy_winner_set(shares, curve->axis, HY_MERGE_LEVEL, likely);
    for (size_t i = 0; i < curve->count; i++) {
        hy_merge_point *const p = &curve->points[i];
        p->share = sure && p->on_axis ? shares[i] : NAN;
        p->likely = p->on_axis && likely[i];
    }
    free(shares);
    free(likely);
}

static void judge_knee(hy_merge_curve *curve) {
    hy_place *const places = calloc(curve->axis + 1, sizeof *places);
    bool *const front = calloc(curve->axis + 1, sizeof *front);
    if (!places || !front)
        abort();
    for (size_t i = 0; i < curve->axis; i++) {
        const hy_entry *const e = curve->points[i].entry;
        places[i] =
            hy_merge_complete(&curve->points[i]) ? (hy_place){e->time.middle, e->footprint} : (hy_place){NAN, NAN};
    }
    hy_pareto(places, curve->axis, front);
    const size_t knee = hy_knee(places, curve->axis, HY_VERDICT_MARGIN, NULL);
    for (size_t i = 0; i < curve->axis; i++)
        curve->points[i].on_front = front[i];
    curve->knee = knee < curve->axis ? &curve->points[knee] : NULL;
    free(places);
    free(front);
}

static void judge_extremes(hy_merge_curve *curve) {
    for (size_t i = 0; i < curve->count; i++) {
        const hy_merge_point *const p = &curve->points[i];
        if (!hy_merge_complete(p)) {
            curve->failed++;
            continue;
        }
        if (!curve->fastest || p->entry->time.middle < curve->fastest->entry->time.middle)
            curve->fastest = p;
        if (!curve->leanest || p->entry->footprint < curve->leanest->entry->footprint)
            curve->leanest = p;
    }
    for (size_t i = 0; i < curve->count && curve->leanest; i++) {
        const hy_merge_point *const p = &curve->points[i];
        if (!hy_merge_complete(p) || p->entry->footprint > curve->leanest->entry->footprint * (1 + HY_MERGE_SLACK))
            continue;
        if (!curve->frugal || p->entry->time.middle < curve->frugal->entry->time.middle)
            curve->frugal = p;
    }
}

void hy_merge_judge(hy_merge_curve *curve) {
    hy_candidate *const candidates = calloc(curve->count + 1, sizeof *candidates);
    if (!candidates)
        abort();
    for (size_t i = 0; i < curve->count; i++) {
        judge_time(&curve->points[i], curve->immediate);
        judge_size(&curve->points[i], curve->immediate);
        candidates[i] = judge_candidate(&curve->points[i]);
    }
    curve->best = judge_best(curve, candidates, curve->axis);
    curve->overall = judge_best(curve, candidates, curve->count);
    judge_shares(curve, candidates);
    judge_knee(curve);
    judge_extremes(curve);
    free(candidates);
}
