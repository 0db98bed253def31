/* SPDX-License-Identifier: MIT
 *
 * slot_map.c - see slot_map.h.
 */
#include "slot_map.h"

#include <stdlib.h>

static size_t map_home(const hy_slot_map *map, uint64_t key) {
    return (size_t)(key * 0x9e3779b97f4a7c15u >> (64 - map->bits));
}

/* Where the key is, or the empty place where it belongs. */
static size_t map_find(const hy_slot_map *map, uint64_t key) {
    const size_t mask = ((size_t)1 << map->bits) - 1;
    size_t at = map_home(map, key);
    while (map->entry[at].key != 0 && map->entry[at].key != key)
        at = (at + 1) & mask;
    return at;
}

static bool map_grow(hy_slot_map *map) {
    const unsigned bits = map->bits ? map->bits + 1 : 10;
    hy_slot_map grown = {calloc((size_t)1 << bits, sizeof *grown.entry), map->count, bits};
    if (!grown.entry)
        return false;
    for (size_t i = 0; map->entry && i < (size_t)1 << map->bits; i++)
        if (map->entry[i].key != 0)
            grown.entry[map_find(&grown, map->entry[i].key)] = map->entry[i];
    free(map->entry);
    *map = grown;
    return true;
}

bool hy_slot_map_add(hy_slot_map *map, uint64_t id, uint32_t slot) {
    if ((!map->entry || 2 * map->count >= (size_t)1 << map->bits) && !map_grow(map))
        return false;
    map->entry[map_find(map, id + 1)] = (hy_slot_entry){id + 1, slot};
    map->count++;
    return true;
}

uint32_t hy_slot_map_get(const hy_slot_map *map, uint64_t id) {
    return map->entry[map_find(map, id + 1)].slot;
}

/* Those that were pushed past the emptied place move up. */
uint32_t hy_slot_map_take(hy_slot_map *map, uint64_t id) {
    const size_t mask = ((size_t)1 << map->bits) - 1;
    size_t hole = map_find(map, id + 1);
    const uint32_t slot = map->entry[hole].slot;
    for (size_t at = (hole + 1) & mask; map->entry[at].key != 0; at = (at + 1) & mask) {
        const size_t home = map_home(map, map->entry[at].key);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            map->entry[hole] = map->entry[at];
            hole = at;
        }
    }
    map->entry[hole].key = 0;
    map->count--;
    return slot;
}

void hy_slot_map_clear(hy_slot_map *map) {
    free(map->entry);
    *map = (hy_slot_map){NULL, 0, 0};
}
