/* SPDX-License-Identifier: MIT
 *
 * seg_huge.h - huge blocks: each in a reservation of its own, noted in a table by address.
 *
 * They cost a system call each, and fresh memory; but they can grow in place, or by moving pages instead of bytes.
 */
#ifndef SEG_HUGE_H
#define SEG_HUGE_H

#include "seg_heap.h"

void *seg_huge_alloc(seg_heap *self, size_t size, size_t align);
/* The entry of a block, or NULL. */
seg_huge *seg_huge_find(const seg_heap *self, const void *block);
void seg_huge_free(seg_heap *self, seg_huge *huge);
/* In place or moved, contents kept; NULL: not possible, nothing has changed. */
void *seg_huge_resize(seg_heap *self, seg_huge *huge, size_t new_size, size_t align);
void seg_huge_free_all(seg_heap *self);

#endif
