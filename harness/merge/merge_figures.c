/* SPDX-License-Identifier: MIT
 *
 * merge_figures.c - the folder of a campaign: data files and pictures, the tables, the words, and a script that draws
 * the pictures again.
 */
#include "panels.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct figures_kind {
    const char *plot, *name; /* the script, and the first part of the file's name */
    bool each_trace;
    panel_writer *write;
} figures_kind;

static const figures_kind kinds[] = {
    {"merge_tradeoff", "overview", false, merge_overview},
    {"merge_regret", "regret", false, merge_regret},
    {"merge_tradeoff", "tradeoff", true, merge_tradeoff},
    {"merge_time", "time", true, merge_time},
    {"merge_tail", "tail", true, merge_tail},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static FILE *figures_open(const char *folder, const char *base, const char *ending, hy_error *error) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s%s", folder, base, ending);
    FILE *const out = fopen(path, "we");
    if (!out)
        hy_fail(error, -errno, "%s: cannot be written: %s", path, strerror(errno));
    return out;
}

static int figures_close(FILE *out, const char *folder, const char *base, hy_error *error) {
    const bool lost = ferror(out) != 0;
    return fclose(out) != 0 || lost ? hy_fail(error, -EIO, "%s/%s: cannot be written", folder, base) : 0;
}

/* ----------------------------------------------------------------------------------------------------- pictures ----
 */

static int figures_draw(const char *folder, hy_figure *figure, FILE *script, bool *no_gnuplot, hy_error *error) {
    fprintf(script, "draw %s %s \"%s\"\n", figure->plot, figure->base, figure->options);
    if (figure->rows == 0 || *no_gnuplot)
        return 0;
    const int r = hy_draw_figure(folder, figure, error);
    *no_gnuplot = r == -ENOENT;
    return r == -ENOENT ? 0 : r;
}

static int figures_one(const hy_merge_study *study, const hy_study *trace, const figures_kind *kind, const char *folder,
                       FILE *script, bool *no_gnuplot, hy_error *error) {
    char slug[64] = "";
    hy_figure figure = {.plot = kind->plot};
    if (trace)
        hy_slug(trace->name, slug);
    snprintf(figure.base, sizeof figure.base, "%s%s%s", kind->name, trace ? "-" : "", slug);
    FILE *const out = figures_open(folder, figure.base, ".dat", error);
    if (!out)
        return -EIO;
    int r = kind->write(study, trace, out, &figure, error);
    const int closed = figures_close(out, folder, figure.base, r < 0 ? NULL : error);
    r = r < 0 ? r : closed;
    return r < 0 ? r : figures_draw(folder, &figure, script, no_gnuplot, error);
}

static int figures_all(const hy_merge_study *study, const char *folder, FILE *script, bool *no_gnuplot,
                       hy_error *error) {
    int r = 0;
    for (size_t kind = 0; kind < KINDS && r == 0; kind++) {
        if (!kinds[kind].each_trace)
            r = figures_one(study, NULL, &kinds[kind], folder, script, no_gnuplot, error);
        for (size_t i = 0; kinds[kind].each_trace && i < study->count && r == 0; i++)
            if (i == 0 || study->curves[i].study != study->curves[i - 1].study)
                r = figures_one(study, study->curves[i].study, &kinds[kind], folder, script, no_gnuplot, error);
    }
    return r;
}

static int figures_pictures(const hy_merge_study *study, const char *folder, bool *no_gnuplot, hy_error *error) {
    FILE *const script = figures_open(folder, "redraw", ".sh", error);
    if (!script)
        return -EIO;
    fputs("#!/bin/sh\n# Draws the pictures again from the data files here.  GNUPLOT_LIB is the folder of the scripts.\n"
          "set -eu\n: \"${GNUPLOT_LIB:=$(cd \"$(dirname \"$0\")\" && pwd)/../../../plots}\"\nexport GNUPLOT_LIB\n"
          "cd \"$(dirname \"$0\")\"\ndraw() {\n    for ending in svg png; do\n"
          "        gnuplot -e \"$3\" -c \"$GNUPLOT_LIB/$1.gp\" \"$2.dat\" \"$2.$ending\"\n    done\n}\n",
          script);
    int r = figures_all(study, folder, script, no_gnuplot, error);
    const int closed = figures_close(script, folder, "redraw.sh", r < 0 ? NULL : error);
    return r < 0 ? r : closed;
}

/* ------------------------------------------------------------------------------------------------ tables and words --
 */

static int figures_grid(hy_grid grid, void (*print)(const hy_grid *, FILE *), const char *folder, const char *base,
                        const char *ending, hy_error *error) {
    FILE *const out = figures_open(folder, base, ending, error);
    if (out)
        print(&grid, out);
    hy_grid_free(&grid);
    return out ? figures_close(out, folder, base, error) : -EIO;
}

static int figures_words(const hy_merge_study *study, const char *folder, hy_error *error) {
    FILE *const out = figures_open(folder, "answer", ".txt", error);
    if (!out)
        return -EIO;
    hy_merge_tell(study, out);
    return figures_close(out, folder, "answer.txt", error);
}

int hy_merge_write(const hy_merge_study *study, const char *folder, bool *ret_no_gnuplot, hy_error *error) {
    bool no_gnuplot = false;
    int r = figures_grid(hy_merge_points_grid(study), hy_grid_csv, folder, "points", ".csv", error);
    if (r == 0)
        r = figures_grid(hy_merge_best_grid(study, true), hy_grid_csv, folder, "best", ".csv", error);
    if (r == 0)
        r = figures_grid(hy_merge_best_grid(study, false), hy_grid_markdown, folder, "best", ".md", error);
    if (r == 0)
        r = figures_words(study, folder, error);
    if (r == 0)
        r = figures_pictures(study, folder, &no_gnuplot, error);
    if (r == 0)
        *ret_no_gnuplot = no_gnuplot;
    return r;
}
