/* SPDX-License-Identifier: MIT
 *
 * heap_pages.h - which pages a recorded program's blocks lie on, as an allocator places them.
 */
#ifndef HY_HEAP_PAGES_H
#define HY_HEAP_PAGES_H

#include "page_trace.h"

/* Replays a trace (.hyt) on the allocator of `spec` in this process and notes a reference to each granule of a block:
 * written when the block is made or grows, read when it is moved or freed.  What a program did with its blocks between
 * is in no trace, nor are the allocator's own references.  *ret_refused: requests that got no block.  0 or -errno with
 * the sentence. */
int hy_heap_pages(const char *path, const char *spec, hy_page_trace *trace, uint64_t *ret_refused, hy_error *error);

#endif
