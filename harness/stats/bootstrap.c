/* SPDX-License-Identifier: MIT
 *
 * bootstrap.c - BCa intervals (bias-corrected and accelerated) of a ratio of medians.
 *
 * 1. Draw from each side as many values as it has, with replacement; take the ratio of the medians; 9999 times.
 * 2. Leave out each value once, for the acceleration.
 * 3. The ends follow as in bca.c.
 *
 * Rounds that both sides share become one sample first, of their quotients: what made a round slow for both cancels.
 * The medians of the sides would not do, even if rounds were drawn as a whole: where a machine changes between two
 * speeds, each median lies anywhere between them, and their ratio with it.
 *
 * A geometric mean of medians of several samples is drawn and jackknifed in the same way, sample by sample.
 *
 * No draw is sorted.  The values are ranked once, a draw counts how often it hit each rank, and the median is where the
 * counts reach the half.
 *
 * Source: as bca.c.
 * Bad at: few values.  No interval can leave the range of what was measured, so five values give 94 % at most, and
 * fewer get no interval at all; the remedy is more repetitions.  And many comparisons: each interval stands for itself.
 */
#include "bootstrap.h"

#include "bca.h"
#include "describe.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* One side of the ratio.  The second side of a single median is empty and counts as 1. */
typedef struct sample {
    const double *values;
    size_t n;
    double *sorted;
    uint32_t *rank;  /* where values[i] is in `sorted` */
    uint32_t *drawn; /* how often each rank was */
} sample;

typedef struct sides {
    sample a, b;
    double *ratios; /* HY_BOOTSTRAP_RESAMPLES */
    double *without;
} sides;

/* ------------------------------------------------------------------------------------------------- one sample ---- */

static void sample_rank(sample *s) {
    if (s->n == 0)
        return;
    memcpy(s->sorted, s->values, s->n * sizeof *s->sorted);
    hy_sort(s->sorted, s->n);
    for (size_t i = 0; i < s->n; i++) {
        size_t low = 0, high = s->n - 1;
        while (low < high) {
            const size_t middle = (low + high) / 2;
            if (s->sorted[middle] < s->values[i])
                low = middle + 1;
            else
                high = middle;
        }
        s->rank[i] = (uint32_t)low; /* equal values share one: as good as any */
    }
}

static double sample_median(const sample *s) {
    return s->n ? hy_quantile_sorted(s->sorted, s->n, 0.5) : 1;
}

/* The k-th of the sorted values if the one of that rank were not there. */
static double sample_skip(const sample *s, size_t rank, size_t k) {
    return s->sorted[k + (k >= rank)];
}

static double sample_median_without(const sample *s, size_t place) {
    const size_t n = s->n - 1, rank = s->rank[place];
    const double lower = sample_skip(s, rank, (n - 1) / 2);
    return lower + 0.5 * (sample_skip(s, rank, n / 2) - lower);
}

/* The median of what was drawn: its n values lie at the ranks, as often as counted. */
static double sample_drawn_median(const sample *s) {
    if (s->n == 0)
        return 1;
    const size_t lower = (s->n - 1) / 2, upper = s->n / 2;
    size_t rank = 0, passed = s->drawn[0];
    while (passed <= lower)
        passed += s->drawn[++rank];
    const double value = s->sorted[rank];
    while (passed <= upper)
        passed += s->drawn[++rank];
    return value + 0.5 * (s->sorted[rank] - value);
}

/* A draw with replacement; *place moves on along the random stream. */
static void sample_draw(const sample *s, uint64_t seed, uint64_t *place) {
    memset(s->drawn, 0, s->n * sizeof *s->drawn);
    for (size_t i = 0; i < s->n; i++)
        s->drawn[s->rank[hy_random_at(seed, (*place)++) % s->n]]++;
}

static bool sample_usable(const sample *s) {
    for (size_t i = 0; i < s->n; i++)
        if (!(s->values[i] > 0) || !isfinite(s->values[i]))
            return false;
    return true;
}

/* ------------------------------------------------------------------------------------------------- both sides ---- */

static void sides_draw(const sides *s, uint64_t seed, uint64_t *place) {
    sample_draw(&s->a, seed, place);
    sample_draw(&s->b, seed, place);
}

static double sides_acceleration(const sides *s) {
    hy_skew skew = {0, 0};
    const double median_a = sample_median(&s->a), median_b = sample_median(&s->b);
    for (size_t i = 0; i < s->a.n; i++)
        s->without[i] = sample_median_without(&s->a, i) / median_b;
    hy_skew_add(&skew, s->without, s->a.n);
    for (size_t i = 0; i < s->b.n; i++)
        s->without[i] = median_a / sample_median_without(&s->b, i);
    if (s->b.n > 0)
        hy_skew_add(&skew, s->without, s->b.n);
    return hy_skew_acceleration(&skew);
}

static void sides_interval(const sides *s, double level, uint64_t seed, double *ret_ratio, double *ret_low,
                           double *ret_high) {
    const double observed = sample_median(&s->a) / sample_median(&s->b);
    uint64_t place = 0;
    for (size_t i = 0; i < HY_BOOTSTRAP_RESAMPLES; i++) {
        sides_draw(s, seed, &place);
        s->ratios[i] = sample_drawn_median(&s->a) / sample_drawn_median(&s->b);
    }
    hy_sort(s->ratios, HY_BOOTSTRAP_RESAMPLES);
    hy_bca_interval(s->ratios, HY_BOOTSTRAP_RESAMPLES, hy_bca_bias(s->ratios, HY_BOOTSTRAP_RESAMPLES, observed),
                    sides_acceleration(s), level, ret_low, ret_high);
    *ret_ratio = observed;
}

/* Values first, whole numbers behind them: one allocation. */
static int sides_run(sides s, double level, uint64_t seed, double *ret_ratio, double *ret_low, double *ret_high) {
    if (!sample_usable(&s.a) || !sample_usable(&s.b) || !(level > 0 && level < 1))
        return -EDOM;
    const size_t both = s.a.n + s.b.n;
    double *const room = malloc((HY_BOOTSTRAP_RESAMPLES + 2 * both) * sizeof *room + 2 * both * sizeof(uint32_t));
    if (!room)
        return -ENOMEM;
    s.ratios = room;
    s.without = room + HY_BOOTSTRAP_RESAMPLES;
    s.a.sorted = s.without + both;
    s.b.sorted = s.a.sorted + s.a.n;
    s.a.rank = (uint32_t *)(s.b.sorted + s.b.n);
    s.b.rank = s.a.rank + s.a.n;
    s.a.drawn = s.b.rank + s.b.n;
    s.b.drawn = s.a.drawn + s.a.n;
    sample_rank(&s.a);
    sample_rank(&s.b);
    sides_interval(&s, level, seed, ret_ratio, ret_low, ret_high);
    free(room);
    return 0;
}

int hy_ratio_interval(const double *a, size_t na, const double *b, size_t nb, double level, uint64_t seed,
                      double *ret_ratio, double *ret_low, double *ret_high) {
    if (na < HY_BOOTSTRAP_LEAST || nb < HY_BOOTSTRAP_LEAST)
        return -EDOM;
    const sides s = {.a = {.values = a, .n = na}, .b = {.values = b, .n = nb}};
    return sides_run(s, level, seed, ret_ratio, ret_low, ret_high);
}

int hy_median_interval(const double *a, size_t na, double level, uint64_t seed, double *ret_median, double *ret_low,
                       double *ret_high) {
    if (na < HY_BOOTSTRAP_LEAST)
        return -EDOM;
    return sides_run((sides){.a = {.values = a, .n = na}}, level, seed, ret_median, ret_low, ret_high);
}

int hy_shared_interval(const double *a, const double *b, size_t n, double level, uint64_t seed, double *ret_ratio,
                       double *ret_low, double *ret_high) {
    double *const quotients = hy_quotients(a, b, n);
    const int result =
        quotients ? hy_median_interval(quotients, n, level, seed, ret_ratio, ret_low, ret_high) : -ENOMEM;
    free(quotients);
    return result;
}

/* ------------------------------------------------------------------------------------------------ many samples ---- */

static double samples_mean(const sample *s, size_t n, double (*median)(const sample *)) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += log(median(&s[i]));
    return exp(sum / (double)n);
}

static double samples_acceleration(const sample *s, size_t n, double mean, double *without) {
    hy_skew skew = {0, 0};
    for (size_t i = 0; i < n; i++) {
        const double median = sample_median(&s[i]);
        for (size_t k = 0; k < s[i].n; k++)
            without[k] = mean * pow(sample_median_without(&s[i], k) / median, 1 / (double)n);
        hy_skew_add(&skew, without, s[i].n);
    }
    return hy_skew_acceleration(&skew);
}

/* ratios: room for HY_BOOTSTRAP_RESAMPLES, and behind them for the largest sample. */
static void samples_interval(const sample *s, size_t n, double level, uint64_t seed, double *ratios, double *ret_mean,
                             double *ret_low, double *ret_high) {
    const double observed = samples_mean(s, n, sample_median);
    uint64_t place = 0;
    for (size_t i = 0; i < HY_BOOTSTRAP_RESAMPLES; i++) {
        for (size_t k = 0; k < n; k++)
            sample_draw(&s[k], seed, &place);
        ratios[i] = samples_mean(s, n, sample_drawn_median);
    }
    hy_sort(ratios, HY_BOOTSTRAP_RESAMPLES);
    hy_bca_interval(ratios, HY_BOOTSTRAP_RESAMPLES, hy_bca_bias(ratios, HY_BOOTSTRAP_RESAMPLES, observed),
                    samples_acceleration(s, n, observed, ratios + HY_BOOTSTRAP_RESAMPLES), level, ret_low, ret_high);
    *ret_mean = observed;
}

static bool samples_usable(const hy_repeated *samples, size_t n, size_t *ret_all) {
    bool usable = n > 0;
    *ret_all = 0;
    for (size_t i = 0; i < n; i++) {
        const sample s = {.values = samples[i].value, .n = samples[i].count};
        usable = usable && s.n >= HY_BOOTSTRAP_LEAST && sample_usable(&s);
        *ret_all += s.n;
    }
    return usable;
}

int hy_geometric_interval(const hy_repeated *samples, size_t n, double level, uint64_t seed, double *ret_mean,
                          double *ret_low, double *ret_high) {
    size_t all;
    if (!samples_usable(samples, n, &all) || !(level > 0 && level < 1))
        return -EDOM;
    double *const ratios = malloc((HY_BOOTSTRAP_RESAMPLES + 2 * all) * sizeof *ratios);
    uint32_t *const counts = malloc(2 * all * sizeof *counts);
    sample *const s = calloc(n, sizeof *s);
    if (ratios && counts && s) {
        for (size_t i = 0, at = 0; i < n; at += samples[i++].count) {
            s[i] = (sample){.values = samples[i].value,
                            .n = samples[i].count,
                            .sorted = ratios + HY_BOOTSTRAP_RESAMPLES + all + at,
                            .rank = counts + at,
                            .drawn = counts + all + at};
            sample_rank(&s[i]);
        }
        samples_interval(s, n, level, seed, ratios, ret_mean, ret_low, ret_high);
    }
    const int r = ratios && counts && s ? 0 : -ENOMEM;
    free(ratios);
    free(counts);
    free(s);
    return r;
}
