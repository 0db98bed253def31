/* SPDX-License-Identifier: MIT
 *
 * summary_print.h - all programs of a suite together, on standard output.
 */
#ifndef HY_SUMMARY_PRINT_H
#define HY_SUMMARY_PRINT_H

#include "programs_summary.h"

#include <jansson.h>

/* A table, what was left out, and sentences. */
void summary_print(const hy_programs_summary *summary, const hy_programs *programs, bool markdown);
/* Every figure, an allocator a row. */
void summary_print_csv(const hy_programs_summary *summary);
json_t *summary_json(const hy_programs_summary *summary);
/* What was not measured, and why. */
json_t *summary_skipped_json(const hy_programs *programs);

#endif
