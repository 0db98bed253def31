/* SPDX-License-Identifier: MIT
 *
 * table.c - the main table as text and CSV.
 */
#include "report.h"

#include <stdlib.h>
#include <string.h>

/* Columns on a terminal: characters, not bytes.  Continuation bytes of UTF-8 do not count. */
static size_t table_width(const char *text) {
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

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
    size_t width = table_width(column->title);
    for (size_t i = 0; i < study->count; i++) {
        const size_t own = table_width(table_cell(column, study, &study->entries[i]).text);
        width = own > width ? own : width;
    }
    return width;
}

static void table_pad(const char *text, size_t width, bool left, FILE *out) {
    const size_t own = table_width(text), gap = own < width ? width - own : 0;
    fprintf(out, left ? "%2$s%1$*3$s" : "%1$*3$s%2$s", "", text, (int)gap);
}

static void table_text_study(const hy_study *study, FILE *out) {
    hy_words name;
    snprintf(name.text, sizeof name.text, "%s", study->name);
    table_plain(&name);
    fprintf(out, "%s (time ratio to %s; 95 %% intervals)\n", name.text,
            study->baseline ? study->baseline->spec : "n/a");
    for (const hy_column *c = hy_columns_main; c->key; c++) {
        table_pad(c->title, table_column_width(c, study), hy_column_is_text(c), out);
        fputs(c[1].key ? "  " : "\n", out);
    }
    for (size_t i = 0; i < study->count; i++)
        for (const hy_column *c = hy_columns_main; c->key; c++) {
            const hy_words cell = table_cell(c, study, &study->entries[i]);
            table_pad(cell.text, c[1].key ? table_column_width(c, study) : 0, hy_column_is_text(c), out);
            fputs(c[1].key ? "  " : "\n", out);
        }
    fputc('\n', out);
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
