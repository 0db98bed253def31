/* SPDX-License-Identifier: MIT
 *
 * har_local.h - locals: who has one, and what becomes of it when a thread ends or the process forks.
 *
 *  1. A thread that calls for the first time gets an idle local, or a new one.
 *  2. A thread that ends leaves its local idle, with its slabs and its quarantine; empty slabs go to the pool.
 *  3. In the child of a fork only the forking thread goes on.  The other locals may have been in the midst of something
 *     and are left alone; blocks of theirs can be freed, but their slots are not used again.
 *  4. A heap without a thread slot has one local, and whoever enters locks the heap.
 */
#ifndef HAR_LOCAL_H
#define HAR_LOCAL_H

#include "har_heap.h"

har_local *har_enter_slow(har_heap *self);

/* The thread's local, made or adopted if it has none; NULL: no memory.  Call har_leave afterwards. */
static inline har_local *har_enter(har_heap *self) {
    har_local *const local = har_slot_of(self)->local;
    return local ? local : har_enter_slow(self);
}

static inline void har_leave(har_heap *self) {
    if (har_shared(self))
        hy_lock_drop(&self->lock, self->host);
}

/* The heap's first local, for create.  NULL: no memory. */
har_local *har_local_new(har_heap *self);
void har_local_release_all(har_heap *self);
/* When there is no room for `size` bytes: what waits in quarantine leaves, and unused memory goes back, if it could be
 * enough. */
void har_local_give_up(har_heap *self, har_local *local, size_t size);
/* No other thread is in the heap: all mail is taken in. */
void har_local_settle(har_heap *self);
/* When the next small block is to be sampled. */
void har_local_draw_sample(har_local *local);

void har_local_exit(hy_heap *heap);
void har_local_fork(hy_heap *heap, hy_fork when);

#endif
