/* SPDX-License-Identifier: MIT
 *
 * paths.h - where the other parts of heapyard are: beside the program in a build tree, or where they were installed.
 */
#ifndef HY_PATHS_H
#define HY_PATHS_H

#include "error.h"

#include <stddef.h>

#define HY_PATH_SIZE 4096

/* What is looked for:
 *   HY_PART_PROGRAM  "heapyard-cell", "heapyard-bench", "heapyard-micro"
 *   HY_PART_LIBRARY  "libheapyard-fit.so", "libheapyard-record.so"
 *   HY_PART_PLOT     "latency.gp", "style.gp"
 *   HY_PART_SUITE    "real.suite" */
typedef enum hy_part { HY_PART_PROGRAM, HY_PART_LIBRARY, HY_PART_PLOT, HY_PART_SUITE } hy_part;

/* Writes the absolute path into `ret` (HY_PATH_SIZE bytes).  0 or -ENOENT with the sentence that says where it was
 * looked for.  The environment variable HEAPYARD_PARTS names a directory that is looked into first. */
int hy_find_part(hy_part part, const char *name, char *ret, hy_error *error);

#endif
