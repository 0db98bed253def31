/* SPDX-License-Identifier: MIT
 *
 * knee.c - Pareto front and knee of places with two costs (see knee.h).
 *
 *   1. The front: what no other place beats in both costs.
 *   2. Its ends are the least x and the least y; both costs are taken as logarithms, since ratios are what people
 *      compare, and brought to 0 … 1 between the ends.
 *   3. The knee is the place of the front that lies deepest below the straight line between the ends.  Which one that
 *      is does not depend on the scale of the axes, only how deep it is said to lie does.
 *
 * Source: V. Satopaa, J. Albrecht, D. Irwin and B. Raghavan, "Finding a 'Kneedle' in a Haystack: Detecting Knee Points
 * in System Behavior", 2011 (the difference curve of a normalised convex curve, without its smoothing).
 * Bad at: noise.  A front of few measured places moves with each of them, so the knee is a place to look at first, not
 * a figure with an interval.
 */
#include "knee.h"

#include <math.h>

static bool knee_usable(hy_place p) {
    return isfinite(p.x) && isfinite(p.y) && p.x > 0 && p.y > 0;
}

static bool knee_beats(hy_place a, hy_place b) {
    return a.x <= b.x && a.y <= b.y && (a.x < b.x || a.y < b.y);
}

size_t hy_pareto(const hy_place *places, size_t n, bool *ret_front) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        ret_front[i] = knee_usable(places[i]);
        for (size_t k = 0; k < n && ret_front[i]; k++) {
            const bool same = places[k].x == places[i].x && places[k].y == places[i].y;
            ret_front[i] = !knee_usable(places[k]) || !(knee_beats(places[k], places[i]) || (same && k < i));
        }
        count += ret_front[i];
    }
    return count;
}

/* Whether nothing usable beats places[i], asked without room for flags. */
static bool knee_on_front(const hy_place *places, size_t n, size_t i) {
    for (size_t k = 0; k < n; k++)
        if (knee_usable(places[k]) && knee_beats(places[k], places[i]))
            return false;
    return knee_usable(places[i]);
}

/* The place of the front with the least x, or with the least y. */
static hy_place knee_end(const hy_place *places, size_t n, bool of_x) {
    hy_place end = {INFINITY, INFINITY};
    for (size_t i = 0; i < n; i++)
        if (knee_on_front(places, n, i) && (of_x ? places[i].x < end.x : places[i].y < end.y))
            end = places[i];
    return end;
}

size_t hy_knee(const hy_place *places, size_t n, double margin, double *ret_depth) {
    const hy_place quick = knee_end(places, n, true), small = knee_end(places, n, false);
    const double wide = log(small.x / quick.x), high = log(quick.y / small.y), least = log1p(margin);
    size_t best = n;
    double depth = NAN;
    if (wide > least && high > least) {
        depth = 0;
        for (size_t i = 0; i < n; i++) {
            if (!knee_on_front(places, n, i))
                continue;
            const double own = 1 - log(places[i].x / quick.x) / wide - log(places[i].y / small.y) / high;
            if (own > depth) {
                depth = own;
                best = i;
            }
        }
    }
    if (ret_depth)
        *ret_depth = depth;
    return depth >= HY_KNEE_DEPTH ? best : n;
}
