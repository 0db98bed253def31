/* SPDX-License-Identifier: MIT
 *
 * seg_page.h - pages: spans cut into blocks of one size class.
 *
 *  1. A class allocates from the first page of its queue: a freed block, else one that was never handed out.
 *  2. A page without either is full and leaves the queue; the next block that is freed in it brings it back, at the
 *     end.
 *  3. A page without live blocks goes back to the spans, and may serve another class; but the first of a queue is kept
 *     until memory is wanted (seg_page_collect), or a program that allocates and frees one block would pay for a page.
 *  4. A class's first page is as small as is sensible (4 KiB for most), later ones grow to a quarter of what it has.
 */
#ifndef SEG_PAGE_H
#define SEG_PAGE_H

#include "seg_heap.h"

void seg_page_init(seg_heap *self);

/* A page of the class that has room, first in its queue; NULL: no room. */
seg_span *seg_page_ready(seg_heap *self, unsigned size_class);

/* A span's `used` fell to 0: a page that was full or is empty now, or a large block. */
void seg_page_freed(seg_heap *self, seg_span *span);

/* Gives back empty pages that were kept.  Whether there were any. */
bool seg_page_collect(seg_heap *self);

#endif
