/* SPDX-License-Identifier: MIT
 *
 * figure_tradeoff.c - tradeoff.dat: each allocator's time and memory, the Pareto front, and the limits as lines.
 *
 * Both axes are logarithmic.  Memory is a multiple of the most live bytes; nothing fits below the lower line of
 * `heapyard bound`, and its best packing is a line too.
 */
#include "figures.h"

#include "units.h"

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

/* The best packing, as a multiple of the most live bytes; 0: not known. */
static double tradeoff_packed(const hy_study *study) {
    return isfinite(study->packed) ? study->packed / study->peak_live : 0;
}

/* The general-purpose allocators make the axes: one that hardly reuses memory would press all others together.  Below
 * the most live bytes is room for a line of text. */
static void tradeoff_axes(const hy_study *study, tradeoff_axis *time, tradeoff_axis *memory) {
    *time = (tradeoff_axis){INFINITY, 0};
    *memory = (tradeoff_axis){1, fmax(1.2, tradeoff_packed(study))};
    for (size_t i = 0; i < study->count; i++) {
        const hy_entry *const e = &study->entries[i];
        if (isfinite(e->time.middle) && (e->fake || tradeoff_shown(e))) {
            const double middle = e->time.middle; /* intervals count, unless they are very wide */
            time->low = fmin(time->low, fmax(fmin(middle, e->time.low), middle / 2));
            time->high = fmax(time->high, fmin(fmax(middle, e->time.high), 2 * middle));
        }
        if (tradeoff_shown(e))
            memory->low = fmin(memory->low, e->blowup);
        if (tradeoff_shown(e) && e->role == HY_ROLE_GENERAL)
            memory->high = fmax(memory->high, e->blowup);
    }
    *time = (tradeoff_axis){time->low / 1.25, time->high * 1.3};
    memory->high *= pow(memory->high, 0.12);
    memory->low = memory->low / pow(memory->high, 0.12);
}

/* The places of lines that labels should keep off. */
typedef struct tradeoff_lines {
    tradeoff_axis time, memory;
    label_frame frame[4 * FIGURE_LABELS];
    size_t count;
} tradeoff_lines;

static void tradeoff_line(tradeoff_lines *lines, double left, double right, double low, double high) {
    if (lines->count == sizeof lines->frame / sizeof *lines->frame)
        return;
    lines->frame[lines->count++] =
        (label_frame){tradeoff_share(lines->time, left) - 0.002, tradeoff_share(lines->time, right) + 0.002,
                      tradeoff_share(lines->memory, low) - 0.004, tradeoff_share(lines->memory, high) + 0.004};
}

/* The front as a staircase, from the fastest to the leanest. */
static void tradeoff_front(const hy_study *study, tradeoff_lines *lines, FILE *out) {
    const double high = lines->memory.high;
    double height = high, time = NAN;
    fputs("# front\n# ns_per_op times_live\n", out);
    for (size_t i = 0; i < study->count; i++) { /* in order of time */
        const hy_entry *const e = &study->entries[i];
        if (!e->on_front || !tradeoff_shown(e))
            continue;
        const double reached = fmin(e->blowup, high);
        fprintf(out, "%.6g %.6g\n%.6g %.6g\n", e->time.middle, height, e->time.middle, reached);
        if (isfinite(time))
            tradeoff_line(lines, time, e->time.middle, height, height);
        tradeoff_line(lines, e->time.middle, e->time.middle, reached, height);
        height = reached;
        time = e->time.middle;
    }
    fprintf(out, "%.6g %.6g\n\n\n", lines->time.high, height);
    if (isfinite(time))
        tradeoff_line(lines, time, lines->time.high, height, height);
}

/* The least time: null's, unless a busy machine let something come out below it. */
static double tradeoff_least(const hy_study *study) {
    double least = INFINITY;
    for (size_t i = 0; i < study->count; i++)
        least = fmin(least, study->entries[i].time.middle);
    return least;
}

static void tradeoff_title(const hy_study *study, FILE *out) {
    char line[128];
    const char *const live = hy_show_bytes((uint64_t)study->peak_live).text;
    fputs("# title\n", out);
    hy_dat(out, study->name);
    const unsigned runs = study->baseline ? study->baseline->pass[HY_REPORT_THROUGHPUT].good : 0;
    snprintf(line, sizeof line, "%s live at most; medians of %u run%s", live, runs, runs == 1 ? "" : "s");
    fputc('\n', out);
    hy_dat(out, line);
    fputs("\n\n\n", out);
}

/* "jemalloc", or "region ↑ 14×" for one that is above the picture. */
static label_box tradeoff_label(const hy_entry *e, const tradeoff_lines *lines, char text[64]) {
    const bool above = e->blowup > lines->memory.high;
    snprintf(text, 64, above ? "%.40s ↑ %.1f×" : "%.40s", e->spec, e->blowup);
    const size_t width = strlen(text) - (above ? 3 : 0); /* characters, not bytes */
    return (label_box){.x = tradeoff_share(lines->time, e->time.middle),
                       .y = tradeoff_share(lines->memory, fmin(e->blowup, lines->memory.high)),
                       .width = 0.0115 * (double)width,
                       .height = 0.05,
                       .below_left = e->on_front && !above};
}

static void tradeoff_point(const hy_entry *e, const label_box *box, const char *text, const tradeoff_lines *lines,
                           FILE *out) {
    const double x = e->time.middle, edge = box->left > box->x ? box->left : box->left + box->width;
    const double label = tradeoff_value(lines->time, edge);
    const bool sure = isfinite(e->time.low);
    fprintf(out, "%u %.6g %.6g %.6g %.6g %.6g %.6g %.6g ", e->style, x, fmin(e->blowup, lines->memory.high),
            sure ? e->time.low : x, sure ? e->time.high : x, label, tradeoff_value(lines->memory, box->middle),
            box->far ? label : NAN);
    hy_dat(out, text);
    fputc('\n', out);
}

static size_t tradeoff_points(const hy_study *study, tradeoff_lines *lines, FILE *out) {
    label_box boxes[FIGURE_LABELS];
    const hy_entry *shown[FIGURE_LABELS];
    char text[FIGURE_LABELS][64];
    size_t n = 0;
    for (size_t i = 0; i < study->count && n < FIGURE_LABELS; i++) {
        const hy_entry *const e = &study->entries[i];
        if (!tradeoff_shown(e))
            continue;
        boxes[n] = tradeoff_label(e, lines, text[n]);
        shown[n++] = e;
        if (isfinite(e->time.low))
            tradeoff_line(lines, e->time.low, e->time.high, fmin(e->blowup, lines->memory.high),
                          fmin(e->blowup, lines->memory.high));
    }
    label_place(boxes, n, lines->frame, lines->count);
    fputs("# points\n# style ns_per_op times_live low high label_x label_y leader allocator\n", out);
    for (size_t i = 0; i < n; i++)
        tradeoff_point(shown[i], &boxes[i], text[i], lines, out);
    return n;
}

int figure_tradeoff(const hy_study *study, FILE *out, hy_figure *figure, hy_error *error) {
    tradeoff_lines lines = {.count = 0};
    tradeoff_axes(study, &lines.time, &lines.memory);
    bool *const absent = figure_flags(study);
    bool any = false;
    for (size_t i = 0; i < study->count; i++) {
        const hy_entry *const e = &study->entries[i];
        absent[i] = e->role != HY_ROLE_LIMIT && !tradeoff_shown(e);
        any |= tradeoff_shown(e);
    }
    figure_note_absent(figure, study, absent, HY_REPORT_FOOTPRINT);
    if (!any)
        return 0;
    tradeoff_title(study, out);
    tradeoff_front(study, &lines, out);
    if (study->bump && isfinite(study->bump->time.middle))
        tradeoff_line(&lines, study->bump->time.middle, study->bump->time.middle, lines.memory.low, lines.memory.high);
    if (tradeoff_packed(study) > 0)
        tradeoff_line(&lines, lines.time.low, lines.time.high, tradeoff_packed(study), tradeoff_packed(study));
    figure->rows = tradeoff_points(study, &lines, out);
    figure_option(figure, "left=%.6g;right=%.6g;low=%.6g;high=%.6g", lines.time.low, lines.time.high, lines.memory.low,
                  lines.memory.high);
    if (study->null && isfinite(study->null->time.middle))
        figure_option(figure, ";null=%.6g;edge=%.6g", study->null->time.middle, tradeoff_least(study));
    if (study->bump && isfinite(study->bump->time.middle))
        figure_option(figure, ";bump=%.6g;wrap=%d", study->bump->time.middle, study->bump->fake);
    figure_option(figure, ";floor=%.6g", study->floor / study->peak_live);
    if (tradeoff_packed(study) > 0)
        figure_option(figure, ";packed=%.6g;gap=%.3g", tradeoff_packed(study),
                      100 * (study->packed / study->floor - 1));
    figure_note_speed(figure, study);
    figure_note_space(figure, study);
    return 0;
}
