/* SPDX-License-Identifier: MIT
 *
 * query.c - reads studies from results databases.
 *
 *   1. Each trace of each database is a study, in its newest campaign: times of different campaigns are never mixed,
 *      because a shared machine drifts.
 *   2. A cell that did not end well is counted and its sentence kept; its figures are not read.
 */
#include "report.h"

#include "lists.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const hy_report_passes[HY_REPORT_PASSES] = {"throughput", "latency", "footprint", "verify"};

/* ----------------------------------------------------------------------------------------------------- studies ---- */

typedef struct query_context {
    hy_report *report;
    const char *database;
    hy_store *store;
} query_context;

static int query_study(void *context, int columns, const char *const *text) {
    const query_context *const c = context;
    hy_report *const report = c->report;
    report->studies = hy_list_must(report->studies, report->count, sizeof *report->studies);
    hy_study *const study = &report->studies[report->count++];
    *study = (hy_study){.store = c->store, .database = hy_text_must(c->database), .number = (unsigned)report->count};
    char **const fields[] = {&study->trace_id,    &study->name,    &study->path,    &study->hash, &study->summary,
                             &study->campaign_id, &study->started, &study->command, &study->seed, &study->environment};
    for (int i = 0; i < columns; i++)
        *fields[i] = hy_text_must(text[i]);
    return 0;
}

static hy_entry *query_entry(hy_study *study, const char *spec) {
    for (size_t i = 0; i < study->count; i++)
        if (strcmp(study->entries[i].spec, spec) == 0)
            return &study->entries[i];
    study->entries = hy_list_must(study->entries, study->count, sizeof *study->entries);
    hy_entry *const entry = &study->entries[study->count++];
    *entry = (hy_entry){.spec = hy_text_must(spec)};
    hy_entry_describe(entry);
    return entry;
}

static hy_pass_result *query_pass(hy_entry *entry, const char *name) {
    for (int i = 0; i < HY_REPORT_PASSES; i++)
        if (strcmp(name, hy_report_passes[i]) == 0)
            return &entry->pass[i];
    return NULL;
}

/* spec, pass, version, outcome, detail */
static int query_cell(void *context, int columns, const char *const *text) {
    hy_entry *const entry = query_entry(context, text[0]);
    hy_pass_result *const pass = query_pass(entry, text[1]);
    if (entry->version[0] == '\0')
        snprintf(entry->version, sizeof entry->version, "%s", text[2]);
    /* A fake has no contents and no footprint: to be refused there is its nature, not a failure. */
    if (!pass || (entry->fake && strcmp(text[3], "refused") == 0))
        return 0;
    const bool good = strcmp(text[3], "ok") == 0;
    pass->cells++;
    pass->good += good;
    if (pass->outcome[0] == '\0' || (!good && strcmp(pass->outcome, "ok") == 0)) {
        snprintf(pass->outcome, sizeof pass->outcome, "%s", text[3]);
        snprintf(pass->detail, sizeof pass->detail, "%s", text[4]);
    }
    return 0;
}

static hy_sample *query_sample(hy_entry *entry, const char *name) {
    for (size_t i = 0; i < entry->sample_count; i++)
        if (strcmp(entry->samples[i].name, name) == 0)
            return &entry->samples[i];
    entry->samples = hy_list_must(entry->samples, entry->sample_count, sizeof *entry->samples);
    hy_sample *const sample = &entry->samples[entry->sample_count++];
    *sample = (hy_sample){.values = NULL};
    snprintf(sample->name, sizeof sample->name, "%s", name);
    return sample;
}

/* spec, name, value */
static int query_metric(void *context, int columns, const char *const *text) {
    hy_sample *const sample = query_sample(query_entry(context, text[0]), text[1]);
    sample->values = hy_list_must(sample->values, sample->count, sizeof *sample->values);
    sample->values[sample->count++] = strtod(text[2], NULL);
    return 0;
}

/* proven, upper: NULL without a row */
static int query_bound(void *context, int columns, const char *const *text) {
    hy_study *const study = context;
    study->floor = text[0] ? strtod(text[0], NULL) : NAN;
    study->packed = text[1] ? strtod(text[1], NULL) : NAN;
    return 0;
}

/* The two lines of memory, of what malloc must align to. */
static int query_limits(hy_study *study, hy_error *error) {
    const char *const arguments[] = {study->trace_id, NULL};
    study->floor = study->packed = NAN;
    if (!hy_store_has_table(study->store, "bound"))
        return 0;
    return hy_store_query(study->store, "SELECT max(proven), min(upper) FROM bound WHERE trace = ?1 AND align = 16",
                          arguments, query_bound, study, error);
}

static int query_fill(hy_study *study, hy_error *error) {
    const char *const arguments[] = {study->campaign_id, study->trace_id, NULL};
    int r = query_limits(study, error);
    if (r < 0)
        return r;
    r = hy_store_query(study->store,
                       "SELECT spec, pass, version, outcome, detail FROM cell "
                       "WHERE campaign = ?1 AND trace = ?2 AND pass <> 'control' ORDER BY id",
                       arguments, query_cell, study, error);
    if (r < 0)
        return r;
    return hy_store_query(study->store,
                          "SELECT c.spec, m.name, m.value FROM metric m JOIN cell c ON c.id = m.cell "
                          "WHERE c.campaign = ?1 AND c.trace = ?2 AND c.outcome = 'ok' AND c.pass <> 'control' "
                          "ORDER BY c.repetition",
                          arguments, query_metric, study, error);
}

/* ------------------------------------------------------------------------------------------------------ styles ---- */

/* Lines 1 to 9, then 13 to 21, then again from 1. */
static unsigned query_line(unsigned which) {
    return which % 18 < 9 ? which % 18 + 1 : which % 18 + 4;
}

static int query_compare(const void *left, const void *right) {
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* All specs once, sorted, so that an allocator keeps its style from study to study and from run to run. */
static void query_collect_specs(hy_report *report) {
    for (size_t s = 0; s < report->count; s++)
        for (size_t i = 0; i < report->studies[s].count; i++) {
            report->specs = hy_list_must(report->specs, report->spec_count, sizeof *report->specs);
            report->specs[report->spec_count++] = report->studies[s].entries[i].spec;
        }
    qsort(report->specs, report->spec_count, sizeof *report->specs, query_compare);
    size_t kept = 0;
    for (size_t i = 0; i < report->spec_count; i++)
        if (kept == 0 || strcmp(report->specs[kept - 1], report->specs[i]) != 0)
            report->specs[kept++] = report->specs[i];
    report->spec_count = kept;
}

static size_t query_spec(const hy_report *report, const char *spec) {
    char *const *const found = bsearch(&spec, report->specs, report->spec_count, sizeof *report->specs, query_compare);
    return found ? (size_t)(found - report->specs) : report->spec_count;
}

/* Flags the specs that got through anything anywhere: only they have lines, and take up a style. */
static void query_find_shown(const hy_report *report, bool *shown) {
    for (size_t s = 0; s < report->count; s++)
        for (size_t i = 0; i < report->studies[s].count; i++)
            if (report->studies[s].entries[i].sample_count > 0)
                shown[query_spec(report, report->studies[s].entries[i].spec)] = true;
}

/* The style of each spec, in their order. */
static unsigned *query_styles(const hy_report *report) {
    bool *const shown = calloc(report->spec_count + 1, sizeof *shown);
    unsigned *const styles = calloc(report->spec_count + 1, sizeof *styles), ordinary = 0;
    if (!shown || !styles)
        abort();
    query_find_shown(report, shown);
    for (size_t i = 0; i < report->spec_count; i++) {
        hy_entry entry = {.spec = report->specs[i]};
        hy_entry_describe(&entry);
        if (entry.role == HY_ROLE_LIMIT) {
            styles[i] = strncmp(entry.spec, "null", 4) == 0 ? 11 : entry.fake ? 12 : 10;
            continue;
        }
        styles[i] = query_line(ordinary);
        ordinary += shown[i];
    }
    free(shown);
    return styles;
}

static void query_set_styles(hy_report *report) {
    unsigned *const styles = query_styles(report);
    for (size_t s = 0; s < report->count; s++)
        for (size_t i = 0; i < report->studies[s].count; i++) {
            hy_entry *const entry = &report->studies[s].entries[i];
            entry->style = styles[query_spec(report, entry->spec)];
        }
    free(styles);
}

static void query_find_namesakes(hy_report *report) {
    for (size_t i = 0; i < report->count; i++)
        for (size_t k = 0; k < report->count; k++) {
            char one[64], other[64];
            hy_slug(report->studies[i].name, one);
            hy_slug(report->studies[k].name, other);
            report->studies[i].namesake |= i != k && strcmp(one, other) == 0;
        }
}

/* ------------------------------------------------------------------------------------------------------ loading ----
 */

static int query_database(hy_report *report, const char *path, const char *campaign, hy_error *error) {
    hy_store *store;
    const int r = hy_store_open(path, false, &store, error);
    if (r < 0)
        return r;
    report->stores = hy_list_must(report->stores, report->store_count, sizeof *report->stores);
    report->stores[report->store_count++] = store;
    query_context context = {report, path, store};
    const char *const arguments[] = {campaign ? campaign : "0", NULL};
    return hy_store_query(store,
                          "SELECT t.id, t.name, t.path, t.hash, t.summary, k.id, k.started, k.command, k.seed, "
                          "k.environment FROM trace t JOIN campaign k ON k.id = (SELECT max(c.campaign) FROM cell c "
                          "WHERE c.trace = t.id AND (?1 = '0' OR c.campaign = ?1)) ORDER BY t.name, t.id",
                          arguments, query_study, &context, error);
}

/* A baseline that nobody measured is a slip of the pen. */
static int query_check_baseline(const hy_report *report, const char *wanted, hy_error *error) {
    const char **const words = calloc(report->spec_count + 1, sizeof *words);
    if (!words)
        return hy_fail(error, -ENOMEM, "no memory");
    bool known = false;
    for (size_t i = 0; i < report->spec_count; i++) {
        words[i] = report->specs[i];
        known = known || strcmp(words[i], wanted) == 0;
    }
    const hy_hint hint = hy_did_you_mean(wanted, strlen(wanted), words, NULL);
    free(words);
    return known ? 0 : hy_fail(error, -EINVAL, "the baseline \"%s\" is not among the results%s", wanted, hint.text);
}

static int query_all(const hy_report_options *options, hy_report *report, hy_error *error) {
    for (size_t i = 0; i < options->count; i++) {
        const int r = query_database(report, options->databases[i], options->campaign, error);
        if (r < 0)
            return r;
    }
    if (report->count == 0)
        return hy_fail(error, -ENODATA, "%s: no measured cells%s%s; `heapyard replay` makes some",
                       options->databases[0], options->campaign ? " in campaign " : "",
                       options->campaign ? options->campaign : "");
    for (size_t i = 0; i < report->count; i++) {
        const int r = query_fill(&report->studies[i], error);
        if (r < 0)
            return r;
    }
    query_collect_specs(report);
    if (options->baseline && query_check_baseline(report, options->baseline, error) < 0)
        return -EINVAL;
    query_set_styles(report);
    query_find_namesakes(report);
    for (size_t s = 0; s < report->count; s++)
        hy_study_derive(&report->studies[s], options->baseline);
    return hy_report_judge(report, error);
}

int hy_report_load(const hy_report_options *options, hy_report *ret_report, hy_error *error) {
    hy_report report = {.campaign = options->campaign};
    const int r = query_all(options, &report, error);
    if (r < 0)
        hy_report_free(&report);
    else
        *ret_report = report;
    return r;
}

static void query_free_study(hy_study *study) {
    for (size_t i = 0; i < study->count; i++) {
        hy_entry *const entry = &study->entries[i];
        for (size_t k = 0; k < entry->sample_count; k++)
            free(entry->samples[k].values);
        free(entry->samples);
        free(entry->spec);
    }
    char *const texts[] = {study->database, study->trace_id, study->name,        study->path,
                           study->hash,     study->summary,  study->campaign_id, study->started,
                           study->command,  study->seed,     study->environment};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    free(study->entries);
}

void hy_report_free(hy_report *report) {
    for (size_t i = 0; i < report->count; i++)
        query_free_study(&report->studies[i]);
    for (size_t i = 0; i < report->store_count; i++)
        hy_store_close(report->stores[i]);
    free(report->studies);
    free(report->stores);
    free(report->specs);
    *report = (hy_report){.stores = NULL};
}
