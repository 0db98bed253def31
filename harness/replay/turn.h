/* SPDX-License-Identifier: MIT
 *
 * turn.h - how an operation waits for the one before it on the same slot, when that is another lane's.
 *
 * Each slot counts the marked operations that are done.  A waiter looks a few hundred times, then sleeps (futex), and
 * looks up every 10 ms whether the whole replay was stopped.
 */
#ifndef HY_TURN_H
#define HY_TURN_H

#include "replay.h"

/* False: the replay was stopped. */
bool hy_turn_wait_long(hy_replay *replay, const hy_op *op);
void hy_turn_wake(hy_replay *replay, const hy_op *op);

static inline bool hy_turn_wait(hy_replay *replay, const hy_op *op) {
    if (__builtin_expect(!op->waits, 1))
        return true;
    return __atomic_load_n(&replay->turn[op->slot], __ATOMIC_ACQUIRE) == op->turn || hy_turn_wait_long(replay, op);
}

static inline void hy_turn_signal(hy_replay *replay, const hy_op *op) {
    if (__builtin_expect(!op->signals, 1))
        return;
    __atomic_fetch_add(&replay->turn[op->slot], 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&replay->waiting, __ATOMIC_SEQ_CST) != 0)
        hy_turn_wake(replay, op);
}

#endif
