/* SPDX-License-Identifier: MIT
 *
 * shadow_heap.h - a model of what a heap ought to hold: its live blocks, in address order.  Every step is checked
 * against it: alignment, overlap, contents.
 */
#ifndef HY_SHADOW_HEAP_H
#define HY_SHADOW_HEAP_H

#include "subject.h"

typedef struct shadow_block {
    uintptr_t start;
    size_t size;   /* as asked for */
    size_t usable; /* what is ours and filled with the pattern */
    size_t align;
    uint64_t id; /* grows: the newest block has the largest */
} shadow_block;

typedef struct shadow_heap {
    subject *s;
    hy_heap *heap;
    shadow_block *block; /* sorted by start */
    size_t count, room;
    size_t bytes;   /* asked for and live */
    size_t most;    /* never more than this many bytes live; lowered when the heap is full */
    size_t spent;   /* bytes asked for in all; what does not come back has an end */
    uint64_t ids;   /* given out so far */
    size_t refused; /* requests that got NULL */
    size_t largest; /* the largest request */
} shadow_heap;

/* At most `blocks` blocks at a time. */
void shadow_init(shadow_heap *shadow, subject *s, hy_heap *heap, size_t blocks);
void shadow_drop(shadow_heap *shadow);

/* One random step: alloc, alloc_zeroed, realloc or free; as the heap's flags allow. */
void shadow_step(shadow_heap *shadow);
/* One of them; false: refused. */
bool shadow_alloc(shadow_heap *shadow, size_t size, size_t align, bool zeroed);
bool shadow_realloc(shadow_heap *shadow, size_t i, size_t new_size);
void shadow_free(shadow_heap *shadow, size_t i);
void shadow_free_all(shadow_heap *shadow);
/* The index of a victim: any block, or the newest where the heap is LIFO. */
size_t shadow_victim(shadow_heap *shadow);

/* All blocks hold their patterns. */
void shadow_verify(const shadow_heap *shadow);
/* walk visits exactly these blocks. */
void shadow_walk(const shadow_heap *shadow);
/* check finds nothing, if there is a check. */
void shadow_check(const shadow_heap *shadow);
/* Moves a block in the model, as compact announces it. */
void shadow_moved(shadow_heap *shadow, uintptr_t from, uintptr_t to);

#endif
