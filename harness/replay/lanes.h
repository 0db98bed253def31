/* SPDX-License-Identifier: MIT
 *
 * lanes.h - the lists of operations of a program under construction, and how they are written (see program.h).
 */
#ifndef HY_LANES_H
#define HY_LANES_H

#include "error.h"
#include "program.h"

/* One lane, as much of it as is not yet written. */
typedef struct hy_lane_list {
    hy_op *op;
    uint64_t *time; /* of each entry, if the lanes are timed */
    size_t count, room, time_room;
    uint64_t operations; /* in `op`: operands and the like are none */
    uint64_t before;     /* operations that were written before */
} hy_lane_list;

typedef struct hy_lanes {
    hy_lane_list lane[HY_PROGRAM_MAX_LANES];
    uint32_t count;
    bool timed;
    size_t entries; /* of all lanes, not yet written */
} hy_lanes;

/* Makes room for `wanted` entries of an array of `*room`.  False: no memory. */
bool hy_grow(void *array, size_t *room, size_t wanted, size_t entry);

/* False: no memory. */
bool hy_lanes_append(hy_lanes *lanes, uint32_t lane, hy_op op, uint64_t time);

/* Writes head and operations; head->room says how many entries there is room for.  Then the lists are empty.
 * 0 or -errno with the sentence. */
int hy_lanes_write(hy_lanes *lanes, int fd, hy_program_head *head, hy_error *error);
/* Empties the lists as if they had been written. */
void hy_lanes_skip(hy_lanes *lanes);
void hy_lanes_free(hy_lanes *lanes);

#endif
