/* SPDX-License-Identifier: MIT
 *
 * map_pass.h - what the map pass has recorded, and how it becomes two strings of bytes.
 *
 *   life   the time in which an object has one size: from its birth or a realloc to the next realloc or its death.
 *          A life is the trace's: it is the same whatever the allocator, only where it is spent differs.
 *   clock  bytes allocated so far; a life is there at the times t with born <= t < died
 *   frame  one of HY_MAP_FRAMES moments: frame i is at (2 i + 1) / (2 * HY_MAP_FRAMES) of the clock
 *   band   a row of the picture: 2^shift bytes of addresses.  Bands in which no block ever lies are left out: regions
 * that are far apart stand one on the other, in the order of their first use.
 *
 * The few lives with the largest area (size times length) are told one by one; all others are summed up, band by band
 * and frame by frame.  results/README.md has the format.
 */
#ifndef HY_MAP_PASS_H
#define HY_MAP_PASS_H

#include "map_chunks.h"
#include "program.h"

#include <stdio.h>

#define HY_MAP_LIVES 16000u /* told one by one, at most */
#define HY_MAP_BANDS 512u   /* at most */

typedef struct hy_life {
    uintptr_t address;
    uint64_t born, died;
    uint64_t size : 56;
    uint64_t kind : 7; /* hy_op_kind */
    uint64_t told : 1; /* one by one */
} hy_life;

typedef struct hy_map {
    const hy_program_facts *facts;
    hy_life *lives; /* in order of birth */
    size_t count;
    hy_map_chunks chunks;
    bool walks;
} hy_map;

/* The clock at a frame. */
static inline uint64_t hy_map_moment(const hy_program_facts *facts, unsigned frame) {
    return (uint64_t)((unsigned __int128)facts->total_bytes * (2 * frame + 1) / (2 * HY_MAP_FRAMES));
}

/* After the replay: writes both strings as lines "blob NAME HEX".  False: no memory. */
bool hy_map_say(hy_map *map, FILE *out);

#endif
