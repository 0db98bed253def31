/* SPDX-License-Identifier: MIT
 *
 * figure_curves.c - latency.dat, memory.dat, fragmentation.dat: a block of x and y for each allocator, and a block
 * that says where at the right edge its name stands.
 */
#include "figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MIB 1048576.0
#define LABEL_GAP 0.048 /* of the picture's height: one line of text */

/* Names at the right edge, at the end of each curve. */
typedef struct curve_ends {
    const hy_entry *entry[FIGURE_LABELS];
    double y[FIGURE_LABELS];
    bool above[FIGURE_LABELS]; /* the curve leaves the picture upwards */
    size_t count;
} curve_ends;

static void curve_end(curve_ends *ends, const hy_entry *entry, double y, bool above) {
    if (ends->count < FIGURE_LABELS) {
        ends->entry[ends->count] = entry;
        ends->above[ends->count] = above;
        ends->y[ends->count++] = y;
    }
}

static bool curve_has(const curve_ends *ends, const hy_entry *entry) {
    for (size_t i = 0; i < ends->count; i++)
        if (ends->entry[i] == entry)
            return true;
    return false;
}

/* Names who is in neither of two sets of curves. */
static void curve_note_absent(const hy_study *study, hy_figure *figure, const curve_ends *one, const curve_ends *two) {
    bool *const absent = figure_flags(study);
    for (size_t i = 0; i < study->count; i++)
        absent[i] = !curve_has(one, &study->entries[i]) && !curve_has(two, &study->entries[i]);
    figure_note_absent(figure, study, absent, HY_REPORT_FOOTPRINT);
}

static void curve_write_ends(FILE *out, const curve_ends *ends, double low, double high, bool logarithmic, double gap,
                             const char *block) {
    double place[FIGURE_LABELS];
    const double bottom = logarithmic ? log10(low) : low, top = logarithmic ? log10(high) : high;
    for (size_t i = 0; i < ends->count; i++)
        place[i] = ((logarithmic ? log10(ends->y[i]) : ends->y[i]) - bottom) / (top - bottom);
    label_spread(place, ends->count, gap);
    fprintf(out, "# %s\n# style y name\n", block);
    for (size_t i = 0; i < ends->count; i++) {
        const double y = bottom + place[i] * (top - bottom);
        fprintf(out, "%u %.6g ", ends->entry[i]->style, logarithmic ? pow(10, y) : y);
        figure_name(out, ends->entry[i], ends->above[i]);
        fputc('\n', out);
    }
    fputs("\n\n", out);
}

static void curve_write(FILE *out, const hy_entry *entry, const hy_curve *curve, double x_unit, double y_unit) {
    fprintf(out, "# %u\n", entry->style);
    for (size_t i = 0; i < curve->count; i++)
        fprintf(out, "%u %.6g %.6g\n", entry->style, curve->x[i] / x_unit, curve->y[i] / y_unit);
    fputs("\n\n", out);
}

/* A list of numbers in a string: the only quoted options. */
static void curve_styles(hy_figure *figure, const char *panel, const curve_ends *ends) {
    figure_option(figure, ";%s%sstyles='", panel, panel[0] ? "_" : "");
    for (size_t i = 0; i < ends->count; i++)
        figure_option(figure, "%u ", ends->entry[i]->style);
    figure_option(figure, "'");
}

/* ------------------------------------------------------------------------------------------------------ latency ----
 */

/* The axis begins at a fifth of the operations: what the clock cannot tell from nothing would make it too long. */
static double curve_value_at(const hy_curve *curve, double x) {
    size_t i = 0;
    while (i + 1 < curve->count && curve->x[i] < x)
        i++;
    return curve->y[i];
}

int figure_latency(const hy_study *study, FILE *out, hy_figure *figure, hy_error *error) {
    curve_ends ends = {.count = 0};
    double low = INFINITY, high = 0, last = 1;
    bool *const absent = figure_flags(study);
    fputs("# One block an allocator: style, 1/(1-fraction), ns at or below which that fraction of operations lie\n",
          out);
    for (size_t i = 0; i < study->count; i++) {
        const hy_entry *const entry = &study->entries[i];
        hy_curve curve = {.count = 0};
        const int r = hy_load_percentiles(study, entry, &curve, error);
        if (r < 0) {
            free(absent);
            return r;
        }
        if (curve.count == 0) {
            absent[i] = true;
            continue;
        }
        curve_write(out, entry, &curve, 1, 1);
        low = fmin(low, curve_value_at(&curve, 1.25));
        high = fmax(high, curve.y[curve.count - 1]);
        last = fmax(last, curve.x[curve.count - 1]);
        curve_end(&ends, entry, curve.y[curve.count - 1], false);
        figure->rows += curve.count;
        hy_curve_free(&curve);
    }
    figure_note_absent(figure, study, absent, HY_REPORT_LATENCY);
    figure_note_speed(figure, study);
    if (figure->rows == 0)
        return 0;
    low *= 0.4, high = pow(10, ceil(log10(high * 1.05)));
    curve_write_ends(out, &ends, low, high, true, LABEL_GAP, "labels");
    figure_option(figure, "low=%.6g;high=%.6g;last=%.6g;room=%u", low, high, last, figure_room(study));
    const double step = hy_study_metric(study, "clock_step");
    if (isfinite(step))
        figure_option(figure, ";step=%.6g", step);
    curve_styles(figure, "", &ends);
    return 0;
}

/* ------------------------------------------------------------------------------------------------------- memory ----
 */

/* The live bytes are those of the trace, so anybody's will do. */
static int curve_load_live(const hy_study *study, hy_curve *ret_curve, hy_error *error) {
    int r = 0;
    for (size_t i = 0; i < study->count && r == 0 && ret_curve->count == 0; i++)
        r = hy_load_curve(study, &study->entries[i], "live", ret_curve, error);
    return r;
}

/* Where the name goes: not at the very end, where the program frees what it has left. */
static double curve_near_end(const hy_curve *curve) {
    return curve->y[curve->count - 1 - curve->count / 32];
}

static double curve_most(const hy_curve *curve) {
    double most = 0;
    for (size_t i = 0; i < curve->count; i++)
        most = fmax(most, curve->y[i]);
    return most;
}

/* The picture ends at four times the most live bytes: who never reuses memory would flatten everybody else. */
static double curve_memory_top(const hy_study *study, double live) {
    double most = fmax(live, study->packed <= 4 * live ? study->packed : 0);
    for (size_t i = 0; i < study->count; i++) {
        const double own = study->entries[i].footprint;
        if (isfinite(own) && (own <= 4 * live || live <= 0))
            most = fmax(most, own);
    }
    return most * 1.08;
}

static int curve_memory_entry(const hy_study *study, const hy_entry *entry, FILE *out, double top, curve_ends *ends,
                              hy_figure *figure, hy_error *error) {
    hy_curve curve = {.count = 0};
    const int r = entry->fake ? 0 : hy_load_curve(study, entry, "resident", &curve, error);
    if (r < 0)
        return r;
    if (curve.count == 0)
        return 0;
    const double end = curve_near_end(&curve), most = curve_most(&curve);
    if (most > top)
        figure_note(figure, "%s leaves the picture, up to %.1f MiB", entry->spec, most / MIB);
    curve_write(out, entry, &curve, MIB, MIB);
    curve_end(ends, entry, fmin(end, top) / MIB, end > top);
    figure->rows += curve.count;
    hy_curve_free(&curve);
    return 0;
}

int figure_memory(const hy_study *study, FILE *out, hy_figure *figure, hy_error *error) {
    hy_curve live = {.count = 0};
    curve_ends ends = {.count = 0};
    int r = curve_load_live(study, &live, error);
    const double top = curve_memory_top(study, live.count ? curve_most(&live) : 0);
    const double last = live.count ? live.x[live.count - 1] : MIB;
    fputs("# The first block, then one an allocator: style, MiB allocated so far, MiB in use\n# live\n", out);
    for (size_t i = 0; i < live.count; i++)
        fprintf(out, "0 %.6g %.6g\n", live.x[i] / MIB, live.y[i] / MIB);
    if (live.count == 0)
        fputs("0 0 0\n", out);
    fputs("\n\n", out);
    for (size_t i = 0; i < study->count && r == 0; i++)
        r = curve_memory_entry(study, &study->entries[i], out, top, &ends, figure, error);
    curve_write_ends(out, &ends, 0, top / MIB, false, LABEL_GAP, "labels");
    curve_note_absent(study, figure, &ends, &ends);
    r = r == 0 ? figure_phases(study, last, out, figure, error) : r;
    figure_option(figure, "last=%.6g;high=%.6g;room=%u", last / MIB, top / MIB, figure_room(study));
    if (isfinite(study->floor))
        figure_option(figure, ";floor=%.6g", study->floor / MIB);
    if (isfinite(study->packed))
        figure_option(figure, ";packed=%.6g;gap=%.3g", study->packed / MIB, 100 * (study->packed / study->floor - 1));
    figure_note_space(figure, study);
    curve_styles(figure, "", &ends);
    hy_curve_free(&live);
    return r;
}

/* ------------------------------------------------------------------------------------------------ fragmentation ----
 */

typedef struct curve_panel {
    curve_ends ends;
    double top, last; /* of the axes */
} curve_panel;

static void curve_add_to_panel(const hy_entry *entry, const hy_curve *curve, curve_panel *panel) {
    if (entry->role == HY_ROLE_GENERAL) /* others, such as region, would press them together */
        panel->top = fmin(100, fmax(panel->top, 110 * curve_most(curve)));
    panel->last = fmax(panel->last, curve->x[curve->count - 1]);
    curve_end(&panel->ends, entry, 100 * curve_near_end(curve), false);
}

/* Who ends above the picture has an arrow at the name. */
static void curve_close_panel(curve_panel *panel) {
    for (size_t i = 0; i < panel->ends.count; i++) {
        panel->ends.above[i] = panel->ends.y[i] > panel->top;
        panel->ends.y[i] = fmin(panel->ends.y[i], panel->top);
    }
}

/* One panel: all allocators that have this series. */
static int curve_write_panel(const hy_study *study, FILE *out, const char *series, curve_panel *panel,
                             hy_figure *figure, hy_error *error) {
    for (size_t i = 0; i < study->count; i++) {
        hy_curve curve = {.count = 0};
        if (study->entries[i].role == HY_ROLE_LIMIT) /* they reuse nothing: there is nothing to place well */
            continue;
        const int r = hy_load_curve(study, &study->entries[i], series, &curve, error);
        if (r < 0)
            return r;
        if (curve.count == 0)
            continue;
        curve_write(out, &study->entries[i], &curve, MIB, 0.01);
        curve_add_to_panel(&study->entries[i], &curve, panel);
        figure->rows += curve.count;
        hy_curve_free(&curve);
    }
    curve_close_panel(panel);
    return 0;
}

int figure_fragmentation(const hy_study *study, FILE *out, hy_figure *figure, hy_error *error) {
    curve_panel external = {.top = 1}, internal = {.top = 1};
    fputs("# One block an allocator and series, external first: style, MiB allocated so far, per cent\n", out);
    int r = curve_write_panel(study, out, "external", &external, figure, error);
    if (r == 0)
        r = curve_write_panel(study, out, "internal", &internal, figure, error);
    if (r < 0)
        return r;
    curve_write_ends(out, &external.ends, 0, external.top, false, 2 * LABEL_GAP, "external labels");
    curve_write_ends(out, &internal.ends, 0, internal.top, false, 2 * LABEL_GAP, "internal labels");
    r = figure_phases(study, fmax(external.last, internal.last), out, figure, error);
    figure_option(figure, "last=%.6g;room=%u;", fmax(external.last, internal.last) / MIB, figure_room(study));
    figure_option(figure, "external=%zu;external_top=%.6g;", external.ends.count, external.top);
    figure_option(figure, "internal=%zu;internal_top=%.6g", internal.ends.count, internal.top);
    curve_styles(figure, "external", &external.ends);
    curve_styles(figure, "internal", &internal.ends);
    curve_note_absent(study, figure, &external.ends, &internal.ends);
    return r;
}
