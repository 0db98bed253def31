/* SPDX-License-Identifier: MIT
 *
 * crowd.h - several threads in one heap: how it is opened, and blocks that say themselves what they hold.
 */
#ifndef HY_CROWD_H
#define HY_CROWD_H

#include "subject.h"

/* The head of such a block; a pattern follows. */
typedef struct letter {
    uint64_t id;
    size_t size;
} letter;

/* Opens s->heap for several threads, or skips.  The largest size such that `blocks` blocks of it fit. */
size_t crowd_open(subject *s, size_t blocks);

/* A block of `size` bytes from the heap, at least a head; NULL: no room. */
letter *letter_write(hy_heap *heap, size_t align, uint64_t id, size_t size);
/* Verifies and frees it; NULL is fine. */
void letter_read(subject *s, hy_heap *heap, letter *block, size_t largest);
/* From a head to `largest`. */
size_t letter_size(subject *s, size_t largest);

/* The calling thread leaves the heap. */
void crowd_leave(hy_heap *heap);

/* All threads have left: nothing lives, nothing is broken. */
void crowd_expect_empty(subject *s, hy_heap *heap);

#endif
