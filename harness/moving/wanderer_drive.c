/* SPDX-License-Identifier: MIT
 *
 * wanderer_drive.c - the wanderer's main program: what it is in the middle of when it is moved.
 *
 *  1. A round: things come and go, keys are looked up, and the list is walked by recursion, one frame a thing.
 *  2. The walk stops at a safepoint in the depth, with all those frames open and a reference in each; another safepoint
 *     ends the round.
 *  3. Compiled with relative jumps and calls and with frame pointers: nothing that these functions have in registers or
 *     on the stack across a safepoint is an address, but return addresses, frame pointers and what `wanderer_keep` is.
 */
#include "wanderer_inside.h"

/* The sum over the things from here to the end. */
static uint64_t walk(wanderer_keep here, uint64_t depth, uint64_t stop) {
    if (!wanderer_is_there(here))
        return 0;
    const uint64_t on_the_way = wanderer_do(here);
    if (depth == stop)
        wanderer_safepoint(0);
    const wanderer_keep next = wanderer_next(here);
    const uint64_t rest = walk(next, depth + 1, stop);
    wanderer_drop(next);
    return rest + (on_the_way ^ wanderer_do(here) << 1); /* back here, perhaps somewhere else */
}

uint64_t wanderer_main(void) {
    uint64_t sum = 0;
    wanderer_start();
    for (uint64_t round = 0;; round++) {
        wanderer_change(round);
        sum = sum * 3 + wanderer_look(round);
        const wanderer_keep from = wanderer_first();
        sum += walk(from, 0, wanderer_mix(round) % (1 + wanderer_length()));
        wanderer_drop(from);
        if (wanderer_safepoint(round + 1))
            return sum;
    }
}
