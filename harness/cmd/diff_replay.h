/* SPDX-License-Identifier: MIT
 *
 * diff_replay.h - whether allocators fare alike on two traces: how good a clone is.
 */
#ifndef HY_DIFF_REPLAY_H
#define HY_DIFF_REPLAY_H

#include "measure.h"

typedef struct diff_replay {
    hy_replay_options replay; /* its traces are the two */
    double margin;            /* 0: any ratio will do; 0.1: from 0.9 to 1.1 */
} diff_replay;

/* Measures both on every allocator, in rounds, and prints what they take, with ratios.  An exit code: 1 if something
 * failed, or a ratio is beyond the margin. */
int diff_replay_run(diff_replay *options);

#endif
