/* SPDX-License-Identifier: MIT
 *
 * seg_walk.h - looking at all of a segregated heap: walk, check and stats.
 */
#ifndef SEG_WALK_H
#define SEG_WALK_H

#include "seg_heap.h"

int seg_walk(hy_heap *heap, hy_visit *visit, void *context);
const char *seg_check(hy_heap *heap);
void seg_stats(hy_heap *heap, hy_stats *ret);

/* Live blocks of a page, whose blocks are of that size. */
uint32_t seg_page_live(const seg_span *page, size_t block_size);

#endif
