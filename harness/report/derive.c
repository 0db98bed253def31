/* SPDX-License-Identifier: MIT
 *
 * derive.c - what follows from the figures of a study: roles, order, baseline, the Pareto front.
 */
#include "report.h"

#include "bootstrap.h"
#include "describe.h"
#include "registry.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL 0.95

/* ------------------------------------------------------------------------------------------------------- roles ---- */

/* Capabilities are words separated by blanks. */
static bool derive_has_word(const char *words, const char *word) {
    const size_t size = strlen(word);
    for (const char *at = strstr(words, word); at; at = strstr(at + 1, word))
        if ((at == words || at[-1] == ' ') && (at[size] == '\0' || at[size] == ' '))
            return true;
    return false;
}

/* A name that this build does not know, or a file, is taken for a malloc: it was run on a malloc trace. */
void hy_entry_describe(hy_entry *entry) {
    hy_spec spec;
    entry->role = HY_ROLE_GENERAL;
    if (hy_spec_parse((hy_text){entry->spec, strlen(entry->spec)}, &spec, NULL) < 0 || spec.count == 0)
        return;
    const hy_text name = spec.part[spec.count - 1].name;
    for (const hy_listing *l = hy_listings; l->ops; l++) {
        if (!hy_text_is(name, l->ops->name))
            continue;
        entry->fake = derive_has_word(l->capabilities, "fake");
        if (entry->fake || hy_text_is(name, "bump"))
            entry->role = HY_ROLE_LIMIT;
        else if (!derive_has_word(l->capabilities, "general") && !derive_has_word(l->capabilities, "foreign"))
            entry->role = HY_ROLE_SPECIAL;
    }
}

/* -------------------------------------------------------------------------------------------------- the figures ----
 */

const hy_sample *hy_entry_sample(const hy_entry *entry, const char *name) {
    for (size_t i = 0; i < entry->sample_count; i++)
        if (strcmp(entry->samples[i].name, name) == 0)
            return &entry->samples[i];
    return NULL;
}

double hy_entry_metric(const hy_entry *entry, const char *name) {
    const hy_sample *const sample = hy_entry_sample(entry, name);
    return sample ? hy_median(sample->values, sample->count) : NAN;
}

double hy_study_metric(const hy_study *study, const char *name) {
    double value = NAN;
    for (size_t i = 0; i < study->count && isnan(value); i++)
        value = hy_entry_metric(&study->entries[i], name);
    return value;
}

bool hy_entry_complete(const hy_entry *entry) {
    return isfinite(entry->time.middle) && isfinite(entry->footprint);
}

bool hy_entry_failed(const hy_entry *entry) {
    for (int i = 0; i < HY_REPORT_PASSES; i++)
        if (entry->pass[i].good < entry->pass[i].cells)
            return true;
    return false;
}

const char *hy_entry_nothing(const hy_entry *entry) {
    const char *detail = NULL;
    for (int i = 0; i < HY_REPORT_PASSES; i++) {
        if (entry->pass[i].good > 0)
            return NULL;
        if (!detail && entry->pass[i].cells > 0)
            detail = entry->pass[i].detail;
    }
    return detail;
}

/* Whether every pass that was tried ended in the same outcome, with nothing good: one word says it all. */
static bool derive_same_everywhere(const hy_entry *entry, const char *outcome) {
    for (int i = 0; i < HY_REPORT_PASSES; i++) {
        const hy_pass_result *const p = &entry->pass[i];
        if (p->cells > 0 && (p->good > 0 || strcmp(p->outcome, outcome) != 0))
            return false;
    }
    return true;
}

static void derive_append(hy_words *words, const hy_pass_result *p, const char *pass) {
    const size_t used = strlen(words->text);
    char share[48] = "";
    if (p->good > 0)
        snprintf(share, sizeof share, " %u of %u", p->cells - p->good, p->cells);
    snprintf(words->text + used, sizeof words->text - used, "%s%s%s (%s)", used ? ", " : "", p->outcome, share, pass);
}

hy_words hy_entry_outcome(const hy_entry *entry) {
    hy_words words = {""};
    for (int i = 0; i < HY_REPORT_PASSES; i++) {
        const hy_pass_result *const p = &entry->pass[i];
        if (p->good == p->cells)
            continue;
        if (derive_same_everywhere(entry, p->outcome)) {
            snprintf(words.text, sizeof words.text, "%s", p->outcome);
            return words;
        }
        derive_append(&words, p, hy_report_passes[i]);
    }
    if (words.text[0] == '\0')
        snprintf(words.text, sizeof words.text, "ok");
    return words;
}

const char *hy_entry_missing(const hy_entry *entry, hy_report_pass pass) {
    const hy_pass_result *const p = &entry->pass[pass];
    return p->cells > 0 && p->good == 0 ? p->outcome : "n/a";
}

/* ---------------------------------------------------------------------------------------------------- one study ----
 */

static void derive_entry(const hy_study *study, hy_entry *entry) {
    const hy_sample *const times = hy_entry_sample(entry, "ns_per_op");
    entry->time = (hy_interval){hy_entry_metric(entry, "ns_per_op"), NAN, NAN};
    if (times)
        hy_median_interval(times->values, times->count, LEVEL, HY_BOOTSTRAP_SEED, &entry->time.middle, &entry->time.low,
                           &entry->time.high);
    entry->footprint = entry->fake ? NAN : hy_entry_metric(entry, "peak_resident");
    entry->blowup = entry->footprint / study->peak_live;
}

static int derive_rank(const hy_entry *entry) {
    return entry->role == HY_ROLE_LIMIT ? strcmp(entry->spec, "null") != 0 : isfinite(entry->time.middle) ? 2 : 3;
}

static int derive_compare(const void *left, const void *right) {
    const hy_entry *const a = left, *const b = right;
    if (derive_rank(a) != derive_rank(b))
        return derive_rank(a) - derive_rank(b);
    if (isfinite(a->time.middle) && isfinite(b->time.middle) && a->time.middle != b->time.middle)
        return a->time.middle < b->time.middle ? -1 : 1;
    return strcmp(a->spec, b->spec);
}

static const hy_entry *derive_find(const hy_study *study, const char *spec) {
    for (size_t i = 0; spec && i < study->count; i++)
        if (strcmp(study->entries[i].spec, spec) == 0)
            return &study->entries[i];
    return NULL;
}

static const hy_entry *derive_first(const hy_study *study, hy_role role, const char *spec) {
    for (size_t i = 0; i < study->count; i++)
        if (study->entries[i].role == role && isfinite(study->entries[i].time.middle) &&
            (!spec || strncmp(study->entries[i].spec, spec, strlen(spec)) == 0))
            return &study->entries[i];
    return NULL;
}

static void derive_baseline(hy_study *study, const char *wanted) {
    study->baseline = derive_find(study, wanted);
    if (!study->baseline)
        study->baseline = derive_find(study, "system");
    if (!study->baseline || !isfinite(study->baseline->time.middle))
        study->baseline = derive_first(study, HY_ROLE_GENERAL, NULL);
}

/* On the front: whatever is at least as good in both and better in one does not exist. */
static bool derive_on_front(const hy_study *study, const hy_entry *entry) {
    if (entry->role == HY_ROLE_LIMIT || !hy_entry_complete(entry))
        return false;
    for (size_t i = 0; i < study->count; i++) {
        const hy_entry *const o = &study->entries[i];
        const double time = o->time.middle, bytes = o->footprint;
        if (o == entry || o->role == HY_ROLE_LIMIT || !hy_entry_complete(o))
            continue;
        if (time <= entry->time.middle && bytes <= entry->footprint &&
            (time < entry->time.middle || bytes < entry->footprint))
            return false;
    }
    return true;
}

void hy_study_derive(hy_study *study, const char *baseline) {
    study->peak_live = hy_study_metric(study, "peak_live");
    if (isnan(study->floor))
        study->floor = study->peak_live;
    for (size_t i = 0; i < study->count; i++)
        derive_entry(study, &study->entries[i]);
    if (study->count > 0)
        qsort(study->entries, study->count, sizeof *study->entries, derive_compare);
    study->null = derive_find(study, "null");
    study->bump = derive_first(study, HY_ROLE_LIMIT, "bump-wrap");
    if (!study->bump)
        study->bump = derive_first(study, HY_ROLE_LIMIT, "bump");
    derive_baseline(study, baseline);
    for (size_t i = 0; i < study->count; i++)
        study->entries[i].on_front = derive_on_front(study, &study->entries[i]);
}
