/* SPDX-License-Identifier: MIT
 *
 * trials_read.c - the series of a campaign out of the database (see trials.h).
 */
#include "trials.h"

#include "bootstrap.h"
#include "steady.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ROUNDS 100000 /* no campaign has as many: a cell beyond is none of ours */

/* Where an error met in a callback is kept: the query ends, and says nothing of it. */
typedef struct reading {
    hy_trials *trials;
    bool no_memory;
} reading;

/* Doubles the room at each power of two. */
static void *grow(void *array, size_t count, size_t size) {
    return (count & (count - 1)) == 0 ? realloc(array, (count ? 2 * count : 1) * size) : array;
}

/* ----------------------------------------------------------------------------------------------- trials, series ----
 */

hy_trial *hy_trial_of(const hy_trials *trials, int64_t trace) {
    for (size_t i = 0; i < trials->count; i++)
        if (trials->trial[i].trace == trace)
            return &trials->trial[i];
    return NULL;
}

static hy_series *find_series(const hy_trial *trial, const char *spec, bool control) {
    for (size_t i = 0; i < trial->count; i++)
        if (trial->series[i].control == control && strcmp(trial->series[i].spec, spec) == 0)
            return &trial->series[i];
    return NULL;
}

hy_series *hy_series_of(const hy_trial *trial, const char *spec) {
    return find_series(trial, spec, false);
}

static hy_trial *add_trial(hy_trials *trials, int64_t trace, const char *name, const char *hash) {
    hy_trial *const grown = grow(trials->trial, trials->count, sizeof *grown);
    if (!grown)
        return NULL;
    trials->trial = grown;
    hy_trial *const trial = &grown[trials->count];
    *trial = (hy_trial){.trace = trace, .name = strdup(name), .hash = strdup(hash)};
    trials->count++;
    return trial->name && trial->hash ? trial : NULL;
}

static hy_series *add_series(hy_trial *trial, const char *spec, bool control) {
    static const hy_judgement none = {NAN, NAN, NAN, NAN, NAN, NAN, HY_TEST_NONE, HY_WORD_INCONCLUSIVE};
    hy_series *const grown = grow(trial->series, trial->count, sizeof *grown);
    if (!grown)
        return NULL;
    trial->series = grown;
    hy_series *const series = &grown[trial->count];
    *series = (hy_series){.spec = strdup(spec), .control = control, .time = none, .size = none};
    series->limit = hy_spec_is_limit(spec);
    trial->count += series->spec != NULL;
    return series->spec ? series : NULL;
}

/* ------------------------------------------------------------------------------------------------------- values ----
 */

/* Rounds between, that nobody has filled in, are NAN. */
static bool put_time(hy_series *series, size_t round, double ns) {
    if (round >= series->timed) {
        double *const grown = realloc(series->ns, (round + 1) * sizeof *grown);
        if (!grown)
            return false;
        for (size_t i = series->timed; i <= round; i++)
            grown[i] = NAN;
        series->ns = grown;
        series->timed = round + 1;
    }
    series->ns[round] = ns;
    return true;
}

static bool put_bytes(hy_series *series, double bytes) {
    if (isnan(bytes))
        return true;
    double *const grown = grow(series->bytes, series->weighed, sizeof *grown);
    if (!grown)
        return false;
    series->bytes = grown;
    series->bytes[series->weighed++] = bytes;
    return true;
}

static bool is_timed(const char *pass) {
    return strcmp(pass, "throughput") == 0 || strcmp(pass, "control") == 0;
}

static bool is_weighed(const char *pass) {
    return strcmp(pass, "footprint") == 0 || strcmp(pass, "threads") == 0;
}

static bool put_value(hy_series *series, const char *pass, size_t round, double value) {
    return is_timed(pass) ? put_time(series, round, value) : !is_weighed(pass) || put_bytes(series, value);
}

/* To be refused where contents or memory are looked at is a limit's nature. */
static bool note_outcome(hy_series *series, const char *pass, const char *outcome, const char *detail) {
    char text[640];
    const bool natural = series->limit && !is_timed(pass) && strcmp(outcome, "refused") == 0;
    if (series->problem || strcmp(outcome, "ok") == 0 || natural)
        return true;
    snprintf(text, sizeof text, "%s: %s", outcome, detail);
    return (series->problem = strdup(text)) != NULL;
}

/* trace, its name and hash, spec, pass, repetition, value or NULL, version, outcome, detail, threads or NULL */
static int read_cell(void *context, int columns, const char *const *text) {
    reading *const r = context;
    (void)columns;
    const int64_t trace = strtoll(text[0], NULL, 10);
    const bool control = strcmp(text[4], "control") == 0;
    const size_t round = strtoul(text[5], NULL, 10);
    if (round >= MOST_ROUNDS)
        return 0;
    hy_trial *trial = hy_trial_of(r->trials, trace);
    if (!trial)
        trial = add_trial(r->trials, trace, text[1], text[2]);
    hy_series *series = trial ? find_series(trial, text[3], control) : NULL;
    if (trial && !series)
        series = add_series(trial, text[3], control);
    const double value = text[6] ? strtod(text[6], NULL) : NAN;
    if (trial && text[10])
        trial->threads = strtoul(text[10], NULL, 10);
    if (trial && text[6] && strcmp(text[4], "threads") == 0)
        trial->side_by_side = true;
    if (trial && is_timed(text[4]) && round >= trial->rounds)
        trial->rounds = round + 1;
    if (series && text[7][0])
        snprintf(series->version, sizeof series->version, "%s", text[7]);
    r->no_memory =
        !series || !put_value(series, text[4], round, value) || !note_outcome(series, text[4], text[8], text[9]);
    return r->no_memory ? 1 : 0;
}

static int read_cells(hy_store *store, int64_t campaign, hy_trials *trials, hy_error *error) {
    char id[24];
    snprintf(id, sizeof id, "%" PRId64, campaign);
    const char *const arguments[] = {id, NULL};
    reading r = {.trials = trials};
    const int failed = hy_store_query(
        store,
        "SELECT c.trace, t.name, t.hash, c.spec, c.pass, c.repetition, m.value, c.version, c.outcome, c.detail, "
        "CASE WHEN json_valid(t.summary) THEN json_extract(t.summary, '$.threads') END "
        "FROM cell c JOIN trace t ON t.id = c.trace "
        "LEFT JOIN metric m ON m.cell = c.id AND c.outcome = 'ok' AND "
        "m.name = CASE c.pass WHEN 'footprint' THEN 'peak_resident' WHEN 'threads' THEN 'threads_resident' "
        "ELSE 'ns_per_op' END AND NOT (c.pass = 'footprint' AND EXISTS (SELECT 1 FROM cell o WHERE o.campaign = ?1 "
        "AND o.trace = c.trace AND o.pass = 'threads' AND o.outcome = 'ok')) "
        "WHERE c.campaign = ?1 AND c.pass IN ('throughput', 'control', 'footprint', 'threads', 'verify') ORDER BY "
        "c.trace, "
        "c.spec, "
        "c.repetition",
        arguments, read_cell, &r, error);
    return failed < 0 || !r.no_memory ? failed : hy_fail(error, -ENOMEM, "no memory for the rounds of a campaign");
}

/* Every series gets a place for every round. */
static bool fill_up(hy_trial *trial) {
    for (size_t i = 0; i < trial->count; i++) {
        hy_series *const series = &trial->series[i];
        if (series->timed < trial->rounds && !put_time(series, trial->rounds - 1, NAN))
            return false;
    }
    return true;
}

/* ------------------------------------------------------------------------------------------- warm-up, baselines ----
 */

static int find_warm_up(hy_trial *trial) {
    double *const values = malloc((trial->count * trial->rounds + 1) * sizeof *values);
    double *const levels = malloc((trial->rounds + 1) * sizeof *levels);
    int r = values && levels ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < trial->count && trial->rounds > 0; i++)
        memcpy(values + i * trial->rounds, trial->series[i].ns, trial->rounds * sizeof *values);
    if (r == 0)
        r = hy_round_levels(values, trial->count, trial->rounds, levels);
    if (r == 0)
        trial->warm_up = hy_steady_start(levels, trial->rounds);
    free(values);
    free(levels);
    return r;
}

/* With what the campaign measured: times, or memory alone. */
static bool is_measured(const hy_series *series) {
    for (size_t i = 0; i < series->timed; i++)
        if (isfinite(series->ns[i]))
            return true;
    return series->timed == 0 && series->weighed > 0;
}

static bool is_system(const char *spec) {
    return strcmp(spec, "system") == 0;
}

static bool is_no_limit(const char *spec) {
    return !hy_spec_is_limit(spec);
}

/* The first that was measured and is wanted, or `count`. */
static size_t first_measured(const hy_trial *trial, bool (*is_wanted)(const char *spec)) {
    size_t i = 0;
    while (i < trial->count &&
           (trial->series[i].control || !is_measured(&trial->series[i]) || !is_wanted(trial->series[i].spec)))
        i++;
    return i;
}

static void find_baseline(hy_trial *trial) {
    const hy_series *own = NULL;
    trial->control = 0;
    while (trial->control < trial->count && !trial->series[trial->control].control)
        trial->control++;
    if (trial->control < trial->count)
        own = hy_series_of(trial, trial->series[trial->control].spec);
    trial->baseline = own && is_measured(own) ? (size_t)(own - trial->series) : first_measured(trial, is_system);
    if (trial->baseline == trial->count)
        trial->baseline = first_measured(trial, hy_spec_is_general);
    if (trial->baseline == trial->count)
        trial->baseline = first_measured(trial, is_no_limit);
}

void hy_trial_compare_with(hy_trial *trial, const char *spec) {
    const hy_series *const series = hy_series_of(trial, spec);
    if (series && is_measured(series))
        trial->baseline = (size_t)(series - trial->series);
}

static int finish(hy_trials *trials, hy_error *error) {
    for (size_t i = 0; i < trials->count; i++) {
        hy_trial *const trial = &trials->trial[i];
        if (!fill_up(trial) || find_warm_up(trial) < 0)
            return hy_fail(error, -ENOMEM, "no memory for the rounds of a campaign");
        find_baseline(trial);
    }
    return 0;
}

int hy_trials_read(hy_store *store, int64_t campaign, hy_trials *ret_trials, hy_error *error) {
    hy_trials trials = {.count = 0};
    int r = read_cells(store, campaign, &trials, error);
    if (r == 0)
        r = hy_store_rounds(store, campaign, &trials.rounds, error);
    if (r == 0)
        r = finish(&trials, error);
    if (r == 0)
        *ret_trials = trials;
    else
        hy_trials_free(&trials);
    return r;
}

void hy_trials_free(hy_trials *trials) {
    for (size_t i = 0; i < trials->count; i++) {
        hy_trial *const trial = &trials->trial[i];
        for (size_t j = 0; j < trial->count; j++) {
            free(trial->series[j].spec);
            free(trial->series[j].problem);
            free(trial->series[j].ns);
            free(trial->series[j].bytes);
        }
        free(trial->series);
        free(trial->name);
        free(trial->hash);
    }
    free(trials->trial);
    *trials = (hy_trials){.count = 0};
}
