/* SPDX-License-Identifier: MIT
 *
 * program_campaign.h - a real program on several allocators, round by round, each run stored as soon as it ends.
 *
 *   1. A round is every allocator once, in random order, and the baseline once more: the control, which shows what
 *      the machine alone makes of the same thing twice.  Seed and position fix the order, so that a campaign which
 *      was interrupted goes on as it would have.
 *   2. Who serves malloc is proven for each allocator before anything is measured.  Where the program starts others
 *      that do the work (workers), it runs once for that, and the loader of each tells.
 *   3. Before the first round the program runs once on the baseline, uncounted: its files are in memory then.
 *   4. Where the stack lies is drawn for each run (from seed and position, by the length of the environment): a chance
 *      must not pass for a property of an allocator.
 *   5. What the environment says to mallocs is forgotten; each spec says how its allocator is set.
 */
#ifndef HY_PROGRAM_CAMPAIGN_H
#define HY_PROGRAM_CAMPAIGN_H

#include "program_check.h"
#include "program_rounds.h"
#include "timing.h"

#define HY_PROGRAM_PASS "program"
#define HY_CONTROL_PASS "control"

typedef struct hy_program_progress {
    size_t done, total; /* runs */
    uint64_t left;      /* ns, from the mean of the runs so far; 0: not known yet */
    const char *spec;   /* that is to run; NULL at the end */
} hy_program_progress;

typedef struct hy_program_plan {
    const char *name;
    char *const *argv;
    const char *input; /* path of what it reads; NULL: nothing */
    hy_program_check check;
    const char *trace;    /* hash of the trace recorded from it, hexadecimal, or "" */
    const char *before;   /* what a shell does before each run; NULL: nothing */
    char *const *workers; /* executables that it starts, whose malloc is proven, too; ends with NULL, or is NULL */
    uint64_t made_of;     /* hash of what else makes it what it is (its input's recipe); 0: nothing */
    bool must_succeed;    /* under the baseline it must end well, write its files, and wait for all that it started */
    char *const *specs;   /* no two are the same */
    const hy_serving *serving; /* of each spec, where that was planned before; or NULL */
    size_t spec_count, baseline;
    unsigned rounds;         /* or: */
    hy_program_goal goal;    /* what the number of rounds follows from; all 0: not given */
    uint64_t timeout;        /* ns, of one run */
    int64_t campaign;        /* that it belongs to, as other programs do; 0: one of its own */
    uint64_t seed;           /* of a new campaign or of this program in one; a resumed one has its own */
    const char *command;     /* as typed, --resume left out */
    const char *environment; /* JSON */
    bool resume;             /* go on with the last campaign of the same command */
    const volatile sig_atomic_t *stop;
    void (*show_progress)(const hy_program_progress *progress); /* or NULL */
} hy_program_plan;

typedef struct hy_program_end {
    int64_t campaign, program;
    size_t runs;             /* of the whole plan */
    size_t missing;          /* not run, because we were stopped */
    size_t measured;         /* by this call */
    hy_rounds_chosen rounds; /* where a goal decided; chosen 0: not yet, or none did */
} hy_program_end;

/* 0, also when stopped (then some are missing); -errno with the sentence. */
int hy_program_run_campaign(const hy_program_plan *plan, hy_store *store, hy_program_end *ret_end, hy_error *error);

#endif
