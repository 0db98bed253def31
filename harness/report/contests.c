/* SPDX-License-Identifier: MIT
 *
 * contests.c - who is compared with whom; what comes of it is trials.h's business.
 *
 *   1. Time and memory of each allocator against the baseline's: the verdicts.
 *   2. Time of each against the fastest general-purpose allocator's, as a family of its own: who may be as fast.  That
 *      the fastest was chosen by the same figures makes its rivals look a little slower than they are.
 */
#include "report.h"

#include "trials.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static hy_trial *contests_trial(const hy_trials *trials, const hy_study *study) {
    return hy_trial_of(trials, strtoll(study->trace_id, NULL, 10));
}

static bool contests_same_campaign(const hy_study *a, const hy_study *b) {
    return strcmp(a->database, b->database) == 0 && strcmp(a->campaign_id, b->campaign_id) == 0;
}

static void contests_set_baseline(hy_trial *trial, const hy_entry *entry) {
    trial->baseline = trial->count;
    for (size_t i = 0; entry && i < trial->count; i++)
        if (!trial->series[i].control && strcmp(trial->series[i].spec, entry->spec) == 0)
            trial->baseline = i;
}

static size_t contests_family(const hy_trials *trials) {
    size_t n = 0;
    for (size_t t = 0; t < trials->count; t++)
        for (size_t i = 0; i < trials->trial[t].count; i++) {
            const hy_series *const s = &trials->trial[t].series[i];
            n += !s->control && !s->limit && i != trials->trial[t].baseline && isfinite(s->time.ratio);
        }
    return n;
}

static void contests_take_verdicts(hy_study *study, const hy_trial *trial, const hy_trials *trials) {
    for (size_t i = 0; i < study->count; i++) {
        hy_entry *const e = &study->entries[i];
        const hy_series *const s = hy_series_of(trial, e->spec);
        if (!s)
            continue;
        if (isfinite(s->time.ratio)) /* what has no time is no verdict, but an outcome */
            e->speed = s->time;
        if (isfinite(s->size.ratio) && !e->fake)
            e->size = s->size;
    }
    study->family_size = contests_family(trials);
    study->warm_up = hy_trial_words_warm_up(trial);
    study->rounds = hy_trials_words_rounds(trials);
    study->control = hy_trial_words_control(trial);
    if (trial->control < trial->count)
        study->aa = trial->series[trial->control].time;
}

static void contests_take_rivals(hy_study *study, const hy_trial *trial) {
    for (size_t i = 0; i < study->count; i++) {
        const hy_series *const s = hy_series_of(trial, study->entries[i].spec);
        if (s && isfinite(s->time.ratio))
            study->entries[i].behind = s->time;
    }
}

typedef const hy_entry *contests_baseline(const hy_study *study);

static const hy_entry *contests_given(const hy_study *study) {
    return study->baseline;
}

static int contests_judge(const hy_report *report, const hy_study *first, hy_trials *trials, contests_baseline *against,
                          hy_error *error) {
    const hy_rules rules = HY_RULES_DEFAULT;
    for (size_t i = 0; i < report->count; i++) {
        hy_trial *const trial = contests_trial(trials, &report->studies[i]);
        if (trial && contests_same_campaign(&report->studies[i], first))
            contests_set_baseline(trial, against(&report->studies[i]));
    }
    return hy_trials_judge(trials, &rules, error);
}

/* All studies of the campaign that `first` is of. */
static int contests_campaign(hy_report *report, const hy_study *first, hy_error *error) {
    hy_trials trials;
    int r = hy_trials_read(first->store, strtoll(first->campaign_id, NULL, 10), &trials, error);
    if (r < 0)
        return r;
    for (int round = 0; round < 2 && r == 0; round++) {
        r = contests_judge(report, first, &trials, round == 0 ? contests_given : hy_fastest, error);
        for (size_t i = 0; i < report->count && r == 0; i++) {
            hy_study *const study = &report->studies[i];
            const hy_trial *const trial = contests_trial(&trials, study);
            if (!trial || !contests_same_campaign(study, first))
                continue;
            if (round == 0)
                contests_take_verdicts(study, trial, &trials);
            else
                contests_take_rivals(study, trial);
        }
    }
    hy_trials_free(&trials);
    return r;
}

static void contests_clear(hy_study *study) {
    const hy_judgement none = {
        .ratio = NAN, .low = NAN, .high = NAN, .p = NAN, .p_adjusted = NAN, .delta = NAN, .word = ""};
    study->aa = none;
    for (size_t i = 0; i < study->count; i++)
        study->entries[i].speed = study->entries[i].size = study->entries[i].behind = none;
}

int hy_report_judge(hy_report *report, hy_error *error) {
    for (size_t i = 0; i < report->count; i++)
        contests_clear(&report->studies[i]);
    for (size_t i = 0; i < report->count; i++) {
        bool done = false;
        for (size_t k = 0; k < i; k++)
            done = done || contests_same_campaign(&report->studies[k], &report->studies[i]);
        const int r = done ? 0 : contests_campaign(report, &report->studies[i], error);
        if (r < 0)
            return r;
    }
    return 0;
}

bool hy_study_withheld(const hy_study *study) {
    return hy_word_differs(study->aa.word);
}
