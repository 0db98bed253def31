/* SPDX-License-Identifier: MIT
 *
 * json.c - everything in the tables as JSON; a figure that does not exist is null.
 */
#include "report.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>

/* Text that is not UTF-8 (a trace's name can be any bytes) becomes a string with "?" for what is not ASCII. */
static json_t *json_text(const char *text) {
    json_t *const whole = json_string(text);
    if (whole)
        return whole;
    hy_words plain;
    snprintf(plain.text, sizeof plain.text, "%s", text);
    for (char *c = plain.text; *c; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    return json_string(plain.text);
}

static json_t *json_parsed(const char *text) {
    json_t *const value = json_loads(text, JSON_DECODE_ANY, NULL);
    return value ? value : json_text(text);
}

static json_t *json_entry(const hy_study *study, const hy_entry *entry) {
    json_t *const object = json_object();
    for (const hy_column *c = hy_columns_all; c->key; c++) {
        const double value = hy_column_value(c, study, entry);
        const bool none = c->kind == HY_COLUMN_VERDICT && hy_column_word(c, entry)[0] == '\0';
        if (hy_column_is_text(c) && !none)
            json_object_set_new(object, c->key, json_text(hy_column_show(c, study, entry).text));
        else
            json_object_set_new(object, c->key, isfinite(value) ? json_real(value) : json_null());
    }
    json_t *const passes = json_object();
    for (int i = 0; i < HY_REPORT_PASSES; i++)
        if (entry->pass[i].cells > 0)
            json_object_set_new(passes, hy_report_passes[i],
                                json_pack("{si si so so}", "cells", (int)entry->pass[i].cells, "good",
                                          (int)entry->pass[i].good, "outcome", json_text(entry->pass[i].outcome),
                                          "detail", json_text(entry->pass[i].detail)));
    json_object_set_new(object, "passes", passes);
    return object;
}

static json_t *json_number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *json_control(const hy_study *study) {
    const hy_judgement *const j = &study->aa;
    if (j->word[0] == '\0')
        return json_null();
    return json_pack("{ss so so so so ss}", "words", study->control.text, "ratio", json_number(j->ratio), "low",
                     json_number(j->low), "high", json_number(j->high), "p", json_number(j->p_adjusted), "verdict",
                     j->word);
}

static json_t *json_study(const hy_study *study) {
    json_t *const entries = json_array();
    for (size_t i = 0; i < study->count; i++)
        json_array_append_new(entries, json_entry(study, &study->entries[i]));
    const hy_choice choice = hy_choose(study);
    return json_pack("{so so so so so so so so so so so so so so so}", "trace", json_text(study->name), "hash",
                     json_text(study->hash), "database", json_text(study->database), "campaign",
                     json_text(study->campaign_id), "started", json_text(study->started), "command",
                     json_text(study->command), "seed", json_text(study->seed), "environment",
                     json_parsed(study->environment), "summary", json_parsed(study->summary), "baseline",
                     study->baseline ? json_text(study->baseline->spec) : json_null(), "choice",
                     choice.take ? json_text(choice.take->spec) : json_null(), "control", json_control(study),
                     "withheld", json_boolean(hy_study_withheld(study)), "comparisons",
                     json_integer((json_int_t)study->family_size), "allocators", entries);
}

int hy_print_json(const hy_report *report, FILE *out, hy_error *error) {
    json_t *const studies = json_array();
    for (size_t i = 0; i < report->count; i++)
        json_array_append_new(studies, json_study(&report->studies[i]));
    json_t *const whole = json_pack("{so}", "studies", studies);
    const int r = whole ? json_dumpf(whole, out, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) : -1;
    json_decref(whole);
    fputc('\n', out);
    return r == 0 ? 0 : hy_fail(error, -EIO, "cannot write the results as JSON");
}
