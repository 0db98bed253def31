/* SPDX-License-Identifier: MIT
 *
 * points.h - the settings that a sweep measures: each allocator with each combination of what is varied.
 */
#ifndef HY_POINTS_H
#define HY_POINTS_H

#include "heap.h"
#include "vary.h"

#define HY_POINTS_MOST 20000

typedef struct hy_points {
    char **spec;
    size_t count;
    size_t again; /* combinations that another spelling had named before */
} hy_points;

/* Every spec of the list with every combination of values, the last variation fastest; each setting once, whatever its
 * spelling.  A variation replaces what a spec says of the parameter; of layers and allocator, the innermost that has it
 * gets it.  All values are checked by the parameter tables.
 * 0 or -EINVAL with the sentence: a spec lacks a parameter, a table refuses a value, too many. */
int hy_points_make(const hy_catalog *catalog, char *const *specs, size_t spec_count, const hy_vary *vary,
                   size_t vary_count, hy_points *ret_points, hy_error *error);
void hy_points_free(hy_points *points);

#endif
