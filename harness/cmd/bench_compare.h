/* SPDX-License-Identifier: MIT
 *
 * bench_compare.h - `heapyard bench --compare`: the micro benchmarks through malloc itself, in rounds, judged.
 */
#ifndef HY_BENCH_COMPARE_H
#define HY_BENCH_COMPARE_H

#include "command.h"
#include "micro_results.h"

typedef struct bench_compare {
    const char *filter;    /* NULL: all */
    const char *reference; /* whom all are compared with; NULL: who is measured twice */
    const char *cells;     /* where every value goes; NULL: nowhere */
    unsigned rounds;
    uint64_t time; /* ns that a cell is timed */
    uint64_t seed;
    hy_format format;
} bench_compare;

/* An exit code. */
int bench_compare_run(const bench_compare *asked, const hy_specs *specs);

/* bench_print.c: the answer. */
void bench_print(const hy_micro_results *results, hy_format format);

#endif
