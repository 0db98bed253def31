/* SPDX-License-Identifier: MIT
 *
 * watch.h - `heapyard record --programs`: runs a job and writes down which programs came and went, and how large.
 *
 * By ptrace, without special rights: each process and thread of the job stops at fork, exec and exit, where /proc still
 * knows its peaks, and nowhere else.  One watch a process, since it handles signals.
 */
#ifndef HY_WATCH_H
#define HY_WATCH_H

#include "error.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct hy_watch_options {
    const char *output; /* the file to write */
    char *const *argv;  /* the job and its arguments, ending with NULL */
} hy_watch_options;

typedef struct hy_watch_outcome {
    int exit_code; /* the job's, or 128 + its signal */
    uint32_t processes;
    uint64_t programs;   /* images that were executed or copied */
    uint64_t executed;   /* of these, by exec */
    uint64_t cut;        /* of these, still there when the recording ended */
    uint64_t unmeasured; /* of these, without a size: they were killed before it could be read */
    uint64_t at_least;   /* of these, replaced by an exec when only a part of their peak was known */
    uint64_t stops;      /* of all threads, that this has cost */
    uint64_t time;       /* ns, from the first exec to the last event */
} hy_watch_outcome;

/* Records until all that the job started has ended, or, after a signal that asked for it, until the job itself has.
 * 0, or -errno with the sentence: nothing ran. */
int hy_watch(const hy_watch_options *options, hy_watch_outcome *ret_outcome, hy_error *error);

#endif
