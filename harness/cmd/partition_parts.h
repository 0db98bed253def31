/* SPDX-License-Identifier: MIT
 *
 * partition_parts.h - the parts of `heapyard partition` that are about contiguous memory.
 */
#ifndef HY_PARTITION_PARTS_H
#define HY_PARTITION_PARTS_H

#include "ageing.h"
#include "executables.h"
#include "machine_answer.h"

/* argv[0] is "partition age" and so on; an exit code. */
int cmd_partition_age(int argc, char **argv);
int cmd_partition_guess(int argc, char **argv);
int cmd_partition_start(int argc, char **argv);
int cmd_partition_map(int argc, char **argv);

/* partition_page.c: the page, from `heapyard partition --page FOLDER`; argv[0] is "partition". */
int cmd_partition_page(int argc, char **argv);

/* For argp: a size within limits, or the program ends with a sentence. */
uint64_t cmd_take_size(const char *option, const char *text, uint64_t least, uint64_t most);

/* ---- partition_age.c ---- */

#define PARTITION_WINDOWS 20u
#define PARTITION_SPECS 16u

typedef struct hy_aged {
    const char *spec;
    hy_ageing window[PARTITION_WINDOWS];
} hy_aged;

/* The four policies on fixed partitions of a block size, or on dynamic ones (0).  `specs` has 4 × HY_SPEC_SIZE bytes.
 */
void cmd_partition_fits(size_t block, char specs[4][HY_SPEC_SIZE]);
/* Lets a memory of each age.  An exit code. */
int cmd_partition_let_age(const hy_ageing_rule *rule, size_t memory, const char *const *specs, size_t count,
                          hy_aged *ret);
/* The second half of each, as a row. */
void cmd_partition_ageing_sheet(const hy_ageing_rule *rule, const hy_aged *aged, size_t count, hy_sheet *ret);
/* Data for plots/partition_age.gp, and its options; names are what follows policy= in the specs. */
void cmd_partition_ageing_data(const hy_aged *aged, size_t count, FILE *out, hy_figure *figure);

/* ---- partition_guess.c ---- */

/* One line about all sizes. */
void cmd_partition_guesses_about(const hy_executables *programs, char *ret, size_t size);

#endif
