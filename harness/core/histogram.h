/* SPDX-License-Identifier: MIT
 *
 * histogram.h - a log-linear histogram of 64-bit values with 3 significant digits (the idea of Gil Tene's
 * HdrHistogram): buckets of powers of two, each cut into 1024 equal parts.  Fixed size, no allocation while recording.
 */
#ifndef HY_HISTOGRAM_H
#define HY_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#define HY_HISTOGRAM_SUB 1024u /* parts of an octave */
#define HY_HISTOGRAM_BUCKETS ((64u - 10u + 1u) * HY_HISTOGRAM_SUB)

typedef struct hy_histogram {
    uint64_t total; /* values recorded */
    uint64_t min, max;
    double sum, sum_of_squares;
    uint64_t count[HY_HISTOGRAM_BUCKETS];
} hy_histogram;

void hy_histogram_clear(hy_histogram *h);

/* The bucket of a value: exact below 1024, then to 1 part in 1024. */
static inline unsigned hy_histogram_index(uint64_t value) {
    if (value < HY_HISTOGRAM_SUB)
        return (unsigned)value;
    const unsigned shift = 63u - (unsigned)__builtin_clzll(value) - 10u;
    return (shift + 1u) * HY_HISTOGRAM_SUB + (unsigned)(value >> shift) - HY_HISTOGRAM_SUB;
}

static inline void hy_histogram_record(hy_histogram *h, uint64_t value) {
    h->count[hy_histogram_index(value)]++;
    h->total++;
    h->min = value < h->min ? value : h->min;
    h->max = value > h->max ? value : h->max;
    h->sum += (double)value;
    h->sum_of_squares += (double)value * (double)value;
}

/* The smallest and the largest value that fall into a bucket. */
uint64_t hy_histogram_low(unsigned index);
uint64_t hy_histogram_high(unsigned index);

/* The value at or below which `fraction` (0 to 1) of the values lie; 0 if empty; never above max. */
uint64_t hy_histogram_percentile(const hy_histogram *h, double fraction);
double hy_histogram_mean(const hy_histogram *h);
double hy_histogram_deviation(const hy_histogram *h);
void hy_histogram_add(hy_histogram *to, const hy_histogram *from);

#endif
