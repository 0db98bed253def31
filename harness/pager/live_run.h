/* SPDX-License-Identifier: MIT
 *
 * live_run.h - one run under the live pager, from fork to burial.
 *
 * The workload is a child of the pager: a function of ours, or a program with a preloaded allocator whose data pages
 * come from the paged range.  The child opens the descriptor of its own faults, registers the range and hands the
 * descriptor over; it keeps it open, too, so that if the pager is killed nobody is woken to see zeros where his data
 * was.  The child is killed when the pager dies; the range and the backing file have no names: with the last of the two
 * they are gone.
 */
#ifndef HY_LIVE_RUN_H
#define HY_LIVE_RUN_H

#include "environment.h"
#include "live_pager.h"
#include "pagers.h"
#include "workloads.h"

typedef struct hy_live_job {
    const hy_paged_workload *workload;
    hy_workload_setup setup;
    char **program;                    /* instead of a workload; ends with NULL */
    const char *library;               /* what it is preloaded with: libheapyard-paged.so, and a malloc */
    const char *spec;                  /* of that malloc, or NULL */
    const hy_environment *environment; /* and what it must be started with */
    const hy_pager_choice *policy;
    size_t pages, frames;
    size_t sample;
    bool log;   /* every reference is kept, for the simulator */
    bool hear;  /* and the policy hears of them; without, of faults only */
    bool timed; /* the workload times the touches that held a fault */
    bool pin;   /* workload and pager on one core */
    /* For a policy that must know all references: those that will come, as a run before has logged them. */
    const hy_page_reference *future;
    uint64_t futures;
    const char *folder;
} hy_live_job;

typedef struct hy_live_outcome {
    hy_live_counts counts;
    hy_board *board; /* with the log; to be freed by hy_live_forget */
    bool log;
    int status;       /* as of waitpid */
    uint64_t elapsed; /* ns, until the child's end */
} hy_live_outcome;

/* 0: it ran, and *ret_outcome is to be freed; how it ended is in there.  -ENOTSUP: this machine cannot.  Else -errno;
 * each with the sentence. */
int hy_live_run(const hy_live_job *job, hy_live_outcome *ret_outcome, hy_error *error);
void hy_live_forget(hy_live_outcome *outcome);

/* Whether the workload came to its end with the right result; else a sentence. */
bool hy_live_is_right(const hy_live_outcome *outcome, hy_error *error);

#endif
