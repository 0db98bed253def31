/* SPDX-License-Identifier: MIT
 *
 * html_strip.c - small pictures of ratios to the baseline, one line high, all of a page on the same logarithmic axis.
 *
 *   upright line        1: the baseline
 *   grey band           the margin within which a difference counts as none
 *   short upright lines the limits: null, bump, the least memory possible
 *   dot with a line     an allocator and its interval; filled is the one that is spoken of
 *   arrow head          beyond the end of the axis
 *
 * They differ by shape, not by colour alone, and each says in its title what it is.
 */
#include "html.h"

#include <math.h>

#define HEIGHT 22.0
#define EDGE 6.0 /* room for marks at both ends */
#define FARTHEST 4.0

static double strip_value(const hy_entry *entry, hy_overview what) {
    return what == HY_OVERVIEW_TIME ? entry->speed.ratio : entry->size.ratio;
}

/* The least possible memory as a ratio to the baseline's; NAN if unknown. */
static double strip_floor(const hy_study *study) {
    return study->baseline ? study->floor / study->baseline->footprint : NAN;
}

html_scale html_scale_of(const hy_report *report, hy_overview what, double width) {
    html_scale scale = {0.8, 1.5, width};
    for (size_t s = 0; s < report->count; s++) {
        const hy_study *const study = &report->studies[s];
        if (what == HY_OVERVIEW_MEMORY)
            scale.low = fmin(scale.low, strip_floor(study));
        for (size_t i = 0; i < study->count; i++) {
            const double value = strip_value(&study->entries[i], what);
            scale.low = fmin(scale.low, value);
            scale.high = fmax(scale.high, fmin(value, FARTHEST));
        }
    }
    scale.low = fmax(scale.low, 0.01);
    return scale;
}

static double strip_at(const html_scale *scale, double value) {
    const double share = log(value / scale->low) / log(scale->high / scale->low);
    return EDGE + (scale->width - 2 * EDGE) * fmin(fmax(share, 0), 1);
}

static void strip_open(const html_scale *scale, const char *label, FILE *out) {
    const double left = strip_at(scale, 1 / (1 + HY_VERDICT_MARGIN)), right = strip_at(scale, 1 + HY_VERDICT_MARGIN);
    fprintf(out, "<svg class=\"strip\" width=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"",
            scale->width, scale->width, HEIGHT);
    hy_html(out, label);
    fprintf(
        out,
        "\"><rect class=\"band\" x=\"%.1f\" width=\"%.1f\" height=\"%.0f\"/><path class=\"one\" d=\"M%.1f 0v%.0f\"/>",
        left, right - left, HEIGHT, strip_at(scale, 1), HEIGHT);
}

static void strip_title(const char *name, double value, FILE *out) {
    fputs("<title>", out);
    hy_html(out, name);
    fprintf(out, " %.2f×</title>", value);
}

static void strip_mark(const html_scale *scale, const char *name, double value, const char *class, FILE *out) {
    const double x = strip_at(scale, value), y = HEIGHT / 2;
    if (value > scale->high * 1.0001)
        fprintf(out, "<path class=\"%s\" d=\"M%.1f %.1fl6 4.5l-6 4.5z\">", class, x - 3, y - 4.5);
    else
        fprintf(out, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.0f\" r=\"4\">", class, x, y);
    strip_title(name, value, out);
    fputs(value > scale->high * 1.0001 ? "</path>" : "</circle>", out);
}

static void strip_limit(const html_scale *scale, const char *name, double value, FILE *out) {
    if (!isfinite(value))
        return;
    fprintf(out, "<path class=\"limit\" d=\"M%.1f 4v%.0f\">", strip_at(scale, value), HEIGHT - 8);
    strip_title(name, value, out);
    fputs("</path>", out);
}

static void strip_whisker(const html_scale *scale, const hy_judgement *j, FILE *out) {
    if (isfinite(j->low) && isfinite(j->high) && j->low <= scale->high)
        fprintf(out, "<path class=\"whisker\" d=\"M%.1f %.0fH%.1f\"/>", strip_at(scale, j->low), HEIGHT / 2,
                strip_at(scale, j->high));
}

static void strip_limits(const html_scale *scale, const hy_study *study, hy_overview what, FILE *out) {
    if (what == HY_OVERVIEW_MEMORY) {
        strip_limit(scale, "the least possible", strip_floor(study), out);
        return;
    }
    if (study->null)
        strip_limit(scale, study->null->spec, study->null->speed.ratio, out);
    if (study->bump)
        strip_limit(scale, study->bump->spec, study->bump->speed.ratio, out);
}

void html_strip_study(const html_scale *scale, const hy_study *study, const hy_entry *taken, hy_overview what,
                      FILE *out) {
    strip_open(scale, what == HY_OVERVIEW_TIME ? "time of each allocator" : "memory of each allocator", out);
    strip_limits(scale, study, what, out);
    for (size_t i = 0; i < study->count; i++) {
        const hy_entry *const e = &study->entries[i];
        if (e != taken && e->role == HY_ROLE_GENERAL && isfinite(strip_value(e, what)))
            strip_mark(scale, e->spec, strip_value(e, what), "dot", out);
    }
    if (taken && isfinite(strip_value(taken, what))) {
        strip_whisker(scale, what == HY_OVERVIEW_TIME ? &taken->speed : &taken->size, out);
        strip_mark(scale, taken->spec, strip_value(taken, what), "dot taken", out);
    }
    fputs("</svg>", out);
}

void html_strip_entry(const html_scale *scale, const hy_study *study, const hy_entry *entry, hy_overview what,
                      FILE *out) {
    const hy_judgement *const j = what == HY_OVERVIEW_TIME ? &entry->speed : &entry->size;
    if (!isfinite(j->ratio))
        return;
    strip_open(scale, what == HY_OVERVIEW_TIME ? "time ratio" : "memory ratio", out);
    strip_limits(scale, study, what, out);
    strip_whisker(scale, j, out);
    strip_mark(scale, entry->spec, j->ratio, entry == study->baseline ? "dot" : "dot taken", out);
    fputs("</svg>", out);
}

/* In units of the picture, about. */
static double strip_text_width(double tick) {
    char text[16];
    return 5.6 * snprintf(text, sizeof text, "%gx", tick) + 8;
}

void html_strip_axis(const html_scale *scale, FILE *out) {
    static const double ticks[] = {1, 0.1, 0.5, 0.2, 0.05, 2, 4, 0.02};
    enum { TICKS = sizeof ticks / sizeof *ticks };
    double places[TICKS], widths[TICKS];
    size_t n = 0;
    fprintf(out, "<svg class=\"strip axis\" width=\"%.0f\" viewBox=\"0 0 %.0f 14\" aria-hidden=\"true\">", scale->width,
            scale->width);
    for (size_t i = 0; i < TICKS; i++) {
        const double x = strip_at(scale, ticks[i]), width = strip_text_width(ticks[i]);
        bool room = ticks[i] >= scale->low * 0.999 && ticks[i] <= scale->high * 1.001;
        for (size_t k = 0; k < n; k++)
            room = room && fabs(places[k] - x) > (width + widths[k]) / 2;
        if (!room)
            continue;
        places[n] = x;
        widths[n++] = width;
        fprintf(out, "<text x=\"%.1f\" y=\"11\">%g×</text>", x, ticks[i]);
    }
    fputs("</svg>", out);
}
