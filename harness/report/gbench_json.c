/* SPDX-License-Identifier: MIT
 *
 * gbench_json.c - times as Google Benchmark writes them, for its tools (compare.py reads it).
 *
 * A benchmark is TRACE/SPEC, each repetition a run of it, and real_time the median it is not: every value as measured.
 * Processor time is not stored apart; the timed loop does nothing but replay, so real time stands in its place.
 */
#include "report.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>

static json_t *gbench_text(const char *text) {
    json_t *const whole = json_string(text);
    return whole ? whole : json_string("(no UTF-8)");
}

static json_t *gbench_run(const char *name, const hy_sample *times, double ops, size_t family, size_t which) {
    return json_pack("{so si si so ss si si si sI sf sf ss}", "name", gbench_text(name), "family_index", (int)family,
                     "per_family_instance_index", 0, "run_name", gbench_text(name), "run_type", "iteration",
                     "repetitions", (int)times->count, "repetition_index", (int)which, "threads", 1, "iterations",
                     (json_int_t)(isfinite(ops) ? ops : 1), "real_time", times->values[which], "cpu_time",
                     times->values[which], "time_unit", "ns");
}

static void gbench_study(const hy_study *study, size_t *family, json_t *runs) {
    for (size_t i = 0; i < study->count; i++) {
        const hy_entry *const entry = &study->entries[i];
        const hy_sample *const times = hy_entry_sample(entry, "ns_per_op");
        hy_words name = {""};
        hy_say(&name, "%s/%s", study->name, entry->spec);
        for (size_t k = 0; times && k < times->count; k++)
            json_array_append_new(runs, gbench_run(name.text, times, hy_entry_metric(entry, "ops"), *family, k));
        *family += times != NULL;
    }
}

/* What the first campaign knew of its machine, beside what Google's tools expect. */
static json_t *gbench_context(const hy_study *study) {
    json_t *const environment = json_loads(study->environment, 0, NULL);
    json_t *const context =
        json_pack("{so so ss so ss}", "date", gbench_text(study->started), "executable", gbench_text(study->command),
                  "library_build_type", "release", "environment", environment ? environment : json_object(), "cpu_time",
                  "not stored apart: real_time in its place");
    return context;
}

int hy_print_gbench(const hy_report *report, FILE *out, hy_error *error) {
    json_t *const runs = json_array();
    size_t family = 0;
    for (size_t i = 0; i < report->count; i++)
        gbench_study(&report->studies[i], &family, runs);
    json_t *const whole = json_pack("{so so}", "context", gbench_context(&report->studies[0]), "benchmarks", runs);
    const int r = whole ? json_dumpf(whole, out, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) : -1;
    json_decref(whole);
    fputc('\n', out);
    return r == 0 ? 0 : hy_fail(error, -EIO, "cannot write the results as Google Benchmark's JSON");
}
