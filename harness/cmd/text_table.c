/* SPDX-License-Identifier: MIT
 *
 * text_table.c - see text_table.h.
 */
#include "text_table.h"

#include "units.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

hy_table_row *hy_table_add(hy_table *table) {
    hy_table_row *const grown = realloc(table->row, (table->rows + 1) * sizeof *grown);
    if (!grown)
        abort();
    table->row = grown;
    hy_table_row *const row = &grown[table->rows++];
    memset(row, 0, sizeof *row);
    return row;
}

void hy_table_free(hy_table *table) {
    free(table->row);
    table->row = NULL;
    table->rows = 0;
}

/* ---------------------------------------------------------------------------------------------------- printing ---- */

static const char *table_text(const hy_table *table, const hy_table_row *row, size_t column) {
    return row ? row->cell[column] : table->headings[column];
}

/* NULL: the headings. */
static void print_line(const hy_table *table, const hy_table_row *row, const size_t *width, bool markdown) {
    fputs(markdown ? "| " : "", stdout);
    for (size_t i = 0; i < table->columns; i++)
        printf("%s%*s",
               i == 0     ? ""
               : markdown ? " | "
                          : "  ",
               i < table->words ? -(int)width[i] : (int)width[i], table_text(table, row, i));
    puts(markdown ? " |" : "");
}

static void print_rule(const hy_table *table, const size_t *width) {
    for (size_t i = 0; i < table->columns; i++) {
        fputs(i < table->words ? "|:" : "|-", stdout);
        for (size_t n = 0; n < width[i]; n++)
            putchar('-');
        putchar(i < table->words ? '-' : ':');
    }
    puts("|");
}

void hy_table_print(const hy_table *table, bool markdown) {
    size_t width[HY_TABLE_COLUMNS];
    for (size_t i = 0; i < table->columns; i++) {
        width[i] = strlen(table->headings[i]);
        for (size_t r = 0; r < table->rows; r++) {
            const size_t size = strlen(table->row[r].cell[i]);
            width[i] = size > width[i] ? size : width[i];
        }
    }
    print_line(table, NULL, width, markdown);
    if (markdown)
        print_rule(table, width);
    for (size_t r = 0; r < table->rows; r++)
        print_line(table, &table->row[r], width, markdown);
}

/* ------------------------------------------------------------------------------------------------------- cells ---- */

void hy_cell_put(char *cell, double value, const char *format, ...) {
    va_list list;
    va_start(list, format);
    if (isnan(value))
        strcpy(cell, "n/a");
    else
        vsnprintf(cell, HY_TABLE_CELL, format, list);
    va_end(list);
}

void hy_cell_put_time(char *cell, double nanoseconds) {
    hy_cell_put(cell, nanoseconds, "%s", hy_show_time(nanoseconds).text);
}

void hy_cell_put_bytes(char *cell, double bytes) {
    hy_cell_put(cell, bytes, "%s", hy_show_bytes(isnan(bytes) ? 0 : (uint64_t)bytes).text);
}

void hy_cell_put_count(char *cell, double count) {
    hy_cell_put(cell, count, "%s", hy_show_count(isnan(count) ? 0 : (uint64_t)count).text);
}
