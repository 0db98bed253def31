/* SPDX-License-Identifier: MIT
 *
 * tlsf_walk.h - looking at all ranges of a tlsf heap.
 */
#ifndef TLSF_WALK_H
#define TLSF_WALK_H

#include "heapyard.h"

int tlsf_walk(hy_heap *heap, hy_visit *visit, void *context);
const char *tlsf_check(hy_heap *heap);

#endif
