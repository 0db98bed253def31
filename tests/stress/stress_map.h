/* SPDX-License-Identifier: MIT
 *
 * stress_map.h - which bytes of the address space belong to live blocks: a bit for each 8 bytes, for all threads.
 *
 * A block is entered after it was allocated and removed before it is freed, so no byte ever has two owners unless the
 * library gave it to two.  The map is mapped piece by piece, never from malloc; a forked child has a copy.
 */
#ifndef HY_STRESS_MAP_H
#define HY_STRESS_MAP_H

#include <stdbool.h>
#include <stddef.h>

/* False: a part of it is there already. */
bool map_add(const void *start, size_t size);
/* False: a part of it is not there. */
bool map_remove(const void *start, size_t size);

/* Bytes of memory that the map itself takes: each page of it is there for 256 KiB of addresses. */
size_t map_resident(void);

#endif
