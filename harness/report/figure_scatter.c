/* SPDX-License-Identifier: MIT
 *
 * figure_scatter.c - two figures of each allocator against each other, less of both being better: the first on a
 * logarithmic axis, the second on one that begins at 0.  The staircase is the Pareto front.
 */
#include "figures.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct scatter {
    const hy_scatter_point *point;
    size_t count;
    double left, right, high;
} scatter;

static double share_x(const scatter *s, double x) {
    return log(x / s->left) / log(s->right / s->left);
}

static double value_x(const scatter *s, double share) {
    return s->left * pow(s->right / s->left, share);
}

static bool is_dominated(const scatter *s, const hy_scatter_point *p) {
    for (size_t i = 0; i < s->count; i++) {
        const hy_scatter_point *const q = &s->point[i];
        if (q->x <= p->x && q->y <= p->y && (q->x < p->x || q->y < p->y))
            return true;
    }
    return false;
}

static int by_x(const void *a, const void *b) {
    const double x = ((const hy_scatter_point *)a)->x, y = ((const hy_scatter_point *)b)->x;
    return (x > y) - (x < y);
}

/* From left to right, a step down at each; the obstacles that labels must not cover. */
static size_t write_front(const scatter *s, label_frame *frames, FILE *out) {
    double height = s->high, from = 0;
    size_t count = 0;
    fputs("# front\n# x y\n", out);
    for (size_t i = 0; i < s->count; i++) {
        const hy_scatter_point *const p = &s->point[i];
        if (is_dominated(s, p))
            continue;
        const double at = share_x(s, p->x), above = height / s->high, below = p->y / s->high;
        fprintf(out, "%.6g %.6g\n%.6g %.6g\n", p->x, height, p->x, p->y);
        frames[count++] = (label_frame){at - 0.002, at + 0.002, below, above};
        if (from > 0)
            frames[count++] = (label_frame){from, at, above - 0.004, above + 0.004};
        height = p->y;
        from = at;
    }
    fprintf(out, "%.6g %.6g\n\n\n", s->right, height);
    return count;
}

static void write_points(const scatter *s, const label_frame *frames, size_t frame_count, FILE *out) {
    label_box box[FIGURE_LABELS] = {0};
    for (size_t i = 0; i < s->count; i++)
        box[i] = (label_box){.x = share_x(s, s->point[i].x),
                             .y = s->point[i].y / s->high,
                             .width = 0.0115 * (double)strlen(s->point[i].name),
                             .height = 0.05,
                             .below_left = !is_dominated(s, &s->point[i])};
    label_place(box, s->count, frames, frame_count);
    fputs("# points\n# style x y label_x label_y leader allocator\n", out);
    for (size_t i = 0; i < s->count; i++) {
        const double edge = value_x(s, box[i].left > box[i].x ? box[i].left : box[i].left + box[i].width);
        fprintf(out, "%u %.6g %.6g %.6g %.6g %.6g ", s->point[i].style, s->point[i].x, s->point[i].y, edge,
                box[i].middle * s->high, box[i].far ? edge : NAN);
        hy_dat(out, s->point[i].name);
        fputc('\n', out);
    }
}

static void write_scatter(const scatter *s, const char *title, const char *subtitle, FILE *out) {
    label_frame frames[2 * FIGURE_LABELS];
    fputs("# title\n", out);
    hy_dat_most(out, title, 140);
    fputc('\n', out);
    hy_dat_most(out, subtitle, 140);
    fputs("\n\n\n", out);
    const size_t count = write_front(s, frames, out);
    write_points(s, frames, count, out);
}

int hy_write_scatter(const hy_scatter_point *points, size_t count, const char *title, const char *subtitle,
                     const char *folder, hy_figure *figure, hy_error *error) {
    char path[4096];
    hy_scatter_point sorted[FIGURE_LABELS];
    scatter s = {.point = sorted, .left = INFINITY, .right = 0, .high = 0};
    for (size_t i = 0; i < count && s.count < FIGURE_LABELS; i++) {
        if (!isfinite(points[i].x) || !isfinite(points[i].y) || points[i].x <= 0)
            continue;
        sorted[s.count++] = points[i];
        s.left = fmin(s.left, points[i].x / 1.25);
        s.right = fmax(s.right, points[i].x * 2.2);
        s.high = fmax(s.high, points[i].y * 1.12 + 1);
    }
    qsort(sorted, s.count, sizeof *sorted, by_x);
    snprintf(path, sizeof path, "%s/%s.dat", folder, figure->base);
    FILE *const out = fopen(path, "we");
    if (!out)
        return hy_fail(error, -errno, "%s: %s", path, strerror(errno));
    if (s.count > 0)
        write_scatter(&s, title, subtitle, out);
    figure->rows = s.count;
    figure_option(figure, "left=%.6g;right=%.6g;high=%.6g", s.left, s.right, s.high);
    return fclose(out) == 0 ? 0 : hy_fail(error, -errno, "%s: cannot be written: %s", path, strerror(errno));
}
