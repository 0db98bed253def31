/* SPDX-License-Identifier: MIT
 *
 * fit_place.h - placement policy: which of the holes that could serve a request does.
 *
 *   first   the first in order
 *   next    the first in order behind the last placement, and round again
 *   best    the smallest; of equal ones the first in order
 *   worst   the largest; of equal ones the first in order
 *   good    the first of the first bin in which every hole is surely large enough; if there is none, the first large
 *           enough one at all, bin by bin
 *
 * A hole could serve a request if an aligned range fits into it such that nothing or a whole hole is left in front.
 * There is one function for each policy on each structure, and for metadata in band and out of band; a heap's is chosen
 * when it is created.
 */
#ifndef FIT_PLACE_H
#define FIT_PLACE_H

#include "fit_range.h"

/* The search of a policy on a structure, or NULL: that makes no sense. */
fit_search *fit_place_search(fit_structure structure, fit_policy policy, fit_metadata metadata);

/* Where a range of `need` bytes would lie in `hole`, or NULL.  `metadata` is a constant. */
static inline char *place_in(const fit_heap *self, fit_metadata metadata, char *hole, size_t need, size_t align) {
    const size_t size = range_size_in(self, metadata, hole);
    if (size < need)
        return NULL;
    if (align <= self->grain)
        return hole;
    const size_t first = (size_t)range_block(self, hole);
    size_t block = hy_align_up(first, align);
    if (block != first && block - first < fit_least(self))
        block = hy_align_up(first + fit_least(self), align);
    return block - first <= size - need ? hole + (block - first) : NULL;
}

static inline fit_spot place(fit_heap *self, size_t need, size_t align) {
    self->stats.searches++;
    const fit_spot spot = self->search(self, need, align);
    if (__builtin_expect(!spot.hole, 0))
        self->stats.failed_searches++;
    return spot;
}

#endif
