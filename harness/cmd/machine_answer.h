/* SPDX-License-Identifier: MIT
 *
 * machine_answer.h - what the commands about the memory of a machine share: their answers as sheets, and their page.
 */
#ifndef HY_MACHINE_ANSWER_H
#define HY_MACHINE_ANSWER_H

#include "command.h"
#include "machine_page.h"

/* Sheets on stdout.  Text: each with its caption above, without details; CSV: each with its own line of keys, parted by
 * an empty line; JSON: one object with an array for each.  HY_EXIT_OK, or HY_EXIT_INPUT for formats that there is no
 * answer in. */
int cmd_print_sheets(const hy_sheet *const *sheets, size_t count, hy_format format);

/* Closes the page and says on stderr where it is, or that it has no pictures because gnuplot is missing.  HY_EXIT_OK or
 * HY_EXIT_INPUT. */
int cmd_close_page(hy_machine_page *page, const char *folder, const char *name);

#endif
