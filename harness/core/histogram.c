/* SPDX-License-Identifier: MIT
 *
 * histogram.c - reading a histogram (see histogram.h).
 */
#include "histogram.h"

#include <math.h>
#include <string.h>

void hy_histogram_clear(hy_histogram *h) {
    memset(h, 0, sizeof *h);
    h->min = UINT64_MAX;
}

uint64_t hy_histogram_low(unsigned index) {
    if (index < HY_HISTOGRAM_SUB)
        return index;
    const unsigned shift = index / HY_HISTOGRAM_SUB - 1u;
    return (uint64_t)(index % HY_HISTOGRAM_SUB + HY_HISTOGRAM_SUB) << shift;
}

uint64_t hy_histogram_high(unsigned index) {
    return index + 1 < HY_HISTOGRAM_BUCKETS ? hy_histogram_low(index + 1) - 1 : UINT64_MAX;
}

uint64_t hy_histogram_percentile(const hy_histogram *h, double fraction) {
    if (h->total == 0)
        return 0;
    /* A hair less, or the rounding of 0.07 * 100 to a little above 7 would ask for the 8th value. */
    const double rank = ceil(fraction * (double)h->total * (1 - 1e-15));
    const uint64_t wanted = rank < 1 ? 1 : (uint64_t)rank;
    uint64_t seen = 0;
    for (unsigned i = 0; i < HY_HISTOGRAM_BUCKETS; i++) {
        seen += h->count[i];
        if (seen >= wanted)
            return hy_histogram_high(i) < h->max ? hy_histogram_high(i) : h->max;
    }
    return h->max;
}

double hy_histogram_mean(const hy_histogram *h) {
    return h->total ? h->sum / (double)h->total : 0;
}

double hy_histogram_deviation(const hy_histogram *h) {
    if (h->total < 2)
        return 0;
    const double n = (double)h->total, variance = (h->sum_of_squares - h->sum * h->sum / n) / (n - 1);
    return variance > 0 ? sqrt(variance) : 0;
}

void hy_histogram_add(hy_histogram *to, const hy_histogram *from) {
    for (unsigned i = 0; i < HY_HISTOGRAM_BUCKETS; i++)
        to->count[i] += from->count[i];
    to->total += from->total;
    to->min = from->min < to->min ? from->min : to->min;
    to->max = from->max > to->max ? from->max : to->max;
    to->sum += from->sum;
    to->sum_of_squares += from->sum_of_squares;
}
