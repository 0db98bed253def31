/* SPDX-License-Identifier: MIT
 *
 * run_compare.h - `heapyard run --compare`: a real program on several allocators, measured, stored and judged.
 */
#ifndef HY_RUN_COMPARE_H
#define HY_RUN_COMPARE_H

#include "command.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct hy_run_compare {
    const char *database, *name, *trace, *input; /* paths; NULL: not given */
    bool ignore_output, resume;
    double precision; /* either is 0: not given */
    uint64_t budget;
    uint64_t timeout, seed;
    hy_format format;
    char command[4096]; /* as typed, without --resume */
} hy_run_compare;

/* rounds 0: not given.  An exit code. */
int run_compare(const hy_run_compare *asked, hy_specs *specs, unsigned rounds, char *const *argv);

#endif
