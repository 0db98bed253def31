/* SPDX-License-Identifier: MIT
 *
 * figure_tradeoff.c - tradeoff.dat: each allocator's time and memory, the Pareto front, and the limits as lines.
 *
 * Both axes are logarithmic.  Memory is a multiple of the most live bytes, below which nothing fits.
 */
#include "figures.h"

#include <math.h>
#include <string.h>

typedef struct tradeoff_axis {
    double low, high;
} tradeoff_axis;

static double tradeoff_share(tradeoff_axis axis, double value) {
    return log(value / axis.low) / log(axis.high / axis.low);
}

static double tradeoff_value(tradeoff_axis axis, double share) {
    return axis.low * pow(axis.high / axis.low, share);
}

static bool tradeoff_shown(const hy_entry *entry) {
    return entry->role != HY_ROLE_LIMIT && hy_entry_complete(entry) && isfinite(entry->blowup) && entry->blowup > 0;
}

/* The general-purpose allocators make the axes: one that hardly reuses memory would press all others together. */
static void tradeoff_axes(const hy_study *study, tradeoff_axis *time, tradeoff_axis *memory) {
    *time = (tradeoff_axis){INFINITY, 0};
    *memory = (tradeoff_axis){1, 1.5};
    for (size_t i = 0; i < study->count; i++) {
        const hy_entry *const e = &study->entries[i];
        if (isfinite(e->time.middle) && (e->role == HY_ROLE_LIMIT || tradeoff_shown(e))) {
            time->low = fmin(time->low, e->time.middle);
            time->high = fmax(time->high, e->time.middle);
        }
        if (tradeoff_shown(e))
            memory->low = fmin(memory->low, e->blowup);
        if (tradeoff_shown(e) && e->role == HY_ROLE_GENERAL)
            memory->high = fmax(memory->high, e->blowup);
    }
    *time = (tradeoff_axis){time->low / 1.25, time->high * 1.3};
    *memory = (tradeoff_axis){memory->low / 1.12, memory->high * 1.15};
}

static void tradeoff_points(const hy_study *study, tradeoff_axis time, tradeoff_axis memory, FILE *out,
                            hy_figure *figure) {
    label_box boxes[FIGURE_LABELS];
    const hy_entry *shown[FIGURE_LABELS];
    size_t n = 0;
    for (size_t i = 0; i < study->count && n < FIGURE_LABELS; i++) {
        const hy_entry *const e = &study->entries[i];
        if (!tradeoff_shown(e))
            continue;
        const bool above = e->blowup > memory.high;
        const size_t size = (strlen(e->spec) < 40 ? strlen(e->spec) : 40) + 2 * above;
        if (above)
            figure_note(figure, "%s is above the picture, at %.1f×", e->spec, e->blowup);
        shown[n] = e;
        boxes[n++] = (label_box){.x = tradeoff_share(time, e->time.middle),
                                 .y = tradeoff_share(memory, fmin(e->blowup, memory.high)),
                                 .width = 0.0115 * (double)size,
                                 .height = 0.05,
                                 .below_left = e->on_front && !above};
    }
    label_place(boxes, n);
    fputs("# points\n# style ns_per_op times_live label_x label_y leader allocator\n", out);
    for (size_t i = 0; i < n; i++) {
        const double x = shown[i]->time.middle, left = tradeoff_value(time, boxes[i].left);
        const double right = tradeoff_value(time, boxes[i].left + boxes[i].width);
        fprintf(out, "%u %.6g %.6g %.6g %.6g %.6g ", shown[i]->style, x, fmin(shown[i]->blowup, memory.high), left,
                tradeoff_value(memory, boxes[i].middle),
                !boxes[i].far ? NAN
                : left > x    ? left
                : right < x   ? right
                              : x);
        char text[256];
        snprintf(text, sizeof text, "%s%s", shown[i]->spec, shown[i]->blowup > memory.high ? " ↑" : "");
        hy_dat(out, text);
        fputc('\n', out);
    }
    figure->rows = n;
}

/* The front as a staircase, from the fastest to the leanest. */
static void tradeoff_front(const hy_study *study, tradeoff_axis time, tradeoff_axis memory, FILE *out) {
    fputs("\n\n# front\n# ns_per_op times_live\n", out);
    double height = memory.high;
    for (size_t i = 0; i < study->count; i++) { /* in order of time */
        const hy_entry *const e = &study->entries[i];
        if (!e->on_front || !tradeoff_shown(e))
            continue;
        const double reached = fmin(e->blowup, memory.high);
        fprintf(out, "%.6g %.6g\n%.6g %.6g\n", e->time.middle, height, e->time.middle, reached);
        height = reached;
    }
    fprintf(out, "%.6g %.6g\n", time.high, height);
}

int figure_tradeoff(const hy_study *study, FILE *out, hy_figure *figure, hy_error *error) {
    tradeoff_axis time, memory;
    tradeoff_axes(study, &time, &memory);
    bool *const absent = figure_flags(study);
    for (size_t i = 0; i < study->count; i++) {
        const hy_entry *const e = &study->entries[i];
        absent[i] = e->role != HY_ROLE_LIMIT && !tradeoff_shown(e);
    }
    figure_note_absent(figure, study, absent, HY_REPORT_FOOTPRINT);
    tradeoff_points(study, time, memory, out, figure);
    if (figure->rows == 0)
        return 0;
    tradeoff_front(study, time, memory, out);
    figure_option(figure, "left=%.6g;right=%.6g;low=%.6g;high=%.6g", time.low, time.high, memory.low, memory.high);
    if (study->null && isfinite(study->null->time.middle))
        figure_option(figure, ";null=%.6g", study->null->time.middle);
    if (study->bump && isfinite(study->bump->time.middle))
        figure_option(figure, ";bump=%.6g;wrap=%d", study->bump->time.middle, study->bump->fake);
    return 0;
}
