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

/* Columns that are printed side by side: the first one, which says whose row it is, and those from `from` on. */
typedef struct stripe {
    const hy_table *table;
    size_t width[HY_TABLE_COLUMNS];
    size_t from, to;
    bool markdown;
} stripe;

static void print_cell(const stripe *s, const hy_table_row *row, size_t column) {
    const char *const text = table_text(s->table, row, column), *const between = s->markdown ? " | " : "  ";
    const int gap = (int)(s->width[column] - hy_text_width(text));
    const bool word = column < s->table->words;
    printf("%s%*s%s%*s", column == 0 ? "" : between, word ? 0 : gap, "", text, word ? gap : 0, "");
}

/* NULL: the headings. */
static void print_line(const stripe *s, const hy_table_row *row) {
    fputs(s->markdown ? "| " : "", stdout);
    print_cell(s, row, 0);
    for (size_t i = s->from; i < s->to; i++)
        print_cell(s, row, i);
    puts(s->markdown ? " |" : "");
}

static void print_rule(const stripe *s) {
    for (size_t i = 0; i < s->table->columns; i++) {
        fputs(i < s->table->words ? "|:" : "|-", stdout);
        for (size_t n = 0; n < s->width[i]; n++)
            putchar('-');
        putchar(i < s->table->words ? '-' : ':');
    }
    puts("|");
}

static void print_stripe(const stripe *s) {
    print_line(s, NULL);
    if (s->markdown)
        print_rule(s);
    for (size_t r = 0; r < s->table->rows; r++)
        print_line(s, &s->table->row[r]);
}

/* As many columns as fit side by side, but one at least; of Markdown all, for it is not read as it stands. */
static size_t stripe_end(const stripe *s) {
    size_t to = s->from, width = s->width[0];
    while (to < s->table->columns && (s->markdown || to == s->from || width + 2 + s->width[to] <= HY_TABLE_WIDEST))
        width += 2 + s->width[to++];
    return to;
}

void hy_table_print(const hy_table *table, bool markdown) {
    stripe s = {.table = table, .from = 1, .to = 1, .markdown = markdown};
    for (size_t i = 0; i < table->columns; i++) {
        s.width[i] = hy_text_width(table->headings[i]);
        for (size_t r = 0; r < table->rows; r++) {
            const size_t size = hy_text_width(table->row[r].cell[i]);
            s.width[i] = size > s.width[i] ? size : s.width[i];
        }
    }
    do {
        if (s.to > 1)
            putchar('\n');
        s.from = s.to;
        s.to = stripe_end(&s);
        print_stripe(&s);
    } while (s.to < table->columns);
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
