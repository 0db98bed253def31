/* SPDX-License-Identifier: MIT
 *
 * program_print.h - real programs and their verdicts on standard output, in every format.
 */
#ifndef HY_PROGRAM_PRINT_H
#define HY_PROGRAM_PRINT_H

#include "command.h"
#include "predicted.h"

/* format: text, csv, json or markdown.  What was predicted stands beside; there may be nothing of that. */
void program_print(const hy_programs *programs, const hy_predictions *predictions, hy_format format);

#endif
