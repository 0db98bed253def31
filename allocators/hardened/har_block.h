/* SPDX-License-Identifier: MIT
 *
 * har_block.h - blocks of any size: what may be handed out, and what may be freed.
 *
 *  1. A small block has a slot of its class; of all that are free, any.  What was written to it since it was freed is
 *     noticed now.
 *  2. Each so manieth small block, a large one and one of large alignment has pages of its own (har_large.h).
 *  3. A block is freed only if its address is the start of a slot whose state is live, and its canary and the one in
 *     front are whole.  It is made zero and goes to the quarantine.
 *  4. All that fails ends the process (har_die.h).
 */
#ifndef HAR_BLOCK_H
#define HAR_BLOCK_H

#include "har_heap.h"

/* `size` may be 0.  `zeroed`: all of it is zero.  NULL: no room. */
void *har_block_alloc(har_heap *self, har_local *local, size_t size, size_t align, bool zeroed);
/* `local` may be NULL: the thread could not have one. */
void har_block_free(har_heap *self, har_local *local, void *block);
size_t har_block_size(har_heap *self, const void *block);
void *har_block_resize(har_heap *self, har_local *local, void *block, size_t size, size_t align);

/* A small block without a large alignment, if it is to be had at once.  NULL: ask har_block_alloc. */
void *har_block_alloc_quick(har_heap *self, har_local *local, size_t size);
/* False: it is not a small block of this heap. */
bool har_block_free_quick(har_heap *self, har_local *local, void *block);

#endif
