/* SPDX-License-Identifier: MIT
 *
 * fit_range.h - metadata: how large a range is, whether it is used, and which are its neighbours.
 *
 *   in band       tags beside the ranges say it (fit_tags.h)
 *   out of band   two sets of marks beside the run say it (fit_marks.h): «a range starts here» and «it is a hole».  A
 *                 range ends where the next one starts.  A block is all of its range, so 16 bytes cost 16 bytes; what
 *                 lies in a hole are the structure's links (and, where it is larger, the stamp of fit_regret.h)
 *
 * A range goes by the address 8 bytes in front of its body.  In band, its header is there; out of band these bytes are
 * the neighbour's and only lend their address, so that bodies and links lie where they lie in band.
 *
 * Out of band is bad at: time.  Each question is a look at a bitmap, far from the range.  Good at: blocks of 16 bytes,
 * and overflows: who writes behind his block may break the links of a hole, but no size and no state.
 */
#ifndef FIT_RANGE_H
#define FIT_RANGE_H

#include "fit_runs.h"

/* ------------------------------------------------------------------------------------------------ out of band ---- */

FIT_FOLDED size_t apart_size(const fit_heap *self, const char *range) {
    const fit_run *const run = fit_runs_holding(self, range);
    return range == run->end_mark ? 0 : (size_t)(fit_marks_next(&run->starts, range + self->grain) - range);
}

FIT_FOLDED bool apart_is_hole(const fit_heap *self, const char *range) {
    return fit_marks_test(&fit_runs_holding(self, range)->holes, range);
}

/* The range in front, or NULL: it is the first. */
FIT_FOLDED char *apart_prev(const fit_heap *self, const char *range) {
    return fit_marks_previous(&fit_runs_holding(self, range)->starts, range);
}

FIT_FOLDED bool apart_prev_free(const fit_heap *self, const char *range) {
    const char *const prev = apart_prev(self, range);
    return prev && apart_is_hole(self, prev);
}

/* Makes [range, range + size) one range, whatever ranges there were. */
static inline void apart_set(const fit_heap *self, const char *range, size_t size, bool is_hole) {
    fit_run *const run = fit_runs_holding(self, range);
    const char *inner = fit_marks_next(&run->starts, range + self->grain);
    for (; inner && inner < range + size; inner = fit_marks_next(&run->starts, inner)) {
        fit_marks_clear(&run->starts, inner);
        fit_marks_clear(&run->holes, inner);
    }
    if (inner != range + size)
        fit_marks_set(&run->starts, range + size);
    fit_marks_set(&run->starts, range);
    if (is_hole)
        fit_marks_set(&run->holes, range);
    else
        fit_marks_clear(&run->holes, range);
}

/* ------------------------------------------------------------------------------------------------------- both ---- */

/* For the loops of searches: `metadata` is a constant there, and what it decides is decided once. */
FIT_FOLDED size_t range_size_in(const fit_heap *self, fit_metadata metadata, const char *range) {
    return metadata == FIT_APART ? apart_size(self, range) : tag_size(range);
}

FIT_FOLDED bool range_used_in(const fit_heap *self, fit_metadata metadata, const char *range) {
    return metadata == FIT_APART ? !apart_is_hole(self, range) : (fit_word(range) & FIT_USED) != 0;
}

FIT_FOLDED size_t range_size(const fit_heap *self, const char *range) {
    return range_size_in(self, self->metadata, range);
}

FIT_FOLDED bool range_used(const fit_heap *self, const char *range) {
    return range_used_in(self, self->metadata, range);
}

FIT_FOLDED bool range_prev_free(const fit_heap *self, const char *range) {
    return self->metadata == FIT_APART ? apart_prev_free(self, range) : (fit_word(range) & FIT_PREV_FREE) != 0;
}

FIT_FOLDED bool range_is_end(const fit_heap *self, const char *range) {
    return range_size(self, range) == 0;
}

FIT_FOLDED char *range_next(const fit_heap *self, const char *range) {
    return (char *)range + range_size(self, range);
}

/* The flag of range_set_hole that a range has now. */
FIT_FOLDED uint64_t range_flags(const fit_heap *self, const char *range) {
    return self->metadata == FIT_APART ? 0 : fit_word(range) & FIT_PREV_FREE;
}

/* The hole in front, by its footer or its mark; range_prev_free says that there is one. */
FIT_FOLDED char *range_prev(const fit_heap *self, const char *range) {
    return self->metadata == FIT_APART ? apart_prev(self, range) : (char *)range - fit_word(range - FIT_HEADER);
}

FIT_FOLDED char *range_block(const fit_heap *self, const char *range) {
    return (char *)range + FIT_HEADER;
}

FIT_FOLDED char *range_of(const fit_heap *self, const void *block) {
    return (char *)block - FIT_HEADER;
}

/* The first byte of a range, or of a run's end. */
FIT_FOLDED char *range_byte(const fit_heap *self, const char *range) {
    return (char *)range + FIT_HEADER - fit_header(self);
}

/* Where range_set_used will make a range that was none before.  `flags`: FIT_PREV_FREE or 0. */
FIT_FOLDED void range_begin(const fit_heap *self, char *range, uint64_t flags) {
    if (self->metadata != FIT_APART)
        fit_set_word(range, flags);
}

/* A run will end here, as soon as the range in front is set.  Out of band nothing is marked before: a range ends where
 * the next mark is, and must keep its size until whoever goes by that has seen it. */
FIT_FOLDED void range_begin_end(const fit_heap *self, char *end) {
    if (self->metadata != FIT_APART)
        fit_set_word(end, FIT_USED);
}

/* Makes [range, range + size) used, and tells the range behind it.  The flag FIT_PREV_FREE stays as it is. */
FIT_FOLDED void range_set_used(const fit_heap *self, char *range, size_t size) {
    if (self->metadata == FIT_APART) {
        apart_set(self, range, size, false);
        return;
    }
    fit_set_word(range, FIT_USED | size | (fit_word(range) & FIT_PREV_FREE));
    char *const next = range + size;
    fit_set_word(next, fit_word(next) & ~FIT_PREV_FREE);
}

/* Makes [range, range + size) a hole, and tells the range behind it.  `flags`: FIT_PREV_FREE or 0. */
FIT_FOLDED void range_set_hole(const fit_heap *self, char *range, size_t size, uint64_t flags) {
    if (self->metadata == FIT_APART) {
        apart_set(self, range, size, true);
        return;
    }
    fit_set_word(range, size | flags);
    char *const next = range + size;
    if (self->metadata == FIT_TAGS)
        fit_set_word(next - FIT_HEADER, size);
    fit_set_word(next, fit_word(next) | FIT_PREV_FREE);
}

#endif
