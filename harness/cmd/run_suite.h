/* SPDX-License-Identifier: MIT
 *
 * run_suite.h - `heapyard run --suite`: the programs of a list with their work, each measured as by --compare, all in
 * one campaign, and summed up.
 */
#ifndef HY_RUN_SUITE_H
#define HY_RUN_SUITE_H

#include "run_compare.h"

/* names: the programs that are wanted; none: all.  rounds 0: not given.  An exit code: 77 if all were skipped. */
int run_suite(const hy_run_compare *asked, hy_specs *specs, unsigned rounds, char **names, size_t name_count);

#endif
