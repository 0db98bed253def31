/* SPDX-License-Identifier: MIT
 *
 * turn.h - how an operation waits for the one before it on the same slot, when that is another lane's, and how lanes
 * are kept together.
 *
 * Each slot counts the marked operations that are done.  A waiter looks a few hundred times, then sets the slot's
 * sleeper bit and sleeps (futex); only who finds that bit set wakes anybody, so that signalling costs one atomic
 * addition.  Sleepers look up every 10 ms whether the whole replay was stopped.
 */
#ifndef HY_TURN_H
#define HY_TURN_H

#include "replay.h"

#define HY_TURN_SLEEPER (HY_TURN_MOST + 1) /* in a slot's word, above the count, which may run over into it */

/* A PACE operation (pacer.h).  False: the replay was stopped. */
bool hy_pace(hy_replay *replay, const hy_op *op);

/* False: the replay was stopped. */
bool hy_turn_wait_long(hy_replay *replay, const hy_op *op);
void hy_turn_wake(hy_replay *replay, const hy_op *op);

/* A lane's loop came to `op`: NULL, the end; the end of a thread, which its heap hears of; or one that found no room,
 * which stops the replay.  What a hy_lane_run returns. */
const hy_op *hy_lane_left(hy_replay *replay, const hy_op *op);

static inline bool hy_turn_wait(hy_replay *replay, const hy_op *op) {
    if (__builtin_expect(!op->waits, 1))
        return true;
    return (__atomic_load_n(&replay->turn[op->slot], __ATOMIC_ACQUIRE) & ~HY_TURN_SLEEPER) == op->turn ||
           hy_turn_wait_long(replay, op);
}

static inline void hy_turn_signal(hy_replay *replay, const hy_op *op) {
    if (__builtin_expect(!op->signals, 1))
        return;
    if (__atomic_fetch_add(&replay->turn[op->slot], 1, __ATOMIC_SEQ_CST) & HY_TURN_SLEEPER)
        hy_turn_wake(replay, op);
}

#endif
