/* SPDX-License-Identifier: MIT
 *
 * timing.h - one run of a program, and what it cost.
 */
#ifndef HY_TIMING_H
#define HY_TIMING_H

#include "serve.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct hy_timing {
    double wall, user, sys; /* seconds; user and sys include children that were waited for */
    uint64_t peak; /* bytes resident at most, of the largest process; never below that of our fork, 1 to 2 MiB */
    uint64_t minor, major; /* page faults */
    int status;            /* as waitpid gives it */
} hy_timing;

/* Runs argv[0] (found along PATH) to its end.  quiet: its input is empty and its output is thrown away.
 * 0 or -errno with the sentence when it could not be started. */
int hy_time_program(const hy_serving *serving, char *const *argv, bool quiet, hy_timing *ret_timing, hy_error *error);

#endif
