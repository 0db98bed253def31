/* SPDX-License-Identifier: MIT
 *
 * har_walk.h - what a hardened heap says about itself.
 */
#ifndef HAR_WALK_H
#define HAR_WALK_H

#include "har_heap.h"

int har_walk(hy_heap *heap, hy_visit *visit, void *context);
const char *har_check(hy_heap *heap);
/* With `sweep`: dies of the first canary or freed slot that is damaged. */
void har_farewell(hy_heap *heap);
void har_stats(hy_heap *heap, hy_stats *ret);

#endif
