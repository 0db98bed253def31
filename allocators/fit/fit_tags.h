/* SPDX-License-Identifier: MIT
 *
 * fit_tags.h - boundary tags: what is written beside and into ranges of memory.
 *
 *  range   header (8 bytes) and body.  The header holds the size of the whole range and two flags
 *  block   the body of a used range: all of it is the caller's, so a used range costs 8 bytes
 *  hole    a free range.  Its body starts with the two links of the free list and ends with a footer, its size again,
 *          so that the range behind it finds its start
 *  end     a used range of size 0 behind the last range of a run
 *
 * A footer is there only in holes: FIT_PREV_FREE in a header says whether one lies in front of it.
 * Headers may lie at any address (grain 1), so they are read and written through packed structs.  (memcpy
 * could do it too; but as for all the compiler knows that may write to the heap's own fields, it would read those again
 * and again, and decide again what they decide.)
 *
 * D. E. Knuth, The Art of Computer Programming 1, 2.5 (boundary tags; the flag instead of a footer is from exercise
 * 19).
 */
#ifndef FIT_TAGS_H
#define FIT_TAGS_H

#include "support.h"

#include <string.h>

#define FIT_HEADER ((size_t)8)
#define FIT_LINKS (2 * sizeof(char *))
#define FIT_MIN_RANGE ((size_t)32) /* header, two links, footer */
#define FIT_TOUCHED ((size_t)32)   /* header, links, stamp: all that is written at the start of a hole */

#define FIT_USED ((uint64_t)1 << 63)
#define FIT_PREV_FREE ((uint64_t)1 << 62)
#define FIT_SIZE (FIT_PREV_FREE - 1)

typedef struct __attribute__((packed)) fit_tag {
    uint64_t word;
} fit_tag;

static inline uint64_t fit_word(const char *at) {
    return ((const fit_tag *)(const void *)at)->word;
}

static inline void fit_set_word(char *at, uint64_t word) {
    ((fit_tag *)(void *)at)->word = word;
}

static inline size_t tag_size(const char *range) {
    return fit_word(range) & FIT_SIZE;
}

#endif
