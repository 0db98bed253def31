/* SPDX-License-Identifier: MIT
 *
 * seg_span.h - spans: runs of slices, cut from arenas, merged when they are free again.
 *
 *  1. A request takes a committed free span of the best length bin; else memory is asked for: a gone span that is
 *     committed again, or slices at the top of an arena, committed by the chunk; else a new arena.
 *  2. What is left of a span stays free.  A freed span becomes one with free neighbours at once.
 *  3. More free memory than `retain` and an eighth of the used: the longest free spans are decommitted (gone).
 */
#ifndef SEG_SPAN_H
#define SEG_SPAN_H

#include "seg_heap.h"

/* A span of `slices` at a multiple of `align` (at least a slice).  It is in no list and has no kind yet.  NULL: no
 * room. */
seg_span *seg_span_alloc(seg_heap *self, size_t slices, size_t align);

/* Gives a span back.  It may be decommitted. */
void seg_span_free(seg_heap *self, seg_span *span);

/* Makes a large span longer in place.  False: what follows is in use. */
bool seg_span_extend(seg_heap *self, seg_span *span, size_t slices);

/* Frees the tail of a large span, all but `slices`. */
void seg_span_shorten(seg_heap *self, seg_span *span, size_t slices);

/* Decommits free spans, the longest first and none shorter than `least_slices`, until `keep` free slices are left
 * committed. */
void seg_span_shed(seg_heap *self, size_t keep, size_t least_slices);

/* Forgets all spans; arenas keep their pages. */
void seg_span_reset(seg_heap *self);

/* Releases all arenas. */
void seg_span_release_all(seg_heap *self);

unsigned seg_bin_of(size_t slices);

#endif
