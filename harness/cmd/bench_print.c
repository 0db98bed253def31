/* SPDX-License-Identifier: MIT
 *
 * bench_print.c - what `heapyard bench --compare` found: a table and a few sentences, or every figure for machines.
 */
#include "bench_compare.h"

#include "json_text.h"
#include "machine.h"
#include "micro_cells.h"
#include "report.h"
#include "text_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const hy_micro_entry *reference_of(const hy_micro_results *results) {
    return &results->entries[results->reference];
}

/* ------------------------------------------------------------------------------------------------------- table ---- */

enum {
    NAME,
    ALLOCATOR,
    BEST_WORD,
    AGAINST_WORD,
    MIDDLE,
    BEST_RATIO,
    BEST_RANGE,
    AGAINST_RATIO,
    AGAINST_RANGE,
    COLUMNS
};

/* Who was to be measured has a row, also where it died. */
static bool has_row(const hy_micro_results *results, const hy_micro_figure *figure, size_t i) {
    return !isnan(figure->middle[i]) || results->entries[i].role == HY_MICRO_RIVAL;
}

static void put_judgement(hy_table_row *row, const hy_judgement *j, int word, int ratio, int range) {
    snprintf(row->cell[word], HY_TABLE_CELL, "%s", j->word[0] ? j->word : "-");
    snprintf(row->cell[ratio], HY_TABLE_CELL, "-");
    snprintf(row->cell[range], HY_TABLE_CELL, "-");
    if (!j->word[0])
        return;
    hy_cell_put(row->cell[ratio], j->ratio, "%.3f", j->ratio);
    hy_cell_put(row->cell[range], j->low, "%.3f-%.3f", j->low, j->high);
}

static void put_row(hy_table *table, const hy_micro_results *results, const hy_micro_figure *figure, size_t i) {
    const hy_micro_entry *const entry = &results->entries[i];
    hy_table_row *const row = hy_table_add(table);
    snprintf(row->cell[NAME], HY_TABLE_CELL, "%s", figure->name);
    snprintf(row->cell[ALLOCATOR], HY_TABLE_CELL, "%s%s", entry->spec,
             entry->role == HY_MICRO_CONTROL ? " (control)" : "");
    if (strcmp(figure->unit, "ns") == 0)
        hy_cell_put_time(row->cell[MIDDLE], figure->middle[i]);
    else
        hy_cell_put(row->cell[MIDDLE], figure->middle[i], "%.3f", figure->middle[i]);
    put_judgement(row, &figure->to_best[i], BEST_WORD, BEST_RATIO, BEST_RANGE);
    put_judgement(row, &figure->against[i], AGAINST_WORD, AGAINST_RATIO, AGAINST_RANGE);
}

static void print_table(const hy_micro_results *results, bool markdown) {
    char against[HY_TABLE_CELL], versus[HY_TABLE_CELL];
    snprintf(versus, sizeof versus, "against %s", reference_of(results)->spec);
    snprintf(against, sizeof against, "/ %s", reference_of(results)->spec);
    const char *const headings[COLUMNS] = {"benchmark", "allocator", "against the best other",
                                           versus,      "median",    "/ the best other",
                                           "95 %",      against,     "95 %"};
    hy_table table = {.headings = headings, .columns = COLUMNS, .words = AGAINST_WORD + 1};
    for (size_t f = 0; f < results->figure_count; f++)
        for (size_t i = 0; i < results->count; i++)
            if (has_row(results, &results->figures[f], i))
                put_row(&table, results, &results->figures[f], i);
    hy_table_print(&table, markdown);
    hy_table_free(&table);
}

/* --------------------------------------------------------------------------------------------------- sentences ---- */

/* How many figures of an entry have each of the words. */
static void print_counts(const hy_micro_results *results, size_t i, bool to_best) {
    static const char *const words[] = {HY_WORD_FASTER, HY_WORD_SMALLER, HY_WORD_EQUIVALENT, HY_WORD_INCONCLUSIVE,
                                        HY_WORD_SLOWER, HY_WORD_LARGER,  HY_WORD_WITHHELD};
    const char *separator = "";
    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
        unsigned count = 0;
        for (size_t f = 0; f < results->figure_count; f++) {
            const hy_micro_figure *const figure = &results->figures[f];
            count += strcmp((to_best ? figure->to_best : figure->against)[i].word, words[w]) == 0;
        }
        if (count > 0)
            printf("%s%s in %u", separator, words[w], count);
        separator = count > 0 ? ", " : separator;
    }
    fputs(separator[0] ? "" : "nothing to judge", stdout);
}

/* Rounds in which anything was measured. */
static unsigned count_rounds(const hy_micro_results *results) {
    unsigned rounds = 0;
    for (size_t f = 0; f < results->figure_count; f++)
        for (unsigned round = rounds; round < results->rounds; round++)
            for (size_t i = 0; i < results->count; i++)
                if (!isnan(results->figures[f].values[round * results->count + i]))
                    rounds = round + 1;
    return rounds;
}

static void print_control(const hy_micro_results *results, size_t i) {
    unsigned apart = 0, measured = 0;
    for (size_t f = 0; f < results->figure_count; f++) {
        apart += hy_word_differs(results->figures[f].against[i].word);
        measured += results->figures[f].against[i].word[0] != '\0';
    }
    printf("%s against itself was told apart in %u of %u figures", results->entries[i].spec, apart, measured);
    puts(apart > 0 ? "; there the verdicts are withheld." : ".");
}

static void print_sentences(const hy_micro_results *results, double margin, bool markdown) {
    puts("");
    for (size_t i = 0; i < results->count; i++) {
        const hy_micro_entry *const entry = &results->entries[i];
        if (entry->role == HY_MICRO_NULL)
            continue;
        fputs(markdown ? "- " : "", stdout);
        if (entry->role == HY_MICRO_CONTROL) {
            print_control(results, i);
            continue;
        }
        printf("%s against the best other: ", entry->spec);
        print_counts(results, i, true);
        if (i != results->reference) {
            printf("; against %s: ", reference_of(results)->spec);
            print_counts(results, i, false);
        }
        puts(".");
    }
    printf("%sRounds: %u; verdicts within %g %%; null is what the loops themselves cost; scaling is the time with two "
           "threads / with one.\n",
           markdown ? "- " : "", count_rounds(results), 100 * margin);
}

/* ---------------------------------------------------------------------------------------------- for machines ---- */

static void csv_number(double value) {
    isnan(value) ? putchar(',') : printf(",%.9g", value);
}

static void csv_judgement(const hy_judgement *j) {
    const double numbers[] = {j->ratio, j->low, j->high, j->p_adjusted};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        csv_number(j->word[0] ? numbers[i] : NAN);
    printf(",%s", j->word);
}

static void print_csv(const hy_micro_results *results) {
    puts(
        "benchmark,unit,allocator,role,median,best_ratio,best_low,best_high,best_p,best_verdict,against,ratio,low,high,"
        "p,verdict");
    for (size_t f = 0; f < results->figure_count; f++)
        for (size_t i = 0; i < results->count; i++) {
            const hy_micro_figure *const figure = &results->figures[f];
            if (!has_row(results, figure, i))
                continue;
            printf("%s,%s,", figure->name, figure->unit);
            hy_csv(stdout, results->entries[i].spec);
            printf(",%s", hy_micro_roles[results->entries[i].role]);
            csv_number(figure->middle[i]);
            csv_judgement(&figure->to_best[i]);
            putchar(',');
            hy_csv(stdout, reference_of(results)->spec);
            csv_judgement(&figure->against[i]);
            putchar('\n');
        }
}

static json_t *json_number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *json_judgement(const hy_judgement *j) {
    if (!j->word[0])
        return json_null();
    return json_pack("{so so so so ss}", "ratio", json_number(j->ratio), "low", json_number(j->low), "high",
                     json_number(j->high), "p", json_number(j->p_adjusted), "verdict", j->word);
}

static json_t *json_entry(const hy_micro_results *results, const hy_micro_figure *figure, size_t i) {
    json_t *const values = json_array();
    for (unsigned round = 0; round < results->rounds; round++)
        json_array_append_new(values, json_number(figure->values[round * results->count + i]));
    return json_pack("{so ss so so so so}", "allocator", cmd_json_text(results->entries[i].spec), "role",
                     hy_micro_roles[results->entries[i].role], "median", json_number(figure->middle[i]), "best_other",
                     json_judgement(&figure->to_best[i]), "against", json_judgement(&figure->against[i]), "values",
                     values);
}

static void print_json(const hy_micro_results *results, double margin) {
    char *const machine = hy_machine_json();
    json_t *const environment = machine ? json_loads(machine, 0, NULL) : NULL;
    json_t *const figures = json_array();
    for (size_t f = 0; f < results->figure_count; f++) {
        const hy_micro_figure *const figure = &results->figures[f];
        json_t *const entries = json_array();
        for (size_t i = 0; i < results->count; i++)
            if (has_row(results, figure, i))
                json_array_append_new(entries, json_entry(results, figure, i));
        json_array_append_new(
            figures, json_pack("{ss ss so}", "benchmark", figure->name, "unit", figure->unit, "allocators", entries));
    }
    json_t *const whole = json_pack("{so si sf so so}", "environment", environment ? environment : json_null(),
                                    "rounds", (int)results->rounds, "margin", margin, "against",
                                    cmd_json_text(reference_of(results)->spec), "figures", figures);
    json_dumpf(whole, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(whole);
    free(machine);
}

void bench_print(const hy_micro_results *results, double margin, hy_format format) {
    switch (format) {
    case HY_FORMAT_CSV: print_csv(results); return;
    case HY_FORMAT_JSON: print_json(results, margin); return;
    default: break;
    }
    print_table(results, format == HY_FORMAT_MARKDOWN);
    print_sentences(results, margin, format == HY_FORMAT_MARKDOWN);
}
