/* SPDX-License-Identifier: MIT
 *
 * merge_advice.c - one rule for all programs: what it costs and saves on average, and which is the best of them.
 *
 * A rule is only advised if it is on every trace that its allocator has immediate merging on: a mean over the traces
 * that it got through would flatter it.
 */
#include "merge.h"

#include "describe.h"
#include "verdict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const hy_merge_point *advice_find(const hy_merge_curve *curve, const char *rule) {
    for (size_t i = 0; i < curve->count; i++)
        if (strcmp(curve->points[i].rule, rule) == 0)
            return &curve->points[i];
    return NULL;
}

static bool advice_counts(const hy_merge_curve *curve, const char *fit) {
    return strcmp(curve->fit, fit) == 0 && hy_merge_complete(curve->immediate);
}

static void advice_add(hy_merge_advice *advice, const hy_merge_curve *curve, const hy_merge_point *point, double *times,
                       double *sizes) {
    const bool base = point == curve->immediate;
    const double time = base ? 1 : point->time_ratio.middle;
    times[advice->traces] = time;
    sizes[advice->traces++] = base ? 1 : point->size_ratio;
    advice->judged += point->time_word[0] != '\0';
    advice->faster += strcmp(point->time_word, "faster") == 0;
    advice->slower += strcmp(point->time_word, "slower") == 0;
    advice->smaller += strcmp(point->size_word, "smaller") == 0;
    advice->larger += strcmp(point->size_word, "larger") == 0;
    if (advice->traces == 1 || time > advice->worst_time) {
        advice->worst_time = time;
        advice->worst_trace = curve->study->name;
    }
}

hy_merge_advice hy_merge_average(const hy_merge_study *study, const char *fit, const char *rule) {
    hy_merge_advice advice = {.fit = fit, .rule = rule};
    double *const times = calloc(2 * study->count + 1, sizeof *times), *const sizes = times + study->count;
    if (!times)
        abort();
    bool everywhere = true;
    for (size_t i = 0; i < study->count; i++) {
        const hy_merge_curve *const curve = &study->curves[i];
        const hy_merge_point *const point = advice_counts(curve, fit) ? advice_find(curve, rule) : NULL;
        if (hy_merge_complete(point))
            advice_add(&advice, curve, point, times, sizes);
        else
            everywhere = everywhere && !advice_counts(curve, fit);
    }
    advice.time = hy_geometric_mean(times, advice.traces);
    advice.size = hy_geometric_mean(sizes, advice.traces);
    if (!everywhere || advice.traces == 0)
        advice.rule = NULL;
    free(times);
    return advice;
}

/* Where there are verdicts they must speak for it: a mean alone may be chance. */
static bool advice_sure(const hy_merge_advice *a) {
    return a->judged == 0 || a->faster + a->smaller > a->slower + a->larger;
}

hy_merge_advice hy_merge_advise(const hy_merge_study *study, const char *fit) {
    hy_merge_advice best = hy_merge_average(study, fit, "immediate");
    for (size_t i = 0; i < study->count; i++)
        for (size_t k = 0; k < study->curves[i].count && advice_counts(&study->curves[i], fit); k++) {
            const hy_merge_advice other = hy_merge_average(study, fit, study->curves[i].points[k].rule);
            const double least = strcmp(best.rule ? best.rule : "immediate", "immediate") == 0
                                     ? 1 / (1 + HY_VERDICT_MARGIN)
                                     : best.time * best.size;
            if (other.rule && advice_sure(&other) && other.time * other.size < least)
                best = other;
        }
    return best;
}
