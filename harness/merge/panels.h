/* SPDX-License-Identifier: MIT
 *
 * panels.h - what the data files of the laboratory's pictures share.  Only merge_*.c include it.
 *
 * A picture is a grid of panels.  Its data file begins with the blocks "title" (two lines), "legend" (style, row,
 * place, name) and "panels" (one line a panel: its axes, its title and a remark); what follows belongs to a panel by
 * its first column, counted from 1, and to a line by its style.
 */
#ifndef HY_PANELS_H
#define HY_PANELS_H

#include "figures.h"
#include "merge.h"

typedef struct panel_axis {
    double low, high;
    bool logarithmic;
} panel_axis;

/* 0 to 1 within the axis, also for what lies outside of it. */
double panel_share(panel_axis axis, double value);
double panel_value(panel_axis axis, double share);
double panel_clamp(panel_axis axis, double value);
/* Makes the axis hold a value; NAN and INFINITY are left out. */
void panel_hold(panel_axis *axis, double value);

void panel_title(FILE *out, const char *title, const char *subtitle);
/* Names of lines in rows over the panels: style 0 is grey text without a mark. */
typedef struct panel_name {
    unsigned style;
    const char *name;
} panel_name;
void panel_legend(FILE *out, const panel_name *names, size_t count);
void panel_legend_fits(const hy_merge_study *study, FILE *out);
/* The head of a block. */
void panel_block(FILE *out, const char *name, const char *columns);
void panel_block_end(FILE *out);
void panel_line(FILE *out, size_t panel, panel_axis x, panel_axis y, double null, double bump, const char *title,
                const char *remark);
/* "16", "4K": in units of 1024 where that is exact. */
void panel_count(double n, char name[24]);
/* Where the rules stand on a common axis: a place and its name for each, with those of all curves. */
void panel_rules(const hy_merge_study *study, FILE *out);

/* One picture a file.  `trace`: NULL for those over all traces. */
typedef int panel_writer(const hy_merge_study *study, const hy_study *trace, FILE *out, hy_figure *figure,
                         hy_error *error);
int merge_tradeoff(const hy_merge_study *study, const hy_study *trace, FILE *out, hy_figure *figure, hy_error *error);
int merge_overview(const hy_merge_study *study, const hy_study *trace, FILE *out, hy_figure *figure, hy_error *error);
int merge_time(const hy_merge_study *study, const hy_study *trace, FILE *out, hy_figure *figure, hy_error *error);
int merge_regret(const hy_merge_study *study, const hy_study *trace, FILE *out, hy_figure *figure, hy_error *error);
int merge_tail(const hy_merge_study *study, const hy_study *trace, FILE *out, hy_figure *figure, hy_error *error);

#endif
