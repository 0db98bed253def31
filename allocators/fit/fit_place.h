/* SPDX-License-Identifier: MIT
 *
 * fit_place.h - placement policy: which of the holes that could serve a request does.
 *
 *   first   the first in list order
 *   next    the first in list order behind the last placement, and round again
 *   best    the smallest; of equal ones the first in list order
 *   worst   the largest; of equal ones the first in list order
 *
 * A hole could serve a request if an aligned range fits into it such that nothing or a whole hole is left in front.
 */
#ifndef FIT_PLACE_H
#define FIT_PLACE_H

#include "fit_list.h"

/* Where a request goes: `range` lies in `hole`.  No hole: no room. */
typedef struct fit_spot {
    char *hole, *range;
} fit_spot;

/* Where a range of `need` bytes would lie in `hole`, or NULL. */
static inline char *place_in(const fit_heap *self, char *hole, size_t need, size_t align) {
    const size_t size = range_size(self, hole);
    if (size < need)
        return NULL;
    if (align <= self->grain)
        return hole;
    const size_t first = (size_t)range_block(self, hole);
    size_t block = hy_align_up(first, align);
    if (block != first && block - first < FIT_MIN_RANGE)
        block = hy_align_up(first + FIT_MIN_RANGE, align);
    return block - first <= size - need ? hole + (block - first) : NULL;
}

/* From `from` around the list and back to it; both may be the head, which is too small for anything. */
static inline fit_spot place_first(fit_heap *self, char *from, size_t need, size_t align) {
    char *hole = from;
    do {
        self->stats.search_steps++;
        char *const range = place_in(self, hole, need, align);
        if (range)
            return (fit_spot){hole, range};
        hole = list_next(hole);
    } while (hole != from);
    return (fit_spot){NULL, NULL};
}

/* In one list. */
static inline fit_spot place_best_of(fit_heap *self, const char *head, size_t need, size_t align) {
    fit_spot best = {NULL, NULL};
    size_t least = SIZE_MAX;
    for (char *hole = list_next(head); hole != head && least != need; hole = list_next(hole)) {
        self->stats.search_steps++;
        if (range_size(self, hole) >= least)
            continue;
        char *const range = place_in(self, hole, need, align);
        if (!range)
            continue;
        best = (fit_spot){hole, range};
        least = range_size(self, hole);
    }
    return best;
}

static inline fit_spot place_worst_of(fit_heap *self, const char *head, size_t need, size_t align) {
    fit_spot worst = {NULL, NULL};
    size_t most = 0;
    for (char *hole = list_next(head); hole != head; hole = list_next(hole)) {
        self->stats.search_steps++;
        if (range_size(self, hole) <= most)
            continue;
        char *const range = place_in(self, hole, need, align);
        if (!range)
            continue;
        worst = (fit_spot){hole, range};
        most = range_size(self, hole);
    }
    return worst;
}

/* Where all holes are of one size, the first that will do. */
static inline fit_spot place_any_of(fit_heap *self, const char *head, size_t need, size_t align) {
    for (char *hole = list_next(head); hole != head; hole = list_next(hole)) {
        self->stats.search_steps++;
        char *const range = place_in(self, hole, need, align);
        if (range)
            return (fit_spot){hole, range};
    }
    return (fit_spot){NULL, NULL};
}

static inline fit_spot place_best(fit_heap *self, size_t need, size_t align) {
    fit_spot spot = {NULL, NULL};
    if (!self->binned)
        return place_best_of(self, list_head(self), need, align);
    for (unsigned bin = bin_of(need); !spot.hole && (bin = bin_above(self, bin)) < FIT_BINS; bin++)
        spot = bin_is_exact(self, bin) ? place_any_of(self, bin_head(self, bin), need, align)
                                       : place_best_of(self, bin_head(self, bin), need, align);
    return spot;
}

static inline fit_spot place_worst(fit_heap *self, size_t need, size_t align) {
    fit_spot spot = {NULL, NULL};
    if (!self->binned)
        return place_worst_of(self, list_head(self), need, align);
    for (unsigned bin = FIT_BINS; !spot.hole && bin-- > bin_of(need);)
        if (hy_bit_get(self->bin_map, bin))
            spot = place_worst_of(self, bin_head(self, bin), need, align);
    return spot;
}

static inline fit_spot place(fit_heap *self, size_t need, size_t align) {
    self->stats.searches++;
    switch (self->policy) {
    case FIT_FIRST: return place_first(self, list_first(self), need, align);
    case FIT_NEXT: return place_first(self, self->rover, need, align);
    case FIT_BEST: return place_best(self, need, align);
    case FIT_WORST: return place_worst(self, need, align);
    }
    return (fit_spot){NULL, NULL};
}

#endif
