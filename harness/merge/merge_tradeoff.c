/* SPDX-License-Identifier: MIT
 *
 * merge_tradeoff.c - time against memory with the merge frequency along the curve: of one trace, a panel an allocator,
 * with every rule named; and the overview, a panel a trace, with the limits.
 *
 * Both axes are logarithmic; memory is a multiple of the most live bytes.  A panel's axes end at SPAN times its least
 * values: what lies beyond stands at the edge, with an arrow and its figure.
 */
#include "panels.h"

#include "units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SPAN 6.0

typedef struct tradeoff {
    const hy_merge_study *study;
    const hy_merge_curve **curve; /* those of this picture, in order of their panels */
    size_t *panel;                /* of each, from 1 */
    size_t count, panels;
    panel_axis *x, *y; /* of each panel, from 1 */
    bool detail;       /* one trace: rules are named */
} tradeoff;

/* ------------------------------------------------------------------------------------------------------- panels ----
 */

static void tradeoff_init(const hy_merge_study *study, const hy_study *trace, tradeoff *ret) {
    *ret = (tradeoff){.study = study, .detail = trace != NULL};
    ret->curve = calloc(study->count + 1, sizeof *ret->curve);
    ret->panel = calloc(study->count + 1, sizeof *ret->panel);
    ret->x = calloc(study->count + 2, sizeof *ret->x);
    ret->y = calloc(study->count + 2, sizeof *ret->y);
    if (!ret->curve || !ret->panel || !ret->x || !ret->y)
        abort();
    for (size_t i = 0; i < study->count; i++) {
        const hy_merge_curve *const c = &study->curves[i];
        if (trace && c->study != trace)
            continue;
        const bool same = ret->count > 0 && !trace && ret->curve[ret->count - 1]->study == c->study;
        ret->panels += !same;
        ret->panel[ret->count] = ret->panels;
        ret->curve[ret->count++] = c;
    }
}

static void tradeoff_free(tradeoff *t) {
    free(t->curve);
    free(t->panel);
    free(t->x);
    free(t->y);
}

/* A line between 1 and the rest: below it nothing can be. */
static void tradeoff_limits(const tradeoff *t, const hy_study *study, panel_axis *x, panel_axis *y) {
    if (t->detail)
        return;
    panel_hold(x, study->null ? study->null->time.middle : NAN);
    panel_hold(x, study->bump ? study->bump->time.middle : NAN);
    panel_hold(y, 1);
}

static void tradeoff_axes(tradeoff *t, size_t panel) {
    panel_axis x = {INFINITY, 0, true}, y = {INFINITY, 0, true};
    const hy_study *study = NULL;
    for (size_t i = 0; i < t->count; i++) {
        if (t->panel[i] != panel)
            continue;
        study = t->curve[i]->study;
        for (size_t k = 0; k < t->curve[i]->count; k++) {
            const hy_merge_point *const p = &t->curve[i]->points[k];
            if (!hy_merge_complete(p))
                continue;
            panel_hold(&x, p->entry->time.middle);
            panel_hold(&y, p->entry->blowup);
        }
    }
    x.high = fmin(x.high, x.low * SPAN);
    y.high = fmin(y.high, y.low * SPAN);
    if (study && isfinite(x.low))
        tradeoff_limits(t, study, &x, &y);
    if (!isfinite(x.low) || !isfinite(y.low)) { /* nothing to see, but the panel says so */
        x = (panel_axis){1, 10, true};
        y = (panel_axis){1, 2, true};
    }
    const double wide = fmax(pow(x.high / x.low, 0.1), 1.04), tall = fmax(pow(y.high / y.low, 0.12), 1.02);
    t->x[panel] = (panel_axis){x.low / wide, x.high * wide, true};
    t->y[panel] = (panel_axis){y.low / tall, y.high * tall, true};
}

static void tradeoff_remark(const tradeoff *t, const hy_merge_curve *c, char *text, size_t size) {
    if (!t->detail) {
        snprintf(text, size, "%s live at most", hy_show_bytes((uint64_t)fmax(c->study->peak_live, 0)).text);
        return;
    }
    snprintf(text, size, "best %s; %s%s", c->best ? c->best->rule : "n/a", c->knee ? "knee " : "no knee",
             c->knee ? c->knee->rule : "");
}

static void tradeoff_panels(const tradeoff *t, FILE *out) {
    char remark[160];
    panel_block(out, "panels", "panel left right low high null bump title remark");
    for (size_t i = 0; i < t->count; i++) {
        const hy_merge_curve *const c = t->curve[i];
        if (i > 0 && t->panel[i] == t->panel[i - 1])
            continue;
        tradeoff_remark(t, c, remark, sizeof remark);
        panel_line(out, t->panel[i], t->x[t->panel[i]], t->y[t->panel[i]],
                   c->study->null ? c->study->null->time.middle : NAN,
                   c->study->bump ? c->study->bump->time.middle : NAN, t->detail ? c->fit : c->study->name, remark);
    }
    panel_block_end(out);
}

/* -------------------------------------------------------------------------------------------------------- curves ----
 */

static void tradeoff_band(const tradeoff *t, size_t i, FILE *out) {
    const hy_merge_point *before = NULL;
    for (size_t k = 0; k < t->curve[i]->axis; k++) {
        const hy_merge_point *const p = &t->curve[i]->points[k];
        if (!hy_merge_complete(p) || !isfinite(p->entry->time.low))
            continue;
        const hy_merge_point *const corner[] = {before, before, p, p};
        for (size_t c = 0; before && c < 4; c++) {
            const hy_interval *const time = &corner[c]->entry->time;
            fprintf(out, "%zu %u %.6g %.6g\n", t->panel[i], t->curve[i]->style, c % 3 == 0 ? time->low : time->high,
                    corner[c]->entry->blowup);
        }
        if (before)
            fputc('\n', out);
        before = p;
    }
}

static void tradeoff_line(const tradeoff *t, size_t i, FILE *out) {
    for (size_t k = 0; k < t->curve[i]->axis; k++) {
        const hy_merge_point *const p = &t->curve[i]->points[k];
        if (hy_merge_complete(p))
            fprintf(out, "%zu %u %.6g %.6g\n", t->panel[i], t->curve[i]->style, p->entry->time.middle,
                    p->entry->blowup);
    }
    fputc('\n', out);
}

/* -------------------------------------------------------------------------------------------------------- labels ----
 */

/* "64", "onfail", "immediate", with what lies beyond the edge: "never ↑ 14×", "never → 310 ns". */
static void tradeoff_text(const hy_merge_point *p, panel_axis x, panel_axis y, char text[64]) {
    char number[24];
    panel_count(p->number, number);
    int used = snprintf(text, 64, "%.30s", p->on_axis && isfinite(p->number) ? number : p->rule);
    if (p->entry->blowup > y.high)
        used += snprintf(text + used, 64 - (size_t)used, " ↑ %.1f×", p->entry->blowup);
    if (p->entry->time.middle > x.high)
        snprintf(text + used, 64 - (size_t)used, " → %.0f ns", p->entry->time.middle);
}

/* In a panel of its own every rule of the axis has a name, and another rule if it is the best of all. */
static bool tradeoff_named(const tradeoff *t, const hy_merge_curve *c, const hy_merge_point *p) {
    return t->detail ? p->on_axis || p == c->overall : p == c->knee;
}

/* Whether it stands at the edge in place of where it belongs. */
static bool tradeoff_beyond(const hy_merge_point *p, panel_axis x, panel_axis y) {
    return p->entry->time.middle > x.high || p->entry->blowup > y.high;
}

static void tradeoff_point(const tradeoff *t, size_t i, const hy_merge_point *p, const label_box *box, const char *text,
                           FILE *out) {
    const hy_merge_curve *const c = t->curve[i];
    const panel_axis x = t->x[t->panel[i]], y = t->y[t->panel[i]];
    const double at = panel_clamp(x, p->entry->time.middle), height = panel_clamp(y, p->entry->blowup);
    const bool sure = isfinite(p->entry->time.low) && p->on_axis;
    fprintf(out, "%zu %u %.6g %.6g %.6g %.6g %d %d %d %d ", t->panel[i], c->style, at, height,
            sure ? panel_clamp(x, p->entry->time.low) : at, sure ? panel_clamp(x, p->entry->time.high) : at,
            !p->on_axis, p == c->knee, p == c->best, tradeoff_beyond(p, x, y));
    const double edge = box ? box->left > box->x ? box->left : box->left + box->width : NAN;
    const double label = box ? panel_value(x, edge) : NAN;
    fprintf(out, "%.6g %.6g %.6g ", label, box ? panel_value(y, box->middle) : NAN, box && box->far ? label : NAN);
    hy_dat(out, box ? text : "");
    fputc('\n', out);
}

typedef struct tradeoff_labels {
    label_box box[FIGURE_LABELS];
    char text[FIGURE_LABELS][64];
    size_t count;
    label_frame bar[FIGURE_LABELS]; /* the intervals, which labels should keep off */
    size_t bars;
} tradeoff_labels;

static void tradeoff_bar(tradeoff_labels *labels, const hy_merge_point *p, panel_axis x, panel_axis y) {
    if (!p->on_axis || !isfinite(p->entry->time.low) || labels->bars == FIGURE_LABELS)
        return;
    const double height = panel_share(y, panel_clamp(y, p->entry->blowup));
    labels->bar[labels->bars++] =
        (label_frame){panel_share(x, panel_clamp(x, p->entry->time.low)),
                      panel_share(x, panel_clamp(x, p->entry->time.high)), height - 0.008, height + 0.008};
}

/* The labels of one panel, placed together so that they do not cover each other. */
static void tradeoff_place(const tradeoff *t, size_t panel, tradeoff_labels *labels) {
    const panel_axis x = t->x[panel], y = t->y[panel];
    labels->count = labels->bars = 0;
    for (size_t i = 0; i < t->count; i++)
        for (size_t k = 0; k < t->curve[i]->count && t->panel[i] == panel; k++) {
            const hy_merge_point *const p = &t->curve[i]->points[k];
            if (!hy_merge_complete(p))
                continue;
            tradeoff_bar(labels, p, x, y);
            if (!tradeoff_named(t, t->curve[i], p) || labels->count == FIGURE_LABELS)
                continue;
            tradeoff_text(p, x, y, labels->text[labels->count]);
            labels->box[labels->count] =
                (label_box){.x = panel_share(x, panel_clamp(x, p->entry->time.middle)),
                            .y = panel_share(y, panel_clamp(y, p->entry->blowup)),
                            .width = 0.024 * (double)hy_text_width(labels->text[labels->count]),
                            .height = 0.07,
                            .below_left = p->on_front};
            labels->count++;
        }
    label_place(labels->box, labels->count, labels->bar, labels->bars);
}

static size_t tradeoff_points(const tradeoff *t, size_t panel, FILE *out) {
    tradeoff_labels labels;
    size_t rows = 0, next = 0;
    tradeoff_place(t, panel, &labels);
    for (size_t i = 0; i < t->count; i++)
        for (size_t k = 0; k < t->curve[i]->count && t->panel[i] == panel; k++) {
            const hy_merge_point *const p = &t->curve[i]->points[k];
            if (!hy_merge_complete(p))
                continue;
            const bool named = tradeoff_named(t, t->curve[i], p) && next < labels.count;
            tradeoff_point(t, i, p, named ? &labels.box[next] : NULL, named ? labels.text[next] : "", out);
            next += named;
            rows++;
        }
    return rows;
}

/* -------------------------------------------------------------------------------------------------------- whole ----
 */

static void tradeoff_head(const tradeoff *t, const hy_study *trace, FILE *out) {
    static const panel_name marks[] = {{0, "○ knee   □ best: least time × memory   ◇ other rules"},
                                       {0, "bars, shade: 95 % intervals"}};
    char title[160];
    if (!t->detail) {
        panel_title(
            out, "How often to merge: time against memory, all traces",
            "along each line: immediate, then every N-th free, up to never; ○ the knee, with its N; □ the best");
        panel_legend_fits(t->study, out);
        return;
    }
    snprintf(title, sizeof title, "How often to merge, on %.100s", trace->name);
    panel_title(out, title, "number: a merge pass every so many frees; each panel has axes of its own");
    panel_legend(out, marks, sizeof marks / sizeof *marks);
}

static int tradeoff_write(const hy_merge_study *study, const hy_study *trace, FILE *out, hy_figure *figure) {
    tradeoff t;
    tradeoff_init(study, trace, &t);
    for (size_t p = 1; p <= t.panels; p++)
        tradeoff_axes(&t, p);
    tradeoff_head(&t, trace, out);
    tradeoff_panels(&t, out);
    panel_block(out, "band", "panel style ns_per_op times_live: four corners between two rules");
    for (size_t i = 0; i < t.count; i++)
        tradeoff_band(&t, i, out);
    panel_block_end(out);
    panel_block(out, "line", "panel style ns_per_op times_live");
    for (size_t i = 0; i < t.count; i++)
        tradeoff_line(&t, i, out);
    panel_block_end(out);
    panel_block(out, "points",
                "panel style ns_per_op times_live low high other knee best beyond label_x label_y leader label");
    for (size_t p = 1; p <= t.panels; p++)
        figure->rows += tradeoff_points(&t, p, out);
    panel_block_end(out);
    figure_option(figure, "panels=%zu;styles=%zu;detail=%d", t.panels, study->fit_count < 9 ? study->fit_count : 9,
                  t.detail);
    tradeoff_free(&t);
    return 0;
}

int merge_tradeoff(const hy_merge_study *study, const hy_study *trace, FILE *out, hy_figure *figure, hy_error *error) {
    return tradeoff_write(study, trace, out, figure);
}

int merge_overview(const hy_merge_study *study, const hy_study *trace, FILE *out, hy_figure *figure, hy_error *error) {
    return tradeoff_write(study, NULL, out, figure);
}
