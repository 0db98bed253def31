/* SPDX-License-Identifier: MIT
 *
 * replay_print.c - the table of a trace as text, Markdown, CSV or JSON (see replay_print.h).
 */
#include "replay_print.h"

#include "units.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 11
#define CELL_SIZE 160

static const char *const headings[COLUMNS] = {"allocator", "version", "ns/op", "+-",   "x null",     "p50",
                                              "p99",       "p99.9",   "max",   "peak", "/ peak live"};

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
    if (isnan(ns) && strcmp(row->outcome, "ok") != 0)
        snprintf(t.cell[2], CELL_SIZE, "%s", row->outcome);
    else
        put(t.cell[2], ns, "%.1f", ns);
    put(t.cell[3], spread, "%.1f %%", 100 * spread);
    put(t.cell[4], times, "%.2f", times);
    put_time(t.cell[5], replay_row_figure(row, HY_FIGURE_P50));
    put_time(t.cell[6], replay_row_figure(row, HY_FIGURE_P99));
    put_time(t.cell[7], replay_row_figure(row, HY_FIGURE_P999));
    put_time(t.cell[8], replay_row_figure(row, HY_FIGURE_MAX));
    put_bytes(t.cell[9], replay_row_footprint(row));
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

/* Why figures are missing.  That null has no footprint is no news. */
static void print_problems(const hy_rows *rows, bool markdown) {
    for (size_t i = 1; i < rows->count; i++)
        if (rows->row[i].problem[0])
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
    if (repetitions > 0)
        printf("%smedian of %zu repetition%s; p50 to max: one operation, the time stamp included; peak: committed, or "
               "resident of mallocs of others\n",
               markdown ? "\n" : "  ", repetitions, repetitions == 1 ? "" : "s");
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

static const struct {
    const char *name;
    hy_figure figure;
} plain[] = {
    {"ns_per_op", HY_FIGURE_NS},           {"all_p50", HY_FIGURE_P50},   {"all_p99", HY_FIGURE_P99},
    {"all_p999", HY_FIGURE_P999},          {"all_max", HY_FIGURE_MAX},   {"peak_committed", HY_FIGURE_COMMITTED},
    {"peak_resident", HY_FIGURE_RESIDENT}, {"peak_live", HY_FIGURE_LIVE}};

#define PLAIN (sizeof plain / sizeof *plain)

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
        printf(",%s", plain[k].name);
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
                const double value = replay_row_figure(row, plain[k].figure);
                isnan(value) ? (void)putchar(',') : (void)printf(",%.6g", value);
            }
            putchar(',');
            print_field(row->problem);
            putchar('\n');
        }
    }
}

static json_t *json_row(const char *trace, const hy_row_of_spec *row) {
    json_t *const json = json_pack("{s:s, s:s, s:s, s:s}", "trace", trace, "spec", row->spec, "version", row->version,
                                   "outcome", row->outcome);
    if (row->problem[0])
        json_object_set_new(json, "problem", json_string(row->problem));
    for (size_t k = 0; k < PLAIN; k++) {
        const double value = replay_row_figure(row, plain[k].figure);
        if (!isnan(value))
            json_object_set_new(json, plain[k].name, json_real(value));
    }
    return json;
}

static void print_json(const hy_rows *rows, size_t count) {
    json_t *const all = json_array();
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < rows[i].count; j++)
            json_array_append_new(all, json_row(rows[i].trace, &rows[i].row[j]));
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
