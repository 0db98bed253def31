/* SPDX-License-Identifier: MIT
 *
 * figure_programs.c - programs.dat: what replay promised of real programs' CPU times, and what came of it.
 *
 * Both axes are logarithmic and the same, so that the diagonal is a promise kept.
 */
#include "figures.h"
#include "predicted.h"

#include <errno.h>
#include <math.h>
#include <string.h>

typedef struct programs_picture {
    const hy_report *report;
    const hy_predictions *predictions;
    double low, high; /* of both axes */
} programs_picture;

static double picture_share(const programs_picture *p, double value) {
    return log(value / p->low) / log(p->high / p->low);
}

static double picture_value(const programs_picture *p, double share) {
    return p->low * pow(p->high / p->low, share);
}

static double judged_low(const hy_predicted *point) {
    const double low = point->entry->judgement[HY_PROGRAM_CPU].low;
    return isfinite(low) ? low : point->real;
}

static double judged_high(const hy_predicted *point) {
    const double high = point->entry->judgement[HY_PROGRAM_CPU].high;
    return isfinite(high) ? high : point->real;
}

static void picture_axes(programs_picture *p) {
    p->low = 0.98;
    p->high = 1.02;
    for (size_t i = 0; i < p->predictions->count; i++) {
        const hy_predicted *const point = &p->predictions->point[i];
        p->low = fmin(p->low, fmin(point->expected, fmax(judged_low(point), point->real / 1.5)));
        p->high = fmax(p->high, fmax(point->expected, fmin(judged_high(point), point->real * 1.5)));
    }
    p->low /= 1.03;
    p->high *= 1.03;
}

/* The style that this allocator has in every figure. */
static unsigned picture_style(const programs_picture *p, const char *spec) {
    for (size_t i = 0; i < p->report->count; i++) {
        const hy_entry *const entry = hy_overview_entry(&p->report->studies[i], spec);
        if (entry)
            return entry->style;
    }
    return 1;
}

static void picture_title(const programs_picture *p, FILE *out) {
    char line[128];
    const hy_agreement a = hy_agree(p->predictions, NULL, false);
    snprintf(line, sizeof line, "%zu pairs of a program and an allocator; Spearman %.2f, Pearson of logarithms %.2f",
             a.count, a.spearman, a.pearson);
    fputs("# title\n\"Real programs: expected and real\"\n", out);
    hy_dat_most(out, line, 100);
    fputs("\n\n\n", out);
}

static void picture_points(const programs_picture *p, FILE *out) {
    label_box boxes[FIGURE_LABELS];
    const size_t count = p->predictions->count < FIGURE_LABELS ? p->predictions->count : FIGURE_LABELS;
    for (size_t i = 0; i < count; i++) {
        const hy_predicted *const point = &p->predictions->point[i];
        boxes[i] = (label_box){.x = picture_share(p, point->expected),
                               .y = picture_share(p, point->real),
                               .width = 0.012 * (double)strlen(point->program->name),
                               .height = 0.038};
    }
    label_place(boxes, count, NULL, 0);
    fputs("# points\n# style expected real low high label_x label_y leader program\n", out);
    for (size_t i = 0; i < p->predictions->count; i++) {
        const hy_predicted *const point = &p->predictions->point[i];
        const label_box *const box = &boxes[i < count ? i : 0];
        const double edge = picture_value(p, box->left > box->x ? box->left : box->left + box->width);
        fprintf(out, "%u %.6g %.6g %.6g %.6g %.6g %.6g %.6g ", picture_style(p, point->entry->spec), point->expected,
                point->real, judged_low(point), judged_high(point), i < count ? edge : NAN,
                picture_value(p, box->middle), box->far ? edge : NAN);
        hy_dat(out, point->program->name);
        fputc('\n', out);
    }
    fputs("\n\n", out);
}

static bool picture_named_before(const programs_picture *p, size_t place) {
    for (size_t i = 0; i < place; i++)
        if (strcmp(p->predictions->point[i].entry->spec, p->predictions->point[place].entry->spec) == 0)
            return true;
    return false;
}

/* Returns the length of the longest name. */
static size_t picture_names(const programs_picture *p, FILE *out) {
    size_t longest = 4, row = 0;
    fputs("# names\n# style place allocator\n", out);
    for (size_t i = 0; i < p->predictions->count; i++) {
        const hy_program_entry *const entry = p->predictions->point[i].entry;
        if (picture_named_before(p, i))
            continue;
        const hy_entry named = {.spec = entry->spec, .style = picture_style(p, entry->spec)};
        fprintf(out, "%u %.6g ", named.style, picture_value(p, 0.97 - 0.06 * (double)row++));
        figure_name(out, &named, false);
        fputc('\n', out);
        longest = strlen(entry->spec) > longest ? strlen(entry->spec) : longest;
    }
    return longest < 40 ? longest : 40;
}

int hy_write_programs_figure(const hy_report *report, const hy_predictions *predictions, const char *folder,
                             hy_figure *ret_figure, hy_error *error) {
    char path[4096];
    programs_picture p = {.report = report, .predictions = predictions};
    hy_figure figure = {
        .plot = "programs",
        .title = "Expected from replay, and measured",
        .about = "Each point is an allocator under a program, as a ratio to the baseline’s CPU time: across, "
                 "what follows from the replay of the program’s trace; upwards, what was measured, with its 95 "
                 "% interval. On the diagonal all is as expected; in the grey replay was wrong about who is "
                 "faster. Replay times malloc and free alone: where blocks lie when the program works with "
                 "them shows only upwards.",
        .base = "programs-expected",
        .id = "programs-expected",
        .rows = predictions->count};
    snprintf(path, sizeof path, "%s/%s.dat", folder, figure.base);
    FILE *const out = fopen(path, "we");
    if (!out)
        return hy_fail(error, -errno, "%s: cannot be written: %s", path, strerror(errno));
    picture_axes(&p);
    picture_title(&p, out);
    picture_points(&p, out);
    const size_t longest = picture_names(&p, out);
    figure_option(&figure, "low=%.6g;high=%.6g;room=%.3g", p.low, p.high, (double)longest * 0.82 + 5.5);
    const bool lost = ferror(out) != 0;
    if (fclose(out) != 0 || lost)
        return hy_fail(error, -EIO, "%s: cannot be written: %s", path, strerror(errno));
    *ret_figure = figure;
    return 0;
}
