/* SPDX-License-Identifier: MIT
 *
 * merge_panels.c - axes, titles, legends and ticks of pictures that consist of panels (see panels.h).
 */
#include "panels.h"

#include "units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double panel_share(panel_axis axis, double value) {
    return axis.logarithmic ? log(value / axis.low) / log(axis.high / axis.low)
                            : (value - axis.low) / (axis.high - axis.low);
}

double panel_value(panel_axis axis, double share) {
    return axis.logarithmic ? axis.low * pow(axis.high / axis.low, share) : axis.low + (axis.high - axis.low) * share;
}

double panel_clamp(panel_axis axis, double value) {
    return fmin(fmax(value, axis.low), axis.high);
}

void panel_hold(panel_axis *axis, double value) {
    if (!isfinite(value) || (axis->logarithmic && value <= 0))
        return;
    axis->low = fmin(axis->low, value);
    axis->high = fmax(axis->high, value);
}

void panel_block(FILE *out, const char *name, const char *columns) {
    fprintf(out, "# %s\n# %s\n", name, columns);
}

void panel_block_end(FILE *out) {
    fputs("\n\n", out);
}

void panel_title(FILE *out, const char *title, const char *subtitle) {
    panel_block(out, "title", "two lines");
    hy_dat_most(out, title, 140);
    fputc('\n', out);
    hy_dat_most(out, subtitle, 140);
    fputc('\n', out);
    panel_block_end(out);
}

#define PANEL_LEGEND_WIDTH 98 /* characters that fit into a row of names, more or less */

void panel_legend(FILE *out, const panel_name *names, size_t count) {
    size_t row = 0, at = 0;
    panel_block(out, "legend", "style row place name: the place in characters from the left");
    for (size_t i = 0; i < count; i++) {
        const size_t width = hy_text_width(names[i].name);
        if (at > 0 && at + width > PANEL_LEGEND_WIDTH) {
            row++;
            at = 0;
        }
        fprintf(out, "%u %zu %zu ", names[i].style, row, at);
        hy_dat_most(out, names[i].name, 100);
        fputc('\n', out);
        at += width + (names[i].style ? 5 : 3);
    }
    panel_block_end(out);
}

void panel_legend_fits(const hy_merge_study *study, FILE *out) {
    panel_name *const names = calloc(study->fit_count + 1, sizeof *names);
    if (!names)
        abort();
    for (size_t i = 0; i < study->fit_count; i++)
        names[i] = (panel_name){(unsigned)(i % 9 + 1), study->fits[i]};
    panel_legend(out, names, study->fit_count);
    free(names);
}

static double panel_known(double value) {
    return isfinite(value) ? value : 0;
}

void panel_line(FILE *out, size_t panel, panel_axis x, panel_axis y, double null, double bump, const char *title,
                const char *remark) {
    fprintf(out, "%zu %.6g %.6g %.6g %.6g %.6g %.6g ", panel, x.low, x.high, y.low, y.high, panel_known(null),
            panel_known(bump));
    hy_dat_most(out, title, 140);
    fputc(' ', out);
    hy_dat_most(out, remark, 80);
    fputc('\n', out);
}

void panel_count(double n, char name[24]) {
    if (n >= 1024 && fmod(n, 1024) == 0)
        snprintf(name, 24, "%.0fK", n / 1024);
    else
        snprintf(name, 24, "%.0f", n);
}

/* The least N above `last` that any curve has, as a place; INFINITY: none. */
static double panel_next_place(const hy_merge_study *study, double last) {
    double next = INFINITY;
    for (size_t i = 0; i < study->count; i++)
        for (size_t k = 0; k < study->curves[i].axis; k++) {
            const double place = study->curves[i].points[k].place;
            if (place > last && place >= study->first && place <= study->last)
                next = fmin(next, place);
        }
    return next;
}

void panel_rules(const hy_merge_study *study, FILE *out) {
    char name[24];
    double named = -INFINITY;
    panel_block(out, "rules", "place name");
    fprintf(out, "%.6g \"imm.\"\n", study->first - HY_MERGE_STEP);
    for (double at = panel_next_place(study, -INFINITY); isfinite(at); at = panel_next_place(study, at)) {
        panel_count(round(exp2(at)), name);
        fprintf(out, "%.6g \"%s\"\n", at, at > named + 1.4 ? name : "");
        named = at > named + 1.4 ? at : named;
    }
    fprintf(out, "%.6g \"onfail\"\n%.6g \"never\"\n", study->last + HY_MERGE_STEP, study->last + 2 * HY_MERGE_STEP);
    panel_block_end(out);
}
