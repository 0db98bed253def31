/* SPDX-License-Identifier: MIT
 *
 * micro_cells.h - every value of a campaign of micro benchmarks as a line of CSV, to be read again:
 *
 *     round,position,figure,unit,allocator,role,value
 *     0,3,pair/16/threads:2,ns,"mimalloc",rival,8.75
 */
#ifndef HY_MICRO_CELLS_H
#define HY_MICRO_CELLS_H

#include "micro_results.h"

#include <stdio.h>

#define HY_MICRO_MOST_ROUNDS 1000

extern const char *const hy_micro_roles[]; /* rival, control, null */

void hy_micro_cells_begin(FILE *file);
void hy_micro_cells_write(FILE *file, const char *figure, const char *unit, const hy_micro_entry *entry, unsigned round,
                          unsigned position, double value);

/* Notes all values of the allocators that `results` has; sets its rounds.  0 or -errno with the sentence. */
int hy_micro_cells_read(const char *path, hy_micro_results *results, hy_error *error);

#endif
