/* SPDX-License-Identifier: MIT
 *
 * csv.h - tables as text: a line of column names, then a row a line; fields between commas, without quotes.
 */
#ifndef HY_CSV_H
#define HY_CSV_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>

#define HY_CSV_COLUMNS 16u

typedef struct hy_csv {
    size_t count;               /* columns; 0: the names have not been read */
    int column[HY_CSV_COLUMNS]; /* by place: its index in `names`, or -1: none of ours */
} hy_csv;

/* Whether a line of column names has this one. */
bool hy_csv_has(const char *line, const char *name);

/* Reads the line of names.  `names` ends with NULL.  0, or -EINVAL with a part of a sentence. */
int hy_csv_begin(hy_csv *csv, char *line, const char *const *names, hy_error *error);
/* Reads a row: ret_fields, by index in `names`; "" where a column is missing. */
int hy_csv_row(const hy_csv *csv, char *line, const char **ret_fields, size_t names, hy_error *error);

#endif
