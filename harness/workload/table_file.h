/* SPDX-License-Identifier: MIT
 *
 * table_file.h - how often sizes are asked for, and how many such blocks live: a small text file.
 *
 *   # a comment
 *   16, 1200, 300          size, births in a while, blocks alive on the mean; with commas or blanks
 *   24-4000 800 12.5       any size from 24 to 4000
 *   phase 2                what follows is another phase of the program, which takes twice as many births as one of 1
 *
 * Without "phase" this is the form in which Google's fleetbench publishes what its fleet asks for ("size, allocation
 * rate, mean live count"; github.com/google/fleetbench, fleetbench/tcmalloc/distributions).
 */
#ifndef HY_TABLE_FILE_H
#define HY_TABLE_FILE_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>

#define HY_TABLE_ROWS (1u << 16)
#define HY_TABLE_PHASES 1024u

typedef struct hy_table_entry {
    uint64_t from, to; /* sizes, both included */
    double rate, live;
    double rate_below; /* the rates of all entries of the phase before it */
} hy_table_entry;

typedef struct hy_table_phase {
    size_t first, end; /* entries */
    double weight;
    double rate, live, bytes; /* sums: of rates, of living blocks, of their bytes */
} hy_table_phase;

typedef struct hy_size_table {
    hy_table_entry *entries;
    hy_table_phase *phases;
    size_t count, phase_count;
    double weight;
} hy_size_table;

/* Sizes above `largest` are left out.  0 or -errno with the sentence. */
int hy_size_table_read(const char *path, uint64_t largest, hy_size_table *ret, hy_error *error);
/* The same for text in memory; `name` is for sentences. */
int hy_size_table_parse(const char *text, size_t size, const char *name, uint64_t largest, hy_size_table *ret,
                        hy_error *error);
void hy_size_table_clear(hy_size_table *table);

#endif
