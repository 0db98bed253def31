/* SPDX-License-Identifier: MIT
 *
 * bootstrap.h - how sure a ratio of two medians is.
 */
#ifndef HY_BOOTSTRAP_H
#define HY_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

#define HY_BOOTSTRAP_RESAMPLES 9999
#define HY_BOOTSTRAP_SEED                                                                                              \
    1 /* of whoever tells an interval: the same values, the same interval, wherever it is told                         \
       */
/* Values of each side, below which no interval is given.  Even the whole range of n values misses the true median with
 * probability 2^(1-n): 3 values could promise 75 % at most, 5 promise 94 %. */
#define HY_BOOTSTRAP_LEAST 5

/* A number for each place of a stream: the finaliser of SplitMix64 over seed and place.  No state, so that the same
 * seed gives the same interval, on any machine, in any order of calls. */
static inline uint64_t hy_random_at(uint64_t seed, uint64_t place) {
    uint64_t x = seed + (place + 1) * 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* The ratio median(a) / median(b) and its BCa interval of the level given (0.95: 95 %).
 * -EDOM: fewer than HY_BOOTSTRAP_LEAST values on a side, or a value that is not above 0: print n/a.  -ENOMEM. */
int hy_ratio_interval(const double *a, size_t na, const double *b, size_t nb, double level, uint64_t seed,
                      double *ret_ratio, double *ret_low, double *ret_high);

/* Where a[i] and b[i] were measured in the same round: the median of a[i] / b[i], and its interval. */
int hy_shared_interval(const double *a, const double *b, size_t n, double level, uint64_t seed, double *ret_ratio,
                       double *ret_low, double *ret_high);

/* The geometric mean of the medians of `n` samples, and its interval: each sample is drawn by itself.  What it says is
 * of these samples (programs), measured again, and not of others. */
typedef struct hy_repeated {
    const double *value; /* above 0 */
    size_t count;
} hy_repeated;
int hy_geometric_interval(const hy_repeated *samples, size_t n, double level, uint64_t seed, double *ret_mean,
                          double *ret_low, double *ret_high);

/* The same for one sample: its median and the interval of that. */
int hy_median_interval(const double *a, size_t na, double level, uint64_t seed, double *ret_median, double *ret_low,
                       double *ret_high);

#endif
