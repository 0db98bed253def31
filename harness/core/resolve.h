/* SPDX-License-Identifier: MIT
 *
 * resolve.h - what an ops table leaves out and the core can build from the required functions.
 */
#ifndef HY_RESOLVE_H
#define HY_RESOLVE_H

#include "heapyard.h"

/* Copies ops and fills in realloc and alloc_zeroed where they are NULL. */
void hy_resolve(const hy_heap_ops *ops, hy_heap_ops *ret_resolved);

/* A layer cannot do what the heap under it cannot: takes such members and limits away.  `inner` may be NULL. */
void hy_restrict(hy_heap_ops *resolved, const hy_heap *inner);

#endif
