/* SPDX-License-Identifier: MIT
 *
 * tlsf_map.h - the two-level mapping from sizes to lists.
 *
 * With s second-level bits, sizes below 16 << s have a list for each 16 bytes: first level 0.  Each doubling above is a
 * first level of its own, cut into 1 << s lists of equal width.  A size is a multiple of 16.
 */
#ifndef TLSF_MAP_H
#define TLSF_MAP_H

#include "support.h"

#define TLSF_GRAIN ((size_t)16)
#define TLSF_GRAIN_LOG 4u
#define TLSF_MOST ((size_t)1 << 47) /* no request is larger */
#define TLSF_SIZE_BITS 48u          /* no hole has more */

typedef struct tlsf_list {
    unsigned first, second;
} tlsf_list;

/* How many first levels there are. */
static inline unsigned tlsf_levels(unsigned bits) {
    return TLSF_SIZE_BITS - bits - TLSF_GRAIN_LOG + 1;
}

/* The list that a hole of `size` bytes is kept in. */
static inline tlsf_list tlsf_list_of(unsigned bits, size_t size) {
    const unsigned linear = bits + TLSF_GRAIN_LOG;
    if (size >> linear == 0)
        return (tlsf_list){0, (unsigned)(size >> TLSF_GRAIN_LOG)};
    const unsigned log = hy_log2_floor(size);
    return (tlsf_list){log - linear + 1, (unsigned)(size >> (log - bits)) & ((1u << bits) - 1)};
}

/* `size`, rounded up to the least size of a list: all holes of that list and of those above it serve a request of
 * `size` bytes, whichever one looks at. */
static inline size_t tlsf_round_up(unsigned bits, size_t size) {
    const unsigned linear = bits + TLSF_GRAIN_LOG;
    if (size >> linear == 0)
        return size;
    return hy_align_up(size, (size_t)1 << (hy_log2_floor(size) - bits));
}

#endif
