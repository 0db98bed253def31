/* SPDX-License-Identifier: MIT
 *
 * merge_time.c - memory and external fragmentation of one trace over the allocation clock, for never, immediate and the
 * best rule: a row an allocator, memory to the left and fragmentation to the right.
 */
#include "panels.h"

#include <math.h>
#include <string.h>

#define MIB 1048576.0
#define STYLES 3

static const panel_name time_names[] = {{1, "immediate"}, {2, "never"}, {3, "the best rule"}, {0, "grey: live bytes"}};

static const hy_merge_point *time_point(const hy_merge_curve *curve, unsigned style) {
    if (style == 3)
        return curve->best == curve->immediate || curve->best == curve->never ? NULL : curve->best;
    return style == 1 ? curve->immediate : curve->never;
}

static double time_most(const hy_curve *curve) {
    double most = 0;
    for (size_t i = 0; i < curve->count; i++)
        most = fmax(most, curve->y[i]);
    return most;
}

/* Writes a line, and makes the axes hold it.  Style 0 is the live bytes of whatever point there is. */
static int time_line(const hy_merge_curve *curve, const hy_merge_point *point, size_t panel, unsigned style,
                     const char *series, double unit, panel_axis axes[2], FILE *out, hy_error *error) {
    hy_curve line = {.count = 0};
    const int r = point ? hy_load_curve(curve->study, point->entry, series, &line, error) : 0;
    if (r < 0)
        return r;
    for (size_t i = 0; i < line.count; i++)
        fprintf(out, "%zu %u %.6g %.6g\n", panel, style, line.x[i] / MIB, line.y[i] / unit);
    if (line.count > 0) {
        fputc('\n', out);
        panel_hold(&axes[0], line.x[line.count - 1] / MIB);
        panel_hold(&axes[1], time_most(&line) / unit);
    }
    hy_curve_free(&line);
    return 0;
}

/* The point that the live bytes are taken from. */
static const hy_merge_point *time_any(const hy_merge_curve *curve) {
    for (size_t i = 0; i < curve->count; i++)
        if (curve->points[i].entry->pass[HY_REPORT_FOOTPRINT].good > 0)
            return &curve->points[i];
    return NULL;
}

static int time_curve(const hy_merge_curve *curve, size_t panel, panel_axis axes[4], FILE *out, hy_error *error) {
    int r = time_line(curve, time_any(curve), panel, 0, "live", MIB, axes, out, error);
    for (unsigned style = 1; style <= STYLES && r == 0; style++)
        r = time_line(curve, time_point(curve, style), panel, style, "resident", MIB, axes, out, error);
    for (unsigned style = 1; style <= STYLES && r == 0; style++)
        r = time_line(curve, time_point(curve, style), panel + 1, style, "external", 0.01, axes + 2, out, error);
    return r;
}

static void time_panels(const hy_merge_curve *curve, size_t panel, const panel_axis axes[4], FILE *out) {
    char remark[96];
    snprintf(remark, sizeof remark, "memory; best: %s", curve->best ? curve->best->rule : "n/a");
    panel_line(out, panel, axes[0], (panel_axis){0, axes[1].high * 1.06, false}, NAN, NAN, curve->fit, remark);
    panel_line(out, panel + 1, axes[0], (panel_axis){0, 104, false}, NAN, NAN, curve->fit,
               "external fragmentation: 1 − largest hole / free");
}

int merge_time(const hy_merge_study *study, const hy_study *trace, FILE *out, hy_figure *figure, hy_error *error) {
    char title[160];
    panel_axis axes[64][4];
    size_t panel = 1, rows = 0;
    int r = 0;
    snprintf(title, sizeof title, "Never, immediate, or the best rule, on %.100s", trace->name);
    panel_title(out, title, "over the allocation clock: what the heap takes, and how broken up its free memory is");
    panel_legend(out, time_names, sizeof time_names / sizeof *time_names);
    panel_block(out, "line", "panel style MiB_allocated MiB_or_percent; style 0: live bytes");
    for (size_t i = 0; i < study->count && r == 0 && rows < 64; i++) {
        if (study->curves[i].study != trace)
            continue;
        for (size_t a = 0; a < 4; a++)
            axes[rows][a] = (panel_axis){0, 0.001, false};
        r = time_curve(&study->curves[i], panel, axes[rows], out, error);
        figure->rows += axes[rows++][1].high > 0.001;
        panel += 2;
    }
    panel_block_end(out);
    panel_block(out, "panels", "panel left right low high null bump title remark");
    panel = 1, rows = 0;
    for (size_t i = 0; i < study->count && rows < 64; i++)
        if (study->curves[i].study == trace) {
            time_panels(&study->curves[i], panel, axes[rows++], out);
            panel += 2;
        }
    panel_block_end(out);
    figure_option(figure, "panels=%zu", panel - 1);
    return r;
}
