/* SPDX-License-Identifier: MIT
 *
 * buddy_walk.h - looking at all blocks and holes of a buddy heap.
 */
#ifndef BUDDY_WALK_H
#define BUDDY_WALK_H

#include "heapyard.h"

int buddy_walk(hy_heap *heap, hy_visit *visit, void *context);
const char *buddy_check(hy_heap *heap);

#endif
