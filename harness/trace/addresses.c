/* SPDX-License-Identifier: MIT */
#include "addresses.h"

#include "support.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { FIRST_CAPACITY = 1024, HUGE = 2 << 20 };

static void addresses_insert(hy_addresses *map, hy_block block) {
    size_t i = hy_addresses_home(map, block.address);
    while (map->slots[i].address != 0)
        i = (i + 1) & (map->capacity - 1);
    map->slots[i] = block;
    map->count++;
}

/* Empty slots.  In huge pages where they fill some: a search that misses the caches should not miss the TLB as well. */
static hy_block *addresses_make_slots(size_t capacity) {
    const size_t bytes = capacity * sizeof(hy_block);
    if (bytes < HUGE)
        return calloc(1, bytes);
    hy_block *const slots = aligned_alloc(HUGE, hy_align_up(bytes, HUGE));
    if (!slots)
        return NULL;
    madvise(slots, bytes, MADV_HUGEPAGE);
    memset(slots, 0, bytes);
    return slots;
}

static int addresses_grow(hy_addresses *map) {
    hy_addresses grown = {NULL, map->capacity ? 2 * map->capacity : FIRST_CAPACITY, 0};
    grown.slots = addresses_make_slots(grown.capacity);
    if (!grown.slots)
        return -ENOMEM;
    for (size_t i = 0; i < map->capacity; i++)
        if (map->slots[i].address != 0)
            addresses_insert(&grown, map->slots[i]);
    free(map->slots);
    *map = grown;
    return 0;
}

int hy_addresses_put(hy_addresses *map, hy_block block) {
    if (3 * (map->count + 1) > 2 * map->capacity && addresses_grow(map) < 0)
        return -ENOMEM;
    addresses_insert(map, block);
    return 0;
}

/* Fills the gap at `i` with a later entry whose home does not lie between the gap and that entry, and so on. */
static void addresses_close_gap(hy_addresses *map, size_t i) {
    const size_t mask = map->capacity - 1;
    for (size_t j = (i + 1) & mask; map->slots[j].address != 0; j = (j + 1) & mask) {
        const size_t home = hy_addresses_home(map, map->slots[j].address);
        if (((j - home) & mask) < ((j - i) & mask))
            continue;
        map->slots[i] = map->slots[j];
        i = j;
    }
    map->slots[i].address = 0;
}

/* The slot of `address`, or the map's capacity if it is not there. */
static size_t addresses_find(const hy_addresses *map, uint64_t address) {
    if (map->count == 0 || address == 0)
        return map->capacity;
    size_t i = hy_addresses_home(map, address);
    while (map->slots[i].address != address) {
        if (map->slots[i].address == 0)
            return map->capacity;
        i = (i + 1) & (map->capacity - 1);
    }
    return i;
}

bool hy_addresses_has(const hy_addresses *map, uint64_t address) {
    return addresses_find(map, address) < map->capacity;
}

bool hy_addresses_take(hy_addresses *map, uint64_t address, hy_block *ret) {
    const size_t i = addresses_find(map, address);
    if (i == map->capacity)
        return false;
    *ret = map->slots[i];
    addresses_close_gap(map, i);
    map->count--;
    return true;
}

static int addresses_compare(const void *a, const void *b) {
    const hy_block *const x = a, *const y = b;
    return (x->id > y->id) - (x->id < y->id);
}

hy_block *hy_addresses_list(const hy_addresses *map) {
    hy_block *const list = map->count ? malloc(map->count * sizeof *list) : NULL;
    if (!list)
        return NULL;
    size_t count = 0;
    for (size_t i = 0; i < map->capacity; i++)
        if (map->slots[i].address != 0)
            list[count++] = map->slots[i];
    qsort(list, count, sizeof *list, addresses_compare);
    return list;
}

void hy_addresses_clear(hy_addresses *map) {
    free(map->slots);
    *map = (hy_addresses){NULL, 0, 0};
}
