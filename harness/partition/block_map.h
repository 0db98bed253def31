/* SPDX-License-Identifier: MIT
 *
 * block_map.h - the memory of a machine as rows of letters: which program has a block, and which blocks are free.
 */
#ifndef HY_BLOCK_MAP_H
#define HY_BLOCK_MAP_H

#include "memory.h"

typedef struct hy_tenant {
    char letter;
    const void *place; /* NULL: gone */
} hy_tenant;

/* Rows of `width` letters, each for `unit` bytes and each row with a line's end: who has most of it, or '.' if that is
 * free.  To be freed. */
char *hy_block_map(const hy_memory *memory, const hy_tenant *tenants, size_t count, size_t unit, size_t width);

#endif
