/* SPDX-License-Identifier: MIT
 *
 * fit_walk.h - looking at all of a fit heap: walk and check.
 */
#ifndef FIT_WALK_H
#define FIT_WALK_H

#include "fit_heap.h"

int fit_walk(hy_heap *heap, hy_visit *visit, void *context);
const char *fit_check(hy_heap *heap);

#endif
