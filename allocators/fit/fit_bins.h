/* SPDX-License-Identifier: MIT
 *
 * fit_bins.h - structure=bins: the holes as many lists, by size, so that best, worst and good fit look at few of them.
 *
 * Sizes up to 1 KiB have a bin for each 16 bytes, larger ones 8 in each doubling.  A hole in a lower bin is smaller
 * than any in a higher one, so the best hole is in the first bin that has one, and the worst in the last.  In each bin
 * the holes stand in the heap's order; by address, each must find its place there one by one.
 */
#ifndef FIT_BINS_H
#define FIT_BINS_H

#include "fit_list.h"

#define FIT_FINE_BINS 64u /* of sizes below 1 KiB */

FIT_FOLDED unsigned bin_of(size_t size) {
    if (size < 16 * FIT_FINE_BINS)
        return (unsigned)(size / 16);
    const unsigned log = hy_log2_floor(size);
    const unsigned bin = FIT_FINE_BINS + (log - 10) * 8 + (unsigned)((size >> (log - 3)) & 7);
    return bin < FIT_BINS ? bin : FIT_BINS - 1;
}

/* The first bin in which every hole has `size` bytes, or FIT_BINS. */
FIT_FOLDED unsigned bin_above_size(size_t size) {
    const size_t last = size < 16 * FIT_FINE_BINS ? 15 : ((size_t)1 << (hy_log2_floor(size) - 3)) - 1;
    return bin_of(size + last) < FIT_BINS - 1 ? bin_of(size + last) : FIT_BINS;
}

/* All holes in this bin have the same size. */
FIT_FOLDED bool bin_is_exact(const fit_heap *self, unsigned bin) {
    return self->grain == 16 && bin < FIT_FINE_BINS;
}

FIT_FOLDED char *bin_head(const fit_heap *self, unsigned bin) {
    return (char *)&self->bins[bin];
}

/* The next bin at or above `bin` that is not empty, or FIT_BINS. */
FIT_FOLDED unsigned bin_above(const fit_heap *self, unsigned bin) {
    return (unsigned)hy_bit_next(self->bin_map, FIT_BINS, bin);
}

FIT_FOLDED void bins_init(fit_heap *self) {
    for (unsigned bin = 0; bin < FIT_BINS; bin++)
        list_set_empty(bin_head(self, bin));
    memset(self->bin_map, 0, sizeof self->bin_map);
}

/* Behind which node of a bin a hole belongs. */
FIT_FOLDED char *bin_place(const fit_heap *self, char *head, const char *hole) {
    if (self->order == FIT_FIFO)
        return list_prev(head);
    char *after = head;
    if (self->order == FIT_ADDRESS)
        while (list_next(after) != head && list_next(after) < hole)
            after = list_next(after);
    return after;
}

FIT_FOLDED void bins_insert(fit_heap *self, char *hole) {
    const unsigned bin = bin_of(range_size(self, hole));
    list_link(bin_place(self, bin_head(self, bin), hole), hole);
    hy_bit_set(self->bin_map, bin);
}

/* A bin was left with nothing but its head if that is on both sides. */
FIT_FOLDED void bins_remove(fit_heap *self, char *hole) {
    const char *const next = list_next(hole);
    const bool last = next == list_prev(hole);
    list_unlink(hole);
    if (last)
        hy_bit_clear(self->bin_map, (size_t)(next - (const char *)self->bins) / sizeof(fit_head));
}

FIT_FOLDED void bins_replace(fit_heap *self, char *hole, char *rest, size_t size) {
    bins_remove(self, hole);
    range_set_hole(self, rest, size, 0);
    bins_insert(self, rest);
}

FIT_FOLDED void bins_resize(fit_heap *self, char *hole, size_t size, uint64_t flags) {
    bins_remove(self, hole);
    range_set_hole(self, hole, size, flags);
    bins_insert(self, hole);
}

FIT_FOLDED void bins_join(fit_heap *self, char *before, char *behind, char *hole, size_t size, uint64_t flags) {
    if (before)
        bins_remove(self, before);
    if (behind)
        bins_remove(self, behind);
    range_set_hole(self, hole, size, flags);
    bins_insert(self, hole);
}

#endif
