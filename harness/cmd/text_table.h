/* SPDX-License-Identifier: MIT
 *
 * text_table.h - a table of words and figures, aligned for a terminal or as Markdown.
 */
#ifndef HY_TEXT_TABLE_H
#define HY_TEXT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#define HY_TABLE_COLUMNS 16
#define HY_TABLE_CELL 160
#define HY_TABLE_WIDEST 120 /* columns of text */

typedef struct hy_table_row {
    char cell[HY_TABLE_COLUMNS][HY_TABLE_CELL];
} hy_table_row;

typedef struct hy_table {
    const char *const *headings;
    size_t columns;
    size_t words; /* so many columns, the first, hold words and stand to the left */
    hy_table_row *row;
    size_t rows;
} hy_table;

/* An empty row at the end; valid until the next one.  Ends the program when memory is exhausted. */
hy_table_row *hy_table_add(hy_table *table);
/* What is too wide as text is continued below, with the first column once more. */
void hy_table_print(const hy_table *table, bool markdown);
void hy_table_free(hy_table *table);

/* A figure into a cell; "n/a" for NAN. */
__attribute__((format(printf, 3, 4))) void hy_cell_put(char *cell, double value, const char *format, ...);
void hy_cell_put_time(char *cell, double nanoseconds);
void hy_cell_put_bytes(char *cell, double bytes);
void hy_cell_put_count(char *cell, double count);

#endif
