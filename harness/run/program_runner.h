/* SPDX-License-Identifier: MIT
 *
 * program_runner.h - single runs of a program, each under the same conditions and looked at in the same way.
 *
 *   1. Before each: what the last one wrote is gone, and `before` has been done.
 *   2. Its time and memory are taken (timing.h); then it is looked how it ended and what it made (program_check.h).
 */
#ifndef HY_PROGRAM_RUNNER_H
#define HY_PROGRAM_RUNNER_H

#include "program_campaign.h"

typedef struct hy_program_runner {
    const hy_program_plan *plan; /* borrowed */
    hy_serving *serving;         /* of each spec, proven */
    int input, output, complaints;
    uint64_t seed; /* of where the stack lies in each run; the caller's to set */
    bool warm;
} hy_program_runner;

/* Opens the streams and proves who serves malloc, without running the program.  0 or -errno with the sentence. */
int hy_program_runner_open(const hy_program_plan *plan, hy_program_runner *ret_runner, hy_error *error);
void hy_program_runner_close(hy_program_runner *runner);

/* Once on the baseline, so that its files are in memory; it must succeed if the plan says so.  Then once on each, where
 * workers are to be proven.  Does nothing the second time.  As hy_program_run_once. */
int hy_program_warm_up(hy_program_runner *runner, size_t position, hy_error *error);

/* Fills in the figures, how it ended and what it made.  0; -EINTR: stopped, and killed; -errno with the sentence. */
int hy_program_run_once(const hy_program_runner *runner, size_t spec, size_t position, hy_program_run *run,
                        hy_error *error);

#endif
