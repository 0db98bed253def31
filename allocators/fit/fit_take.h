/* SPDX-License-Identifier: MIT
 *
 * fit_take.h - making a block of a part of a hole: what is left stays a hole, what was fresh is so no more, and a merge
 * that made the hole may have been for nothing.
 */
#ifndef FIT_TAKE_H
#define FIT_TAKE_H

#include "fit_holes.h"
#include "fit_regret.h"

/* Something is written up to `end`, and the tags of a hole may follow. */
static inline void fit_soil(fit_heap *self, char *end) {
    char *const soiled = end + FIT_TOUCHED;
    if (soiled > self->fresh && end <= self->fresh_end)
        self->fresh = soiled < self->fresh_end ? soiled : self->fresh_end;
}

/* What is left of a hole that is cut is a hole. */
static inline void fit_leave(fit_heap *self, char *rest, size_t size) {
    regret_none(self, rest, size);
    self->stats.splits++;
}

/* The front of a hole goes, `need` bytes; the rest stays a hole, unless it is too small to be one.  The size that
 * really goes. */
FIT_FOLDED size_t fit_cut(fit_heap *self, char *hole, size_t need) {
    const size_t size = range_size(self, hole);
    const size_t left = size - need < fit_least(self) ? 0 : size - need;
    char *const rest = hole + size - left;
    char *const next = self->policy == FIT_NEXT && left == 0 ? holes_next(self, hole) : rest;
    if (left == 0) {
        holes_remove(self, hole);
    } else {
        regret_cut(self, hole, size);
        holes_replace(self, hole, rest, left);
        fit_leave(self, rest, left);
    }
    if (self->policy == FIT_NEXT)
        self->rover = next;
    fit_soil(self, rest);
    return size - left;
}

/* The same from `range` on, in the middle of a hole: what is in front of it stays a hole, too. */
static size_t fit_cut_middle(fit_heap *self, char *hole, char *range, size_t need) {
    const size_t lead = (size_t)(range - hole), size = range_size(self, hole) - lead;
    const size_t left = size - need < fit_least(self) ? 0 : size - need;
    char *const rest = range + size - left;
    char *const next = self->policy == FIT_NEXT && left == 0 ? holes_next(self, hole) : rest;
    regret_cut(self, hole, lead + size);
    holes_resize(self, hole, lead, range_flags(self, hole));
    fit_leave(self, hole, lead);
    if (left != 0) {
        holes_insert_behind(self, hole, rest, left);
        fit_leave(self, rest, left);
    }
    if (self->policy == FIT_NEXT)
        self->rover = next;
    fit_soil(self, rest);
    return size - left;
}

/* A used range is a live block from now on. */
static inline void *fit_count_in(fit_heap *self, char *range, size_t size) {
    self->stats.live_blocks++;
    self->stats.live_bytes += size - fit_header(self);
    return range_block(self, range);
}

static __attribute__((noinline)) void *fit_take_middle(fit_heap *self, fit_spot spot, size_t need) {
    const size_t size = fit_cut_middle(self, spot.hole, spot.range, need);
    range_begin(self, spot.range, FIT_PREV_FREE);
    range_set_used(self, spot.range, size);
    return fit_count_in(self, spot.range, size);
}

/* Makes the range at a spot a block. */
FIT_FOLDED void *fit_take_in(fit_heap *self, fit_spot spot, size_t need) {
    if (__builtin_expect(spot.range != spot.hole, 0))
        return fit_take_middle(self, spot, need);
    const uint64_t flags = range_flags(self, spot.hole);
    const size_t size = fit_cut(self, spot.hole, need);
    range_begin(self, spot.range, flags);
    range_set_used(self, spot.range, size);
    return fit_count_in(self, spot.range, size);
}

#endif
