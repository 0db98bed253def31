/* SPDX-License-Identifier: MIT
 *
 * pacer.h - which PACE operations keep the lanes of a window together (see program.h; pace.h is the other half).
 *
 *   1. An epoch is 4096 events of the trace in a row.  A lane takes part in those that it has events in.
 *   2. Where a lane comes into another epoch e, a PACE operation first says that it has left the epoch that it was in,
 *      and then waits until everybody who took part in e - 2 and e - 3 has left.  Those had waited for e - 4 and e - 5,
 *      so all before are left too.  A lane that has nothing to do for long holds nobody up.
 *   3. Departures are counted in four words, epoch e in word e modulo 4, which only grow: nobody leaves e + 4 before e
 * is left by all.  What to wait for is the number of all who took part in the epochs of that word so far.
 *
 * Each window begins with epoch 0: between windows lanes wait for each other in any case.
 */
#ifndef HY_PACER_H
#define HY_PACER_H

#include "program.h"

#define HY_EPOCH_EVENTS 4096u
#define HY_EPOCH_WORDS 4u
#define HY_EPOCH_NONE 63u /* in op.align: the lane leaves no epoch */

/* In a PACE operation: size is the epoch, align the word of the one that is left, turn and slot what the words of e - 2
 * and e - 3 must have reached. */

typedef struct hy_pacer {
    uint64_t events, epoch;
    uint32_t parts[HY_EPOCH_WORDS];        /* who took part in the epochs of a word, in all */
    uint64_t inside[HY_PROGRAM_MAX_LANES]; /* the epoch that a lane is in, and one more; 0: none */
} hy_pacer;

/* The lane's next event.  True: *ret_op is to be done before it. */
bool hy_pacer_event(hy_pacer *pacer, uint32_t lane, hy_op *ret_op);
/* The window ends.  True: *ret_op is the lane's last. */
bool hy_pacer_leave(hy_pacer *pacer, uint32_t lane, hy_op *ret_op);
void hy_pacer_restart(hy_pacer *pacer);

#endif
