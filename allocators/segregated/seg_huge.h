/* SPDX-License-Identifier: MIT
 *
 * seg_huge.h - blocks with reservations of their own, remembered in a table sorted by address, under the heap's lock.
 *
 * They grow and shrink in place, or are moved by changing page tables instead of copying (mremap).
 */
#ifndef SEG_HUGE_H
#define SEG_HUGE_H

#include "seg_heap.h"

/* A block of at least `size` bytes; NULL: no room. */
void *seg_huge_alloc(seg_heap *self, size_t size, size_t align);

/* The size of a huge block; 0: there is none at this address. */
size_t seg_huge_size(seg_heap *self, const void *block);

void seg_huge_free(seg_heap *self, void *block);

/* The block with its new size, here or elsewhere; NULL: it cannot be done without copying. */
void *seg_huge_resize(seg_heap *self, void *block, size_t new_size, size_t align);

/* Frees all huge blocks, and the table. */
void seg_huge_free_all(seg_heap *self);

#endif
