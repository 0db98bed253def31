/* SPDX-License-Identifier: MIT
 *
 * diff.c - `heapyard diff`: two traces side by side, where they part, and how allocators fare on both.
 */
#include "command.h"

#include "diff_replay.h"
#include "difference.h"
#include "format.h"
#include "summary.h"
#include "text.h"
#include "text_table.h"
#include "units.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct diff_options {
    char *path[2];
    size_t count;
    hy_format format;
    bool times;
    const char *needs_specs; /* an option that was given and means nothing without -a; or NULL */
    diff_replay replayed;    /* if it has specs */
} diff_options;

/* ---- figures side by side ---- */

typedef enum figure_unit { FIGURE_COUNT, FIGURE_BYTES, FIGURE_SHARE, FIGURE_TIME } figure_unit;

static void put_figure(char *cell, double value, figure_unit unit, hy_format format) {
    if (format == HY_FORMAT_CSV)
        hy_cell_put(cell, value, "%.17g", value);
    else if (isnan(value) || unit == FIGURE_SHARE)
        hy_cell_put(cell, value, "%.2f %%", value);
    else if (unit == FIGURE_BYTES)
        hy_cell_put_bytes(cell, value);
    else if (unit == FIGURE_TIME)
        hy_cell_put_time(cell, value);
    else
        hy_cell_put_count(cell, value);
}

/* What is nothing in both has no row. */
static void add_figure(hy_table *table, const diff_options *options, const char *name, double a, double b,
                       figure_unit unit) {
    const double ratio = a > 0 ? b / a : NAN;
    if (a == 0 && b == 0)
        return;
    hy_table_row *const row = hy_table_add(table);
    snprintf(row->cell[0], HY_TABLE_CELL, "%s", name);
    put_figure(row->cell[1], a, unit, options->format);
    put_figure(row->cell[2], b, unit, options->format);
    hy_cell_put(row->cell[3], ratio, "%.3f", ratio);
}

static double handover_share(const hy_trace_summary *sum) {
    const uint64_t touches = sum->by_kind[HY_EVENT_REALLOC] + sum->by_kind[HY_EVENT_FREE];
    return touches ? 100.0 * (double)sum->handovers / (double)touches : 0;
}

static void add_figures(hy_table *table, const diff_options *options, const hy_trace_summary *a,
                        const hy_trace_summary *b) {
#define ADD(name, member, unit) add_figure(table, options, name, (double)a->member, (double)b->member, unit)
    ADD("events", events, FIGURE_COUNT);
    for (unsigned kind = 0; kind < HY_EVENT_KINDS; kind++)
        ADD(hy_event_name(kind), by_kind[kind], FIGURE_COUNT);
    ADD("births", objects, FIGURE_COUNT);
    ADD("asked for", total_bytes, FIGURE_BYTES);
    ADD("live peak", peak_bytes, FIGURE_BYTES);
    ADD("objects at once", peak_objects, FIGURE_COUNT);
    ADD("live at the end", end_bytes, FIGURE_BYTES);
    ADD("objects at the end", end_objects, FIGURE_COUNT);
    ADD("largest request", max_size, FIGURE_BYTES);
    ADD("threads", threads, FIGURE_COUNT);
    add_figure(table, options, "handed over", handover_share(a), handover_share(b), FIGURE_SHARE);
    ADD("duration", duration, FIGURE_TIME);
#undef ADD
}

static double octave_share(const uint64_t *octaves, size_t i) {
    uint64_t total = 0;
    for (size_t k = 0; k < HY_OCTAVES; k++)
        total += octaves[k];
    return total ? 100.0 * (double)octaves[i] / (double)total : 0;
}

static void add_octaves(hy_table *table, const diff_options *options, const char *name, const uint64_t *a,
                        const uint64_t *b) {
    for (size_t i = 0; i < HY_OCTAVES; i++) {
        char label[96];
        snprintf(label, sizeof label, "%s %s %s", name, i ? ">=" : "=",
                 hy_show_bytes(i ? (uint64_t)1 << (i - 1) : 0).text);
        add_figure(table, options, label, octave_share(a, i), octave_share(b, i), FIGURE_SHARE);
    }
}

/* ---- printing ---- */

static void print_rows_csv(const hy_table *table) {
    puts("figure,a,b,ratio");
    for (size_t i = 0; i < table->rows; i++)
        printf("%s,%s,%s,%s\n", table->row[i].cell[0], table->row[i].cell[1], table->row[i].cell[2],
               table->row[i].cell[3]);
}

static void print_figures(const diff_options *options, const hy_trace_summary *sums) {
    static const char *const headings[] = {"", "a", "b", "b / a"};
    hy_table table = {.headings = headings, .columns = 4, .words = 1};
    add_figures(&table, options, &sums[0], &sums[1]);
    add_octaves(&table, options, "size", sums[0].sizes, sums[1].sizes);
    add_octaves(&table, options, "lifetime", sums[0].lifetimes, sums[1].lifetimes);
    if (options->format == HY_FORMAT_CSV)
        print_rows_csv(&table);
    else
        hy_table_print(&table, options->format == HY_FORMAT_MARKDOWN);
    hy_table_free(&table);
}

static void print_side(const char *name, bool has, const hy_event *event) {
    char line[HY_EVENT_LINE] = "the end";
    if (has)
        hy_event_line(event, line);
    printf("  %s  %s\n", name, line);
}

static void print_difference(const diff_options *options, const hy_difference *difference) {
    if (options->format == HY_FORMAT_CSV)
        return;
    if (!difference->differ) {
        printf("\nThe events are the same%s.\n", options->times ? ", with their times" : "");
        return;
    }
    printf("\nThe first event that differs%s is number %s:\n", options->times ? "" : ", times aside,",
           hy_show_count(difference->number).text);
    print_side("a", difference->a_has, &difference->a);
    print_side("b", difference->b_has, &difference->b);
}

static void print_names(const diff_options *options, const hy_trace_summary *sums) {
    for (size_t i = 0; i < 2; i++) {
        char name[256];
        hy_text_clean(name, sizeof name, options->path[i]);
        printf("%s  %s%s%s\n", i ? "b" : "a", name, sums[i].warning[0] ? "; " : "", sums[i].warning);
    }
    putchar('\n');
}

static int compare(diff_options *options) {
    static hy_trace_summary sums[2];
    hy_difference difference;
    hy_error error;
    const bool replays = options->replayed.replay.specs.count > 0, csv = options->format == HY_FORMAT_CSV;
    for (size_t i = 0; i < 2; i++)
        if (hy_trace_summarise(options->path[i], &sums[i], &error) < 0)
            return cmd_fail("%s", error.text);
    if (hy_trace_difference(options->path[0], options->path[1], options->times, &difference, &error) < 0)
        return cmd_fail("%s", error.text);
    if (!csv)
        print_names(options, sums);
    if (!csv || !replays)
        print_figures(options, sums);
    print_difference(options, &difference);
    if (!replays)
        return difference.differ ? HY_EXIT_MEASURED : HY_EXIT_OK;
    if (!csv)
        putchar('\n');
    fflush(stdout);
    options->replayed.replay.format = options->format;
    return diff_replay_run(&options->replayed);
}

/* ---- options ---- */

enum { KEY_MARGIN = 256 };

static error_t parse(int key, char *argument, struct argp_state *state) {
    diff_options *const options = state->input;
    switch (key) {
    case 'f': return cmd_format(argument, &options->format) < 0 ? EINVAL : 0;
    case 't': options->times = true; return 0;
    case 'a': return cmd_add_specs(&options->replayed.replay.specs, argument) < 0 ? EINVAL : 0;
    case 'o':
        options->needs_specs = "-o";
        options->replayed.replay.database = argument;
        return 0;
    case 'r':
        options->needs_specs = "-r";
        return cmd_unsigned("-r", argument, 1, 1000, &options->replayed.replay.plan.repetitions);
    case KEY_MARGIN:
        options->needs_specs = "--margin";
        return cmd_margin(argument, &options->replayed.margin) < 0 ? EINVAL : 0;
    case ARGP_KEY_ARG:
        if (options->count == 2)
            argp_error(state, "expected two traces");
        options->path[options->count++] = argument;
        replay_options_add_trace(&options->replayed.replay, argument);
        return 0;
    case ARGP_KEY_END:
        if (options->count != 2)
            argp_error(state, "expected two traces, such as: heapyard diff a.hyt b.hyt");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static int check_and_compare(diff_options *options) {
    if (options->format == HY_FORMAT_GBENCH || options->format == HY_FORMAT_JSON)
        return cmd_fail("a difference is shown as text, csv or markdown");
    if (strcmp(options->path[0], "-") == 0 || strcmp(options->path[1], "-") == 0)
        return cmd_fail("both traces are read twice, so neither can be standard input");
    if (options->needs_specs && options->replayed.replay.specs.count == 0)
        return cmd_fail("%s is about what -a measures: name allocators", options->needs_specs);
    return compare(options);
}

static int run(int argc, char **argv) {
    static const struct argp_option table[] = {
        {"format", 'f', "FORMAT", 0, "text (default), csv or markdown", 0},
        {"times", 't', NULL, 0, "events that happen at another time are different", 0},
        {"allocators", 'a', "SPEC,…", 0, "also replays both on these, for peaks, times and their ratios", 0},
        {"repetitions", 'r', "N", 0, "rounds of that, for the times (5)", 0},
        {"margin", KEY_MARGIN, "SHARE", 0, "with -a: exit code 1 where a ratio is further from 1 than so much: 10%", 0},
        {"output", 'o', "FILE", 0, "with -a: the results database (results/local/results.db)", 0},
        {0}};
    static const struct argp argp = {.options = table,
                                     .parser = parse,
                                     .args_doc = "TRACE TRACE",
                                     .doc = "Shows two traces side by side, and the first event that differs.\v"
                                            "The exit code is 0 if the events are the same, 1 if they differ, 2 if "
                                            "something could not be read.  When events happened is not compared "
                                            "unless --times is given.  With -a the exit code is 1 only if something "
                                            "failed there or is beyond the margin: a clone differs, but takes as "
                                            "much memory and time."};
    static diff_options options = {.format = HY_FORMAT_TEXT};
    replay_options_start(argc, argv, &options.replayed.replay);
    int code = cmd_parse(&argp, argc, argv, &options);
    code = code ? code : check_and_compare(&options);
    replay_options_free(&options.replayed.replay);
    return code;
}

const hy_command cmd_diff = {
    .name = "diff",
    .family = "get traces",
    .usage = "diff TRACE TRACE [-a SPEC,…] [--format text|csv|markdown] [--times]",
    .summary = "two traces side by side, and where they part",
    .examples = {"heapyard diff a.hyt b.hyt", "heapyard diff --format markdown before.hyt after.hyt",
                 "heapyard diff --times t.hyt copy.hyt && echo same",
                 "heapyard diff t.hyt clone.hyt -a system,jemalloc,segregated --margin 10%", NULL},
    .run = run,
};
