/* SPDX-License-Identifier: MIT
 *
 * program_answer.h - `heapyard report --programs`: real programs out of results, and how well replay predicted them.
 */
#ifndef HY_PROGRAM_ANSWER_H
#define HY_PROGRAM_ANSWER_H

#include "program_print.h"
#include "report.h"

/* An exit code. */
int program_answer(const hy_report_options *options, const program_wish *wish);

#endif
