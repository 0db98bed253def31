/* SPDX-License-Identifier: MIT
 *
 * merge_print.c - a table as text, Markdown, CSV (RFC 4180) and JSON (a list of objects).
 */
#include "merge.h"

#include "units.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char *print_cell(const hy_grid *grid, size_t row, size_t column) {
    return grid->cells[row * grid->columns + column];
}

static void print_padded(const hy_grid *grid, size_t row, size_t column, FILE *out) {
    size_t width = 0;
    for (size_t r = 0; r <= grid->rows; r++) {
        const size_t own = hy_text_width(print_cell(grid, r, column));
        width = own > width ? own : width;
    }
    const char *const text = print_cell(grid, row, column);
    const int gap = (int)(width - hy_text_width(text));
    const bool last = column + 1 == grid->columns;
    if (grid->number[column])
        fprintf(out, "%*s%s", gap, "", text);
    else
        fprintf(out, "%s%*s", text, last ? 0 : gap, "");
    fputs(last ? "\n" : "  ", out);
}

void hy_grid_text(const hy_grid *grid, FILE *out) {
    for (size_t row = 0; row <= grid->rows; row++)
        for (size_t column = 0; column < grid->columns; column++)
            print_padded(grid, row, column, out);
}

static void print_markdown_cell(const char *text, FILE *out) {
    fputs("| ", out);
    for (; *text; text++) {
        if (strchr("\\|<>*_`[]&", *text))
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc(' ', out);
}

void hy_grid_markdown(const hy_grid *grid, FILE *out) {
    for (size_t row = 0; row <= grid->rows; row++) {
        for (size_t column = 0; column < grid->columns; column++)
            print_markdown_cell(print_cell(grid, row, column), out);
        fputs("|\n", out);
        for (size_t column = 0; row == 0 && column < grid->columns; column++)
            fprintf(out, "|%s%s", grid->number[column] ? "--:" : ":--", column + 1 == grid->columns ? "|\n" : "");
    }
}

void hy_grid_csv(const hy_grid *grid, FILE *out) {
    for (size_t row = 0; row <= grid->rows; row++)
        for (size_t column = 0; column < grid->columns; column++) {
            hy_csv(out, print_cell(grid, row, column));
            fputc(column + 1 == grid->columns ? '\n' : ',', out);
        }
}

static json_t *print_value(const hy_grid *grid, size_t row, size_t column) {
    const char *const text = print_cell(grid, row, column);
    char *end;
    if (strcmp(text, "n/a") == 0)
        return json_null();
    const double value = strtod(text, &end);
    return grid->number[column] && *end == '\0' ? json_real(value) : json_string(text);
}

int hy_grid_json(const hy_grid *grid, FILE *out, hy_error *error) {
    json_t *const list = json_array();
    for (size_t row = 1; row <= grid->rows; row++) {
        json_t *const object = json_object();
        for (size_t column = 0; column < grid->columns; column++)
            json_object_set_new(object, print_cell(grid, 0, column), print_value(grid, row, column));
        json_array_append_new(list, object);
    }
    const int r = json_dumpf(list, out, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    json_decref(list);
    fputc('\n', out);
    return r == 0 ? 0 : hy_fail(error, -EIO, "cannot write the table as JSON");
}
