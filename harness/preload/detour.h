/* SPDX-License-Identifier: MIT
 *
 * detour.h - the heap as a thread sees it for whom a call alone is not enough.
 */
#ifndef HY_DETOUR_H
#define HY_DETOUR_H

#include "heap.h"

/* A heap that calls `heap`, and `before` and `after` around each call.  One per library. */
typedef void detour_step(hy_heap *heap);

typedef struct detour_heap {
    hy_heap head;
    hy_heap *heap;
    detour_step *before, *after;
} detour_heap;

extern const hy_heap_ops detour_ops __attribute__((visibility("hidden")));

#endif
