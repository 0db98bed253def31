/* SPDX-License-Identifier: MIT
 *
 * room.h - until when each grain of the address range is free: the state of a packer that sweeps over time.
 *
 *   1. Addresses are counted in grains (the job's align).  0: in use; else the moment of its next use.
 *   2. 64 grains are a block; a tree over the blocks knows of each node the longest run of grains that are not in use,
 *      also at its two ends, and the earliest and latest moment.
 *   3. A search goes from left to right and skips what cannot hold the run that it looks for.
 *
 * 4 bytes a grain.  A search may look at many runs that are free, but not for long enough: about 20 nodes in the traces
 * of programs, hundreds where sizes and lifetimes are random.
 */
#ifndef HY_ROOM_H
#define HY_ROOM_H

#include <stddef.h>
#include <stdint.h>

#define HY_ROOM_FOREVER UINT32_MAX
#define HY_ROOM_NONE UINT32_MAX
#define HY_ROOM_MAX_GRAINS ((uint32_t)1 << 30)

typedef struct hy_room_node {
    uint32_t first, last, longest; /* runs of grains that are not in use: at the start, at the end, anywhere */
    uint32_t least, most;          /* moments */
} hy_room_node;

typedef struct hy_room {
    uint32_t *until;     /* of each grain */
    hy_room_node *nodes; /* a heap: 1 is the root, block b is node blocks + b */
    uint32_t grains, blocks;
    uint64_t effort; /* nodes that searches have looked at */
} hy_room;

/* All of it in use.  0 or -ENOMEM. */
int hy_room_create(uint32_t grains, hy_room *ret_room);
void hy_room_destroy(hy_room *room);

/* Grains from `from` to before `to`. */
void hy_room_fill(hy_room *room, uint32_t from, uint32_t to, uint32_t until);
void hy_room_copy(hy_room *room, uint32_t from, uint32_t to, const uint32_t *until);

/* The lowest multiple of `align` (a power of two) where `size` grains are free until `until` or longer, or
 * HY_ROOM_NONE. */
uint32_t hy_room_find(hy_room *room, uint32_t size, uint32_t align, uint32_t until);

#endif
