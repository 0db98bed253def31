/* SPDX-License-Identifier: MIT
 *
 * merge_table.c - the table «best rule per trace and fit», and the table of all points.
 *
 * A column is a head and a function that writes one cell.  What does not exist is n/a, or the outcome that prevented
 * it.
 */
#include "merge.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

typedef struct cell {
    char text[256];
} cell;

typedef struct table_column {
    const char *head;
    bool number;
    cell (*write)(const hy_merge_curve *, const hy_merge_point *);
    const char *metric; /* for table_metric */
} table_column;

__attribute__((format(printf, 1, 2))) static cell table_say(const char *format, ...) {
    cell c;
    va_list list;
    va_start(list, format);
    vsnprintf(c.text, sizeof c.text, format, list);
    va_end(list);
    return c;
}

static cell table_figure(double value) {
    return isfinite(value) ? table_say("%.9g", value) : table_say("n/a");
}

static cell table_ratio(double value) {
    return isfinite(value) ? table_say("%.2f×", value) : table_say("n/a");
}

static cell table_rule(const hy_merge_point *point) {
    return table_say("%s", point ? point->rule : "n/a");
}

/* ------------------------------------------------------------------------------------- one row a curve, for people --
 */

static cell best_trace(const hy_merge_curve *curve, const hy_merge_point *best) {
    return table_say("%.200s", curve->study->name);
}
static cell best_fit(const hy_merge_curve *curve, const hy_merge_point *best) {
    return table_say("%.200s", curve->fit);
}
static cell best_rule(const hy_merge_curve *curve, const hy_merge_point *best) {
    return table_rule(best);
}

/* The ends of the likely rules along the axis. */
static const hy_merge_point *best_end(const hy_merge_curve *curve, bool last) {
    const hy_merge_point *end = NULL;
    for (size_t i = 0; i < curve->axis && (last || !end); i++)
        end = curve->points[i].likely ? &curve->points[i] : end;
    return end;
}

static cell best_likely(const hy_merge_curve *curve, const hy_merge_point *best) {
    const hy_merge_point *const first = best_end(curve, false), *const last = best_end(curve, true);
    if (!first)
        return table_say("n/a");
    return first == last ? table_rule(first) : table_say("%s … %s", first->rule, last->rule);
}

static cell best_time(const hy_merge_curve *curve, const hy_merge_point *best) {
    if (!best || !isfinite(best->time_ratio.middle))
        return table_say(best && best == curve->immediate ? "1" : "n/a");
    const hy_interval *const i = &best->time_ratio;
    return isfinite(i->low) ? table_say("%.2f× (%.2f–%.2f)", i->middle, i->low, i->high) : table_ratio(i->middle);
}

static cell best_time_word(const hy_merge_curve *curve, const hy_merge_point *best) {
    return table_say("%s", best && best->time_word[0] ? best->time_word : best == curve->immediate ? "—" : "n/a");
}

static cell best_size(const hy_merge_curve *curve, const hy_merge_point *best) {
    return best && best == curve->immediate ? table_say("1") : table_ratio(best ? best->size_ratio : NAN);
}

static cell best_size_word(const hy_merge_curve *curve, const hy_merge_point *best) {
    return table_say("%s", best && best->size_word[0] ? best->size_word : best == curve->immediate ? "—" : "n/a");
}

static cell best_knee(const hy_merge_curve *curve, const hy_merge_point *best) {
    return curve->knee ? table_rule(curve->knee) : table_say("none");
}
static cell best_frugal(const hy_merge_curve *curve, const hy_merge_point *best) {
    return table_rule(curve->frugal);
}
static cell best_overall(const hy_merge_curve *curve, const hy_merge_point *best) {
    return table_rule(curve->overall);
}
static cell best_failed(const hy_merge_curve *curve, const hy_merge_point *best) {
    return table_say("%zu of %zu", curve->failed, curve->count);
}

static const table_column shown_columns[] = {
    {"trace", false, best_trace, NULL},
    {"fit", false, best_fit, NULL},
    {"best", false, best_rule, NULL},
    {"95 % likely", false, best_likely, NULL},
    {"time to immediate", true, best_time, NULL},
    {"", false, best_time_word, NULL},
    {"memory", true, best_size, NULL},
    {"", false, best_size_word, NULL},
    {"knee", false, best_knee, NULL},
    {"fastest, memory +5 %", false, best_frugal, NULL},
    {"best of all rules", false, best_overall, NULL},
    {"failed", true, best_failed, NULL},
    {NULL, false, NULL, NULL},
};

/* ---------------------------------------------------------------------------------------- one row a curve, raw ---- */

static cell raw_likely(const hy_merge_curve *curve, const hy_merge_point *best) {
    cell c = {""};
    for (size_t i = 0; i < curve->axis; i++)
        if (curve->points[i].likely) {
            const size_t used = strlen(c.text);
            snprintf(c.text + used, sizeof c.text - used, "%s%s", used ? " " : "", curve->points[i].rule);
        }
    return c.text[0] ? c : table_say("n/a");
}
static cell raw_share(const hy_merge_curve *curve, const hy_merge_point *point) {
    return table_figure(point ? point->share : NAN);
}
static cell raw_time_ratio(const hy_merge_curve *curve, const hy_merge_point *point) {
    return table_figure(!point ? NAN : point == curve->immediate ? 1 : point->time_ratio.middle);
}
static cell raw_time_ratio_low(const hy_merge_curve *curve, const hy_merge_point *point) {
    return table_figure(point ? point->time_ratio.low : NAN);
}
static cell raw_time_ratio_high(const hy_merge_curve *curve, const hy_merge_point *point) {
    return table_figure(point ? point->time_ratio.high : NAN);
}
static cell raw_time_word(const hy_merge_curve *curve, const hy_merge_point *point) {
    return table_say("%s", point && point->time_word[0] ? point->time_word : "n/a");
}
static cell raw_size_ratio(const hy_merge_curve *curve, const hy_merge_point *point) {
    return table_figure(!point ? NAN : point == curve->immediate ? 1 : point->size_ratio);
}
static cell raw_size_word(const hy_merge_curve *curve, const hy_merge_point *point) {
    return table_say("%s", point && point->size_word[0] ? point->size_word : "n/a");
}
static cell raw_frugal_time(const hy_merge_curve *curve, const hy_merge_point *best) {
    return raw_time_ratio(curve, curve->frugal);
}
static cell raw_frugal_size(const hy_merge_curve *curve, const hy_merge_point *best) {
    return raw_size_ratio(curve, curve->frugal);
}
static cell raw_overall_time(const hy_merge_curve *curve, const hy_merge_point *best) {
    return raw_time_ratio(curve, curve->overall);
}
static cell raw_overall_size(const hy_merge_curve *curve, const hy_merge_point *best) {
    return raw_size_ratio(curve, curve->overall);
}
static cell raw_points(const hy_merge_curve *curve, const hy_merge_point *best) {
    return table_say("%zu", curve->count);
}
static cell raw_failed(const hy_merge_curve *curve, const hy_merge_point *best) {
    return table_say("%zu", curve->failed);
}

static const table_column raw_columns[] = {
    {"trace", false, best_trace, NULL},
    {"fit", false, best_fit, NULL},
    {"best", false, best_rule, NULL},
    {"likely", false, raw_likely, NULL},
    {"share", true, raw_share, NULL},
    {"time_ratio", true, raw_time_ratio, NULL},
    {"time_ratio_low", true, raw_time_ratio_low, NULL},
    {"time_ratio_high", true, raw_time_ratio_high, NULL},
    {"time_verdict", false, raw_time_word, NULL},
    {"size_ratio", true, raw_size_ratio, NULL},
    {"size_verdict", false, raw_size_word, NULL},
    {"knee", false, best_knee, NULL},
    {"frugal", false, best_frugal, NULL},
    {"frugal_time_ratio", true, raw_frugal_time, NULL},
    {"frugal_size_ratio", true, raw_frugal_size, NULL},
    {"overall", false, best_overall, NULL},
    {"overall_time_ratio", true, raw_overall_time, NULL},
    {"overall_size_ratio", true, raw_overall_size, NULL},
    {"points", true, raw_points, NULL},
    {"failed", true, raw_failed, NULL},
    {NULL, false, NULL, NULL},
};

/* ------------------------------------------------------------------------------------------------ one row a point ----
 */

static cell point_spec(const hy_merge_curve *curve, const hy_merge_point *point) {
    return table_say("%.200s", point->entry->spec);
}
static cell point_outcome(const hy_merge_curve *curve, const hy_merge_point *point) {
    return table_say("%.200s", hy_entry_outcome(point->entry).text);
}
static cell point_runs(const hy_merge_curve *curve, const hy_merge_point *point) {
    return table_say("%u", point->entry->pass[HY_REPORT_THROUGHPUT].good);
}
static cell point_time(const hy_merge_curve *curve, const hy_merge_point *point) {
    return table_figure(point->entry->time.middle);
}
static cell point_time_low(const hy_merge_curve *curve, const hy_merge_point *point) {
    return table_figure(point->entry->time.low);
}
static cell point_time_high(const hy_merge_curve *curve, const hy_merge_point *point) {
    return table_figure(point->entry->time.high);
}
static cell point_slowest(const hy_merge_curve *curve, const hy_merge_point *point) {
    return table_figure(hy_merge_least(point, "all_max"));
}
static cell point_spike(const hy_merge_curve *curve, const hy_merge_point *point) {
    return table_figure(hy_merge_least(point, "merge_max"));
}
static cell point_front(const hy_merge_curve *curve, const hy_merge_point *point) {
    return table_say("%d", point->on_front);
}
static cell point_mark(const hy_merge_curve *curve, const hy_merge_point *point) {
    return table_say("%s%s", point == curve->best ? "best" : "",
                     point == curve->knee ? point == curve->best ? " knee" : "knee" : "");
}

#define METRIC(name)                                                                                                   \
    { name, true, NULL, name }

static const table_column point_columns[] = {
    {"trace", false, best_trace, NULL},
    {"fit", false, best_fit, NULL},
    {"merge", false, best_rule, NULL},
    {"spec", false, point_spec, NULL},
    {"outcome", false, point_outcome, NULL},
    {"repetitions", true, point_runs, NULL},
    {"ns_per_op", true, point_time, NULL},
    {"ns_per_op_low", true, point_time_low, NULL},
    {"ns_per_op_high", true, point_time_high, NULL},
    {"time_ratio", true, raw_time_ratio, NULL},
    {"time_ratio_low", true, raw_time_ratio_low, NULL},
    {"time_ratio_high", true, raw_time_ratio_high, NULL},
    {"time_verdict", false, raw_time_word, NULL},
    METRIC("peak_live"),
    METRIC("peak_resident"),
    METRIC("peak_committed"),
    {"size_ratio", true, raw_size_ratio, NULL},
    {"size_verdict", false, raw_size_word, NULL},
    METRIC("jw1"),
    METRIC("jw2"),
    METRIC("jw3"),
    METRIC("jw4"),
    METRIC("placement3"),
    METRIC("external_mean"),
    METRIC("all_p50"),
    METRIC("all_p99"),
    METRIC("all_p999"),
    METRIC("all_p9999"),
    {"all_max", true, point_slowest, NULL},
    {"merge_max", true, point_spike, NULL},
    METRIC("merge_ops"),
    METRIC("grow_max"),
    METRIC("searches"),
    METRIC("search_length"),
    METRIC("splits"),
    METRIC("merges"),
    METRIC("merges_wasted"),
    METRIC("regret"),
    METRIC("merge_passes"),
    METRIC("pass_steps"),
    METRIC("longest_pass"),
    METRIC("failed_searches"),
    METRIC("yard"),
    METRIC("failures"),
    METRIC("failed_bytes"),
    METRIC("first_failure"),
    METRIC("external_failures"),
    {"share", true, raw_share, NULL},
    {"pareto", true, point_front, NULL},
    {"mark", false, point_mark, NULL},
    {NULL, false, NULL, NULL},
};

/* ------------------------------------------------------------------------------------------------------- grids ---- */

static hy_grid table_grid(const table_column *columns, size_t rows) {
    hy_grid grid = {.rows = rows};
    while (columns[grid.columns].head)
        grid.columns++;
    grid.cells = calloc((rows + 1) * grid.columns, sizeof *grid.cells);
    grid.number = calloc(grid.columns, sizeof *grid.number);
    if (!grid.cells || !grid.number)
        abort();
    for (size_t c = 0; c < grid.columns; c++) {
        grid.number[c] = columns[c].number;
        grid.cells[c] = strdup(columns[c].head);
    }
    return grid;
}

/* Text from data must not steer a terminal nor break a row. */
static void table_fill(hy_grid *grid, size_t row, const table_column *columns, const hy_merge_curve *curve,
                       const hy_merge_point *point) {
    for (size_t c = 0; c < grid->columns; c++) {
        const cell one = columns[c].metric ? table_figure(hy_merge_metric(point, columns[c].metric))
                                           : columns[c].write(curve, point);
        char *const copy = strdup(one.text);
        if (!copy)
            abort();
        for (char *at = copy; *at; at++)
            if ((unsigned char)*at < 0x20 || *at == 0x7f)
                *at = '?';
        grid->cells[(row + 1) * grid->columns + c] = copy;
    }
}

hy_grid hy_merge_best_grid(const hy_merge_study *study, bool raw) {
    const table_column *const columns = raw ? raw_columns : shown_columns;
    hy_grid grid = table_grid(columns, study->count);
    for (size_t i = 0; i < study->count; i++)
        table_fill(&grid, i, columns, &study->curves[i], study->curves[i].best);
    return grid;
}

hy_grid hy_merge_points_grid(const hy_merge_study *study) {
    size_t rows = 0, row = 0;
    for (size_t i = 0; i < study->count; i++)
        rows += study->curves[i].count;
    hy_grid grid = table_grid(point_columns, rows);
    for (size_t i = 0; i < study->count; i++)
        for (size_t k = 0; k < study->curves[i].count; k++)
            table_fill(&grid, row++, point_columns, &study->curves[i], &study->curves[i].points[k]);
    return grid;
}

void hy_grid_free(hy_grid *grid) {
    for (size_t i = 0; grid->cells && i < (grid->rows + 1) * grid->columns; i++)
        free(grid->cells[i]);
    free(grid->cells);
    free(grid->number);
    *grid = (hy_grid){.cells = NULL};
}
