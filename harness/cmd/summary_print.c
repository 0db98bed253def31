/* SPDX-License-Identifier: MIT
 *
 * summary_print.c - see summary_print.h.
 */
#include "summary_print.h"

#include "json_text.h"
#include "report.h"
#include "text_table.h"

#include <math.h>
#include <stdio.h>

/* ------------------------------------------------------------------------------------------------------- table ---- */

static const char *const headings[] = {"allocator", "CPU",      "90 %",   "wall",       "90 %",       "peak",
                                       "90 %",      "programs", "failed", "5 % slower", "10 % larger"};

static void put_mean(hy_table_row *row, int column, const hy_summary_mean *mean) {
    hy_cell_put(row->cell[column], mean->ratio, "%.3f", mean->ratio);
    hy_cell_put(row->cell[column + 1], mean->low, "%.3f-%.3f", mean->low, mean->high);
}

static void put_row(hy_table *table, const hy_summary_row *from) {
    hy_table_row *const row = hy_table_add(table);
    snprintf(row->cell[0], HY_TABLE_CELL, "%s%s", from->spec, from->control ? " (control)" : "");
    for (int i = 0; i < HY_PROGRAM_JUDGED; i++)
        put_mean(row, 1 + 2 * i, &from->mean[i]);
    const size_t counts[] = {from->programs, from->wrong, from->slower, from->larger};
    for (int i = 0; i < 4; i++)
        snprintf(row->cell[7 + i], HY_TABLE_CELL, "%zu", counts[i]);
}

static void print_table(const hy_programs_summary *summary, bool markdown) {
    hy_table table = {.headings = headings, .columns = sizeof headings / sizeof *headings, .words = 1};
    printf(markdown ? "## All programs\n\nRatios to %s: geometric means over the programs.\n\n"
                    : "all programs, ratios to %s: geometric means over the programs\n",
           summary->against);
    for (size_t i = 0; i < summary->count; i++)
        put_row(&table, &summary->row[i]);
    hy_table_print(&table, markdown);
    hy_table_free(&table);
    puts("");
}

static void print_sentence(hy_program_words words, bool markdown) {
    if (words.text[0])
        printf("%s%s.\n", markdown ? "- " : "", words.text);
}

void summary_print(const hy_programs_summary *summary, const hy_programs *programs, bool markdown) {
    if (summary->count > 0)
        print_table(summary, markdown);
    for (size_t i = 0; i < programs->skipped_count; i++)
        printf("%s%s: %s.\n", markdown ? "- " : "", programs->skipped[i].name, programs->skipped[i].reason);
    for (size_t i = 0; i < summary->count; i++)
        print_sentence(hy_summary_sentence(summary, &summary->row[i]), markdown);
    print_sentence(hy_summary_conclusion(summary), markdown);
}

/* ---------------------------------------------------------------------------------------------- for machines ---- */

static void csv_number(double value) {
    isnan(value) ? putchar(',') : printf(",%.9g", value);
}

void summary_print_csv(const hy_programs_summary *summary) {
    fputs("against,spec,pass,programs,failed", stdout);
    for (int i = 0; i < HY_PROGRAM_JUDGED; i++) {
        const char *const name = hy_program_figures[i];
        printf(",%s_ratio,%s_low,%s_high", name, name, name);
    }
    puts(",slower,larger,slower_programs,larger_programs");
    for (size_t i = 0; i < summary->count; i++) {
        const hy_summary_row *const row = &summary->row[i];
        hy_csv(stdout, summary->against);
        putchar(',');
        hy_csv(stdout, row->spec);
        printf(",%s,%zu,%zu", row->control ? "control" : "program", row->programs, row->wrong);
        for (int k = 0; k < HY_PROGRAM_JUDGED; k++) {
            csv_number(row->mean[k].ratio);
            csv_number(row->mean[k].low);
            csv_number(row->mean[k].high);
        }
        printf(",%zu,%zu,", row->slower, row->larger);
        hy_csv(stdout, row->slower_names.text);
        putchar(',');
        hy_csv(stdout, row->larger_names.text);
        putchar('\n');
    }
}

static json_t *json_number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *json_row(const hy_summary_row *row) {
    json_t *const object =
        json_pack("{so ss si si si so si so}", "spec", cmd_json_text(row->spec), "pass",
                  row->control ? "control" : "program", "programs", (int)row->programs, "failed", (int)row->wrong,
                  "slower", (int)row->slower, "slower_programs", cmd_json_text(row->slower_names.text), "larger",
                  (int)row->larger, "larger_programs", cmd_json_text(row->larger_names.text));
    for (int i = 0; i < HY_PROGRAM_JUDGED; i++)
        json_object_set_new(object, hy_program_figures[i],
                            json_pack("{so so so}", "ratio", json_number(row->mean[i].ratio), "low",
                                      json_number(row->mean[i].low), "high", json_number(row->mean[i].high)));
    return object;
}

json_t *summary_json(const hy_programs_summary *summary) {
    json_t *const rows = json_array();
    for (size_t i = 0; i < summary->count; i++)
        json_array_append_new(rows, json_row(&summary->row[i]));
    return json_pack("{so sf si so ss}", "against", summary->against ? cmd_json_text(summary->against) : json_null(),
                     "level", HY_SUMMARY_LEVEL, "programs", (int)summary->programs, "allocators", rows, "conclusion",
                     hy_summary_conclusion(summary).text);
}

json_t *summary_skipped_json(const hy_programs *programs) {
    json_t *const list = json_array();
    for (size_t i = 0; i < programs->skipped_count; i++)
        json_array_append_new(list, json_pack("{so so}", "program", cmd_json_text(programs->skipped[i].name), "reason",
                                              cmd_json_text(programs->skipped[i].reason)));
    return list;
}
