/* SPDX-License-Identifier: MIT
 *
 * findings.c - the sentences that a person can quote.
 *
 * Times are said as speed («1.31× as fast as»), with the interval of the ratio; the verdict words are those of
 * verdict.h.  Whether two allocators differ is only ever said from an interval.
 */
#include "report.h"

#include "bootstrap.h"
#include "units.h"
#include "verdict.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static void findings_say(hy_words *words, const char *format, ...) {
    const size_t used = strlen(words->text);
    va_list list;
    va_start(list, format);
    vsnprintf(words->text + used, sizeof words->text - used, format, list);
    va_end(list);
    for (char *c = words->text + used; *c; c++) /* names must not steer a terminal */
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
}

static const char *findings_bytes(double bytes) {
    static _Thread_local hy_number number[2];
    static _Thread_local unsigned turn;
    hy_number *const n = &number[turn++ % 2];
    *n = hy_show_bytes((uint64_t)bytes);
    return n->text;
}

const hy_entry *hy_fastest(const hy_study *study) {
    for (size_t i = 0; i < study->count; i++) /* they are in order of time */
        if (study->entries[i].role == HY_ROLE_GENERAL && isfinite(study->entries[i].time.middle))
            return &study->entries[i];
    return NULL;
}

const hy_entry *hy_leanest(const hy_study *study) {
    const hy_entry *best = NULL;
    for (size_t i = 0; i < study->count; i++) {
        const hy_entry *const e = &study->entries[i];
        if (e->role == HY_ROLE_GENERAL && isfinite(e->footprint) && (!best || e->footprint < best->footprint))
            best = e;
    }
    return best;
}

/* The general-purpose allocator that is next in speed. */
static const hy_entry *findings_second(const hy_study *study, const hy_entry *first) {
    for (const hy_entry *e = first + 1; e < study->entries + study->count; e++)
        if (e->role == HY_ROLE_GENERAL && isfinite(e->time.middle))
            return e;
    return NULL;
}

static const hy_sample *findings_times(const hy_entry *entry) {
    for (size_t i = 0; i < entry->sample_count; i++)
        if (strcmp(entry->samples[i].name, "ns_per_op") == 0)
            return &entry->samples[i];
    return NULL;
}

/* " 1.31× as fast as first-fit (95 % CI 1.28–1.34: faster)" */
static void findings_compare(const hy_entry *one, const hy_entry *other, hy_words *words) {
    const hy_sample *const ours = findings_times(one), *const theirs = findings_times(other);
    double ratio, low, high;
    if (hy_ratio_interval(theirs->values, theirs->count, ours->values, ours->count, 0.95, HY_BOOTSTRAP_SEED, &ratio,
                          &low, &high) < 0) {
        findings_say(words, "%.2f× as fast as %s (too few repetitions for an interval)",
                     other->time.middle / one->time.middle, other->spec);
        return;
    }
    findings_say(words, "%.2f× as fast as %s (95 %% CI %.2f–%.2f: %s)", ratio, other->spec, low, high,
                 hy_verdict_time(1 / ratio, 1 / high, 1 / low, HY_VERDICT_MARGIN));
}

hy_words hy_finding_fastest(const hy_study *study) {
    hy_words words = {""};
    const hy_entry *const first = hy_fastest(study);
    if (!first) {
        findings_say(&words, "On %s no general-purpose allocator has a time", study->name);
        return words;
    }
    findings_say(&words, "On %s the fastest general-purpose allocator is %s, %.1f ns an operation", study->name,
                 first->spec, first->time.middle);
    const hy_entry *const second = findings_second(study, first);
    if (study->baseline && study->baseline != first) {
        findings_say(&words, ": ");
        findings_compare(first, study->baseline, &words);
    }
    if (second && second != study->baseline) {
        findings_say(&words, "%s", study->baseline != first ? ", and " : ": ");
        findings_compare(first, second, &words);
    } else if (second && study->baseline == first) {
        findings_say(&words, ": ");
        findings_compare(first, second, &words);
    }
    return words;
}

hy_words hy_finding_leanest(const hy_study *study) {
    hy_words words = {""};
    const hy_entry *const best = hy_leanest(study);
    if (!best) {
        findings_say(&words, "On %s no general-purpose allocator has a footprint", study->name);
        return words;
    }
    findings_say(&words, "On %s the leanest is %s with %s at its peak", study->name, best->spec,
                 findings_bytes(best->footprint));
    if (isfinite(best->blowup))
        findings_say(&words, ", %.2f× the %s that were live", best->blowup, findings_bytes(study->peak_live));
    const hy_entry *const fast = hy_fastest(study);
    if (fast && fast != best && isfinite(fast->footprint))
        findings_say(&words, "; the fastest, %s, takes %.2f× as much", fast->spec, fast->footprint / best->footprint);
    return words;
}

/* The interval of how many times as fast `one` is, as a word: NULL with too few repetitions. */
static const char *findings_verdict(const hy_entry *one, const hy_entry *other) {
    const hy_sample *const ours = findings_times(one), *const theirs = findings_times(other);
    double ratio, low, high;
    if (hy_ratio_interval(ours->values, ours->count, theirs->values, theirs->count, 0.95, HY_BOOTSTRAP_SEED, &ratio,
                          &low, &high) < 0)
        return NULL;
    return hy_verdict_time(ratio, low, high, HY_VERDICT_MARGIN);
}

static void findings_answer_time(const hy_study *study, const hy_entry *first, hy_words *words) {
    const hy_entry *const second = findings_second(study, first);
    const hy_entry *const other = study->baseline && study->baseline != first ? study->baseline : second;
    findings_say(words, "%s has the best time, %.1f ns an operation", first->spec, first->time.middle);
    if (!other)
        return;
    findings_say(words, ", ");
    findings_compare(first, other, words);
    const char *const word = second ? findings_verdict(first, second) : NULL;
    if (word && second != other && strcmp(word, "faster") != 0)
        findings_say(words, "; %s may be as fast", second->spec);
}

hy_words hy_finding_answer(const hy_study *study) {
    hy_words words = {""};
    const hy_entry *const first = hy_fastest(study), *const lean = hy_leanest(study);
    if (first)
        findings_answer_time(study, first, &words);
    else
        findings_say(&words, "no general-purpose allocator has a time");
    if (!lean)
        return words;
    if (lean == first)
        findings_say(&words, ". It takes the least memory too, %.2f× what is live", lean->blowup);
    else
        findings_say(&words, ". %s takes the least memory, %.2f× what is live", lean->spec, lean->blowup);
    if (lean != first && first && isfinite(first->blowup))
        findings_say(&words, " (%s %.2f×)", first->spec, first->blowup);
    return words;
}

hy_words hy_finding_limits(const hy_study *study) {
    hy_words words = {""};
    findings_say(&words, "The limits on %s: ", study->name);
    if (study->null && isfinite(study->null->time.middle))
        findings_say(&words, "doing nothing takes %.1f ns an operation (null), ", study->null->time.middle);
    if (study->bump && isfinite(study->bump->time.middle))
        findings_say(&words, "searching for nothing %.1f ns (%s), ", study->bump->time.middle, study->bump->spec);
    if (isfinite(study->peak_live))
        findings_say(&words, "and nothing fits into less than %s", findings_bytes(study->peak_live));
    else
        findings_say(&words, "the least memory is n/a");
    return words;
}

hy_words hy_finding_failures(const hy_study *study) {
    hy_words words = {""};
    size_t failed = 0;
    for (size_t i = 0; i < study->count; i++)
        failed += hy_entry_failed(&study->entries[i]);
    if (failed == 0)
        return words;
    findings_say(&words, "On %s %zu of %zu allocators did not get through everything:", study->name, failed,
                 study->count);
    bool first = true;
    for (size_t i = 0; i < study->count; i++) {
        if (!hy_entry_failed(&study->entries[i]))
            continue;
        findings_say(&words, "%s %s %s", first ? "" : ",", study->entries[i].spec,
                     hy_entry_outcome(&study->entries[i]).text);
        first = false;
    }
    return words;
}

void hy_print_findings(const hy_study *study, FILE *out) {
    const hy_words failures = hy_finding_failures(study);
    fprintf(out, "%s.\n", hy_finding_fastest(study).text);
    fprintf(out, "%s.\n", hy_finding_leanest(study).text);
    fprintf(out, "%s.\n", hy_finding_limits(study).text);
    if (failures.text[0])
        fprintf(out, "%s.\n", failures.text);
}
