/* SPDX-License-Identifier: MIT
 *
 * seg_local.h - locals: who has one, and what becomes of it when a thread ends or the process forks.
 *
 *  1. A thread that calls for the first time gets an idle local, or a new one.  Its thread slot then knows all that the
 *     hot paths need.
 *  2. A thread that ends sends what it holds of others, takes in what it was sent, gives back most free memory, and
 *     leaves its local idle, live blocks and all.
 *  3. In the child of a fork only the forking thread goes on.  The other locals may have been in the midst of something
 *     and are left alone; blocks in them can be freed, but are not used again.
 *  4. A heap without a thread slot has one local, and whoever enters locks the heap.
 */
#ifndef SEG_LOCAL_H
#define SEG_LOCAL_H

#include "seg_heap.h"

/* The thread's local, made or adopted if it has none; NULL: no memory.  Call seg_leave afterwards. */
seg_local *seg_enter_slow(seg_heap *self);

static inline seg_local *seg_enter(seg_heap *self) {
    seg_local *const local = seg_slot_of(self)->local;
    return local ? local : seg_enter_slow(self);
}

static inline void seg_leave(seg_heap *self) {
    if (seg_shared(self))
        hy_lock_drop(&self->lock, self->host);
}

/* The heap's first local, for create.  NULL: no memory. */
seg_local *seg_local_new(seg_heap *self);

/* Takes in what was sent to an idle local, if it still is. */
void seg_local_tend(seg_local *local);

/* Sends and takes in everything there is between locals.  No other thread is in the heap. */
void seg_local_settle(seg_heap *self);

/* Gives back free memory, but for `keep` slices; bytes. */
size_t seg_local_trim(seg_local *local, size_t keep);

void seg_local_exit(hy_heap *heap);
void seg_local_fork(hy_heap *heap, hy_fork when);

#endif
