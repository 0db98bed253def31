/* SPDX-License-Identifier: MIT
 *
 * lines.h - lines of text from a file, a pipe or standard input; unpacked first, if they are packed (gzip, xz, zstd,
 * bzip2, or a zip archive that holds one file).  A folder is read as a CTF trace, by babeltrace2.
 *
 * Memory: one buffer, and what the unpacking takes.
 */
#ifndef HY_LINES_H
#define HY_LINES_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HY_LINES_LONGEST ((size_t)64 << 10) /* bytes of a line and its end */

typedef struct hy_lines hy_lines;

/* "-" is standard input.  0 or -errno with the sentence. */
int hy_lines_open(const char *path, hy_lines **ret_lines, hy_error *error);
void hy_lines_close(hy_lines *lines);

/* What the text begins with, up to HY_LINES_LONGEST bytes; valid until the first line is read.  0 or -errno with a
 * part of a sentence. */
int hy_lines_peek(hy_lines *lines, const char **ret_head, size_t *ret_size, hy_error *error);

/* The next line without its end, which is LF or CR LF; terminated, and to be written to until the next call.
 * 1; 0: the end of the text; -errno with a part of a sentence. */
int hy_lines_next(hy_lines *lines, char **ret_line, hy_error *error);

/* The line read last has no end: the text stops within it. */
bool hy_lines_is_cut(const hy_lines *lines);
/* The number of the line read last, from 1; after the end, the number of lines. */
uint64_t hy_lines_number(const hy_lines *lines);
/* Bytes of text read so far. */
uint64_t hy_lines_bytes(const hy_lines *lines);
/* Of the file, for sentences. */
const char *hy_lines_name(const hy_lines *lines);

#endif
