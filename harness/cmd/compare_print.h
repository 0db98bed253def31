/* SPDX-License-Identifier: MIT
 *
 * compare_print.h - verdicts as text, Markdown, CSV or JSON.
 */
#ifndef HY_COMPARE_PRINT_H
#define HY_COMPARE_PRINT_H

#include "command.h"
#include "compare.h"

/* On standard output.  `rounds`: why a campaign has as many as it has, in a sentence, or "". */
void compare_print(const hy_comparisons *comparisons, hy_format format, const char *rounds);

/* compare_data.c: one row for each allocator on each trace, all figures. */
void compare_print_csv(const hy_comparisons *comparisons);
void compare_print_json(const hy_comparisons *comparisons, const char *rounds);

/* compare_sentence.c: what can be quoted, a sentence for each allocator on each trace, with newlines. */
void compare_print_sentences(const hy_comparisons *comparisons, bool markdown);
/* What makes the exit code 1; nothing if nothing is worse. */
void compare_print_worse(const hy_comparisons *comparisons, bool markdown);

#endif
