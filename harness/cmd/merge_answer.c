/* SPDX-License-Identifier: MIT
 *
 * merge_answer.c - what `heapyard sweep merge` tells: the best rule of each trace and allocator, what to choose, and a
 * folder with the pictures, their data, all points and these words.
 */
#include "merge_answer.h"

#include "merge.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void print_text(const hy_merge_study *study) {
    hy_grid grid = hy_merge_best_grid(study, false);
    hy_grid_text(&grid, stdout);
    hy_grid_free(&grid);
    putchar('\n');
    hy_merge_tell(study, stdout);
}

static void print_markdown(const hy_merge_study *study) {
    hy_grid grid = hy_merge_best_grid(study, false);
    hy_grid_markdown(&grid, stdout);
    hy_grid_free(&grid);
    putchar('\n');
    hy_merge_tell(study, stdout);
}

static int print_raw(const hy_merge_study *study, hy_format format) {
    hy_error error;
    hy_grid grid = hy_merge_points_grid(study);
    int r = 0;
    if (format == HY_FORMAT_CSV)
        hy_grid_csv(&grid, stdout);
    else
        r = hy_grid_json(&grid, stdout, &error) < 0 ? cmd_fail("%s", error.text) : 0;
    hy_grid_free(&grid);
    return r;
}

static int print_answer(const hy_merge_study *study, hy_format format) {
    switch (format) {
    case HY_FORMAT_CSV:
    case HY_FORMAT_JSON: return print_raw(study, format);
    case HY_FORMAT_MARKDOWN: print_markdown(study); return 0;
    default: print_text(study); return 0;
    }
}

/* The folder wanted, or `merge` beside the database.  Its parent is there: the database's, or the user's choice. */
static int make_folder(const char *database, const char *wanted, char folder[4096]) {
    char copy[4096];
    snprintf(copy, sizeof copy, "%s", database);
    if (wanted)
        snprintf(folder, 4096, "%s", wanted);
    else
        snprintf(folder, 4096, "%.4000s/merge", dirname(copy));
    if (mkdir(folder, 0777) < 0 && errno != EEXIST)
        return cmd_fail("%s: cannot make the folder: %s", folder, strerror(errno));
    return 0;
}

static int write_folder(const hy_merge_study *study, const char *database, const char *wanted) {
    char folder[4096];
    bool no_gnuplot = false;
    hy_error error;
    const int r = make_folder(database, wanted, folder);
    if (r != 0)
        return r;
    if (hy_merge_write(study, folder, &no_gnuplot, &error) < 0)
        return cmd_fail("%s", error.text);
    if (no_gnuplot)
        fprintf(stderr, "heapyard: %s; %s has everything but the pictures\n", error.text, folder);
    fprintf(stderr, "heapyard: pictures, data and all points are in %s\n", folder);
    return 0;
}

int merge_answer(const char *database, const char *campaign, const char *folder, hy_format format) {
    hy_merge_study study;
    hy_error error;
    if (hy_merge_load(database, campaign, &study, &error) < 0)
        return cmd_fail("%s", error.text);
    int r = print_answer(&study, format);
    if (r == 0)
        r = write_folder(&study, database, folder);
    hy_merge_free(&study);
    return r;
}
