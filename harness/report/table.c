/* SPDX-License-Identifier: MIT
 *
 * table.c - the main table as text and CSV.
 */
#include "report.h"

#include "units.h"

#include <stdlib.h>
#include <string.h>

/* Text from data must not steer the terminal nor break a row. */
static void table_plain(hy_words *words) {
    for (char *c = words->text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
}

static hy_words table_cell(const hy_column *column, const hy_study *study, const hy_entry *entry) {
    hy_words words = hy_column_show(column, study, entry);
    table_plain(&words);
    return words;
}

static size_t table_column_width(const hy_column *column, const hy_study *study) {
    size_t width = hy_text_width(column->title);
    for (size_t i = 0; i < study->count; i++) {
        const size_t own = hy_text_width(table_cell(column, study, &study->entries[i]).text);
        width = own > width ? own : width;
    }
    return width;
}

static void table_pad(const char *text, size_t width, bool left, FILE *out) {
    const size_t own = hy_text_width(text), gap = own < width ? width - own : 0;
    fprintf(out, left ? "%2$s%1$*3$s" : "%1$*3$s%2$s", "", text, (int)gap);
}

#define WIDEST 120u /* columns of text */

/* The columns from `from` on that fit beside the first one. */
static const hy_column *table_stripe_end(const hy_study *study, const hy_column *from) {
    size_t width = table_column_width(hy_columns_main, study);
    const hy_column *to = from;
    while (to->key && (to == from || width + 2 + table_column_width(to, study) <= WIDEST))
        width += 2 + table_column_width(to++, study);
    return to;
}

/* NULL: the titles.  Words at a line's end are not filled up. */
static void table_line(const hy_study *study, const hy_entry *entry, const hy_column *from, const hy_column *to,
                       FILE *out) {
    for (const hy_column *c = hy_columns_main; c < to; c = c == hy_columns_main ? from : c + 1) {
        const bool last = c + 1 == to;
        hy_words cell;
        if (entry)
            cell = table_cell(c, study, entry);
        else
            snprintf(cell.text, sizeof cell.text, "%s", c->title);
        table_pad(cell.text, last && hy_column_is_text(c) ? 0 : table_column_width(c, study), hy_column_is_text(c),
                  out);
        fputs(last ? "\n" : "  ", out);
    }
}

static void table_text_study(const hy_study *study, FILE *out) {
    hy_words name;
    snprintf(name.text, sizeof name.text, "%s", study->name);
    table_plain(&name);
    fprintf(out, "%s (time ratio to %s; 95 %% intervals)\n", name.text,
            study->baseline ? study->baseline->spec : "n/a");
    for (const hy_column *from = hy_columns_main + 1, *to; from->key; from = to) {
        to = table_stripe_end(study, from);
        table_line(study, NULL, from, to, out);
        for (size_t i = 0; i < study->count; i++)
            table_line(study, &study->entries[i], from, to, out);
        fputc('\n', out);
    }
}

void hy_print_text(const hy_report *report, FILE *out) {
    for (size_t i = 0; i < report->count; i++)
        table_text_study(&report->studies[i], out);
    for (size_t i = 0; i < report->count; i++)
        hy_print_findings(&report->studies[i], out);
}

static void table_csv_row(const hy_study *study, const hy_entry *entry, FILE *out) {
    const char *const head[] = {study->database, study->campaign_id, study->name, study->hash};
    for (size_t i = 0; i < sizeof head / sizeof *head; i++) {
        hy_csv(out, head[i]);
        fputc(',', out);
    }
    for (const hy_column *c = hy_columns_all; c->key; c++) {
        const double value = hy_column_value(c, study, entry);
        if (value == value)
            fprintf(out, "%.9g", value);
        else
            hy_csv(out, hy_column_show(c, study, entry).text);
        fputc(c[1].key ? ',' : '\n', out);
    }
}

void hy_print_csv(const hy_report *report, FILE *out) {
    fputs("database,campaign,trace,hash,", out);
    for (const hy_column *c = hy_columns_all; c->key; c++)
        fprintf(out, "%s%s", c->key, c[1].key ? "," : "\n");
    for (size_t s = 0; s < report->count; s++)
        for (size_t i = 0; i < report->studies[s].count; i++)
            table_csv_row(&report->studies[s], &report->studies[s].entries[i], out);
}
