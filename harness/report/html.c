/* SPDX-License-Identifier: MIT
 *
 * html.c - the page: the answer first, then the verdicts, then all traces together, then each trace, last how it was
 * measured.
 *
 * One file without any reference to the outside; it opens from disk.  Without gnuplot it has its tables only, and says
 * so.
 */
#include "html.h"

#include "dark_css.h"
#include "heapmap_css.h"
#include "heapmap_data_js.h"
#include "heapmap_draw_js.h"
#include "heapmap_js.h"
#include "heapmap_panel_js.h"
#include "machine_page.h"
#include "page_css.h"
#include "page_js.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What others add to the page: chapters after the traces, scripts at the end.  Parts of a trace: html_study.c. */

static const html_chapter html_chapters[] = {
    {"maps", "Heap maps", NULL, html_maps, NULL},
    {"programs", "Real programs", html_has_programs, NULL, html_programs},
    {"environment", "How this was measured", NULL, html_environment, NULL},
};
enum { HTML_CHAPTERS = sizeof html_chapters / sizeof *html_chapters };

static const char *const html_scripts[] = {page_js, heapmap_data_js, heapmap_draw_js, heapmap_panel_js, heapmap_js};

static bool html_has_chapter(const html_chapter *chapter, const hy_report *report) {
    return !chapter->present || chapter->present(report);
}

void html_begin(const char *title, const char *more_css, FILE *out) {
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta name=\"viewport\" "
          "content=\"width=device-width, initial-scale=1\">\n<title>",
          out);
    hy_html(out, title);
    fputs("</title>\n<style>\n", out);
    fputs(page_css, out);
    fputs(more_css, out);
    fputs("</style>\n<style id=\"dark\" media=\"screen and (prefers-color-scheme: dark)\">\n", out);
    fputs(dark_css, out);
    fputs("</style></head>", out);
}

static void html_head(const hy_report *report, const char *folder, FILE *out) {
    html_begin("heapyard report", heapmap_css, out);
    fputs("<body>\n<a class=\"skip\" href=\"#main\">To the answer</a>\n<header><h1>Which allocator for "
          "this "
          "trace?</h1>\n",
          out);
    fprintf(out,
            "<p class=\"lede\">%zu allocators on %zu recorded program%s, each between two limits: the fastest and the "
            "smallest that anything could be.</p>\n<nav aria-label=\"Page\"><a href=\"#verdicts\">Verdicts</a>%s",
            report->spec_count, report->count, report->count == 1 ? "" : "s",
            report->count > 1 ? "<a href=\"#together\">All traces together</a>" : "");
    for (int i = 0; i < HTML_CHAPTERS; i++)
        if (html_has_chapter(&html_chapters[i], report))
            fprintf(out, "<a href=\"#%s\">%s</a>", html_chapters[i].id, html_chapters[i].title);
    hy_machine_links(folder, NULL, out);
    fputs("</nav></header>\n", out);
}

static void html_matrices(const hy_report *report, FILE *out) {
    html_matrix(report, HY_OVERVIEW_TIME,
                "Time, as a ratio to the baseline on the same trace: below 1 is faster. The mean is over those traces "
                "only that the allocator finished.",
                out);
    html_matrix(report, HY_OVERVIEW_MEMORY, "Peak memory, as a ratio to the most live bytes of the trace.", out);
}

static void html_overview(const hy_report *report, FILE *out) {
    fputs("<section id=\"together\"><h2>All traces together</h2>\n", out);
    html_summary(report, out);
    html_matrices(report, out);
    fputs("</section>\n", out);
}

static int html_page(const hy_report *report, const char *folder, bool *no_gnuplot, FILE *out, hy_error *error) {
    int r = 0;
    html_head(report, folder, out);
    fputs("<main id=\"main\">\n", out);
    html_answers(report, out);
    html_verdicts(report, out);
    if (report->count > 1)
        html_overview(report, out);
    for (size_t i = 0; i < report->count && r == 0; i++)
        r = html_study(report, &report->studies[i], folder, no_gnuplot, out, error);
    for (int i = 0; i < HTML_CHAPTERS && r == 0; i++)
        if (html_has_chapter(&html_chapters[i], report))
            r = html_chapters[i].draw ? html_chapters[i].draw(report, folder, no_gnuplot, out, error)
                                      : html_chapters[i].write(report, out, error);
    fputs("</main>\n", out);
    for (size_t i = 0; i < sizeof html_scripts / sizeof *html_scripts; i++)
        fprintf(out, "<script>\n%s</script>\n", html_scripts[i]);
    fputs("</body></html>\n", out);
    return r;
}

int hy_make_folder(const char *folder, hy_error *error) {
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

static int html_sources(const hy_report *report, const char *folder, hy_error *error) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, HY_SOURCES);
    FILE *const out = fopen(path, "we");
    if (!out)
        return hy_fail(error, -errno, "%s: cannot be written: %s", path, strerror(errno));
    for (size_t i = 0; i < report->store_count; i++) {
        char *const absolute = realpath(hy_store_path(report->stores[i]), NULL);
        fprintf(out, "%s\t%s\n", absolute ? absolute : hy_store_path(report->stores[i]),
                report->campaign ? report->campaign : "");
        free(absolute);
    }
    return fclose(out) == 0 ? 0 : hy_fail(error, -errno, "%s: cannot be written: %s", path, strerror(errno));
}

int hy_write_page(const hy_report *report, const char *folder, bool *ret_no_gnuplot, hy_error *error) {
    char path[4096];
    int r = hy_make_folder(folder, error);
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
        r = html_sources(report, folder, error);
    if (r == 0)
        *ret_no_gnuplot = no_gnuplot;
    return r;
}
