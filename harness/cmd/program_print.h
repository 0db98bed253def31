/* SPDX-License-Identifier: MIT
 *
 * program_print.h - real programs and their verdicts on standard output, in every format.
 */
#ifndef HY_PROGRAM_PRINT_H
#define HY_PROGRAM_PRINT_H

#include "command.h"
#include "predicted.h"

#include <stdbool.h>

/* How programs are to be shown. */
typedef struct program_wish {
    hy_format format;    /* text, csv, json or markdown */
    const char *against; /* what the summary compares with; NULL: the baseline */
    bool only_summary;   /* all programs together, and none by itself */
} program_wish;

/* What was predicted stands beside; there may be nothing of that.  Several programs are summed up (in CSV only if
 * nothing else is wanted).  0; -errno with the sentence, and nothing is printed. */
int program_print(const hy_programs *programs, const hy_predictions *predictions, const program_wish *wish,
                  hy_error *error);

#endif
