/* SPDX-License-Identifier: MIT
 *
 * seg_bin.c - see seg_bin.h.
 */
#include "seg_bin.h"

unsigned seg_bin_of(size_t slices) {
    if (slices <= 32)
        return (unsigned)slices - 1;
    const unsigned log = hy_log2_floor(slices);
    const unsigned bin = 32 + (log - 5) * 4 + (unsigned)((slices >> (log - 2)) & 3);
    return bin < SEG_BINS ? bin : SEG_BINS - 1;
}

void seg_bin_insert(seg_local *local, seg_span *span) {
    seg_bins *const bins = &local->bins[span->kind];
    const unsigned bin = seg_bin_of(span->slices);
    span->prev = NULL;
    span->next = bins->first[bin];
    if (span->next)
        span->next->prev = span;
    bins->first[bin] = span;
    hy_bit_set(bins->map, bin);
    if (span->kind == SEG_FREE)
        local->free_slices += span->slices;
}

void seg_bin_remove(seg_local *local, seg_span *span) {
    seg_bins *const bins = &local->bins[span->kind];
    const unsigned bin = seg_bin_of(span->slices);
    if (span->next)
        span->next->prev = span->prev;
    if (span->prev)
        span->prev->next = span->next;
    else
        bins->first[bin] = span->next;
    if (!bins->first[bin])
        hy_bit_clear(bins->map, bin);
    if (span->kind == SEG_FREE)
        local->free_slices -= span->slices;
}

seg_span *seg_bin_find(const seg_bins *bins, size_t slices, size_t tries) {
    const unsigned own = seg_bin_of(slices);
    for (seg_span *span = bins->first[own]; span && tries > 0; span = span->next, tries--)
        if (span->slices >= slices)
            return span;
    const size_t bin = hy_bit_next(bins->map, SEG_BINS, own + 1);
    return bin < SEG_BINS ? bins->first[bin] : NULL;
}
