/* SPDX-License-Identifier: MIT
 *
 * seg_block.h - blocks of any size: where one comes from, goes to, and grows.  What the hot paths do not do at once.
 *
 *  1. Up to SEG_SMALL_MAX from a page of its class, with an alignment above 16 from one whose blocks all have it;
 * larger ones are spans; from `huge` on they have reservations.  Whichever has no room leaves it to the other.
 *  2. A block grows and shrinks where it is if it can: within its class, in its span, in its reservation.  One of a MiB
 * or more that must move because it grows gets a reservation, for it will grow again.
 */
#ifndef SEG_BLOCK_H
#define SEG_BLOCK_H

#include "seg_heap.h"

/* A block for the local.  *ret_clean: it is all zero.  NULL: no room. */
void *seg_block_alloc(seg_local *local, size_t size, size_t align, bool *ret_clean);

/* Frees any block; the local is NULL where there is none. */
void seg_block_free(seg_heap *self, seg_local *local, void *block);

/* The block with the new size, moved or not.  NULL: no room, and it is as it was. */
void *seg_block_resize(seg_local *local, void *block, size_t align, size_t new_size);

#endif
