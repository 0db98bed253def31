/* SPDX-License-Identifier: MIT
 *
 * html_facts.c - where the figures come from: machine, commands, seeds, versions, the traces themselves.
 */
#include "html.h"

#include "units.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static void html_fact(const char *name, const char *value, FILE *out) {
    fputs("<dt>", out);
    hy_html(out, name);
    fputs("</dt><dd>", out);
    hy_html(out, value[0] ? value : "n/a");
    fputs("</dd>\n", out);
}

static void html_value(const char *prefix, const char *key, json_t *value, FILE *out) {
    char name[256];
    snprintf(name, sizeof name, "%s%s%s", prefix, prefix[0] ? "." : "", key);
    if (json_is_object(value)) {
        const char *inner;
        json_t *part;
        json_object_foreach(value, inner, part) {
            html_value(name, inner, part, out);
        }
        return;
    }
    if (json_is_string(value)) {
        html_fact(name, json_string_value(value), out);
        return;
    }
    char *const text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(6));
    html_fact(name, text ? text : "n/a", out);
    free(text);
}

void html_facts(const char *json, FILE *out) {
    json_t *const object = json_loads(json, 0, NULL);
    fputs("<dl>\n", out);
    if (json_is_object(object)) {
        const char *key;
        json_t *value;
        json_object_foreach(object, key, value) {
            if (!json_is_array(value)) /* histograms are `heapyard info`'s business */
                html_value("", key, value, out);
        }
    } else {
        html_fact("as stored", json, out);
    }
    fputs("</dl>\n", out);
    json_decref(object);
}

static void html_trace_count(json_t *summary, const char *key, const char *words, FILE *out) {
    json_t *const value = json_object_get(summary, key);
    if (json_is_number(value))
        fprintf(out, "%s %s, ", hy_show_count((uint64_t)json_number_value(value)).text, words);
}

void html_trace_line(const hy_study *study, FILE *out) {
    json_t *const summary = json_loads(study->summary, 0, NULL);
    fputs("<p class=\"lede\">", out);
    html_trace_count(summary, "events", "events", out);
    html_trace_count(summary, "objects", "objects", out);
    html_trace_count(summary, "threads", "thread(s)", out);
    if (study->peak_live == study->peak_live)
        fprintf(out, "at most %s live, ", hy_show_bytes((uint64_t)study->peak_live).text);
    fputs("measured ", out);
    hy_html(out, study->started);
    fputs(".", out);
    json_t *const command = json_object_get(summary, "command");
    if (json_is_string(command)) {
        fputs(" Recorded from <code>", out);
        hy_html(out, json_string_value(command));
        fputs("</code>.", out);
    }
    fputs("</p>\n", out);
    json_decref(summary);
}

static bool html_same_campaign(const hy_study *a, const hy_study *b) {
    return strcmp(a->database, b->database) == 0 && strcmp(a->campaign_id, b->campaign_id) == 0;
}

/* Where a pilot chose them. */
static void html_rounds(const hy_study *study, FILE *out) {
    hy_rounds_chosen rounds;
    char text[320];
    if (hy_store_rounds(study->store, strtoll(study->campaign_id, NULL, 10), &rounds, NULL) < 0 || rounds.chosen == 0)
        return;
    snprintf(text, sizeof text, "%u, chosen after %u: %s", rounds.chosen, rounds.pilot, rounds.reason);
    html_fact("rounds", text, out);
}

static void html_campaign(const hy_report *report, size_t which, FILE *out) {
    const hy_study *const study = &report->studies[which];
    fputs("<h3>Campaign ", out);
    hy_html(out, study->campaign_id);
    fputs(" of ", out);
    hy_html(out, study->database);
    fputs("</h3>\n<pre>", out);
    hy_html(out, study->command);
    fputs("</pre>\n<dl>\n", out);
    html_fact("started", study->started, out);
    html_fact("seed", study->seed, out);
    html_rounds(study, out);
    fputs("</dl>\n", out);
    html_facts(study->environment, out);
}

static void html_trace_facts(const hy_study *study, FILE *out) {
    fputs("<h3>", out);
    hy_html(out, study->name);
    fputs("</h3>\n<dl>\n", out);
    html_fact("file", study->path, out);
    html_fact("hash of the events", study->hash, out);
    fputs("</dl>\n", out);
    html_facts(study->summary, out);
}

static void html_versions(const hy_report *report, FILE *out) {
    fputs("<h3>Versions</h3>\n<dl>\n", out);
    for (size_t i = 0; i < report->spec_count; i++)
        for (size_t s = 0; s < report->count; s++) {
            const hy_entry *const entry = hy_overview_entry(&report->studies[s], report->specs[i]);
            if (!entry)
                continue;
            html_fact(entry->spec, entry->version, out);
            break;
        }
    fputs("</dl>\n", out);
}

int html_environment(const hy_report *report, FILE *out, hy_error *error) {
    fputs(
        "<section id=\"environment\"><h2>How this was measured</h2>\n<p>Every cell (a trace, an allocator, a pass, a "
        "repetition) ran in a fresh process: round by round, each round in random order, and what is timed with an "
        "environment and a stack of random size, unless the layout below is fixed. Medians with 95 % BCa bootstrap "
        "intervals, from five "
        "repetitions on; ratios are medians of the rounds' ratios. Each interval stands for itself: among twenty, one "
        "may miss; verdicts hold together, for all comparisons of a campaign (Holm). A difference counts as none "
        "within 2 %. "
        "Times of different campaigns are never compared. Memory is resident memory, what opening the allocator took "
        "included, for all allocators alike; of a trace of several threads it is that of a serial replay, as if they "
        "were one: arenas and caches of threads come on top. Verdicts on memory are of the threads side by side where "
        "the pass threads was run, as <code>heapyard compare</code> does, and <code>heapyard run --compare</code> "
        "weighs the program itself. On a trace of one thread heapyard’s own allocators run without a lock; mallocs of "
        "others are always ready for threads, and are called through one function pointer more.</p>\n",
        out);
    for (size_t i = 0; i < report->count; i++) {
        bool seen = false;
        for (size_t k = 0; k < i; k++)
            seen = seen || html_same_campaign(&report->studies[k], &report->studies[i]);
        if (!seen)
            html_campaign(report, i, out);
    }
    html_versions(report, out);
    for (size_t i = 0; i < report->count; i++)
        html_trace_facts(&report->studies[i], out);
    fputs("</section>\n", out);
    return 0;
}
