/* SPDX-License-Identifier: MIT
 *
 * har_die.h - the sentence with which a misused heap ends the process: what was wrong, where, in which block, by whom.
 *
 * With a host whose fatal comes back (tests), so do these; the heap is as it was.
 */
#ifndef HAR_DIE_H
#define HAR_DIE_H

#include "har_heap.h"

typedef enum har_call { HAR_FREE, HAR_REALLOC, HAR_SIZE, HAR_END } har_call;

/* `address` is no block of this heap that may be used now: works out what it is. */
void har_die_address(har_heap *self, har_call call, const void *address);
/* A canary of the live block in slot i was overwritten at `where`; NULL: the word in front of the block. */
void har_die_canary(har_heap *self, har_call call, const har_slab *slab, size_t i, const char *where);
/* Freed memory was written to at `where`, in slot i. */
void har_die_dirty(har_heap *self, const har_slab *slab, size_t i, const char *where);
/* The same of a large block. */
void har_die_large(har_heap *self, har_call call, const har_large *large, const char *where);
/* A block in quarantine is not what it was. */
void har_die_held(har_heap *self, const har_slab *slab, size_t i);

/* What is at an address without access, if it has to do with this heap.  For signal handlers. */
bool har_explain(hy_heap *heap, const void *address, char *text, size_t size);

#endif
