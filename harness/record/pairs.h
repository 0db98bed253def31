/* SPDX-License-Identifier: MIT
 *
 * pairs.h - numbers for pairs of numbers: a hash table with linear probing that only grows.
 */
#ifndef HY_PAIRS_H
#define HY_PAIRS_H

#include <stddef.h>
#include <stdint.h>

typedef struct hy_pair {
    uint64_t a, b;
    uint32_t number; /* and one more; 0: nothing here */
} hy_pair;

/* All zero is an empty table. */
typedef struct hy_pairs {
    hy_pair *slots;
    size_t count, room;
} hy_pairs;

/* The slot of a pair, whose `number` is 0 if it is new; then the caller sets it.  NULL: no memory. */
hy_pair *hy_pairs_find(hy_pairs *pairs, uint64_t a, uint64_t b);
/* Forgets all. */
void hy_pairs_clear(hy_pairs *pairs);

#endif
