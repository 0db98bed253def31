/* SPDX-License-Identifier: MIT
 *
 * replay_rows.c - see replay_rows.h.
 */
#include "replay_rows.h"

#include "bootstrap.h"
#include "describe.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const replay_figure_names[HY_REPLAY_FIGURES] = {[HY_FIGURE_NS] = "ns_per_op",
                                                            [HY_FIGURE_P50] = "all_p50",
                                                            [HY_FIGURE_P99] = "all_p99",
                                                            [HY_FIGURE_P999] = "all_p999",
                                                            [HY_FIGURE_MAX] = "all_max",
                                                            [HY_FIGURE_COMMITTED] = "peak_committed",
                                                            [HY_FIGURE_RESIDENT] = "peak_resident",
                                                            [HY_FIGURE_LIVE] = "peak_live",
                                                            [HY_FIGURE_VERIFIED] = "blocks_verified",
                                                            [HY_FIGURE_PLACEMENT] = "placement3",
                                                            [HY_FIGURE_SEARCH] = "search_length",
                                                            [HY_FIGURE_SPLITS] = "splits",
                                                            [HY_FIGURE_MERGES] = "merges",
                                                            [HY_FIGURE_WASTED] = "merges_wasted",
                                                            [HY_FIGURE_REGRET] = "regret",
                                                            [HY_FIGURE_PASSES] = "merge_passes",
                                                            [HY_FIGURE_STEPS] = "pass_steps",
                                                            [HY_FIGURE_LONGEST] = "longest_pass",
                                                            [HY_FIGURE_GROWS] = "grows",
                                                            [HY_FIGURE_YARD] = "yard",
                                                            [HY_FIGURE_FAILURES] = "failures",
                                                            [HY_FIGURE_FIRST] = "first_failure",
                                                            [HY_FIGURE_WALKED] = "failures_walked",
                                                            [HY_FIGURE_EXTERNAL] = "external_failures",
                                                            [HY_FIGURE_MERGE_MAX] = "merge_max",
                                                            [HY_FIGURE_GROW_MAX] = "grow_max",
                                                            [HY_FIGURE_PLAIN_MAX] = "plain_max",
                                                            [HY_FIGURE_SLOWEST] = "slowest_merge_share",
                                                            [HY_FIGURE_WINDOWS] = "windows",
                                                            [HY_FIGURE_SPEED] = "speed",
                                                            [HY_FIGURE_LATE] = "late_share",
                                                            [HY_FIGURE_LATEST] = "latest_start",
                                                            [HY_FIGURE_THREADS] = "threads_resident"};

static const char cells_sql[] =
    "SELECT t.name, c.spec, c.pass, c.version, c.outcome, c.detail, m.name, m.value FROM cell c "
    "JOIN trace t ON t.id = c.trace LEFT JOIN metric m ON m.cell = c.id "
    "WHERE c.campaign = ?1 AND c.trace = ?2 AND c.pass <> 'control' ORDER BY c.position";

static void add_value(hy_row_of_spec *row, const char *name, double value) {
    for (int i = 0; i < HY_REPLAY_FIGURES; i++) {
        if (strcmp(replay_figure_names[i], name) != 0)
            continue;
        hy_values *const v = &row->figure[i];
        double *const grown = realloc(v->value, (v->count + 1) * sizeof *grown);
        if (!grown)
            abort();
        v->value = grown;
        v->value[v->count++] = value;
    }
}

/* The throughput pass speaks for all; another pass only for itself. */
static void note_cell(hy_row_of_spec *row, const char *pass, const char *outcome, const char *detail) {
    const bool ok = strcmp(outcome, "ok") == 0, throughput = strcmp(pass, "throughput") == 0;
    const bool fine_until_now = !row->outcome[0] || strcmp(row->outcome, "ok") == 0;
    if (throughput ? !row->timed || fine_until_now : !row->timed && fine_until_now)
        snprintf(row->outcome, sizeof row->outcome, "%s", outcome);
    row->timed |= throughput;
    row->failed |= strcmp(outcome, "failed") == 0 || strcmp(outcome, "crash") == 0 || strcmp(outcome, "timeout") == 0;
    if (!ok && throughput)
        snprintf(row->problem, sizeof row->problem, "%s: %s", outcome, detail);
    else if (!ok && !row->problem[0])
        snprintf(row->problem, sizeof row->problem, "%s: %s: %s", pass, outcome, detail);
}

static int read_row(void *context, int columns, const char *const *text) {
    hy_rows *const rows = context;
    (void)columns;
    snprintf(rows->trace, sizeof rows->trace, "%s", text[0]);
    for (size_t i = 0; i < rows->count; i++) {
        hy_row_of_spec *const row = &rows->row[i];
        if (strcmp(row->spec, text[1]) != 0)
            continue;
        if (text[3][0])
            snprintf(row->version, sizeof row->version, "%s", text[3]);
        note_cell(row, text[2], text[4], text[5]);
        if (text[6])
            add_value(row, text[6], strtod(text[7], NULL));
    }
    return 0;
}

int replay_rows_read(hy_store *store, int64_t campaign, int64_t trace, char *const *specs, size_t spec_count,
                     hy_rows *ret_rows, hy_error *error) {
    char campaign_text[24], trace_text[24];
    snprintf(campaign_text, sizeof campaign_text, "%" PRId64, campaign);
    snprintf(trace_text, sizeof trace_text, "%" PRId64, trace);
    const char *const arguments[] = {campaign_text, trace_text, NULL};
    hy_rows rows = {.row = calloc(spec_count, sizeof *rows.row), .count = spec_count};
    if (!rows.row)
        return hy_fail(error, -ENOMEM, "no memory for %zu rows", spec_count);
    for (size_t i = 0; i < spec_count; i++)
        rows.row[i].spec = specs[i];
    const int r = hy_store_query(store, cells_sql, arguments, read_row, &rows, error);
    if (r == 0)
        *ret_rows = rows;
    else
        replay_rows_free(&rows);
    return r;
}

void replay_rows_free(hy_rows *rows) {
    for (size_t i = 0; i < rows->count; i++)
        for (int figure = 0; figure < HY_REPLAY_FIGURES; figure++)
            free(rows->row[i].figure[figure].value);
    free(rows->row);
    *rows = (hy_rows){.count = 0};
}

int replay_rows_read_all(hy_store *store, const hy_campaign_end *end, const hy_campaign_plan *plan, hy_rows **ret_rows,
                         hy_error *error) {
    hy_rows *const rows = calloc(plan->trace_count, sizeof *rows);
    int r = rows ? 0 : hy_fail(error, -ENOMEM, "no memory for the answer");
    for (size_t i = 0; r == 0 && i < plan->trace_count; i++)
        r = replay_rows_read(store, end->campaign, end->traces[i], plan->specs, plan->spec_count, &rows[i], error);
    if (r == 0)
        *ret_rows = rows;
    else
        replay_rows_free_all(rows, plan->trace_count);
    return r;
}

void replay_rows_free_all(hy_rows *rows, size_t count) {
    for (size_t i = 0; rows && i < count; i++)
        replay_rows_free(&rows[i]);
    free(rows);
}

double replay_row_figure(const hy_row_of_spec *row, hy_replay_figure figure) {
    const hy_values *const v = &row->figure[figure];
    return v->count ? hy_quantile(v->value, v->count, figure == HY_FIGURE_MAX ? 1 : 0.5) : NAN;
}

double replay_row_times_null(const hy_rows *rows, const hy_row_of_spec *row) {
    return replay_row_figure(row, HY_FIGURE_NS) / replay_row_figure(&rows->row[0], HY_FIGURE_NS);
}

double replay_row_over_live(const hy_row_of_spec *row) {
    return replay_row_figure(row, HY_FIGURE_RESIDENT) / replay_row_figure(row, HY_FIGURE_LIVE);
}

double replay_row_spread(const hy_row_of_spec *row) {
    const hy_values *const v = &row->figure[HY_FIGURE_NS];
    return v->count < 3 ? NAN : hy_mad(v->value, v->count) / hy_median(v->value, v->count);
}

bool replay_row_interval(const hy_row_of_spec *row, double *ret_low, double *ret_high) {
    const hy_values *const v = &row->figure[HY_FIGURE_NS];
    double median;
    return hy_median_interval(v->value, v->count, 0.95, HY_BOOTSTRAP_SEED, &median, ret_low, ret_high) == 0;
}
