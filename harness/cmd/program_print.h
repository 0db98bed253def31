/* SPDX-License-Identifier: MIT
 *
 * program_print.h - real programs and their verdicts on standard output, in every format.
 */
#ifndef HY_PROGRAM_PRINT_H
#define HY_PROGRAM_PRINT_H

#include "command.h"
#include "programs.h"

/* format: text, csv, json or markdown. */
void program_print(const hy_programs *programs, hy_format format);

#endif
