/* SPDX-License-Identifier: MIT
 *
 * timing.h - one run of a program, and what it cost.
 */
#ifndef HY_TIMING_H
#define HY_TIMING_H

#include "serve.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct hy_timing_order {
    const hy_serving *serving;
    char *const *argv; /* argv[0] is found along PATH */
    bool quiet;        /* its input is empty and its output thrown away */
    /* Measured: input, output and complaints are these descriptors, what the environment says to mallocs is forgotten,
     * and the program is a process group of its own, of which nothing is left when it has ended.  Else all of this is
     * as in this process. */
    bool measured;
    int input, output, complaints;
    unsigned padding; /* bytes that the environment is longer, which moves the stack */
    /* Of a measured run: */
    uint64_t timeout;                  /* ns; 0: as long as it takes */
    uint64_t most_said;                /* bytes, in output and complaints each, that are kept in memory; 0: any */
    const volatile sig_atomic_t *stop; /* killed when this is not 0; may be NULL */
    const char *bindings; /* the loader binds all symbols at once and tells which, in FILE.PID for each process */
} hy_timing_order;

typedef struct hy_timing {
    double wall, user, sys; /* seconds; user and sys include children that were waited for */
    uint64_t peak; /* bytes resident at most, of the largest process; never below that of our fork, 1 to 2 MiB */
    uint64_t minor, major; /* page faults */
    int status;            /* as waitpid gives it */
    bool timed_out;        /* and so was killed */
    bool said_too_much;    /* the same */
    bool left_behind; /* measured: others that it had started went on, and were killed; their time is not in here */
} hy_timing;

/* Runs the program to its end.  0; -EINTR: stopped, and killed; -errno with the sentence when it could not be
 * started. */
int hy_time_program(const hy_timing_order *order, hy_timing *ret_timing, hy_error *error);

#endif
