/* SPDX-License-Identifier: MIT
 *
 * problem.h - packing problems and their packings as text, for exchange with other solvers.
 *
 * The format is that of minimalloc (https://github.com/google/minimalloc; Moffitt, ASPLOS 2023): a line of column
 * names, then a buffer a line.  Lines end with \n or \r\n; empty ones are passed over.
 *
 *   id,lower,upper,size            the problem: a buffer of `size` bytes lives from `lower` until just before `upper`
 *   id,lower,upper,size,offset     a packing of it
 *
 * Columns may come in any order.  `alignment`, a power of two, may be there too (it is not minimalloc's).  An id is
 * anything without a comma.  Numbers are decimal, below 2^63.
 */
#ifndef HY_PROBLEM_H
#define HY_PROBLEM_H

#include "bound.h"
#include "spec.h"

#include <stdbool.h>
#include <stdio.h>

typedef struct hy_problem {
    hy_job job;        /* in the order of the lines; its clock ticks at each of the moments */
    hy_text *ids;      /* of the buffers, as they are written */
    uint64_t *moments; /* all different values of lower and upper, rising */
    size_t moment_count;
    bool packed; /* offsets were given, and are in the job: not checked */
    char *text;  /* what ids point into */
} hy_problem;

/* Whether a file that begins with this is meant as a problem: the first line names one of the columns. */
bool hy_problem_begins(const char *text, size_t size);

/* `name` is for the sentence, which says the line.  Sizes are rounded up to `align`.  0 or -errno. */
int hy_problem_parse(const char *text, size_t size, const char *name, uint64_t align, hy_problem *ret_problem,
                     hy_error *error);

/* Reads a file of at most HY_PROBLEM_MOST bytes.  1: it begins like a problem, and was read; 0: it does not; -errno
 * with the sentence. */
#define HY_PROBLEM_MOST ((size_t)1 << 30)
int hy_problem_read(const char *path, uint64_t align, hy_problem *ret_problem, hy_error *error);

void hy_problem_clear(hy_problem *problem);

/* Writes a job with its offsets: under its own ids and moments, or, without a problem (NULL), numbered from 0 and by
 * ticks.  There is a column `alignment` only if some buffer needs more than the job's. */
void hy_problem_write(FILE *out, const hy_job *job, const hy_problem *problem);

#endif
