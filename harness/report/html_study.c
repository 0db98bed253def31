/* SPDX-License-Identifier: MIT
 *
 * html_study.c - all about one trace: findings, figures, tables, failures.
 */
#include "html.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* What others add to each trace's section. */
static html_part *const html_parts[] = {html_phases, NULL};

static void html_finding(const hy_study *study, FILE *out) {
    const hy_words sentences[] = {hy_finding_fastest(study), hy_finding_leanest(study), hy_finding_limits(study)};
    const hy_words failures = hy_finding_failures(study);
    fputs("<div class=\"finding\">\n", out);
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
        fputs("<p>", out);
        hy_html(out, sentences[i].text);
        fputs(".</p>\n", out);
    }
    if (failures.text[0]) {
        fputs("<p class=\"failed\">", out);
        hy_html(out, failures.text);
        fputs(".</p>\n", out);
    }
    fputs("</div>\n", out);
}

static void html_failures(const hy_study *study, FILE *out) {
    bool any = false;
    for (size_t i = 0; i < study->count; i++)
        for (int p = 0; p < HY_REPORT_PASSES; p++) {
            const hy_pass_result *const pass = &study->entries[i].pass[p];
            if (pass->good == pass->cells || hy_entry_nothing(&study->entries[i]))
                continue;
            fputs(any ? "<li>" : "<ul class=\"note failed\">\n<li>", out);
            any = true;
            hy_html(out, study->entries[i].spec);
            fprintf(out, ", %s pass, %u of %u: ", hy_report_passes[p], pass->cells - pass->good, pass->cells);
            hy_html(out, pass->outcome);
            if (pass->detail[0]) {
                fputs(" — ", out);
                hy_html(out, pass->detail);
            }
            fputs("</li>\n", out);
        }
    if (any)
        fputs("</ul>\n", out);
}

void html_reproduce(const char *id, FILE *out) {
    if (!id[0])
        return;
    fputs(" <code class=\"again\">heapyard reproduce ", out);
    hy_html(out, id);
    fputs("</code>", out);
}

void html_reproduce_line(const hy_study *study, const char *what, FILE *out) {
    char id[128] = "verdicts";
    if (study)
        hy_figure_id(study, what, id);
    fputs("<p class=\"note\">", out);
    html_reproduce(id, out);
    fputs("</p>\n", out);
}

int html_figure(const char *folder, hy_figure *figure, bool *no_gnuplot, FILE *out, hy_error *error) {
    int r = 0;
    if (figure->rows > 0 && !*no_gnuplot)
        r = hy_draw_figure(folder, figure, error);
    if (r == -ENOENT) {
        *no_gnuplot = true;
        r = 0;
    }
    fprintf(out, "<figure id=\"%s\"><h3>%s</h3>\n", figure->base, figure->title);
    if (r == 0 && figure->drawn) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s.svg", folder, figure->base);
        fputs("<div class=\"wide\">", out);
        r = hy_inline_svg(path, figure->base, figure->title, out, error);
        fputs("</div>\n", out);
    } else {
        fputs(figure->rows == 0 ? "<p class=\"note\">n/a: nothing was measured that this figure could show.</p>\n"
                                : "<p class=\"note\">n/a: not drawn, gnuplot is missing.</p>\n",
              out);
    }
    fprintf(out, "<figcaption>%s ", figure->about);
    if (figure->note[0]) {
        fputs("<span class=\"failed\">Not or not wholly shown</span>: ", out);
        hy_html(out, figure->note);
        fputs(". ", out);
    }
    fprintf(out, "<a href=\"%s.dat\">data</a>", figure->base);
    if (figure->drawn)
        fprintf(out, "<a href=\"%s.svg\">svg</a><a href=\"%s.png\">png</a>", figure->base, figure->base);
    html_reproduce(figure->id, out);
    fputs("</figcaption></figure>\n", out);
    return r;
}

/* Only the columns that some allocator has a figure for. */
static void html_known(const hy_report *report, const hy_study *study, const hy_column *wanted, const char *caption,
                       FILE *out) {
    hy_column columns[32];
    size_t n = 0;
    for (const hy_column *c = wanted; c->key && n + 1 < sizeof columns / sizeof *columns; c++)
        if (hy_column_is_text(c) || isfinite(hy_study_metric(study, c->key)))
            columns[n++] = *c;
    columns[n] = (hy_column){.key = NULL};
    if (n > 1)
        html_table(report, study, columns, caption, out);
}

static void html_latency(const hy_report *report, const hy_study *study, FILE *out) {
    char caption[640];
    const double stamp = hy_study_metric(study, "stamp_overhead"), step = hy_study_metric(study, "clock_step");
    const double speed = hy_study_metric(study, "speed");
    int used = snprintf(caption, sizeof caption, "Latency in ns over all operations, time stamp included");
    if (isfinite(speed))
        used += snprintf(caption + used, sizeof caption - (size_t)used,
                         ", from the time that each was due, at %.3g times the recorded speed, to its end", speed);
    if (isfinite(stamp))
        used += snprintf(caption + used, sizeof caption - (size_t)used, " (%.0f ns here)", stamp);
    if (isfinite(step))
        used += snprintf(caption + used, sizeof caption - (size_t)used,
                         "; the clock moves in steps of %.3g ns, below which single figures are rounding and only the "
                         "mean is right",
                         step);
    snprintf(caption + used, sizeof caption - (size_t)used,
             ". Its variance: standard deviation and p99/p50 within a run; between runs, 1.48 × median absolute "
             "deviation / median of the throughput pass. Medians over the runs; max of all of them.");
    html_table(report, study, hy_columns_latency, caption, out);
    html_known(report, study, hy_columns_kinds, "Latency in ns by kind of operation, medians over the runs.", out);
    html_known(
        report, study, hy_columns_slowest,
        "The slowest operation of all runs, in ns, and what it was: of which kind, whether it caught up on merging or "
        "made the heap grow, and what the machine did. Operations that did so and their 99.9th percentile in ns, "
        "page faults, and times that the kernel put the process aside, are medians over the runs. Who keeps no "
        "counters, as foreign allocators, has n/a.",
        out);
}

int html_study(const hy_report *report, const hy_study *study, const char *folder, bool *no_gnuplot, FILE *out,
               hy_error *error) {
    hy_figure figures[HY_FIGURES];
    int r = hy_write_figures(study, folder, figures, error);
    fprintf(out, "<section id=\"trace-%u\"><h2>", study->number);
    hy_html(out, study->name);
    fputs("</h2>\n", out);
    html_trace_line(study, out);
    html_finding(study, out);
    if (r == 0)
        r = html_figure(folder, &figures[0], no_gnuplot, out, error);
    html_table(report, study, hy_columns_main,
               "Time of an operation (median, 95 % interval), 99th percentile in ns, and peak memory. The limits come "
               "first, then the fastest.",
               out);
    html_reproduce_line(study, "table", out);
    html_failures(study, out);
    for (int i = 1; i < HY_FIGURES && r == 0; i++) {
        r = html_figure(folder, &figures[i], no_gnuplot, out, error);
        if (strcmp(figures[i].plot, "latency") == 0)
            html_latency(report, study, out);
    }
    html_table(report, study, hy_columns_memory,
               "Memory: peaks, Johnstone and Wilson's four measures (JW 1: mean over time of footprint / live; 2: "
               "footprint at the moment of most live / most live; 3: most footprint / live at that moment; 4: most "
               "footprint / most live; all of resident bytes), external fragmentation at the moment of most live and "
               "on average, internal fragmentation and metadata. Committed is what an allocator asked the kernel for, "
               "touched or not. Foreign allocators do not show their insides: n/a.",
               out);
    for (html_part *const *part = html_parts; *part && r == 0; part++)
        r = (*part)(report, study, out, error);
    fputs("</section>\n", out);
    return r;
}
