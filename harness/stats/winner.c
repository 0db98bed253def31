/* SPDX-License-Identifier: MIT
 *
 * winner.c - the setting with the least product of time and space, and a bootstrap of that choice (see winner.h).
 *
 *   1. From the repetitions of each candidate as many are drawn, with replacement, as there are.
 *   2. The candidate with the least product of medians wins this draw; HY_BOOTSTRAP_RESAMPLES draws.
 *   3. The candidates that win most often, until they have the level wanted together, are those that may be best.
 *
 * Source: B. Efron and R. Tibshirani, "An Introduction to the Bootstrap", 1993; for the bootstrap of a choice, P. Hall
 * and H. Miller, "Using the bootstrap to quantify the authority of an empirical ranking", 2009.
 * Bad at: candidates that are equally good.  Then the set holds them all, as it should: choose any.
 */
#include "winner.h"

#include "bootstrap.h"
#include "describe.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool winner_usable(const hy_candidate *c) {
    return c->time_count > 0 && c->space_count > 0;
}

size_t hy_winner(const hy_candidate *candidates, size_t n) {
    size_t best = n;
    double least = INFINITY;
    for (size_t i = 0; i < n; i++) {
        const hy_candidate *const c = &candidates[i];
        const double score =
            winner_usable(c) ? hy_median(c->times, c->time_count) * hy_median(c->spaces, c->space_count) : INFINITY;
        if (score < least) {
            least = score;
            best = i;
        }
    }
    return best;
}

/* The median of `count` values drawn with replacement. */
static double winner_redraw(const double *values, size_t count, double *scratch, uint64_t seed, uint64_t *place) {
    if (count == 1)
        return values[0];
    for (size_t i = 0; i < count; i++)
        scratch[i] = values[hy_random_at(seed, (*place)++) % count];
    hy_sort(scratch, count);
    return hy_quantile_sorted(scratch, count, 0.5);
}

static size_t winner_draw(const hy_candidate *candidates, size_t n, double *scratch, uint64_t seed, uint64_t *place) {
    size_t best = n;
    double least = INFINITY;
    for (size_t i = 0; i < n; i++) {
        const hy_candidate *const c = &candidates[i];
        if (!winner_usable(c))
            continue;
        const double time = winner_redraw(c->times, c->time_count, scratch, seed, place);
        const double score = time * winner_redraw(c->spaces, c->space_count, scratch, seed, place);
        if (score < least) {
            least = score;
            best = i;
        }
    }
    return best;
}

int hy_winner_shares(const hy_candidate *candidates, size_t n, uint64_t seed, double *ret_shares) {
    size_t most = 0;
    for (size_t i = 0; i < n; i++) {
        const hy_candidate *const c = &candidates[i];
        if (winner_usable(c) && c->time_count < HY_BOOTSTRAP_LEAST)
            return -EDOM;
        most = c->time_count > most ? c->time_count : most;
        most = c->space_count > most ? c->space_count : most;
        ret_shares[i] = 0;
    }
    double *const scratch = malloc((most + 1) * sizeof *scratch);
    if (!scratch)
        return -ENOMEM;
    uint64_t place = 0;
    for (size_t i = 0; i < HY_BOOTSTRAP_RESAMPLES; i++) {
        const size_t winner = winner_draw(candidates, n, scratch, seed, &place);
        if (winner < n)
            ret_shares[winner] += 1.0 / HY_BOOTSTRAP_RESAMPLES;
    }
    free(scratch);
    return 0;
}

void hy_winner_set(const double *shares, size_t n, double level, bool *ret_likely) {
    double sum = 0;
    memset(ret_likely, 0, n * sizeof *ret_likely);
    while (sum < level - 1e-9) {
        size_t next = n;
        for (size_t i = 0; i < n; i++)
            if (!ret_likely[i] && shares[i] > 0 && (next == n || shares[i] > shares[next]))
                next = i;
        if (next == n)
            return;
        ret_likely[next] = true;
        sum += shares[next];
    }
}
