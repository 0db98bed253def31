/* SPDX-License-Identifier: MIT
 *
 * figure_requests.c - requests.dat: what the trace asks for, by size, and how long it keeps it.
 *
 * The trace's row in the database has both histograms, by octave (`heapyard info` prints them, too).
 */
#include "figures.h"

#include <jansson.h>
#include <math.h>

typedef struct requests_range {
    double first, last; /* log2 of the smallest octave's and the largest's begin; size 0 counts as one octave below 1 */
} requests_range;

static double requests_octave(double from) {
    return from > 0 ? log2(from) : -1;
}

static double requests_total(const json_t *list) {
    double total = 0;
    size_t i;
    json_t *entry;
    json_array_foreach(list, i, entry) {
        total += json_number_value(json_object_get(entry, "count"));
    }
    return total;
}

/* Octave, per cent in it, per cent up to its end. */
static requests_range requests_block(const json_t *list, const char *name, FILE *out, hy_figure *figure) {
    const double total = requests_total(list);
    requests_range range = {INFINITY, -INFINITY};
    double sum = 0;
    size_t i;
    json_t *entry;
    fprintf(out, "# %s\n# log2_of_least per_cent per_cent_so_far\n", name);
    json_array_foreach(list, i, entry) {
        const double octave = requests_octave(json_number_value(json_object_get(entry, "from")));
        const double count = json_number_value(json_object_get(entry, "count"));
        sum += count;
        fprintf(out, "%.6g %.6g %.6g\n", octave, 100 * count / total, 100 * sum / total);
        range.first = fmin(range.first, octave);
        range.last = fmax(range.last, octave);
        figure->rows++;
    }
    if (!isfinite(range.first)) /* a block must be there to be named */
        fputs("0 0 0\n", out);
    fputs("\n\n", out);
    return isfinite(range.first) ? range : (requests_range){0, 10};
}

int figure_requests(const hy_study *study, FILE *out, hy_figure *figure, hy_error *error) {
    json_t *const summary = json_loads(study->summary, 0, NULL);
    const json_t *const sizes = json_object_get(summary, "sizes"), *const lives = json_object_get(summary, "lifetimes");
    const double objects = json_number_value(json_object_get(summary, "objects"));
    if (json_is_array(sizes) && json_is_array(lives)) {
        const requests_range size = requests_block(sizes, "sizes", out, figure);
        const requests_range life = requests_block(lives, "lifetimes", out, figure);
        figure_option(figure, "size_first=%g;size_last=%g;life_first=%g;life_last=%g", size.first, size.last,
                      life.first, life.last);
        if (objects > 0)
            figure_option(figure, ";died=%.6g", 100 * requests_total(lives) / objects);
    }
    json_decref(summary);
    return 0;
}
