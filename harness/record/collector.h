/* SPDX-License-Identifier: MIT
 *
 * collector.h - `heapyard record`: runs a program with the recorder preloaded and writes its trace.
 *
 * One collector a process: it handles signals, and is the reaper of all that the program leaves behind.
 */
#ifndef HY_COLLECTOR_H
#define HY_COLLECTOR_H

#include "error.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct hy_record_options {
    const char *output; /* the root process's trace; others get .PID behind it */
    const char *origin; /* for the trace: "heapyard 0.1.0 record" */
    char *const *argv;  /* the program and its arguments, ending with NULL */
    uint64_t limit;     /* events in a trace; UINT64_MAX: none */
    bool follow;        /* children too */
    uint32_t sites;     /* return addresses noted with each birth and realloc, at most HY_RECORD_FRAMES; 0: none */
    bool progress;      /* a line on stderr while it runs */
} hy_record_options;

typedef struct hy_record_outcome {
    int exit_code;      /* the program's, or 128 + its signal */
    int signal;         /* that ended it, or 0 */
    uint64_t events;    /* in all files */
    uint64_t bytes;     /* of all files */
    uint64_t dropped;   /* calls that are no events */
    uint64_t lost;      /* frees that were not seen, found out by their address coming back */
    uint64_t stalls;    /* times that a thread waited for the collector */
    double stall_time;  /* nanoseconds, over all threads */
    unsigned files;     /* traces written */
    unsigned replaced;  /* images of the root process that were replaced by exec, their events forgotten */
    unsigned refused;   /* executed programs with a malloc of their own */
    bool root_refused;  /* the last image of the root process is one: the output file is not written */
    unsigned crowded;   /* processes with more threads than rings */
    unsigned uncounted; /* processes that found the table full */
    bool limited;       /* a trace reached the limit */
    char refusal[400];  /* the path of the last program that was refused */
} hy_record_outcome;

/* Records until the program (with `follow`, also all that it started) has ended.  0 or -errno with the sentence; what
 * was written until then can be read. */
int hy_record(const hy_record_options *options, hy_record_outcome *ret_outcome, hy_error *error);

#endif
