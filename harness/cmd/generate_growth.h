/* SPDX-License-Identifier: MIT
 *
 * generate_growth.h - how far the adversaries drive allocators as sizes spread: one run for each adversary, allocator
 * and ratio of the largest to the smallest block.
 */
#ifndef HY_GENERATE_GROWTH_H
#define HY_GENERATE_GROWTH_H

#include "command.h"

typedef struct hy_growth_options {
    const hy_specs *specs;
    hy_format format;    /* text, markdown or csv */
    const char *picture; /* NULL, or where to draw it: FILE.svg, FILE.png */
} hy_growth_options;

/* Prints the table; an exit code. */
int hy_growth(const hy_growth_options *options);

#endif
