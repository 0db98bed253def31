/* SPDX-License-Identifier: MIT
 *
 * program_print.c - see program_print.h.  Text and Markdown show what is judged; CSV and JSON have every figure.
 */
#include "program_print.h"

#include "json_text.h"
#include "report.h"
#include "summary_print.h"
#include "text_table.h"
#include "units.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------------- tables ----
 */

static const char *const headings[] = {"allocator", "CPU verdict", "wall verdict", "peak verdict", "ended", "runs",
                                       "CPU",       "ratio",       "95 %",         "wall",         "ratio", "95 %",
                                       "peak",      "ratio",       "95 %",         "faults"};

static void put_judged(hy_table_row *row, int column, const hy_program_entry *entry, hy_program_figure figure) {
    const hy_judgement *const j = &entry->judgement[figure];
    if (figure == HY_PROGRAM_PEAK)
        hy_cell_put_bytes(row->cell[column], entry->middle[figure]);
    else
        hy_cell_put_time(row->cell[column], entry->middle[figure]);
    hy_cell_put(row->cell[column + 1], j->ratio, "%.3f", j->ratio);
    hy_cell_put(row->cell[column + 2], j->low, "%.3f-%.3f", j->low, j->high);
}

static void put_row(hy_table *table, const hy_real_program *program, const hy_program_entry *entry) {
    hy_table_row *const row = hy_table_add(table);
    const bool baseline = entry == hy_program_baseline(program);
    snprintf(row->cell[0], HY_TABLE_CELL, "%s%s", entry->spec, entry->control ? " (control)" : "");
    for (int i = 0; i < HY_PROGRAM_JUDGED; i++)
        snprintf(row->cell[1 + i], HY_TABLE_CELL, "%s",
                 baseline                      ? "baseline"
                 : entry->judgement[i].word[0] ? entry->judgement[i].word
                                               : "not judged");
    snprintf(row->cell[4], HY_TABLE_CELL, "%.48s", hy_program_ended(entry).text);
    snprintf(row->cell[5], HY_TABLE_CELL, "%zu", entry->count);
    put_judged(row, 6, entry, HY_PROGRAM_CPU);
    put_judged(row, 9, entry, HY_PROGRAM_WALL);
    put_judged(row, 12, entry, HY_PROGRAM_PEAK);
    hy_cell_put_count(row->cell[15], entry->middle[HY_PROGRAM_MINOR] + entry->middle[HY_PROGRAM_MAJOR]);
}

static void print_sentence(hy_program_words words, bool markdown) {
    if (words.text[0])
        printf("%s%s.\n", markdown ? "- " : "", words.text);
}

static void print_table(const hy_real_program *program, const hy_predictions *predictions, bool markdown) {
    hy_table table = {.headings = headings, .columns = HY_TABLE_COLUMNS, .words = 5};
    printf(markdown ? "## %s\n\n`%s`\n\n" : "%s: %s\n", program->name, hy_program_typed(program).text);
    for (size_t i = 0; i < program->count; i++)
        put_row(&table, program, &program->entry[i]);
    hy_table_print(&table, markdown);
    hy_table_free(&table);
    puts("");
    for (size_t i = 0; i < program->count; i++)
        if (!program->entry[i].control)
            printf("%s%s: malloc from %s\n", markdown ? "- " : "", program->entry[i].spec, program->entry[i].library);
    print_sentence(hy_program_about_output(program), markdown);
    print_sentence(hy_program_about_control(program), markdown);
    for (size_t i = 2; i < program->count; i++)
        print_sentence(hy_program_sentence(program, &program->entry[i]), markdown);
    print_sentence(hy_prediction_words(predictions, program), markdown);
    puts("");
}

/* ---------------------------------------------------------------------------------------------- for machines ---- */

static void csv_number(double value) {
    isnan(value) ? putchar(',') : printf(",%.9g", value);
}

static void csv_predicted(const hy_predicted *p) {
    const double numbers[] = {p ? p->replay : NAN, p ? p->expected : NAN, p ? p->saved : NAN, p ? p->saved_truly : NAN};
    for (int i = 0; i < 4; i++)
        csv_number(numbers[i]);
}

static void csv_row(const hy_real_program *program, const hy_program_entry *entry, const hy_predicted *predicted) {
    const char *const texts[] = {program->database, program->campaign_id, program->name, entry->spec,
                                 entry->control ? "control" : "program"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        hy_csv(stdout, texts[i]);
        putchar(',');
    }
    printf("%zu,%u,%u", entry->count, entry->failed, entry->differing);
    for (int i = 0; i < HY_PROGRAM_FIGURES; i++)
        csv_number(entry->middle[i]);
    for (int i = 0; i < HY_PROGRAM_JUDGED; i++) {
        const hy_judgement *const j = &entry->judgement[i];
        const double numbers[] = {j->ratio, j->low, j->high, j->p_adjusted, j->delta};
        for (int k = 0; k < 5; k++)
            csv_number(numbers[k]);
        printf(",%s", j->word);
    }
    csv_predicted(predicted);
    putchar(',');
    hy_csv(stdout, entry->library);
    putchar(',');
    hy_csv(stdout, hy_program_ended(entry).text);
    putchar('\n');
}

/* One that was not measured: its name and the reason, and no figures. */
static void csv_skipped(const hy_program_skipped *skipped) {
    enum { FIGURES = HY_PROGRAM_FIGURES + 6 * HY_PROGRAM_JUDGED + 4 };
    fputs(",,", stdout);
    hy_csv(stdout, skipped->name);
    fputs(",,skipped,0,0,0,", stdout);
    for (int i = 0; i < FIGURES; i++)
        putchar(',');
    putchar(',');
    hy_csv(stdout, skipped->reason);
    putchar('\n');
}

static void print_csv(const hy_programs *programs, const hy_predictions *predictions) {
    fputs("database,campaign,program,spec,pass,runs,failed,differing", stdout);
    for (int i = 0; i < HY_PROGRAM_FIGURES; i++)
        printf(",%s", hy_program_figures[i]);
    for (int i = 0; i < HY_PROGRAM_JUDGED; i++) {
        const char *const name = hy_program_figures[i];
        printf(",%s_ratio,%s_low,%s_high,%s_p,%s_delta,%s_verdict", name, name, name, name, name, name);
    }
    puts(",replay_ratio,expected_ratio,expected_saved,saved,library,ended");
    for (size_t i = 0; i < programs->count; i++)
        for (size_t k = 0; k < programs->program[i].count; k++)
            csv_row(&programs->program[i], &programs->program[i].entry[k],
                    hy_prediction_of(predictions, &programs->program[i].entry[k]));
    for (size_t i = 0; i < programs->skipped_count; i++)
        csv_skipped(&programs->skipped[i]);
}

static json_t *json_number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *json_judgement(const hy_judgement *j) {
    return json_pack("{so so so so so so so}", "ratio", json_number(j->ratio), "low", json_number(j->low), "high",
                     json_number(j->high), "p", json_number(j->p), "p_adjusted", json_number(j->p_adjusted), "delta",
                     json_number(j->delta), "verdict", j->word[0] ? json_string(j->word) : json_null());
}

static json_t *json_runs(const hy_program_entry *entry) {
    json_t *const runs = json_array();
    for (size_t i = 0; i < entry->count; i++) {
        const hy_program_sample *const run = &entry->run[i];
        json_t *const object =
            json_pack("{si ss si ss so}", "round", (int)run->round, "outcome", run->outcome, "status", run->status,
                      "output", run->output, "detail", cmd_json_text(run->detail));
        for (int k = 0; k < HY_PROGRAM_FIGURES; k++)
            json_object_set_new(object, hy_program_figures[k], json_real(run->figure[k]));
        json_array_append_new(runs, object);
    }
    return runs;
}

static json_t *json_predicted(const hy_predicted *p) {
    return p ? json_pack("{sf sf sf sf sf}", "replay_ratio", p->replay, "expected_ratio", p->expected, "expected_saved",
                         p->saved, "saved", p->saved_truly, "replayed_part", p->part)
             : json_null();
}

static json_t *json_entry(const hy_program_entry *entry, const hy_predicted *predicted) {
    json_t *const object =
        json_pack("{so so ss si si so}", "spec", cmd_json_text(entry->spec), "library", cmd_json_text(entry->library),
                  "pass", entry->control ? "control" : "program", "failed", (int)entry->failed, "differing",
                  (int)entry->differing, "ended", cmd_json_text(hy_program_ended(entry).text));
    json_t *const medians = json_object(), *const judged = json_object();
    for (int i = 0; i < HY_PROGRAM_FIGURES; i++)
        json_object_set_new(medians, hy_program_figures[i], json_number(entry->middle[i]));
    for (int i = 0; i < HY_PROGRAM_JUDGED; i++)
        json_object_set_new(judged, hy_program_figures[i], json_judgement(&entry->judgement[i]));
    json_object_set_new(object, "median", medians);
    json_object_set_new(object, "against_baseline", judged);
    json_object_set_new(object, "predicted", json_predicted(predicted));
    json_object_set_new(object, "runs", json_runs(entry));
    return object;
}

static json_t *json_program(const hy_real_program *program, const hy_predictions *predictions) {
    json_t *const entries = json_array();
    for (size_t i = 0; i < program->count; i++)
        json_array_append_new(entries,
                              json_entry(&program->entry[i], hy_prediction_of(predictions, &program->entry[i])));
    return json_pack("{so so so so so so so so so? so}", "program", cmd_json_text(program->name), "command",
                     cmd_json_text(hy_program_typed(program).text), "trace", cmd_json_text(program->trace), "database",
                     cmd_json_text(program->database), "campaign", cmd_json_text(program->campaign_id), "started",
                     cmd_json_text(program->started), "typed", cmd_json_text(program->typed), "seed",
                     cmd_json_text(program->seed), "environment",
                     json_loads(program->environment, JSON_DECODE_ANY, NULL), "allocators", entries);
}

static json_t *json_agreement(const hy_predictions *predictions, bool alone) {
    const hy_agreement a = hy_agree(predictions, NULL, alone);
    return json_pack("{si so so so so so so}", "pairs", (int)a.count, "pearson", json_number(a.pearson), "pearson_low",
                     json_number(a.pearson_low), "pearson_high", json_number(a.pearson_high), "spearman",
                     json_number(a.spearman), "spearman_low", json_number(a.spearman_low), "spearman_high",
                     json_number(a.spearman_high));
}

static void print_json(const hy_programs *programs, const hy_predictions *predictions,
                       const hy_programs_summary *summary, bool only_summary) {
    json_t *const whole = json_object(), *const all = json_array();
    for (size_t i = 0; !only_summary && i < programs->count; i++)
        json_array_append_new(all, json_program(&programs->program[i], predictions));
    json_object_set_new(whole, "programs", all);
    json_object_set_new(whole, "summary", summary_json(summary));
    json_object_set_new(whole, "skipped", summary_skipped_json(programs));
    json_object_set_new(whole, "expected_against_real", json_agreement(predictions, false));
    json_object_set_new(whole, "replay_against_real", json_agreement(predictions, true));
    json_dumpf(whole, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    putchar('\n');
    json_decref(whole);
}

static void print_words(const hy_programs *programs, const hy_predictions *predictions,
                        const hy_programs_summary *summary, bool only_summary, bool markdown) {
    for (size_t i = 0; !only_summary && i < programs->count; i++)
        print_table(&programs->program[i], predictions, markdown);
    if (!only_summary)
        print_sentence(hy_agreement_words(predictions), markdown);
    if (only_summary || programs->count > 1 || programs->skipped_count > 0)
        summary_print(summary, programs, markdown);
}

int program_print(const hy_programs *programs, const hy_predictions *predictions, const program_wish *wish,
                  hy_error *error) {
    hy_programs_summary summary;
    const int r = hy_programs_summarise(programs, wish->against, &summary, error);
    if (r < 0)
        return r;
    if (wish->format == HY_FORMAT_CSV)
        wish->only_summary ? summary_print_csv(&summary) : print_csv(programs, predictions);
    else if (wish->format == HY_FORMAT_JSON)
        print_json(programs, predictions, &summary, wish->only_summary);
    else
        print_words(programs, predictions, &summary, wish->only_summary, wish->format == HY_FORMAT_MARKDOWN);
    hy_programs_summary_free(&summary);
    return 0;
}
