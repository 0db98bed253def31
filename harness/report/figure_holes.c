/* SPDX-License-Identifier: MIT
 *
 * figure_holes.c - holes.dat: U(k) of each allocator that shows its insides, the share of free bytes in holes smaller
 * than k, at the moment of most live bytes.
 *
 * All curves end at 100 %, so the names at the right are in the order in which the curves get to one half.
 */
#include "figures.h"

#include <math.h>
#include <string.h>

#define LABEL_GAP 0.048 /* of the picture's height: one line of text */

typedef struct holes_ends {
    const hy_entry *entry[FIGURE_LABELS];
    double half[FIGURE_LABELS]; /* k at which half of the free bytes lie in smaller holes */
    size_t count;
    double first, last; /* of all k */
} holes_ends;

static double holes_half(const hy_curve *curve) {
    size_t i = 0;
    while (i + 1 < curve->count && curve->y[i] < 0.5)
        i++;
    return curve->x[i];
}

static void holes_write(FILE *out, const hy_entry *entry, const hy_curve *curve) {
    fprintf(out, "# %u\n", entry->style);
    for (size_t i = 0; i < curve->count; i++)
        fprintf(out, "%u %.9g %.6g\n", entry->style, curve->x[i], 100 * curve->y[i]);
    fputs("\n\n", out);
}

static void holes_add(holes_ends *ends, const hy_entry *entry, const hy_curve *curve) {
    size_t at = ends->count++;
    const double half = holes_half(curve);
    for (; at > 0 && ends->half[at - 1] > half; at--) {
        ends->half[at] = ends->half[at - 1];
        ends->entry[at] = ends->entry[at - 1];
    }
    ends->half[at] = half;
    ends->entry[at] = entry;
    ends->first = fmin(ends->first, curve->x[0]);
    ends->last = fmax(ends->last, curve->x[curve->count - 1]);
}

static void holes_names(FILE *out, const holes_ends *ends) {
    fputs("# labels\n# style y name\n", out);
    for (size_t i = 0; i < ends->count; i++) {
        fprintf(out, "%u %.6g ", ends->entry[i]->style, 100 * (1 - LABEL_GAP * ((double)i + 0.5)));
        figure_name(out, ends->entry[i], false);
        fputc('\n', out);
    }
    fputs("\n\n", out);
}

int figure_holes(const hy_study *study, FILE *out, hy_figure *figure, hy_error *error) {
    holes_ends ends = {.first = INFINITY};
    bool *const absent = figure_flags(study);
    int r = 0;
    fputs("# One block an allocator: style, k in bytes, per cent of the free bytes that lie in holes smaller than k\n",
          out);
    for (size_t i = 0; i < study->count && r == 0; i++) {
        const hy_entry *const entry = &study->entries[i];
        hy_curve curve = {.count = 0};
        if (entry->role != HY_ROLE_LIMIT && ends.count < FIGURE_LABELS)
            r = hy_load_curve(study, entry, "holes", &curve, error);
        absent[i] = curve.count == 0 && entry->role != HY_ROLE_LIMIT;
        if (curve.count == 0)
            continue;
        holes_write(out, entry, &curve);
        holes_add(&ends, entry, &curve);
        figure->rows += curve.count;
        hy_curve_free(&curve);
    }
    figure_note_absent(figure, study, absent, HY_REPORT_FOOTPRINT);
    if (r < 0 || figure->rows == 0)
        return r;
    holes_names(out, &ends);
    figure_option(figure, "first=%.6g;last=%.6g;room=%u;styles='", ends.first, ends.last * 1.001, figure_room(study));
    for (size_t i = 0; i < study->count; i++) /* in the order of the blocks */
        for (size_t k = 0; k < ends.count; k++)
            if (ends.entry[k] == &study->entries[i])
                figure_option(figure, "%u ", study->entries[i].style);
    figure_option(figure, "'");
    return 0;
}
