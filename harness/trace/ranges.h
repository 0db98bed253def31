/* SPDX-License-Identifier: MIT
 *
 * ranges.h - living blocks by address: which of them does a new one overlap?  A treap (Aragon and Seidel, "Randomized
 * search trees", FOCS 1989), its priorities a hash of the addresses.
 */
#ifndef HY_RANGES_H
#define HY_RANGES_H

#include <stddef.h>
#include <stdint.h>

typedef struct hy_range_node {
    uint64_t from, to;    /* [from, to) */
    uint32_t left, right; /* 0: none */
} hy_range_node;

typedef struct hy_ranges {
    hy_range_node *at; /* [0] is nobody */
    size_t used, capacity;
    uint32_t root, spare; /* spare: emptied entries, linked by `left` */
} hy_ranges;

/* All zero is empty.  Adds a range of at least one byte: 1, or 0 if it overlaps one that is there (*ret_other) and was
 * not added, or -ENOMEM. */
int hy_ranges_add(hy_ranges *ranges, uint64_t from, uint64_t to, uint64_t *ret_other);
/* Removes the range that begins there, if there is one. */
void hy_ranges_remove(hy_ranges *ranges, uint64_t from);
void hy_ranges_clear(hy_ranges *ranges);

#endif
