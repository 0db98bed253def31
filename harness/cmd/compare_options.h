/* SPDX-License-Identifier: MIT
 *
 * compare_options.h - what `heapyard compare` was asked for.
 */
#ifndef HY_COMPARE_OPTIONS_H
#define HY_COMPARE_OPTIONS_H

#include "judge.h"
#include "replay_options.h"

typedef struct hy_compare_options {
    hy_replay_options replay; /* its traces are the databases, if those are compared */
    hy_rules rules;
    bool databases;
    hy_specs asked; /* as typed: the first is the baseline, and may be there again */
} hy_compare_options;

/* Fills in everything.  0, or an exit code after saying what was wrong. */
int compare_options_read(int argc, char **argv, hy_compare_options *ret_options);
void compare_options_free(hy_compare_options *options);

#endif
