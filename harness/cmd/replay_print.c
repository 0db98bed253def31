/* SPDX-License-Identifier: MIT
 *
 * replay_print.c - the table of a trace as text, Markdown, CSV or JSON (see replay_print.h).
 */
#include "replay_print.h"

#include "json_text.h"
#include "registry.h"
#include "replay_verdict.h"
#include "text_table.h"
#include "units.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const headings[] = {"allocator", "version", "ns/op", "+-",   "x null", "p50",
                                       "p99",       "p99.9",   "max",   "peak", "/ live", "verdict"};

static void fill_row(hy_table_row *t, const hy_rows *rows, const hy_row_of_spec *row) {
    const double ns = replay_row_figure(row, HY_FIGURE_NS), spread = replay_row_spread(row);
    const double times = replay_row_times_null(rows, row), over = replay_row_over_live(row);
    snprintf(t->cell[0], HY_TABLE_CELL, "%s", row->spec);
    snprintf(t->cell[1], HY_TABLE_CELL, "%.12s", row->version[0] ? row->version : "n/a");
    if (isnan(ns) && row->timed)
        snprintf(t->cell[2], HY_TABLE_CELL, "%s", row->outcome);
    else
        hy_cell_put(t->cell[2], ns, "%.1f", ns);
    hy_cell_put(t->cell[3], spread, "%.1f %%", 100 * spread);
    hy_cell_put(t->cell[4], times, "%.2f", times);
    hy_cell_put_time(t->cell[5], replay_row_figure(row, HY_FIGURE_P50));
    hy_cell_put_time(t->cell[6], replay_row_figure(row, HY_FIGURE_P99));
    hy_cell_put_time(t->cell[7], replay_row_figure(row, HY_FIGURE_P999));
    hy_cell_put_time(t->cell[8], replay_row_figure(row, HY_FIGURE_MAX));
    hy_cell_put_bytes(t->cell[9], replay_row_figure(row, HY_FIGURE_RESIDENT));
    hy_cell_put(t->cell[10], over, "%.2f", over);
    snprintf(t->cell[11], HY_TABLE_CELL, "%s", replay_verdict_word(rows, row));
}

/* ---------------------------------------------------------------------------------------------- text, Markdown ---- */

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

/* "first-fit 17 failures (the first at operation 1 234; for 5 of 17 the holes together had room)" */
static void print_failures(const hy_row_of_spec *row) {
    const double failures = replay_row_figure(row, HY_FIGURE_FAILURES);
    const double walked = replay_row_figure(row, HY_FIGURE_WALKED);
    printf("%s %s failure%s", row->spec, failures > 0 ? hy_show_count((uint64_t)failures).text : "no",
           failures == 1 ? "" : "s");
    if (failures > 0)
        printf(" (the first at operation %.0f", replay_row_figure(row, HY_FIGURE_FIRST));
    if (failures > 0 && walked > 0)
        printf("; for %.0f of %.0f the free bytes would have been enough", replay_row_figure(row, HY_FIGURE_EXTERNAL),
               walked);
    fputs(failures > 0 ? ")" : "", stdout);
}

static void print_yard(const hy_rows *rows, bool markdown) {
    bool some = false;
    for (size_t i = 0; i < rows->count; i++) {
        const double yard = replay_row_figure(&rows->row[i], HY_FIGURE_YARD);
        if (isnan(yard))
            continue;
        if (!some)
            printf("%sIn a yard of %s: ", markdown ? "\n" : "  ", hy_show_bytes((uint64_t)yard).text);
        fputs(some ? ", " : "", stdout);
        print_failures(&rows->row[i]);
        some = true;
    }
    fputs(some ? "\n" : "", stdout);
}

/* "the operations were due at 2 times the recorded speed; late were: null 0.1 % (the latest by 20 µs), …" */
static void print_open_loop(const hy_rows *rows, const char *start) {
    bool some = false;
    for (size_t i = 0; i < rows->count; i++) {
        const double speed = replay_row_figure(&rows->row[i], HY_FIGURE_SPEED);
        if (isnan(speed))
            continue;
        if (!some)
            printf("%sp50 to max: from the time that an operation was due, at %g times the recorded speed, to its end\n"
                   "%sstarts that were late: ",
                   start, speed, start);
        printf("%s%s %.3g %% (the latest by %s)", some ? ", " : "", rows->row[i].spec,
               100 * replay_row_figure(&rows->row[i], HY_FIGURE_LATE),
               hy_show_time(replay_row_figure(&rows->row[i], HY_FIGURE_LATEST)).text);
        some = true;
    }
    fputs(some ? "\n" : "", stdout);
}

/* "resident memory at its most with the threads side by side: system 5.10 MiB, …": the median of the rounds. */
static void print_threads(const hy_rows *rows, const char *start) {
    bool some = false;
    for (size_t i = 0; i < rows->count; i++) {
        const double bytes = replay_row_figure(&rows->row[i], HY_FIGURE_THREADS);
        if (isnan(bytes))
            continue;
        printf("%s%s%s %s", some ? "" : start,
               some ? ", " : "resident memory at its most with the threads side by side: ", rows->row[i].spec,
               hy_show_bytes((uint64_t)bytes).text);
        some = true;
    }
    fputs(some ? "\n" : "", stdout);
}

static bool some_have(const hy_rows *rows, hy_replay_figure figure) {
    bool have = false;
    for (size_t i = 0; i < rows->count; i++)
        have |= !isnan(replay_row_figure(&rows->row[i], figure));
    return have;
}

static void print_windows(const hy_rows *rows, const char *start) {
    double windows = NAN;
    for (size_t i = 0; i < rows->count && isnan(windows); i++)
        windows = replay_row_figure(&rows->row[i], HY_FIGURE_WINDOWS);
    if (!isnan(windows))
        printf("%sstreamed in %.0f windows; times are summed over them, and the clock stands still in between\n", start,
               windows);
}

/* What the figures are. */
static void print_legend(const hy_rows *rows, bool markdown) {
    const size_t repetitions = rows->row[0].figure[HY_FIGURE_NS].count;
    const char *const start = markdown ? "\n" : "  ";
    if (repetitions > 0)
        printf("%sns/op: median of %zu repetition%s; +-: between them (1.48 x median absolute deviation)\n", start,
               repetitions, repetitions == 1 ? "" : "s");
    if (some_have(rows, HY_FIGURE_SPEED))
        print_open_loop(rows, start);
    else if (some_have(rows, HY_FIGURE_P50))
        printf("%sp50 to max: one operation, time stamp included\n", start);
    print_windows(rows, start);
    print_threads(rows, start);
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
    hy_table table = {.headings = headings, .columns = sizeof headings / sizeof *headings, .words = 2};
    for (size_t i = 0; i < rows->count; i++)
        fill_row(hy_table_add(&table), rows, &rows->row[i]);
    printf(markdown ? "## %s\n\n" : "%s\n", rows->trace);
    hy_table_print(&table, markdown);
    hy_table_free(&table);
    print_legend(rows, markdown);
    replay_verdict_legend(rows, markdown ? "\n" : "  ");
    print_problems(rows, markdown);
    print_verified(rows, markdown);
    print_yard(rows, markdown);
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

/* Of ns_per_op, 95 %. */
static double plain_low(const hy_rows *rows, const hy_row_of_spec *row) {
    double low, high;
    (void)rows;
    return replay_row_interval(row, &low, &high) ? low : NAN;
}

static double plain_high(const hy_rows *rows, const hy_row_of_spec *row) {
    double low, high;
    (void)rows;
    return replay_row_interval(row, &low, &high) ? high : NAN;
}

/* A column is a figure, under its metric's name, or what follows from several. */
typedef struct plain_column {
    hy_replay_figure figure;
    const char *name;
    double (*value)(const hy_rows *rows, const hy_row_of_spec *row);
} plain_column;

static const plain_column plain[] = {
    {.name = "repetitions", .value = plain_repetitions},
    {.figure = HY_FIGURE_NS},
    {.name = "spread", .value = plain_spread},
    {.name = "ns_low", .value = plain_low},
    {.name = "ns_high", .value = plain_high},
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
    {.figure = HY_FIGURE_MERGE_MAX},
    {.figure = HY_FIGURE_GROW_MAX},
    {.figure = HY_FIGURE_PLAIN_MAX},
    {.figure = HY_FIGURE_SLOWEST},
    {.figure = HY_FIGURE_WINDOWS},
    {.figure = HY_FIGURE_SPEED},
    {.figure = HY_FIGURE_LATE},
    {.figure = HY_FIGURE_LATEST},
    {.figure = HY_FIGURE_YARD},
    {.figure = HY_FIGURE_FAILURES},
    {.figure = HY_FIGURE_FIRST},
    {.figure = HY_FIGURE_EXTERNAL},
    {.figure = HY_FIGURE_THREADS},
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
    replay_verdict_csv_names();
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
            replay_verdict_csv(&rows[i], row);
            putchar(',');
            print_field(row->problem);
            putchar('\n');
        }
    }
}

static json_t *json_row(const hy_rows *rows, const hy_row_of_spec *row) {
    json_t *const json =
        json_pack("{s:o, s:o, s:o, s:s}", "trace", cmd_json_text(rows->trace), "spec", cmd_json_text(row->spec),
                  "version", cmd_json_text(row->version), "outcome", row->outcome);
    if (row->problem[0])
        json_object_set_new(json, "problem", cmd_json_text(row->problem));
    for (size_t k = 0; k < PLAIN; k++) {
        const double value = plain_value(&plain[k], rows, row);
        if (!isnan(value))
            json_object_set_new(json, plain_name(&plain[k]), json_real(value));
    }
    replay_verdict_json(rows, row, json);
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
