/* SPDX-License-Identifier: MIT
 *
 * seg_span.h - spans: runs of slices, cut from arenas, merged when they are free again.
 *
 *  1. A request takes a committed free span of the best length bin; else memory is asked for: a gone span that is
 *     committed again, or slices at the top of an arena, committed by the chunk; else a new arena.
 *  2. What is left of a span stays free.  A freed span becomes one with free neighbours at once.
 *  3. More free memory than is kept: the longest free spans are decommitted (gone).  Kept are a local's share of
 *     `retain`, an eighth of what it uses, and what was missed.  Missed is what was fetched again after it had
 *     been given back, twice `huge` at most; when sixteen times as much was freed without more being missed, half is
 *     forgotten.  As much as a huge block is given back at once.
 *  4. Before a request gets nothing, all is looked through, however long it takes.
 */
#ifndef SEG_SPAN_H
#define SEG_SPAN_H

#include "seg_heap.h"

/* A span of `slices` at a multiple of `align` (at least a slice).  It is in no list and has no kind yet.  NULL: no
 * room. */
seg_span *seg_span_alloc(seg_local *local, size_t slices, size_t align);

/* Gives a span back.  It may be decommitted. */
void seg_span_free(seg_local *local, seg_span *span);

/* Makes a large span longer in place.  False: what follows is in use. */
bool seg_span_extend(seg_local *local, seg_span *span, size_t slices);

/* Frees the tail of a large span, all but `slices`. */
void seg_span_shorten(seg_local *local, seg_span *span, size_t slices);

/* Decommits free spans, the longest first and none shorter than `least_slices`, until `keep` free slices are left
 * committed, or so many spans were. */
void seg_span_shed(seg_local *local, size_t keep, size_t least_slices, size_t most_spans);

/* Spans that one free may decommit, so that it takes bounded time. */
#define SEG_MOST_SHED 4

/* Forgets all spans; arenas keep their pages. */
void seg_span_reset(seg_local *local);

#endif
