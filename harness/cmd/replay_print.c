/* SPDX-License-Identifier: MIT
 *
 * replay_print.c - the table of a trace as text, Markdown, CSV or JSON (see replay_print.h).
 */
#include "replay_print.h"

#include "registry.h"
#include "units.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 11
#define CELL_SIZE 160

static const char *const headings[COLUMNS] = {"allocator", "version", "ns/op", "+-",   "x null", "p50",
                                              "p99",       "p99.9",   "max",   "peak", "/ live"};

typedef struct text_row {
    char cell[COLUMNS][CELL_SIZE];
} text_row;

__attribute__((format(printf, 3, 4))) static void put(char *cell, double value, const char *format, ...) {
    va_list list;
    va_start(list, format);
    if (isnan(value))
        strcpy(cell, "n/a");
    else
        vsnprintf(cell, CELL_SIZE, format, list);
    va_end(list);
}

static void put_time(char *cell, double nanoseconds) {
    put(cell, nanoseconds, "%s", hy_show_time(nanoseconds).text);
}

static void put_bytes(char *cell, double bytes) {
    put(cell, bytes, "%s", hy_show_bytes(isnan(bytes) ? 0 : (uint64_t)bytes).text);
}

static text_row make_row(const hy_rows *rows, const hy_row_of_spec *row) {
    text_row t;
    const double ns = replay_row_figure(row, HY_FIGURE_NS), spread = replay_row_spread(row);
    const double times = replay_row_times_null(rows, row), over = replay_row_over_live(row);
    snprintf(t.cell[0], CELL_SIZE, "%s", row->spec);
    snprintf(t.cell[1], CELL_SIZE, "%.12s", row->version[0] ? row->version : "n/a");
    if (isnan(ns) && row->timed)
        snprintf(t.cell[2], CELL_SIZE, "%s", row->outcome);
    else
        put(t.cell[2], ns, "%.1f", ns);
    put(t.cell[3], spread, "%.1f %%", 100 * spread);
    put(t.cell[4], times, "%.2f", times);
    put_time(t.cell[5], replay_row_figure(row, HY_FIGURE_P50));
    put_time(t.cell[6], replay_row_figure(row, HY_FIGURE_P99));
    put_time(t.cell[7], replay_row_figure(row, HY_FIGURE_P999));
    put_time(t.cell[8], replay_row_figure(row, HY_FIGURE_MAX));
    put_bytes(t.cell[9], replay_row_figure(row, HY_FIGURE_RESIDENT));
    put(t.cell[10], over, "%.2f", over);
    return t;
}

/* -------------------------------------------------------------------------------------------------- text, Markdown
 * ---- */

static void widen(size_t *width, const text_row *row) {
    for (int i = 0; i < COLUMNS; i++)
        width[i] = strlen(row->cell[i]) > width[i] ? strlen(row->cell[i]) : width[i];
}

/* The first two columns to the left, figures to the right. */
static void print_line(const text_row *row, const size_t *width, bool markdown) {
    const char *const joint = markdown ? " | " : "  ";
    if (markdown)
        fputs("| ", stdout);
    for (int i = 0; i < COLUMNS; i++)
        printf("%s%*s", i ? joint : "", i < 2 ? -(int)width[i] : (int)width[i], row->cell[i]);
    puts(markdown ? " |" : "");
}

static void print_rule(const size_t *width) {
    for (int i = 0; i < COLUMNS; i++) {
        fputs(i < 2 ? "|:" : "|-", stdout);
        for (size_t n = 0; n < width[i]; n++)
            putchar('-');
        putchar(i < 2 ? '-' : ':');
    }
    puts("|");
}

static bool is_fake(const char *spec) {
    const hy_heap_ops *ops;
    hy_error error;
    return hy_spec_check(&hy_registry, (hy_text){spec, strlen(spec)}, &ops, &error) == 0 && ops->flags & HY_FAKE;
}

/* Why figures are missing.  That a fake has no footprint is no news. */
static void print_problems(const hy_rows *rows, bool markdown) {
    for (size_t i = 0; i < rows->count; i++)
        if (rows->row[i].problem[0] && (rows->row[i].failed || !is_fake(rows->row[i].spec)))
            printf("%s%s: %s\n", markdown ? "\n" : "  ", rows->row[i].spec, rows->row[i].problem);
}

static void print_verified(const hy_rows *rows, bool markdown) {
    bool some = false;
    for (size_t i = 0; i < rows->count; i++) {
        const double blocks = replay_row_figure(&rows->row[i], HY_FIGURE_VERIFIED);
        if (isnan(blocks))
            continue;
        printf("%s%s (%s times)",
               some       ? ", "
               : markdown ? "\nContents checked, all as written: "
                          : "  contents checked, all as written: ",
               rows->row[i].spec, hy_show_count((uint64_t)blocks).text);
        some = true;
    }
    fputs(some ? "\n" : "", stdout);
}

/* What the figures are. */
static void print_legend(const hy_rows *rows, bool markdown) {
    const size_t repetitions = rows->row[0].figure[HY_FIGURE_NS].count;
    const char *const start = markdown ? "\n" : "  ";
    if (repetitions > 0)
        printf("%sns/op: median of %zu repetition%s; +-: between them (1.48 x median absolute deviation); p50 to max: "
               "one operation, time stamp included\n",
               start, repetitions, repetitions == 1 ? "" : "s");
    for (size_t i = 0; i < rows->count; i++) {
        const double live = replay_row_figure(&rows->row[i], HY_FIGURE_LIVE);
        if (isnan(live))
            continue;
        printf("%speak: resident memory, at its most; / live: that over the most live bytes, %s\n", start,
               hy_show_bytes((uint64_t)live).text);
        return;
    }
}

static void print_table(const hy_rows *rows, bool markdown) {
    text_row head;
    size_t width[COLUMNS] = {0};
    for (int i = 0; i < COLUMNS; i++)
        snprintf(head.cell[i], CELL_SIZE, "%s", headings[i]);
    widen(width, &head);
    for (size_t i = 0; i < rows->count; i++) {
        const text_row row = make_row(rows, &rows->row[i]);
        widen(width, &row);
    }
    printf(markdown ? "## %s\n\n" : "%s\n", rows->trace);
    print_line(&head, width, markdown);
    if (markdown)
        print_rule(width);
    for (size_t i = 0; i < rows->count; i++) {
        const text_row row = make_row(rows, &rows->row[i]);
        print_line(&row, width, markdown);
    }
    print_legend(rows, markdown);
    print_problems(rows, markdown);
    print_verified(rows, markdown);
    puts("");
}

/* ------------------------------------------------------------------------------------------------------ CSV, JSON ----
 */

static double plain_repetitions(const hy_rows *rows, const hy_row_of_spec *row) {
    (void)rows;
    return (double)row->figure[HY_FIGURE_NS].count;
}

static double plain_spread(const hy_rows *rows, const hy_row_of_spec *row) {
    (void)rows;
    return replay_row_spread(row);
}

static double plain_blowup(const hy_rows *rows, const hy_row_of_spec *row) {
    (void)rows;
    return replay_row_over_live(row);
}

/* A column is a figure, under its metric's name, or what follows from several. */
typedef struct plain_column {
    hy_figure figure;
    const char *name;
    double (*value)(const hy_rows *rows, const hy_row_of_spec *row);
} plain_column;

static const plain_column plain[] = {
    {.name = "repetitions", .value = plain_repetitions},
    {.figure = HY_FIGURE_NS},
    {.name = "spread", .value = plain_spread},
    {.name = "of_null", .value = replay_row_times_null},
    {.figure = HY_FIGURE_P50},
    {.figure = HY_FIGURE_P99},
    {.figure = HY_FIGURE_P999},
    {.figure = HY_FIGURE_MAX},
    {.figure = HY_FIGURE_LIVE},
    {.figure = HY_FIGURE_RESIDENT},
    {.figure = HY_FIGURE_COMMITTED},
    {.name = "blowup", .value = plain_blowup},
    {.figure = HY_FIGURE_PLACEMENT},
    {.figure = HY_FIGURE_SEARCH},
    {.figure = HY_FIGURE_SPLITS},
    {.figure = HY_FIGURE_MERGES},
    {.figure = HY_FIGURE_WASTED},
    {.figure = HY_FIGURE_REGRET},
    {.figure = HY_FIGURE_PASSES},
    {.figure = HY_FIGURE_STEPS},
    {.figure = HY_FIGURE_LONGEST},
    {.figure = HY_FIGURE_GROWS},
};

enum { PLAIN = sizeof plain / sizeof *plain };

static const char *plain_name(const plain_column *column) {
    return column->value ? column->name : replay_figure_names[column->figure];
}

/* NAN where there is none. */
static double plain_value(const plain_column *column, const hy_rows *rows, const hy_row_of_spec *row) {
    return column->value ? column->value(rows, row) : replay_row_figure(row, column->figure);
}

/* A field in quotes where it must be (RFC 4180). */
static void print_field(const char *text) {
    if (!strpbrk(text, "\",\n")) {
        fputs(text, stdout);
        return;
    }
    putchar('"');
    for (; *text; text++)
        printf(*text == '"' ? "\"\"" : "%c", *text);
    putchar('"');
}

static void print_csv(const hy_rows *rows, size_t count) {
    fputs("trace,spec,version,outcome", stdout);
    for (size_t k = 0; k < PLAIN; k++)
        printf(",%s", plain_name(&plain[k]));
    puts(",problem");
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < rows[i].count; j++) {
            const hy_row_of_spec *const row = &rows[i].row[j];
            const char *const texts[] = {rows[i].trace, row->spec, row->version, row->outcome};
            for (size_t k = 0; k < 4; k++) {
                fputs(k ? "," : "", stdout);
                print_field(texts[k]);
            }
            for (size_t k = 0; k < PLAIN; k++) {
                const double value = plain_value(&plain[k], &rows[i], row);
                isnan(value) ? putchar(',') : printf(",%.9g", value);
            }
            putchar(',');
            print_field(row->problem);
            putchar('\n');
        }
    }
}

static json_t *json_row(const hy_rows *rows, const hy_row_of_spec *row) {
    json_t *const json = json_pack("{s:s, s:s, s:s, s:s}", "trace", rows->trace, "spec", row->spec, "version",
                                   row->version, "outcome", row->outcome);
    if (row->problem[0])
        json_object_set_new(json, "problem", json_string(row->problem));
    for (size_t k = 0; k < PLAIN; k++) {
        const double value = plain_value(&plain[k], rows, row);
        if (!isnan(value))
            json_object_set_new(json, plain_name(&plain[k]), json_real(value));
    }
    return json;
}

static void print_json(const hy_rows *rows, size_t count) {
    json_t *const all = json_array();
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < rows[i].count; j++)
            json_array_append_new(all, json_row(&rows[i], &rows[i].row[j]));
    json_dumpf(all, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    putchar('\n');
    json_decref(all);
}

void replay_print(const hy_rows *rows, size_t count, hy_format format) {
    if (format == HY_FORMAT_CSV)
        print_csv(rows, count);
    else if (format == HY_FORMAT_JSON)
        print_json(rows, count);
    else
        for (size_t i = 0; i < count; i++)
            print_table(&rows[i], format == HY_FORMAT_MARKDOWN);
}
