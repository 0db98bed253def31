/* SPDX-License-Identifier: MIT
 *
 * steady.c - warm-up out of the levels of the rounds (see steady.h).
 *
 *   1. MSER: drop as many of the first rounds as make (sum of squared deviations of the rest) / (how many the rest
 * are)^2 least: dropping a strange round lowers the sum, dropping an ordinary one the count.
 *   2. What MSER proposes is dropped only if its middle lies more than 3 robust deviations from that of the rest: noise
 *      alone always makes some place look best.
 *
 * All cells of a round are dropped together, so no side gains by it.
 *
 * Source: K. P. White, "An effective truncation heuristic for bias reduction in simulation output", 1997.
 * Bad at: slow drift.  What never settles has no start; the rounds that both sides share cancel that.
 */
#include "steady.h"

#include "describe.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEADY_LEAST 8 /* rounds; of fewer a quarter is hardly one */
#define STEADY_FAR 3   /* deviations */

/* The values that there are, in front; returns how many. */
static size_t steady_finite(const double *values, size_t n, double *ret_values) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(values[i]))
            ret_values[count++] = values[i];
    return count;
}

int hy_round_levels(const double *values, size_t cells, size_t rounds, double *ret_levels) {
    double *const room = malloc((cells + cells + rounds + 1) * sizeof *room), *const middle = room;
    if (!room)
        return -ENOMEM;
    double *const some = room + cells;
    for (size_t c = 0; c < cells; c++)
        middle[c] = hy_median(some, steady_finite(values + c * rounds, rounds, some));
    for (size_t r = 0; r < rounds; r++) {
        size_t count = 0;
        for (size_t c = 0; c < cells; c++) {
            const double level = values[c * rounds + r] / middle[c];
            if (isfinite(level))
                some[count++] = level;
        }
        ret_levels[r] = hy_median(some, count);
    }
    free(room);
    return 0;
}

/* White's measure of what is left after dropping `dropped`. */
static double steady_measure(const double *levels, size_t n, size_t dropped) {
    const double *const rest = levels + dropped;
    const size_t left = n - dropped;
    const double mean = hy_mean(rest, left);
    double sum = 0;
    for (size_t i = 0; i < left; i++)
        sum += (rest[i] - mean) * (rest[i] - mean);
    return sum / ((double)left * (double)left);
}

size_t hy_steady_start(const double *levels, size_t rounds) {
    size_t best = 0;
    double least = INFINITY;
    if (rounds < STEADY_LEAST)
        return 0;
    for (size_t d = 0; d <= rounds / 4; d++) {
        const double measure = steady_measure(levels, rounds, d);
        if (measure < least) {
            least = measure;
            best = d;
        }
    }
    const double *const rest = levels + best;
    const double away = fabs(hy_median(levels, best) - hy_median(rest, rounds - best));
    return best > 0 && away > STEADY_FAR * hy_mad(rest, rounds - best) ? best : 0;
}
