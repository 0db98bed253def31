/* SPDX-License-Identifier: MIT
 *
 * sweep_print.c - what a sweep found: a table for each trace, and a sentence.
 */
#include "replay_print.h"
#include "sweep.h"
#include "text_table.h"
#include "units.h"

#include <math.h>
#include <stdio.h>

static const char *const headings[] = {"setting", "ns/op",  "95 %", "p99.9",  "max",       "search", "splits",
                                       "merges",  "regret", "peak", "/ live", "placement", "fails"};

static void fill_row(hy_table_row *t, const hy_row_of_spec *row) {
    const double ns = replay_row_figure(row, HY_FIGURE_NS), over = replay_row_over_live(row);
    const double search = replay_row_figure(row, HY_FIGURE_SEARCH), regret = replay_row_figure(row, HY_FIGURE_REGRET);
    const double placement = replay_row_figure(row, HY_FIGURE_PLACEMENT);
    double low = NAN, high = NAN;
    replay_row_interval(row, &low, &high);
    snprintf(t->cell[0], HY_TABLE_CELL, "%s", row->spec);
    if (isnan(ns) && row->timed)
        snprintf(t->cell[1], HY_TABLE_CELL, "%s", row->outcome);
    else
        hy_cell_put(t->cell[1], ns, "%.1f", ns);
    hy_cell_put(t->cell[2], low, "%.1f-%.1f", low, high);
    hy_cell_put_time(t->cell[3], replay_row_figure(row, HY_FIGURE_P999));
    hy_cell_put_time(t->cell[4], replay_row_figure(row, HY_FIGURE_MAX));
    hy_cell_put(t->cell[5], search, "%.2f", search);
    hy_cell_put_count(t->cell[6], replay_row_figure(row, HY_FIGURE_SPLITS));
    hy_cell_put_count(t->cell[7], replay_row_figure(row, HY_FIGURE_MERGES));
    hy_cell_put(t->cell[8], regret, "%.1f %%", 100 * regret);
    hy_cell_put_bytes(t->cell[9], replay_row_figure(row, HY_FIGURE_RESIDENT));
    hy_cell_put(t->cell[10], over, "%.2f", over);
    hy_cell_put(t->cell[11], placement, "%.3f", placement);
    hy_cell_put_count(t->cell[12], replay_row_figure(row, HY_FIGURE_FAILURES));
}

static void print_legend(const hy_rows *rows, bool markdown) {
    const char *const start = markdown ? "\n" : "  ";
    const size_t repetitions = rows->row[0].figure[HY_FIGURE_NS].count;
    if (repetitions > 0)
        printf("%sns/op: median of %zu repetition%s, with its interval%s; p99.9, max: one operation, time stamp "
               "included\n",
               start, repetitions, repetitions == 1 ? "" : "s", repetitions < 5 ? " from 5 on" : "");
    double yard = NAN;
    for (size_t i = 0; isnan(yard) && i < rows->count; i++)
        yard = replay_row_figure(&rows->row[i], HY_FIGURE_YARD);
    if (!isnan(yard))
        printf("%sfails: requests without room where the whole heap lies in %s\n", start,
               hy_show_bytes((uint64_t)yard).text);
    printf("%ssearch: holes looked at per request; regret: merges that were soon split again; peak: resident memory; "
           "placement: touched / used\n",
           start);
}

/* Settings that are refused stand in the plan with their reasons; here they are counted. */
static void print_problems(const hy_rows *rows, const hy_probed *probed, bool markdown) {
    const char *const start = markdown ? "\n" : "  ";
    size_t refused = 0;
    for (size_t i = 0; i < rows->count; i++) {
        refused += !probed[i].ok;
        if (probed[i].ok && rows->row[i].problem[0] && i > 0)
            printf("%s%s: %s\n", start, rows->row[i].spec, rows->row[i].problem);
    }
    if (refused > 0)
        printf("%s%zu more setting%s cannot be opened; --dry-run gives the reasons\n", start, refused,
               refused == 1 ? "" : "s");
}

static void print_table(const hy_rows *rows, const hy_campaign_plan *plan, bool markdown) {
    const size_t all = sizeof headings / sizeof *headings;
    const hy_probed *const probed = plan->probed;
    hy_table table = {.headings = headings, .columns = plan->pass[HY_PASS_YARD] ? all : all - 1, .words = 1};
    for (size_t i = 0; i < rows->count; i++)
        if (probed[i].ok)
            fill_row(hy_table_add(&table), &rows->row[i]);
    printf(markdown ? "## %s\n\n" : "%s\n", rows->trace);
    hy_table_print(&table, markdown);
    hy_table_free(&table);
    print_legend(rows, markdown);
    print_problems(rows, probed, markdown);
    puts("");
}

int sweep_tell(const hy_sweep *sweep, hy_store *store, const hy_campaign_end *end) {
    const hy_campaign_plan *const plan = &sweep->replay.plan;
    const hy_format format = sweep->replay.format;
    hy_rows *rows;
    hy_error error;
    if (replay_rows_read_all(store, end, plan, &rows, &error) < 0)
        return cmd_fail("%s", error.text);
    const bool prose = format == HY_FORMAT_TEXT || format == HY_FORMAT_MARKDOWN;
    if (!prose)
        replay_print(rows, plan->trace_count, format);
    for (size_t i = 0; prose && i < plan->trace_count; i++)
        print_table(&rows[i], plan, format == HY_FORMAT_MARKDOWN);
    for (size_t i = 0; prose && i < plan->trace_count; i++)
        sweep_print_sentence(&rows[i]);
    replay_rows_free_all(rows, plan->trace_count);
    return HY_EXIT_OK;
}
