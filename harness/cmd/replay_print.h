/* SPDX-License-Identifier: MIT
 *
 * replay_print.h - rows as an answer on standard output.
 */
#ifndef HY_REPLAY_PRINT_H
#define HY_REPLAY_PRINT_H

#include "command.h"
#include "replay_rows.h"

/* The tables of all traces, as text, Markdown, CSV or JSON. */
void replay_print(const hy_rows *rows, size_t count, hy_format format);

/* One sentence to be quoted, with a newline; nothing if fewer than two allocators were measured. */
void replay_print_sentence(const hy_rows *rows);

#endif
