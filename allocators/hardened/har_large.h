/* SPDX-License-Identifier: MIT
 *
 * har_large.h - blocks with pages of their own: large ones, those of large alignment, and sampled small ones.
 *
 *  1. A block ends where its last page ends, but for what its alignment takes; behind that page there is no access, nor
 *     before the first.  What is left over of its pages is canary.
 *  2. It lies at a random page of an area for such blocks; or, where addresses are short, in a reservation of its own.
 *  3. Freed, its pages go back at once.  Its addresses are without access until `delay` others were freed, so that a
 *     stale pointer is a fault, and a second free is known for what it is.
 *  4. A block that grows becomes one that begins at its first page and has as many addresses again, to grow in place.
 *
 * Source: B. Perens, Electric Fence, 1987; guarded samples after GWP-ASan (K. Serebryany et al., 2023).
 * Bad at: each such block costs three system calls, and a fault for each page; its table is an array.
 */
#ifndef HAR_LARGE_H
#define HAR_LARGE_H

#include "har_heap.h"

/* A block, all zero.  `number`: of the calling thread's local.  Of one that is small, and so sampled, the calls are
 * kept that led here.  NULL: no room. */
void *har_large_alloc(har_heap *self, size_t size, size_t align, uint32_t number);
/* Frees the block that begins there.  False: none does. */
bool har_large_free(har_heap *self, void *block, uint32_t number);
/* False: no live block begins there. */
bool har_large_size(har_heap *self, const void *block, size_t *ret_size);
/* Another size, in place or elsewhere; *ret_moved is NULL where there is no room.  False: no live block begins there.
 */
bool har_large_resize(har_heap *self, void *block, size_t size, size_t align, uint32_t number, void **ret_moved);
/* Addresses that are kept back are free again.  The lock is held. */
void har_large_give_up(har_heap *self);
/* The block nearest below an address, live or freed, if the address is near it. */
bool har_large_near(har_heap *self, const void *address, har_large *ret_large);
/* The same without waiting for the lock for long: for a signal handler, whose thread may have it. */
bool har_large_glimpse(har_heap *self, const void *address, har_large *ret_large);
/* The calls that allocated and freed a block, if it was sampled and that is not too long ago; or NULL. */
const har_trace *har_large_trace(const har_heap *self, const har_large *large);
/* The first live block that is damaged, or false. */
bool har_large_broken(har_heap *self, har_large *ret_large, const char **ret_where);
void har_large_free_all(har_heap *self);

#endif
