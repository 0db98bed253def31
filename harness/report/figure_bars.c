/* SPDX-License-Identifier: MIT
 *
 * figure_bars.c - throughput.dat: one bar an allocator, from null's time to its own, with the interval's whiskers.
 *
 * The axis is logarithmic, and a bar begins where null ends: its length is how many times null's time it takes.
 */
#include "figures.h"

#include "bootstrap.h"

#include <math.h>

static double bars_axis_end(const hy_study *study) {
    double most = 0;
    for (size_t i = 0; i < study->count; i++) {
        const hy_interval *const t = &study->entries[i].time;
        most = fmax(most, isfinite(t->high) ? t->high : isfinite(t->middle) ? t->middle : 0);
    }
    return most;
}

/* The least time there is: null's, unless the machine was so busy that another one came out below it. */
static double bars_begin(const hy_study *study) {
    double least = INFINITY;
    for (size_t i = 0; i < study->count; i++)
        least = isfinite(study->entries[i].time.middle) ? fmin(least, study->entries[i].time.middle) : least;
    if (!isfinite(least))
        return 1;
    return study->null && isfinite(study->null->time.middle) ? least : least / 2;
}

/* Whiskers are shown down to half of that. */
static double bars_left(const hy_study *study, double begin) {
    double left = begin;
    for (size_t i = 0; i < study->count; i++)
        left = fmin(left, study->entries[i].time.low);
    return fmax(left, begin / 2) / 1.08;
}

static void bars_row(FILE *out, size_t row, const hy_entry *entry, double begin) {
    const hy_interval *const t = &entry->time;
    char shown[64];
    if (isfinite(t->middle))
        snprintf(shown, sizeof shown, t->middle < 100 ? "%.1f ns" : "%.0f ns", t->middle);
    else
        snprintf(shown, sizeof shown, "%s", hy_entry_missing(entry, HY_REPORT_THROUGHPUT));
    fprintf(out, "%u %zu ", entry->style, row);
    hy_dat(out, entry->spec);
    const double end = isfinite(t->high) ? t->high : isfinite(t->middle) ? t->middle : begin;
    fprintf(out, " %.6g %.6g %.6g %.6g ", t->middle, t->low, t->high, end);
    hy_dat(out, shown);
    fputc('\n', out);
}

int figure_throughput(const hy_study *study, FILE *out, hy_figure *figure, hy_error *error) {
    const double begin = bars_begin(study), end = bars_axis_end(study);
    bool *const absent = figure_flags(study);
    size_t few = 0;
    fputs("# style row allocator ns_per_op low high label_at label\n# bars\n", out);
    for (size_t i = 0; i < study->count; i++) {
        const hy_entry *const entry = &study->entries[i];
        bars_row(out, i, entry, begin);
        absent[i] = !isfinite(entry->time.middle);
        figure->rows += absent[i] ? 0 : 1;
        if (isfinite(entry->time.middle) && !isfinite(entry->time.low))
            few++;
    }
    figure_note_absent(figure, study, absent, HY_REPORT_THROUGHPUT);
    if (few > 0)
        figure_note(figure, "fewer than %d runs, so no whiskers: %zu of %zu", HY_BOOTSTRAP_LEAST, few, study->count);
    figure_note_speed(figure, study);
    figure_option(figure, "left=%.6g;begin=%.6g;end=%.6g;rows=%zu;height=%zu", bars_left(study, begin), begin,
                  fmax(end, begin) * 1.9, study->count, 110 + 28 * study->count);
    if (study->null && isfinite(study->null->time.middle))
        figure_option(figure, ";null=%.6g", study->null->time.middle);
    if (study->bump && isfinite(study->bump->time.middle))
        figure_option(figure, ";bump=%.6g;wrap=%d", study->bump->time.middle, study->bump->fake);
    return 0;
}
