/* SPDX-License-Identifier: MIT
 *
 * bound_rows.h - what `heapyard bound` was asked for, and its answers.
 */
#ifndef HY_BOUND_ROWS_H
#define HY_BOUND_ROWS_H

#include "command.h"
#include "least_yard.h"
#include "store.h"
#include "trace_row.h"
#include "two_limits.h"

#include <stdbool.h>

typedef struct bound_options {
    char **paths; /* of traces and problems, from argv */
    size_t count;
    hy_limits_options limits;
    uint64_t align; /* 0: 16 for a trace, 1 for a problem */
    const char *csv, *database;
    hy_format format;
    hy_specs specs;
    bool yard;
    double precision; /* of the yard */
} bound_options;

/* One trace or problem. */
typedef struct bound_row {
    const char *path;
    char name[HY_TRACE_NAME];
    bool trace;     /* else a problem */
    uint64_t hash;  /* of the trace */
    uint64_t asked; /* most bytes alive, as asked for */
    uint64_t align; /* that sizes were rounded up to */
    size_t buffers;
    hy_limits limits;
    hy_least_yard *yards; /* of each allocator asked for, or NULL */
} bound_row;

/* The certified gap: how much more than the least possible the best packing may need, as a part of it. */
double bound_gap(const hy_limits *limits);
/* The lower line of what counts memory in pages. */
uint64_t bound_pages(uint64_t bytes);

/* bound_yard.c: the least yard of the trace on each allocator.  0, or an exit code after saying why. */
int bound_find_yards(const bound_options *options, bound_row *row);
/* [[bytes, first failed operation], …] as text, to be freed; NULL: no memory. */
char *bound_tries(const hy_least_yard *yard);
void bound_print_yards(const bound_row *rows, size_t count, const bound_options *options);
void bound_print_yards_csv(const bound_row *rows, size_t count, const bound_options *options);

/* bound_print.c */
void bound_print(const bound_row *rows, size_t count, const bound_options *options);

#endif
