/* SPDX-License-Identifier: MIT
 *
 * buddy_arena.h - where the blocks lie: arenas that grow and shrink at their top.
 *
 *  1. An arena is one reservation of a power of two (`reserve`), aligned to its size; one should do.  Where address
 *     space is short, arenas are smaller and there are several.  A request larger than that has an arena of its own.
 *  2. Pages are committed by the `chunk` at the top, and become the largest holes that their addresses allow.
 *  3. The top is given back when a hole of `trim` bytes appears with nothing but holes above it; one chunk is kept.
 *  4. A bounded page source (a fixed region) is taken as a whole and kept.
 */
#ifndef BUDDY_ARENA_H
#define BUDDY_ARENA_H

#include "buddy_heap.h"

/* Makes a hole of this order, at least, by growing.  False: no room. */
bool buddy_arena_grow_any(buddy_heap *self, unsigned order);

/* Whether all from here (where a hole or block starts, or the top) up to the top is in global holes. */
bool buddy_arena_is_free_from(const buddy_heap *self, buddy_arena *arena, uintptr_t at);

/* Gives back the free pages at an arena's top, but for `keep` bytes.  Bytes given back. */
size_t buddy_arena_trim(buddy_heap *self, buddy_arena *arena, size_t keep);

/* Gives back the tops of all arenas.  What is reserved, and their maps, stay.  Bytes given back. */
size_t buddy_arena_trim_all(buddy_heap *self);

/* Makes all that is committed holes. */
void buddy_arena_reset_all(buddy_heap *self);

/* Gives everything back. */
void buddy_arena_release_all(buddy_heap *self);

#endif
