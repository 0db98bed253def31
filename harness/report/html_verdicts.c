/* SPDX-License-Identifier: MIT
 *
 * html_verdicts.c - the verdict table: every trace and allocator, both ratios with interval and word, and how far it is
 * from the limits.  The script sorts and filters it.
 */
#include "html.h"

#include <string.h>

static hy_overview verdicts_what(const hy_column *column) {
    return column->pass == HY_REPORT_FOOTPRINT ? HY_OVERVIEW_MEMORY : HY_OVERVIEW_TIME;
}

/* The two ratios have a picture after them. */
static bool verdicts_has_picture(const hy_column *column) {
    return strcmp(column->key, "relative") == 0 || strcmp(column->key, "memory_relative") == 0;
}

static void verdicts_entry(const hy_study *study, const hy_entry *entry, const html_scale scales[2], FILE *out) {
    fprintf(out, "<tr data-trace=\"%u\"%s><td class=\"text\">", study->number,
            entry->role == HY_ROLE_LIMIT ? " class=\"limit\"" : "");
    hy_html(out, study->name);
    fputs("</td>", out);
    if (hy_entry_nothing(entry)) {
        html_nothing(study, entry, hy_columns_verdicts, 2, out);
        fputs("</tr>\n", out);
        return;
    }
    for (const hy_column *c = hy_columns_verdicts; c->key; c = html_next(c)) {
        html_cell(c, study, entry, out);
        if (!verdicts_has_picture(c))
            continue;
        fputs("<td class=\"picture\">", out);
        html_strip_entry(&scales[verdicts_what(c)], study, entry, verdicts_what(c), out);
        fputs("</td>", out);
    }
    fputs("</tr>\n", out);
}

static void verdicts_head(const hy_report *report, const html_scale scales[2], FILE *out) {
    fputs("<div class=\"wide\"><table class=\"sortable\" id=\"verdict-table\"><thead><tr><th scope=\"col\" "
          "class=\"text\">trace</th>",
          out);
    for (const hy_column *c = hy_columns_verdicts; c->key; c = html_next(c)) {
        html_head_cell(c, &report->studies[0], out);
        if (!verdicts_has_picture(c))
            continue;
        fputs("<td class=\"picture\">", out);
        html_strip_axis(&scales[verdicts_what(c)], out);
        fputs("</td>", out);
    }
    fputs("</tr></thead><tbody>\n", out);
}

static void verdicts_filters(const hy_report *report, FILE *out) {
    fputs("<form class=\"filters\" hidden><label>Trace <select id=\"filter-trace\"><option value=\"\">all</option>",
          out);
    for (size_t i = 0; i < report->count; i++) {
        fprintf(out, "<option value=\"%u\">", report->studies[i].number);
        hy_html(out, report->studies[i].name);
        fputs("</option>", out);
    }
    fputs("</select></label> <label>Allocators <input type=\"search\" id=\"filter-spec\" list=\"specs\" "
          "placeholder=\"name name …\" autocomplete=\"off\" spellcheck=\"false\"></label><datalist id=\"specs\">",
          out);
    for (size_t i = 0; i < report->spec_count; i++) {
        fputs("<option value=\"", out);
        hy_html(out, report->specs[i]);
        fputs("\"></option>", out);
    }
    fputs("</datalist> <output id=\"filter-count\"></output></form>\n", out);
}

void html_verdicts(const hy_report *report, FILE *out) {
    const html_scale scales[] = {html_scale_of(report, HY_OVERVIEW_TIME, 100),
                                 html_scale_of(report, HY_OVERVIEW_MEMORY, 100)};
    fputs(
        "<section id=\"verdicts\"><h2>Verdicts</h2>\n<p class=\"caption\">Ratios to the baseline with 95 % intervals: "
        "below 1 is faster, or smaller. A difference needs its whole interval on one side of 1, a ratio beyond 2 %, "
        "and "
        "a p below 0.05 adjusted for all comparisons of the campaign (Holm). Memory is measured once or twice, since "
        "it "
        "repeats almost exactly: its interval is the range of what was seen. × null, × bump: how far from the limits "
        "of speed; × least: how far from the least memory possible.</p>\n",
        out);
    verdicts_filters(report, out);
    verdicts_head(report, scales, out);
    for (size_t s = 0; s < report->count; s++)
        for (size_t i = 0; i < report->studies[s].count; i++)
            verdicts_entry(&report->studies[s], &report->studies[s].entries[i], scales, out);
    fputs("</tbody></table></div>\n", out);
    html_reproduce_line(NULL, "", out);
    fputs("</section>\n", out);
}
