/* SPDX-License-Identifier: MIT
 *
 * html.c - the page: findings first, then all traces together, then each trace, last how it was measured.
 *
 * One file without any reference to the outside; it opens from disk.  Without gnuplot it has its tables only, and says
 * so.
 */
#include "html.h"

#include "dark_css.h"
#include "page_css.h"
#include "page_js.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

/* What others add to the page: parts of each trace's section, chapters after the traces, scripts at the end. */
static html_part *const html_parts[] = {NULL};

static const html_chapter html_chapters[] = {
    {"environment", "How this was measured", NULL, html_environment},
};
enum { HTML_CHAPTERS = sizeof html_chapters / sizeof *html_chapters };

static const char *const html_scripts[] = {page_js};

static bool html_has_chapter(const html_chapter *chapter, const hy_report *report) {
    return !chapter->present || chapter->present(report);
}

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

/* The general-purpose allocator with the least mean over all traces; report->spec_count: none got through all. */
static size_t html_best_mean(const hy_report *report, hy_overview what, double *ret_mean) {
    size_t best = report->spec_count, traces;
    for (size_t i = 0; i < report->spec_count; i++) {
        hy_entry entry = {.spec = report->specs[i]};
        hy_entry_describe(&entry);
        const double mean = hy_overview_mean(report, i, what, &traces);
        if (entry.role != HY_ROLE_GENERAL || traces < report->count || (best < report->spec_count && mean >= *ret_mean))
            continue;
        best = i;
        *ret_mean = mean;
    }
    return best;
}

/* One sentence over all traces, if there are several. */
static void html_together(const hy_report *report, FILE *out) {
    double time = NAN, memory = NAN;
    const size_t fast = html_best_mean(report, HY_OVERVIEW_TIME, &time);
    const size_t lean = html_best_mean(report, HY_OVERVIEW_MEMORY, &memory);
    const hy_entry *const base = report->studies[0].baseline;
    if (report->count < 2 || fast == report->spec_count || lean == report->spec_count || !base)
        return;
    fprintf(out, "<p class=\"together\">Over all %zu traces <strong>", report->count);
    hy_html(out, report->specs[fast]);
    fprintf(out, "</strong> takes the least time, %.2f of ", time);
    hy_html(out, base->spec);
    fprintf(out, "’s, and <strong>");
    hy_html(out, report->specs[lean]);
    fprintf(out, "</strong> the least memory, %.2f× what is live (geometric means). Trace by trace:</p>\n", memory);
}

static void html_answer(const hy_study *study, FILE *out) {
    fprintf(out, "<dt><a href=\"#trace-%u\">", study->number);
    hy_html(out, study->name);
    fputs("</a></dt><dd>", out);
    hy_html(out, hy_finding_answer(study).text);
    fputs(".</dd>\n", out);
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

static int html_figure(const char *folder, hy_figure *figure, bool *no_gnuplot, FILE *out, hy_error *error) {
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
    fputs("</figcaption></figure>\n", out);
    return r;
}

/* Only the kinds of operations that this trace has. */
static void html_latency_kinds(const hy_report *report, const hy_study *study, FILE *out) {
    hy_column columns[32];
    size_t n = 0;
    for (const hy_column *c = hy_columns_kinds; c->key && n + 1 < sizeof columns / sizeof *columns; c++)
        if (hy_column_is_text(c) || isfinite(hy_study_metric(study, c->key)))
            columns[n++] = *c;
    columns[n] = (hy_column){.key = NULL};
    if (n > 1)
        html_table(report, study, columns, "Latency in ns by kind of operation, medians over the runs.", out);
}

static void html_latency(const hy_report *report, const hy_study *study, FILE *out) {
    char caption[640];
    const double stamp = hy_study_metric(study, "stamp_overhead"), step = hy_study_metric(study, "clock_step");
    int used = snprintf(caption, sizeof caption, "Latency in ns over all operations, time stamp included");
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
    html_latency_kinds(report, study, out);
}

static int html_study(const hy_report *report, const hy_study *study, const char *folder, bool *no_gnuplot, FILE *out,
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

static void html_head(const hy_report *report, FILE *out) {
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta name=\"viewport\" "
          "content=\"width=device-width, initial-scale=1\">\n<title>heapyard report</title>\n<style>\n",
          out);
    fputs(page_css, out);
    fputs("</style>\n<style id=\"dark\" media=\"screen and (prefers-color-scheme: dark)\">\n", out);
    fputs(dark_css, out);
    fputs("</style></head><body>\n<header><h1>Which allocator, for which program</h1>\n", out);
    fprintf(out,
            "<p class=\"lede\">%zu allocators on %zu trace%s, between two limits: the fastest and the smallest "
            "that anything could be.</p>\n<nav><a href=\"#findings\">Findings</a>",
            report->spec_count, report->count, report->count == 1 ? "" : "s");
    for (size_t i = 0; i < report->count; i++) {
        fprintf(out, "<a href=\"#trace-%u\">", report->studies[i].number);
        hy_html(out, report->studies[i].name);
        fputs("</a>", out);
    }
    for (int i = 0; i < HTML_CHAPTERS; i++)
        if (html_has_chapter(&html_chapters[i], report))
            fprintf(out, "<a href=\"#%s\">%s</a>", html_chapters[i].id, html_chapters[i].title);
    fputs("</nav></header>\n", out);
}

static void html_matrices(const hy_report *report, FILE *out) {
    fputs("<h3>All traces together</h3>\n", out);
    html_matrix(report, HY_OVERVIEW_TIME,
                "Time, as a ratio to the baseline on the same trace: below 1 is faster. The mean is over those traces "
                "only that the allocator finished.",
                out);
    html_matrix(report, HY_OVERVIEW_MEMORY, "Peak memory, as a ratio to the most live bytes of the trace.", out);
}

static void html_overview(const hy_report *report, FILE *out) {
    fputs("<main><section id=\"findings\">\n", out);
    html_together(report, out);
    fputs("<dl class=\"answers\">\n", out);
    for (size_t i = 0; i < report->count; i++)
        html_answer(&report->studies[i], out);
    fputs("</dl>\n", out);
    html_summary(report, out);
    if (report->count > 1)
        html_matrices(report, out);
    fputs("</section>\n", out);
}

static int html_page(const hy_report *report, const char *folder, bool *no_gnuplot, FILE *out, hy_error *error) {
    int r = 0;
    html_head(report, out);
    html_overview(report, out);
    for (size_t i = 0; i < report->count && r == 0; i++)
        r = html_study(report, &report->studies[i], folder, no_gnuplot, out, error);
    for (int i = 0; i < HTML_CHAPTERS && r == 0; i++)
        if (html_has_chapter(&html_chapters[i], report))
            r = html_chapters[i].write(report, out, error);
    fputs("</main>\n", out);
    for (size_t i = 0; i < sizeof html_scripts / sizeof *html_scripts; i++)
        fprintf(out, "<script>\n%s</script>\n", html_scripts[i]);
    fputs("</body></html>\n", out);
    return r;
}

static int html_make_folder(const char *folder, hy_error *error) {
    char path[4096];
    snprintf(path, sizeof path, "%s", folder);
    for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash)
            *slash = '\0';
        if (mkdir(path, 0777) < 0 && errno != EEXIST)
            return hy_fail(error, -errno, "%s: cannot make the folder: %s", path, strerror(errno));
        if (!slash)
            break;
        *slash = '/';
    }
    struct stat status;
    if (stat(folder, &status) == 0 && !S_ISDIR(status.st_mode))
        return hy_fail(error, -ENOTDIR, "%s: not a folder; -o names the folder of the report", folder);
    return 0;
}

int hy_write_page(const hy_report *report, const char *folder, bool *ret_no_gnuplot, hy_error *error) {
    char path[4096];
    int r = html_make_folder(folder, error);
    if (r < 0)
        return r;
    snprintf(path, sizeof path, "%s/index.html", folder);
    FILE *const out = fopen(path, "we");
    if (!out)
        return hy_fail(error, -errno, "%s: cannot be written: %s", path, strerror(errno));
    bool no_gnuplot = false;
    r = html_page(report, folder, &no_gnuplot, out, error);
    const bool lost = ferror(out) != 0;
    if ((fclose(out) != 0 || lost) && r == 0)
        r = hy_fail(error, -EIO, "%s: cannot be written: %s", path, strerror(errno));
    if (r == 0)
        *ret_no_gnuplot = no_gnuplot;
    return r;
}
