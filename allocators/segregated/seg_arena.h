/* SPDX-License-Identifier: MIT
 *
 * seg_arena.h - arenas: reservations with their tables, committed from the base upwards as `top` rises.
 */
#ifndef SEG_ARENA_H
#define SEG_ARENA_H

#include "seg_heap.h"

/* A new arena with room for at least `slices`, or NULL. */
seg_arena *seg_arena_add(seg_heap *self, size_t slices);
void seg_arena_release(seg_heap *self, seg_arena *arena);

/* Raises the top by `slices`; they are committed, and all zero if the page source's are. */
bool seg_arena_raise(seg_heap *self, seg_arena *arena, size_t slices);

/* A record for a span, all zero; NULL: no room for one. */
seg_span *seg_record_new(seg_heap *self, seg_arena *arena);
void seg_record_drop(seg_arena *arena, seg_span *span);

/* Tells the first and the last slice of a span whose they are; `all`: those between, too. */
void seg_arena_mark(seg_arena *arena, const seg_span *span, bool all);

#endif
