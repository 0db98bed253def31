/* SPDX-License-Identifier: MIT
 *
 * fit_bins.h - bins: the holes as many lists, by size, so that best fit and worst fit look at few of them.
 *
 * Sizes up to 1 KiB have a bin for each 16 bytes, larger ones 8 in each doubling.  A hole in a lower bin is smaller
 * than any in a higher one, so the best hole is in the first bin that has one, and the worst in the last.
 */
#ifndef FIT_BINS_H
#define FIT_BINS_H

#include "fit_range.h"

#define FIT_FINE_BINS 64u /* of sizes below 1 KiB */

static inline unsigned bin_of(size_t size) {
    if (size < 16 * FIT_FINE_BINS)
        return (unsigned)(size / 16);
    const unsigned log = hy_log2_floor(size);
    const unsigned bin = FIT_FINE_BINS + (log - 10) * 8 + (unsigned)((size >> (log - 3)) & 7);
    return bin < FIT_BINS ? bin : FIT_BINS - 1;
}

/* All holes in this bin have the same size. */
static inline bool bin_is_exact(const fit_heap *self, unsigned bin) {
    return self->grain == 16 && bin < FIT_FINE_BINS;
}

static inline char *bin_head(const fit_heap *self, unsigned bin) {
    return (char *)&self->bins[bin];
}

/* The next bin at or above `bin` that is not empty, or FIT_BINS. */
static inline unsigned bin_above(const fit_heap *self, unsigned bin) {
    return (unsigned)hy_bit_next(self->bin_map, FIT_BINS, bin);
}

/* A list was left with nothing but `node`: if that is a bin's head, the bin is empty. */
static inline void bin_emptied(fit_heap *self, const char *node) {
    const size_t bin = (size_t)(node - (const char *)self->bins) / sizeof(fit_head);
    if (bin < FIT_BINS)
        hy_bit_clear(self->bin_map, bin);
}

#endif
