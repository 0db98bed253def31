/* SPDX-License-Identifier: MIT
 *
 * slot_map.h - which slot a living object has: a hash table from birth numbers, with linear probing (Knuth, The Art of
 * Computer Programming, volume 3, section 6.4, algorithms L and R).  As large as there were objects alive at once.
 */
#ifndef HY_SLOT_MAP_H
#define HY_SLOT_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct hy_slot_entry {
    uint64_t key; /* id + 1; 0: nothing here */
    uint32_t slot;
} hy_slot_entry;

typedef struct hy_slot_map {
    hy_slot_entry *entry;
    size_t count;
    unsigned bits; /* log2 of the number of entries; at most half of them are full */
} hy_slot_map;

/* All zero is an empty table.  False: no memory.  The id must not be in it. */
bool hy_slot_map_add(hy_slot_map *map, uint64_t id, uint32_t slot);
/* The slot of an id that is in it. */
uint32_t hy_slot_map_get(const hy_slot_map *map, uint64_t id);
/* The same, and takes it out. */
uint32_t hy_slot_map_take(hy_slot_map *map, uint64_t id);
void hy_slot_map_clear(hy_slot_map *map);

#endif
