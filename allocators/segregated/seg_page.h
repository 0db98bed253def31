/* SPDX-License-Identifier: MIT
 *
 * seg_page.h - pages: spans cut into blocks of one size class.
 *
 *  1. A class allocates from the first page of its queue: a freed block, else some that were never handed out are
 *     linked up, at most `link` and none beyond the next 4 KiB, so that untouched memory stays untouched.
 *  2. A page without either is full and leaves the queue.  What is freed in full pages lies on their class's shelf, one
 *     list for all of them, and is allocated again from there: that comes before the queue, so full pages stay full and
 *     others become empty, and neither call needs to look for another page.
 *  3. A shelf takes `shelf` blocks, or 128 KiB, then each goes back to its page, which returns to the end of the queue.
 *     So it is too when memory is wanted.  Where the first page of a queue has few blocks, they go to the empty shelf
 *     instead.
 *  4. A page without live blocks goes back to the spans, and may serve another class; but the first of a queue is kept
 *     until memory is wanted (seg_page_collect), or a program that allocates and frees one block would pay for a page.
 *  5. A class's first page is as small as is sensible (4 KiB for most), later ones are up to a part of what the
 *     class has (`grow`), and no more than `page`.
 *  6. In a local of no more than `lend`, a class takes blocks of classes up to an eighth larger before it takes another
 *     page: in small ones most of the waste is room in pages of other classes.
 */
#ifndef SEG_PAGE_H
#define SEG_PAGE_H

#include "seg_heap.h"

#define SEG_LEND_SHARE 8 /* the part of its size by which a block may be too large when it is lent */
/* Blocks that one free gives back from a shelf to their pages, so that it takes bounded time; and as many are like
 * giving a page back. */
#define SEG_MOST_SORTED 48
#define SEG_SORT_RELEASE 16
#define SEG_SHELF_LITTLE 8 /* that a shelf takes where whole pages are freed */
/* What a shelf takes at most: each of its blocks keeps a page, and who frees all may never allocate again. */
#define SEG_SHELF_BYTES ((size_t)128 << 10)
#define SEG_LINK_MAX ((size_t)1024) /* larger blocks are cut one by one, and are clean if the page is */

void seg_page_init(seg_local *local);

/* The least slices of a page of the class. */
uint8_t seg_page_least_slices(unsigned size_class);

/* A page of the class that has a free block, or at least one that was never handed out; or, if `lend` allows it, of a
 * class that is little larger.  NULL: no room. */
seg_span *seg_page_ready(seg_local *local, unsigned size_class, bool lend);

/* A span's `used` fell to 0: a page that was full or is empty now, or a large block. */
void seg_page_freed(seg_local *local, seg_span *span);

/* A ring of `count` blocks of the class comes back; `last` is its last.  Whether they had to be sorted. */
bool seg_page_return(seg_local *local, unsigned size_class, seg_block *last, size_t count);

/* Gives all blocks on shelves back to their pages. */
void seg_page_sort(seg_local *local);

/* Classes that an allocation of a slice looks at, so that looking costs little beside fetching memory; and pages that
 * one allocation gives back, so that it takes bounded time. */
#define SEG_LOOKS 4
#define SEG_MOST_COLLECTED 8

/* Looks at the first pages of so many classes, in turns, and gives back the empty ones, at most so many.  Whether there
 * were any. */
bool seg_page_collect(seg_local *local, size_t looks, size_t most);

static inline void *seg_page_pop(seg_span *page) {
    seg_block *const block = page->free;
    page->free = block->next;
    page->used++;
    return block;
}

/* A block that was never handed out. */
static inline void *seg_page_cut(seg_span *page) {
    char *const block = page->fresh;
    page->fresh += page->block_size;
    page->used++;
    return block;
}

#endif
