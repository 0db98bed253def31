/* SPDX-License-Identifier: MIT
 *
 * run_compare.h - `heapyard run --compare`: a real program on several allocators, measured, stored and judged.
 */
#ifndef HY_RUN_COMPARE_H
#define HY_RUN_COMPARE_H

#include "program_print.h"
#include "store.h"

#include <stdint.h>

typedef struct hy_run_compare {
    const char *database, *name, *trace, *input; /* paths; NULL: not given */
    bool ignore_output, resume;
    double precision; /* either is 0: not given */
    uint64_t budget;
    uint64_t timeout, seed;
    program_wish wish;
    const char *suite, *work; /* see run_suite.h; NULL: not given */
    bool install;
    char command[4096]; /* as typed, without --resume */
} hy_run_compare;

/* rounds 0: not given.  An exit code. */
int run_compare(const hy_run_compare *asked, hy_specs *specs, unsigned rounds, char *const *argv);

#define RUN_USUAL_ROUNDS 10
#define RUN_DATABASE "results/local/results.db"

/* What run_suite.c does in the same way. */
struct hy_program_progress;
void run_show_progress(const struct hy_program_progress *progress);
size_t run_baseline(const hy_specs *specs);
/* The hash that names a trace everywhere, or "" where none is given.  0, or -errno with the sentence. */
int run_trace_hash(const char *path, char ret[17], hy_error *error);
/* Judges and prints what a campaign has.  An exit code. */
int run_answer(hy_store *store, const char *database, int64_t campaign, const program_wish *wish);

#endif
