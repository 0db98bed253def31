/* SPDX-License-Identifier: MIT
 *
 * merge_lines.c - what a merge rule does, over how often it merges: regret (a panel a trace, a line an allocator), and
 * the tail of the latency of one trace (a panel an allocator; the slowest operation that held a merge pass is a line
 * of its own).
 */
#include "panels.h"

#include <math.h>
#include <string.h>

static void lines_point(FILE *out, size_t panel, unsigned style, double place, double value, panel_axis *y) {
    if (!isfinite(value))
        return;
    fprintf(out, "%zu %u %.6g %.6g\n", panel, style, place, value);
    panel_hold(y, value);
}

static panel_axis lines_places(const hy_merge_study *study) {
    return (panel_axis){study->first - 1.4 * HY_MERGE_STEP, study->last + 2.4 * HY_MERGE_STEP, false};
}

/* ------------------------------------------------------------------------------------------------------- regret ----
 */

static bool lines_new_trace(const hy_merge_study *study, size_t i) {
    return i == 0 || study->curves[i].study != study->curves[i - 1].study;
}

static size_t lines_regret(const hy_merge_study *study, size_t i, size_t panel, FILE *out) {
    panel_axis any = {0, 0, false};
    size_t rows = 0;
    for (size_t k = 0; k < study->curves[i].axis; k++) {
        const hy_merge_point *const p = &study->curves[i].points[k];
        lines_point(out, panel, study->curves[i].style, p->place, 100 * hy_merge_metric(p, "regret"), &any);
        rows += isfinite(hy_merge_metric(p, "regret")) ? 1 : 0;
    }
    fputc('\n', out);
    return rows;
}

int merge_regret(const hy_merge_study *study, const hy_study *trace, FILE *out, hy_figure *figure, hy_error *error) {
    const panel_axis percent = {0, 104, false};
    size_t panel = 0;
    panel_title(out, "Regret: merges that were for nothing",
                "share of merges whose hole was split again soon after; to the right merging gets rarer");
    panel_legend_fits(study, out);
    panel_block(out, "panels", "panel left right low high null bump title remark");
    for (size_t i = 0; i < study->count; i++)
        if (lines_new_trace(study, i))
            panel_line(out, ++panel, lines_places(study), percent, NAN, NAN, study->curves[i].study->name, "");
    panel_block_end(out);
    panel_rules(study, out);
    figure_option(figure, "panels=%zu;styles=%zu", panel, study->fit_count < 9 ? study->fit_count : 9);
    panel_block(out, "line", "panel style place percent");
    panel = 0;
    for (size_t i = 0; i < study->count; i++) {
        panel += lines_new_trace(study, i);
        figure->rows += lines_regret(study, i, panel, out);
    }
    panel_block_end(out);
    return 0;
}

/* --------------------------------------------------------------------------------------------------------- tail ----
 */

static const struct {
    unsigned style;
    const char *name;
} tail_lines[] = {
    {1, "p99.9"},
    {2, "the slowest operation"},
    {7, "the slowest that held a merge pass"},
};

static double tail_value(const hy_merge_point *p, size_t line) {
    return line == 0   ? hy_merge_metric(p, "all_p999")
           : line == 1 ? hy_merge_least(p, "all_max")
                       : hy_merge_least(p, "merge_max");
}

/* Common to all panels: the same height is the same time. */
static panel_axis tail_axis(const hy_merge_study *study, const hy_study *trace) {
    panel_axis y = {INFINITY, 0, true};
    for (size_t i = 0; i < study->count; i++)
        for (size_t k = 0; k < study->curves[i].axis && study->curves[i].study == trace; k++)
            for (size_t line = 0; line < 3; line++)
                panel_hold(&y, tail_value(&study->curves[i].points[k], line));
    return isfinite(y.low) ? (panel_axis){y.low / 1.6, y.high * 1.6, true} : (panel_axis){1, 10, true};
}

static void tail_panel(const hy_merge_study *study, const hy_merge_curve *curve, size_t panel, panel_axis y,
                       FILE *out) {
    char remark[96] = "";
    for (size_t k = 0; k < curve->axis; k++)
        if (&curve->points[k] == curve->best)
            snprintf(remark, sizeof remark, "best %s", curve->best->rule);
    panel_line(out, panel, lines_places(study), y, NAN, NAN, curve->fit, remark);
}

static size_t tail_curve(const hy_merge_curve *curve, size_t panel, FILE *out) {
    panel_axis any = {INFINITY, 0, true};
    size_t rows = 0;
    for (size_t line = 0; line < 3; line++) {
        for (size_t k = 0; k < curve->axis; k++) {
            const double value = tail_value(&curve->points[k], line);
            lines_point(out, panel, tail_lines[line].style, curve->points[k].place, value, &any);
            rows += isfinite(value) ? 1 : 0;
        }
        fputc('\n', out);
    }
    return rows;
}

int merge_tail(const hy_merge_study *study, const hy_study *trace, FILE *out, hy_figure *figure, hy_error *error) {
    char title[160];
    size_t panel = 0;
    const panel_axis y = tail_axis(study, trace);
    const panel_name names[] = {{tail_lines[0].style, tail_lines[0].name},
                                {tail_lines[1].style, tail_lines[1].name},
                                {tail_lines[2].style, tail_lines[2].name}};
    snprintf(title, sizeof title, "The spike of a merge pass that waited, on %.100s", trace->name);
    panel_title(out, title, "to the right merging gets rarer; p99.9: median of the runs, slowest: of the quietest run");
    panel_legend(out, names, 3);
    panel_block(out, "panels", "panel left right low high null bump title remark");
    for (size_t i = 0; i < study->count; i++)
        if (study->curves[i].study == trace)
            tail_panel(study, &study->curves[i], ++panel, y, out);
    panel_block_end(out);
    panel_rules(study, out);
    figure_option(figure, "panels=%zu", panel);
    panel_block(out, "line", "panel style place ns");
    panel = 0;
    for (size_t i = 0; i < study->count; i++)
        if (study->curves[i].study == trace)
            figure->rows += tail_curve(&study->curves[i], ++panel, out);
    panel_block_end(out);
    return 0;
}
