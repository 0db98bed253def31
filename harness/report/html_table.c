/* SPDX-License-Identifier: MIT
 *
 * html_table.c - the tables of the page.  An outcome other than ok shows in every one of them.
 */
#include "html.h"

#include "units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool html_ends_with(const char *text, const char *ending) {
    const size_t size = strlen(text), own = strlen(ending);
    return size >= own && strcmp(text + size - own, ending) == 0;
}

/* Whether the next two columns are the ends of this one's interval: they are shown in its cell. */
static bool html_has_interval(const hy_column *column) {
    return column[1].key && html_ends_with(column[1].key, "_low");
}

static void html_interval(const hy_column *column, const hy_study *study, const hy_entry *entry, FILE *out) {
    const hy_words low = hy_column_show(column + 1, study, entry), high = hy_column_show(column + 2, study, entry);
    if (isnan(hy_column_value(column + 1, study, entry)) || strcmp(low.text, high.text) == 0)
        return;
    fprintf(out, "<span class=\"ci\">%s–%s</span>", low.text, high.text);
}

static void html_spec_cell(const hy_study *study, const hy_entry *entry, FILE *out) {
    fputs("<th scope=\"row\">", out);
    hy_html(out, entry->spec);
    if (entry == study->baseline)
        fputs("<span class=\"tag\">baseline</span>", out);
    if (entry->role == HY_ROLE_LIMIT)
        fputs("<span class=\"tag\">limit</span>", out);
    if (entry->on_front)
        fputs("<span class=\"tag\">Pareto</span>", out);
    if (hy_entry_failed(entry) && !hy_entry_nothing(entry)) {
        fputs("<span class=\"ci failed\">", out);
        hy_html(out, hy_entry_outcome(entry).text);
        fputs("</span>", out);
    }
    fputs("</th>", out);
}

static const char *html_class(const hy_column *column, const hy_study *study, const hy_entry *entry) {
    if (column->kind == HY_COLUMN_VERSION || (column->kind == HY_COLUMN_OUTLIER && entry->pass[column->pass].good > 0))
        return "text words";
    if (!isnan(hy_column_value(column, study, entry)))
        return NULL;
    return strcmp(hy_entry_missing(entry, column->pass), "n/a") == 0 ? "missing" : "failed";
}

/* The sign says it without colour: on the strips, faster and smaller lie to the left. */
void html_word(const char *word, FILE *out) {
    static const struct {
        const char *word, *sign;
    } signs[] = {{HY_WORD_FASTER, "◀"},     {HY_WORD_SMALLER, "◀"},      {HY_WORD_SLOWER, "▶"},  {HY_WORD_LARGER, "▶"},
                 {HY_WORD_EQUIVALENT, "="}, {HY_WORD_INCONCLUSIVE, "?"}, {HY_WORD_WITHHELD, "–"}};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strcmp(word, signs[i].word) == 0)
            fprintf(out, "<span class=\"word %s\"><span aria-hidden=\"true\">%s</span> %s</span>", word, signs[i].sign,
                    word);
}

/* A limit is not a choice, and the baseline has nobody to be compared with. */
static void html_verdict_cell(const hy_column *column, const hy_study *study, const hy_entry *entry, FILE *out) {
    const char *const word = hy_column_word(column, entry);
    fputs("<td class=\"text\">", out);
    if (entry->role == HY_ROLE_LIMIT)
        fputs("<span class=\"missing\">limit</span>", out);
    else if (word[0])
        html_word(word, out);
    else
        fprintf(out, "<span class=\"missing\">%s</span>", hy_column_show(column, study, entry).text);
    fputs("</td>", out);
}

void html_cell(const hy_column *column, const hy_study *study, const hy_entry *entry, FILE *out) {
    if (column->kind == HY_COLUMN_SPEC) {
        html_spec_cell(study, entry, out);
        return;
    }
    if (column->kind == HY_COLUMN_VERDICT) {
        html_verdict_cell(column, study, entry, out);
        return;
    }
    const char *const class = html_class(column, study, entry);
    fputs("<td", out);
    if (class)
        fprintf(out, " class=\"%s\"", class);
    else
        fprintf(out, " data-v=\"%.6g\"", hy_column_value(column, study, entry));
    fputc('>', out);
    hy_html(out, hy_column_show(column, study, entry).text);
    if (html_has_interval(column))
        html_interval(column, study, entry, out);
    fputs("</td>", out);
}

/* The outcome stands beside the name, and intervals in the cell of their value: they are no columns here. */
const hy_column *html_next(const hy_column *column) {
    column += html_has_interval(column) ? 3 : 1;
    return column->key && column->kind == HY_COLUMN_OUTCOME ? column + 1 : column;
}

/* An allocator that got through nothing has one wide cell that says why. */
void html_nothing(const hy_study *study, const hy_entry *entry, const hy_column *columns, int more, FILE *out) {
    int rest = more - 1;
    for (const hy_column *c = columns; c->key; c = html_next(c))
        rest++;
    html_spec_cell(study, entry, out);
    fprintf(out, "<td colspan=\"%d\" class=\"text why\"><span class=\"failed\">", rest);
    hy_html(out, hy_entry_outcome(entry).text);
    fputs("</span> ", out);
    hy_html(out, hy_entry_nothing(entry));
    fputs("</td>", out);
}

void html_head_cell(const hy_column *column, const hy_study *study, FILE *out) {
    fprintf(out, "<th scope=\"col\"%s>%s", hy_column_is_text(column) ? " class=\"text\"" : "", column->title);
    const bool ratio = strcmp(column->key, "relative") == 0 || strcmp(column->key, "memory_relative") == 0;
    if (ratio && study->baseline) {
        fputs("<br>to ", out);
        hy_html(out, study->baseline->spec);
    }
    fputs("</th>", out);
}

void html_table(const hy_report *report, const hy_study *study, const hy_column *columns, const char *caption,
                FILE *out) {
    const hy_entry *const fastest = hy_fastest(study);
    fprintf(out, "<p class=\"caption\">%s</p>\n<div class=\"wide\"><table class=\"sortable\"><thead><tr>", caption);
    for (const hy_column *c = columns; c->key; c = html_next(c))
        html_head_cell(c, study, out);
    fputs("</tr></thead><tbody>\n", out);
    for (size_t i = 0; i < study->count; i++) {
        const hy_entry *const entry = &study->entries[i];
        fprintf(out, "<tr%s>",
                entry->role == HY_ROLE_LIMIT ? " class=\"limit\""
                : entry == fastest           ? " class=\"best\""
                                             : "");
        if (hy_entry_nothing(entry))
            html_nothing(study, entry, columns, 0, out);
        else
            for (const hy_column *c = columns; c->key; c = html_next(c))
                html_cell(c, study, entry, out);
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
}

/* ------------------------------------------------------------------------------------------------- first table ---- */

static void html_number(double value, const char *format, const char *unit, FILE *out) {
    if (isnan(value)) {
        fputs("<td class=\"missing\">n/a</td>", out);
        return;
    }
    char text[64];
    snprintf(text, sizeof text, format, value);
    fprintf(out, "<td>%s%s</td>", text, unit);
}

static void html_name(const hy_entry *entry, FILE *out) {
    fprintf(out, "<td class=\"text%s\">", entry ? "" : " missing");
    hy_html(out, entry ? entry->spec : "n/a");
    fputs("</td>", out);
}

static void html_summary_row(const hy_study *study, FILE *out) {
    const hy_entry *const fast = hy_fastest(study), *const lean = hy_leanest(study);
    size_t failed = 0;
    for (size_t i = 0; i < study->count; i++)
        failed += hy_entry_failed(&study->entries[i]);
    fprintf(out, "<tr><th scope=\"row\"><a href=\"#trace-%u\">", study->number);
    hy_html(out, study->name);
    fputs("</a></th>", out);
    html_name(fast, out);
    html_number(fast ? fast->time.middle : NAN, "%.1f", " ns", out);
    html_number(study->bump ? study->bump->time.middle : NAN, "%.1f", " ns", out);
    html_number(study->null ? study->null->time.middle : NAN, "%.1f", " ns", out);
    html_name(lean, out);
    html_number(lean ? lean->blowup : NAN, "%.2f", "×", out);
    if (isfinite(study->peak_live))
        fprintf(out, "<td>%s</td>", hy_show_bytes((uint64_t)study->peak_live).text);
    else
        fputs("<td class=\"missing\">n/a</td>", out);
    fprintf(out, failed ? "<td class=\"failed\">%zu of %zu</td></tr>\n" : "<td>%zu of %zu</td></tr>\n", failed,
            study->count);
}

void html_summary(const hy_report *report, FILE *out) {
    fputs("<div class=\"wide\"><table><thead><tr><th scope=\"col\">trace</th><th scope=\"col\" class=\"text\">fastest "
          "general-purpose</th><th scope=\"col\">per operation</th><th scope=\"col\">limit: bump</th><th "
          "scope=\"col\">limit: null</th><th scope=\"col\" class=\"text\">leanest</th><th scope=\"col\">× live</th><th "
          "scope=\"col\">most live</th><th scope=\"col\">did not finish</th></tr></thead><tbody>\n",
          out);
    for (size_t i = 0; i < report->count; i++)
        html_summary_row(&report->studies[i], out);
    fputs("</tbody></table></div>\n", out);
}

/* ------------------------------------------------------------------------------------------------------- matrix ----
 */

static void html_matrix_cell(const hy_report *report, size_t study, size_t spec, hy_overview what, FILE *out) {
    const double ratio = hy_overview_ratio(report, study, spec, what);
    if (isfinite(ratio)) {
        fprintf(out, "<td>%.2f</td>", ratio);
        return;
    }
    const hy_entry *const entry = hy_overview_entry(&report->studies[study], report->specs[spec]);
    const hy_report_pass pass = what == HY_OVERVIEW_TIME ? HY_REPORT_THROUGHPUT : HY_REPORT_FOOTPRINT;
    const char *const word = entry ? hy_entry_missing(entry, pass) : "n/a";
    fprintf(out, "<td class=\"%s\">", strcmp(word, "n/a") == 0 ? "missing" : "failed");
    hy_html(out, word);
    fputs("</td>", out);
}

static void html_matrix_row(const hy_report *report, size_t spec, hy_overview what, FILE *out) {
    size_t traces;
    hy_entry entry = {.spec = report->specs[spec]};
    hy_entry_describe(&entry);
    if (entry.fake && what == HY_OVERVIEW_MEMORY) /* no program could use their memory */
        return;
    const double mean = hy_overview_mean(report, spec, what, &traces);
    fputs(entry.role == HY_ROLE_LIMIT ? "<tr class=\"limit\"><th scope=\"row\">" : "<tr><th scope=\"row\">", out);
    hy_html(out, report->specs[spec]);
    fputs("</th>", out);
    for (size_t s = 0; s < report->count; s++)
        html_matrix_cell(report, s, spec, what, out);
    html_number(mean, "<strong>%.2f</strong>", "", out);
    fprintf(out, "<td%s>%zu of %zu</td></tr>\n", traces < report->count ? " class=\"failed\"" : "", traces,
            report->count);
}

typedef struct html_row {
    size_t spec;
    double rank; /* limits of time first, then by mean, then those without one */
} html_row;

static int html_compare_rows(const void *left, const void *right) {
    const html_row *const a = left, *const b = right;
    return a->rank != b->rank ? (a->rank > b->rank) - (a->rank < b->rank) : (a->spec > b->spec) - (a->spec < b->spec);
}

static html_row *html_order(const hy_report *report, hy_overview what) {
    html_row *const rows = calloc(report->spec_count, sizeof *rows);
    if (!rows)
        abort();
    for (size_t i = 0; i < report->spec_count; i++) {
        hy_entry entry = {.spec = report->specs[i]};
        size_t traces;
        hy_entry_describe(&entry);
        const double mean = hy_overview_mean(report, i, what, &traces);
        rows[i] = (html_row){i, isnan(mean)                                               ? INFINITY
                                : entry.role == HY_ROLE_LIMIT && what == HY_OVERVIEW_TIME ? mean - 1e9
                                                                                          : mean};
    }
    qsort(rows, report->spec_count, sizeof *rows, html_compare_rows);
    return rows;
}

void html_matrix(const hy_report *report, hy_overview what, const char *caption, FILE *out) {
    fprintf(out, "<p class=\"caption\">%s</p>\n<div class=\"wide\"><table><thead><tr><th scope=\"col\">allocator</th>",
            caption);
    for (size_t s = 0; s < report->count; s++) {
        fputs("<th scope=\"col\">", out);
        hy_html(out, report->studies[s].name);
        fputs("</th>", out);
    }
    fputs("<th scope=\"col\">geometric mean</th><th scope=\"col\">over traces</th></tr></thead><tbody>\n", out);
    html_row *const rows = html_order(report, what);
    for (size_t i = 0; i < report->spec_count; i++)
        html_matrix_row(report, rows[i].spec, what, out);
    free(rows);
    fputs("</tbody></table></div>\n", out);
}
