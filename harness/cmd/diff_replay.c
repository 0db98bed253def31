/* SPDX-License-Identifier: MIT
 *
 * diff_replay.c - see diff_replay.h.
 */
#include "diff_replay.h"

#include "bootstrap.h"
#include "replay_rows.h"
#include "text_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What an allocator takes on both; NAN: not measured. */
typedef struct pair_figures {
    double peak[2], time[2];
    double peak_ratio, ratio, low, high; /* of the times: of the rounds' quotients, with a 95 % interval */
} pair_figures;

static pair_figures pair_read(const hy_row_of_spec *a, const hy_row_of_spec *b) {
    pair_figures pair = {.peak = {replay_row_figure(a, HY_FIGURE_RESIDENT), replay_row_figure(b, HY_FIGURE_RESIDENT)},
                         .time = {replay_row_figure(a, HY_FIGURE_NS), replay_row_figure(b, HY_FIGURE_NS)},
                         .low = NAN,
                         .high = NAN};
    const hy_values *const x = &a->figure[HY_FIGURE_NS], *const y = &b->figure[HY_FIGURE_NS];
    pair.peak_ratio = pair.peak[1] / pair.peak[0];
    pair.ratio = pair.time[1] / pair.time[0];
    if (x->count == y->count)
        hy_shared_interval(y->value, x->value, x->count, 0.95, HY_BOOTSTRAP_SEED, &pair.ratio, &pair.low, &pair.high);
    return pair;
}

/* ---- printing ---- */

static void add_row(hy_table *table, const char *spec, const pair_figures *pair, bool plain) {
    hy_table_row *const row = hy_table_add(table);
    snprintf(row->cell[0], HY_TABLE_CELL, "%s", spec);
    for (size_t i = 0; i < 2; i++) {
        if (plain) {
            hy_cell_put(row->cell[1 + i], pair->peak[i], "%.0f", pair->peak[i]);
            hy_cell_put(row->cell[4 + i], pair->time[i], "%.3f", pair->time[i]);
        } else {
            hy_cell_put_bytes(row->cell[1 + i], pair->peak[i]);
            hy_cell_put_time(row->cell[4 + i], pair->time[i]);
        }
    }
    hy_cell_put(row->cell[3], pair->peak_ratio, "%.3f", pair->peak_ratio);
    hy_cell_put(row->cell[6], pair->ratio, "%.3f", pair->ratio);
    hy_cell_put(row->cell[7], pair->low, "%.3f", pair->low);
    hy_cell_put(row->cell[8], pair->high, "%.3f", pair->high);
}

static void print_csv(const hy_table *table) {
    puts("allocator,peak_resident_a,peak_resident_b,peak_ratio,ns_per_op_a,ns_per_op_b,time_ratio,time_low,time_high");
    for (size_t i = 0; i < table->rows; i++) {
        printf("\"%s\"", table->row[i].cell[0]);
        for (size_t c = 1; c < table->columns; c++)
            printf(",%s", table->row[i].cell[c]);
        putchar('\n');
    }
}

typedef struct reach {
    double low, high;
} reach;

static void reach_add(reach *all, double ratio) {
    all->low = isnan(all->low) || ratio < all->low ? ratio : all->low;
    all->high = isnan(all->high) || ratio > all->high ? ratio : all->high;
}

static bool beyond(const reach *all, double margin) {
    return margin > 0 && (all->low < 1 - margin || all->high > 1 + margin);
}

static void print_problem(const hy_row_of_spec *a, const hy_row_of_spec *b) {
    if (strcmp(a->spec, "null") != 0)
        fprintf(stderr, "heapyard: %s: %s\n", a->spec, a->problem[0] ? a->problem : b->problem);
}

static int tell(const diff_replay *options, const hy_rows *rows) {
    static const char *const headings[] = {"allocator",  "peak of a", "of b", "b / a", "ns/op on a",
                                           "ns/op on b", "b / a",     "low",  "high"};
    const hy_format format = options->replay.format;
    hy_table table = {.headings = headings, .columns = 9, .words = 1};
    reach peak = {NAN, NAN}, time = {NAN, NAN};
    bool failed = false;
    for (size_t i = 0; i < rows[0].count; i++) {
        const pair_figures pair = pair_read(&rows[0].row[i], &rows[1].row[i]);
        failed = failed || rows[0].row[i].failed || rows[1].row[i].failed;
        if (rows[0].row[i].problem[0] || rows[1].row[i].problem[0])
            print_problem(&rows[0].row[i], &rows[1].row[i]);
        if (isnan(pair.peak_ratio) || isnan(pair.ratio))
            continue; /* null, which every campaign runs, has no peak */
        add_row(&table, rows[0].row[i].spec, &pair, format == HY_FORMAT_CSV);
        reach_add(&peak, pair.peak_ratio);
        reach_add(&time, pair.ratio);
    }
    if (format == HY_FORMAT_CSV)
        print_csv(&table);
    else
        hy_table_print(&table, format == HY_FORMAT_MARKDOWN);
    if (format != HY_FORMAT_CSV && table.rows > 0)
        printf("\nOn %zu allocators, b takes %.3f to %.3f times the memory of a, and %.3f to %.3f times the time.\n",
               table.rows, peak.low, peak.high, time.low, time.high);
    hy_table_free(&table);
    return failed || beyond(&peak, options->margin) || beyond(&time, options->margin) ? HY_EXIT_MEASURED : HY_EXIT_OK;
}

static int answer(void *context, hy_store *store, const hy_campaign_end *end) {
    const diff_replay *const options = context;
    hy_rows *rows;
    hy_error error;
    if (replay_rows_read_all(store, end, &options->replay.plan, &rows, &error) < 0)
        return cmd_fail("%s", error.text);
    const int r = tell(options, rows);
    replay_rows_free_all(rows, options->replay.trace_count);
    return r;
}

int diff_replay_run(diff_replay *options) {
    hy_campaign_plan *const plan = &options->replay.plan;
    plan->pass[HY_PASS_THROUGHPUT] = plan->pass[HY_PASS_FOOTPRINT] = options->replay.passes_given = true;
    const int r = replay_options_finish(&options->replay, "diff");
    return r ? r : cmd_measure(&options->replay, answer, options);
}
