/* SPDX-License-Identifier: MIT
 *
 * tlsf_range.h - boundary tags: how a range of memory says its size and state, and finds its neighbours.
 *
 *  range   header (8 bytes) and body; the body starts at a multiple of 16.  The header holds size and flags
 *  block   the body of a used range: all of it is the caller's, so a used range costs 8 bytes
 *  hole    a free range.  Its body starts with the two links of its list and ends with a pointer back to its start
 *  end     the header behind the last range of a run; holds the run's address in place of a size
 */
#ifndef TLSF_RANGE_H
#define TLSF_RANGE_H

#include "support.h"

#define TLSF_HEADER ((size_t)8)
#define TLSF_TAGS ((size_t)24)      /* header and links */
#define TLSF_MIN_RANGE ((size_t)32) /* header, links, pointer back */

#define TLSF_FREE ((uint64_t)1)      /* this range is a hole */
#define TLSF_PREV_FREE ((uint64_t)2) /* the range in front is one: the 8 bytes before the header point to it */
#define TLSF_END ((uint64_t)4)
#define TLSF_FLAGS ((uint64_t)15)

typedef struct tlsf_range {
    uint64_t header;
    struct tlsf_range *next, *prev; /* in holes only */
} tlsf_range;

static inline size_t tlsf_size(const tlsf_range *range) {
    return range->header & ~TLSF_FLAGS;
}

static inline bool tlsf_is_hole(const tlsf_range *range) {
    return range->header & TLSF_FREE;
}

static inline tlsf_range *tlsf_at(const void *start, size_t offset) {
    return (tlsf_range *)(void *)((char *)start + offset);
}

static inline tlsf_range *tlsf_behind(const tlsf_range *range) {
    return tlsf_at(range, tlsf_size(range));
}

/* Where the hole in front of a range says its start. */
static inline tlsf_range **tlsf_back(tlsf_range *range) {
    return (tlsf_range **)(void *)range - 1;
}

/* The hole in front, or NULL. */
static inline tlsf_range *tlsf_before(tlsf_range *range) {
    return range->header & TLSF_PREV_FREE ? *tlsf_back(range) : NULL;
}

static inline void *tlsf_block(const tlsf_range *range) {
    return (char *)range + TLSF_HEADER;
}

static inline tlsf_range *tlsf_range_of(const void *block) {
    return (tlsf_range *)(void *)((char *)block - TLSF_HEADER);
}

/* Makes [range, range + size) used, and tells the range behind it.  Whether a hole is in front stays as it is. */
static inline void tlsf_set_used(tlsf_range *range, size_t size) {
    range->header = size | (range->header & TLSF_PREV_FREE);
    tlsf_at(range, size)->header &= ~TLSF_PREV_FREE;
}

/* Makes [range, range + size) a hole, and tells the range behind it.  No hole is in front: they would be one. */
static inline void tlsf_set_hole(tlsf_range *range, size_t size) {
    tlsf_range *const behind = tlsf_at(range, size);
    range->header = size | TLSF_FREE;
    behind->header |= TLSF_PREV_FREE;
    *tlsf_back(behind) = range;
}

#endif
