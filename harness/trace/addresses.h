/* SPDX-License-Identifier: MIT
 *
 * addresses.h - which living object is at which address: an open-addressing hash table.
 *
 * Linear probing, at most two thirds full, deletion by moving later entries back (so it never fills up with tombs).
 * One thread at a time.  Memory: at most 48 bytes for each object of the largest live set, 36 on average.
 */
#ifndef HY_ADDRESSES_H
#define HY_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HY_BLOCK_ID_MOST (((uint64_t)1 << 48) - 1)

typedef struct hy_block {
    uint64_t address;  /* 0: none */
    uint64_t size;     /* as last asked for */
    uint64_t id : 48;  /* birth number */
    uint64_t kind : 8; /* hy_event_kind of its birth */
    uint64_t align : 8;
} hy_block;

typedef struct hy_addresses {
    hy_block *slots;
    size_t capacity; /* 0 or a power of two */
    size_t count;
} hy_addresses;

/* Where the search for an address begins.  Addresses are multiples of 16 mostly.  The upmost bits of the product depend
 * on all bits of the address; those further down not on the high ones, so that addresses far apart would meet. */
static inline size_t hy_addresses_home(const hy_addresses *map, uint64_t address) {
    return (size_t)(((address >> 4) * 0x9e3779b97f4a7c15u) >> (__builtin_clzll(map->capacity) + 1));
}

/* An address will be put or taken soon.  In a large table nearly each one is a miss of all caches. */
static inline void hy_addresses_expect(const hy_addresses *map, uint64_t address) {
    if (map->capacity > 0)
        __builtin_prefetch(&map->slots[hy_addresses_home(map, address)], 1);
}

/* Enters a block whose address is not in the table.  0 or -ENOMEM. */
int hy_addresses_put(hy_addresses *map, hy_block block);

bool hy_addresses_has(const hy_addresses *map, uint64_t address);

/* Removes the block at `address`.  false: there is none. */
bool hy_addresses_take(hy_addresses *map, uint64_t address, hy_block *ret);

/* A copy of all blocks, in order of their ids; free() it.  NULL: no memory, or none there. */
hy_block *hy_addresses_list(const hy_addresses *map);

void hy_addresses_clear(hy_addresses *map);

#endif
