/* SPDX-License-Identifier: MIT
 *
 * ranks.c - Mann-Whitney, signed-rank, Holm, Cliff's delta (see ranks.h).
 *
 *   Mann-Whitney: U counts the pairs with a above b.  Without ties its distribution is that of all ways to deal out the
 *   ranks: the product over i of (1 - x^(nb+i)) / (1 - x^i), multiplied out.
 *   Signed-rank: |log(a/b)| is ranked, tied ones share the mean rank; under no difference each sign is a fair coin, so
 *   the distribution of the sum is built up rank by rank, in half ranks.
 *   Two-sided p is twice the smaller tail.
 *
 * Source: H. B. Mann and D. R. Whitney, "On a test of whether one of two random variables is stochastically larger than
 * the other", 1947; F. Wilcoxon, "Individual comparisons by ranking methods", 1945; S. Holm, "A simple sequentially
 * rejective multiple test procedure", 1979; N. Cliff, "Dominance statistics: ordinal analyses to answer ordinal
 * questions", 1993; E. L. Lehmann, "Nonparametrics", 1975 (ties).
 * Bad at: few values.  Five a side can not get below p = 0.008, nor five pairs below 0.06, however large the
 * difference.
 */
#include "ranks.h"

#include "describe.h"
#include "normal.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct ranked {
    double value;
    uint32_t place; /* where it came from */
    double rank;    /* from 1; tied ones share their mean */
} ranked;

static int ranks_compare(const void *left, const void *right) {
    const double a = ((const ranked *)left)->value, b = ((const ranked *)right)->value;
    return (a > b) - (a < b);
}

/* Sorts and ranks; returns the sum of t^3 - t over all groups of t tied values. */
static double ranks_assign(ranked *all, size_t n) {
    double ties = 0;
    qsort(all, n, sizeof *all, ranks_compare);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && all[end].value == all[i].value; end++)
            ;
        const double t = (double)(end - i);
        for (size_t k = i; k < end; k++)
            all[k].rank = (double)(i + 1 + end) / 2;
        ties += t * t * t - t;
    }
    return ties;
}

/* Both tails of a symmetric statistic that lies `away` from its middle, half a step taken off. */
static double ranks_normal(double away, double variance) {
    if (variance <= 0)
        return 1;
    return fmin(1, 2 * hy_normal_below(-fmax(0, fabs(away) - 0.5) / sqrt(variance)));
}

/* ----------------------------------------------------------------------------------------------- Mann-Whitney ---- */

/* P(U <= u): ways[k] becomes the number of deals of na and nb ranks with U = k. */
static double ranks_deals_below(double *ways, size_t na, size_t nb, size_t u) {
    const size_t most = na * nb;
    double all = 0, below = 0;
    memset(ways, 0, (most + 1) * sizeof *ways);
    ways[0] = 1;
    for (size_t i = 1; i <= na; i++) {
        for (size_t k = most; k >= nb + i; k--)
            ways[k] -= ways[k - nb - i];
        for (size_t k = i; k <= most; k++)
            ways[k] += ways[k - i];
    }
    for (size_t k = 0; k <= most; k++) {
        all += ways[k];
        below += k <= u ? ways[k] : 0;
    }
    return below / all;
}

static double ranks_mann_whitney_exact(size_t na, size_t nb, double u) {
    double ways[HY_MANN_WHITNEY_EXACT * HY_MANN_WHITNEY_EXACT + 1];
    const double smaller = fmin(u, (double)(na * nb) - u);
    return fmin(1, 2 * ranks_deals_below(ways, na, nb, (size_t)smaller));
}

double hy_mann_whitney(const double *a, size_t na, const double *b, size_t nb) {
    ranked *const all = na && nb ? malloc((na + nb) * sizeof *all) : NULL;
    if (!all)
        return NAN;
    for (size_t i = 0; i < na + nb; i++)
        all[i] = (ranked){i < na ? a[i] : b[i - na], (uint32_t)i, 0};
    const double ties = ranks_assign(all, na + nb), n = (double)(na + nb), pairs = (double)na * (double)nb;
    double u = -(double)na * (double)(na + 1) / 2;
    for (size_t i = 0; i < na + nb; i++)
        u += all[i].place < na ? all[i].rank : 0;
    free(all);
    if (ties == 0 && na <= HY_MANN_WHITNEY_EXACT && nb <= HY_MANN_WHITNEY_EXACT)
        return ranks_mann_whitney_exact(na, nb, u);
    return ranks_normal(u - pairs / 2, pairs / 12 * (n + 1 - ties / (n * (n - 1))));
}

/* ------------------------------------------------------------------------------------------------ signed-rank ---- */

/* P(sum of the ranks with sign + is at most `sum`), ranks and sum in halves. */
static double ranks_signs_below(const ranked *all, size_t n, size_t sum) {
    double chance[HY_SIGNED_RANK_EXACT * (HY_SIGNED_RANK_EXACT + 1) + 1] = {1};
    size_t most = 0;
    for (size_t i = 0; i < n; i++) {
        const size_t rank = (size_t)lround(2 * all[i].rank);
        most += rank;
        for (size_t k = most + 1; k-- > 0;)
            chance[k] = (chance[k] + (k >= rank ? chance[k - rank] : 0)) / 2;
    }
    double below = 0;
    for (size_t k = 0; k <= sum; k++)
        below += chance[k];
    return below;
}

static double ranks_signed(const double *a, const double *b, ranked *all, size_t n) {
    size_t differing = 0;
    double plus = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i])
            all[differing++] = (ranked){fabs(log(a[i] / b[i])), (uint32_t)i, 0};
    ranks_assign(all, differing);
    for (size_t i = 0; i < differing; i++) {
        plus += a[all[i].place] > b[all[i].place] ? all[i].rank : 0;
        squares += all[i].rank * all[i].rank;
    }
    const double whole = (double)differing * (double)(differing + 1) / 2;
    if (differing > HY_SIGNED_RANK_EXACT)
        return ranks_normal(plus - whole / 2, squares / 4);
    return fmin(1, 2 * ranks_signs_below(all, differing, (size_t)lround(2 * fmin(plus, whole - plus))));
}

double hy_signed_rank(const double *a, const double *b, size_t n) {
    ranked *const all = n ? malloc(n * sizeof *all) : NULL;
    if (!all)
        return NAN;
    const double p = ranks_signed(a, b, all, n);
    free(all);
    return p;
}

/* ------------------------------------------------------------------------------------- effect size and family ---- */

double hy_cliff_delta(const double *a, size_t na, const double *b, size_t nb) {
    double more = 0;
    for (size_t i = 0; i < na; i++)
        for (size_t k = 0; k < nb; k++)
            more += (a[i] > b[k]) - (a[i] < b[k]);
    return na && nb ? more / ((double)na * (double)nb) : NAN;
}

int hy_holm(const double *p, size_t n, double *ret_adjusted) {
    ranked *const all = malloc((n + 1) * sizeof *all);
    if (!all)
        return -ENOMEM;
    size_t family = 0;
    for (size_t i = 0; i < n; i++) {
        ret_adjusted[i] = NAN;
        if (!isnan(p[i]))
            all[family++] = (ranked){p[i], (uint32_t)i, 0};
    }
    qsort(all, family, sizeof *all, ranks_compare);
    double most = 0;
    for (size_t i = 0; i < family; i++) {
        most = fmax(most, fmin(1, all[i].value * (double)(family - i)));
        ret_adjusted[all[i].place] = most;
    }
    free(all);
    return 0;
}
