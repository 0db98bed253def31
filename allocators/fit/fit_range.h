/* SPDX-License-Identifier: MIT
 *
 * fit_range.h - ranges: how large one is, whether it is used, and which are its neighbours.
 */
#ifndef FIT_RANGE_H
#define FIT_RANGE_H

#include "fit_heap.h"

static inline size_t range_size(const fit_heap *self, const char *range) {
    return tag_size(range);
}

static inline bool range_used(const fit_heap *self, const char *range) {
    return fit_word(range) & FIT_USED;
}

static inline bool range_prev_free(const fit_heap *self, const char *range) {
    return fit_word(range) & FIT_PREV_FREE;
}

static inline bool range_is_end(const fit_heap *self, const char *range) {
    return range_size(self, range) == 0;
}

static inline char *range_next(const fit_heap *self, const char *range) {
    return (char *)range + range_size(self, range);
}

/* For the loops of searches: `metadata` is a constant there, and what it decides is decided once. */
static inline size_t range_size_in(const fit_heap *self, fit_metadata metadata, const char *range) {
    (void)metadata;
    return range_size(self, range);
}

static inline bool range_used_in(const fit_heap *self, fit_metadata metadata, const char *range) {
    (void)metadata;
    return range_used(self, range);
}

/* The flag of range_set_hole that a range has now. */
static inline uint64_t range_flags(const fit_heap *self, const char *range) {
    return fit_word(range) & FIT_PREV_FREE;
}

/* The hole in front, by its footer; range_prev_free says that there is one. */
static inline char *range_prev(const fit_heap *self, const char *range) {
    return (char *)range - fit_word(range - FIT_HEADER);
}

static inline char *range_block(const fit_heap *self, const char *range) {
    return (char *)range + FIT_HEADER;
}

static inline char *range_of(const fit_heap *self, const void *block) {
    return (char *)block - FIT_HEADER;
}

/* Makes [range, range + size) used, and tells the range behind it.  The flag FIT_PREV_FREE stays as it is. */
static inline void range_set_used(const fit_heap *self, char *range, size_t size) {
    fit_set_word(range, FIT_USED | size | (fit_word(range) & FIT_PREV_FREE));
    char *const next = range + size;
    fit_set_word(next, fit_word(next) & ~FIT_PREV_FREE);
}

/* Makes [range, range + size) a hole, and tells the range behind it.  `flags`: FIT_PREV_FREE or 0. */
static inline void range_set_hole(const fit_heap *self, char *range, size_t size, uint64_t flags) {
    fit_set_word(range, size | flags);
    char *const next = range + size;
    if (self->metadata == FIT_TAGS)
        fit_set_word(next - FIT_HEADER, size);
    fit_set_word(next, fit_word(next) | FIT_PREV_FREE);
}

#endif
