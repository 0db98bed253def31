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
    const char *from;      /* such a file, that is answered from instead of measuring; NULL: measure */
    unsigned rounds;
    uint64_t time; /* ns that a cell is timed */
    uint64_t seed; /* 0: some other */
    double margin;
    hy_format format;
    const char *given;     /* the name of an option of these that was on the command line; NULL: none */
    const char *measuring; /* ... of one that means nothing to `from` */
} bench_compare;

/* From 17 rounds on, all benchmarks on five allocators are so few comparisons that the signed-rank test has its say: it
 * alone divides out what the machine's speed did from round to round. */
#define BENCH_COMPARE_DEFAULT ((bench_compare){.rounds = 20, .time = 60000000, .margin = HY_VERDICT_MARGIN})

/* Its options; the input is a bench_compare. */
extern const struct argp bench_compare_argp;

/* An exit code. */
int bench_compare_run(const bench_compare *asked, const hy_specs *specs);

/* bench_print.c: the answer. */
void bench_print(const hy_micro_results *results, double margin, hy_format format);

#endif
