/* SPDX-License-Identifier: MIT
 *
 * fit_range.h - boundary tags: how a range of memory says its size and state, and finds its neighbours.
 *
 *  range   header (8 bytes) and body.  The header holds the size of the whole range and two flags
 *  block   the body of a used range: all of it is the caller's, so a used range costs 8 bytes
 *  hole    a free range.  Its body starts with the two links of the free list and ends with a footer, its size again,
 *          so that the range behind it finds its start
 *  end     a used range of size 0 behind the last range of a run
 *
 * A footer is there only in holes: FIT_PREV_FREE in a header says whether one lies in front of it.
 * Headers may lie at any address (grain 1), so they are read and written with memcpy; that costs nothing.
 *
 * D. E. Knuth, The Art of Computer Programming 1, 2.5 (boundary tags; the flag instead of a footer is from exercise
 * 19).
 */
#ifndef FIT_RANGE_H
#define FIT_RANGE_H

#include "support.h"

#include <string.h>

#define FIT_HEADER ((size_t)8)
#define FIT_LINKS (2 * sizeof(char *))
#define FIT_MIN_RANGE ((size_t)32) /* header, two links, footer */

#define FIT_USED ((uint64_t)1 << 63)
#define FIT_PREV_FREE ((uint64_t)1 << 62)
#define FIT_SIZE (FIT_PREV_FREE - 1)

static inline uint64_t fit_word(const char *at) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

static inline void fit_set_word(char *at, uint64_t word) {
    memcpy(at, &word, sizeof word);
}

static inline size_t range_size(const char *range) {
    return fit_word(range) & FIT_SIZE;
}

static inline bool range_used(const char *range) {
    return fit_word(range) & FIT_USED;
}

static inline bool range_prev_free(const char *range) {
    return fit_word(range) & FIT_PREV_FREE;
}

static inline bool range_is_end(const char *range) {
    return range_size(range) == 0;
}

static inline char *range_next(const char *range) {
    return (char *)range + range_size(range);
}

/* The hole in front; range_prev_free says that there is one. */
static inline char *range_prev(const char *range) {
    return (char *)range - fit_word(range - FIT_HEADER);
}

static inline char *range_block(const char *range) {
    return (char *)range + FIT_HEADER;
}

static inline char *range_of(const void *block) {
    return (char *)block - FIT_HEADER;
}

/* Makes [range, range + size) used, and tells the range behind it.  The flag FIT_PREV_FREE stays as it is. */
static inline void range_set_used(char *range, size_t size) {
    fit_set_word(range, FIT_USED | size | (fit_word(range) & FIT_PREV_FREE));
    char *const next = range + size;
    fit_set_word(next, fit_word(next) & ~FIT_PREV_FREE);
}

/* Makes [range, range + size) a hole, and tells the range behind it.  `flags`: FIT_PREV_FREE or 0. */
static inline void range_set_hole(char *range, size_t size, uint64_t flags) {
    fit_set_word(range, size | flags);
    char *const next = range + size;
    fit_set_word(next - FIT_HEADER, size);
    fit_set_word(next, fit_word(next) | FIT_PREV_FREE);
}

#endif
