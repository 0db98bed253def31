/* SPDX-License-Identifier: MIT
 *
 * findings.c - the sentences that a person can quote.
 *
 * Times are said as speed («1.31× as fast as»), with the interval of the ratio; the verdict words are those of
 * judge.h.  Whether two allocators differ is only ever said from a judgement.
 */
#include "report.h"

#include "units.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void hy_say(hy_words *words, const char *format, ...) {
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

/* The word for a ratio turned over. */
static const char *findings_turned(const char *word) {
    if (strcmp(word, HY_WORD_SLOWER) == 0)
        return HY_WORD_FASTER;
    return strcmp(word, HY_WORD_FASTER) == 0 ? HY_WORD_SLOWER : word;
}

void hy_say_speed(const hy_study *study, const hy_entry *one, const hy_entry *other, hy_words *words) {
    const bool to_baseline = other == study->baseline;
    const hy_judgement *const j = to_baseline ? &one->speed : &other->behind;
    hy_say(words, "%.2f× as fast as %s ", to_baseline ? 1 / j->ratio : j->ratio, other->spec);
    if (isnan(j->low))
        hy_say(words, "(inconclusive: too few repetitions for an interval)");
    else if (to_baseline)
        hy_say(words, "(95 %% CI %.2f–%.2f: %s)", 1 / j->high, 1 / j->low, j->word);
    else
        hy_say(words, "(95 %% CI %.2f–%.2f: %s)", j->low, j->high, findings_turned(j->word));
}

hy_words hy_finding_fastest(const hy_study *study) {
    hy_words words = {""};
    const hy_entry *const first = hy_fastest(study);
    if (!first) {
        hy_say(&words, "On %s no general-purpose allocator has a time", study->name);
        return words;
    }
    hy_say(&words, "On %s the fastest general-purpose allocator is %s, %.1f ns an operation", study->name, first->spec,
           first->time.middle);
    const hy_entry *const second = findings_second(study, first);
    if (study->baseline && study->baseline != first) {
        hy_say(&words, ": ");
        hy_say_speed(study, first, study->baseline, &words);
    }
    if (second && second != study->baseline) {
        hy_say(&words, "%s", study->baseline != first ? ", and " : ": ");
        hy_say_speed(study, first, second, &words);
    } else if (second && study->baseline == first) {
        hy_say(&words, ": ");
        hy_say_speed(study, first, second, &words);
    }
    return words;
}

hy_words hy_finding_leanest(const hy_study *study) {
    hy_words words = {""};
    const hy_entry *const best = hy_leanest(study);
    if (!best) {
        hy_say(&words, "On %s no general-purpose allocator has a footprint", study->name);
        return words;
    }
    hy_say(&words, "On %s the leanest is %s with %s at its peak", study->name, best->spec,
           findings_bytes(best->footprint));
    if (isfinite(best->blowup))
        hy_say(&words, ", %.2f× the %s that were live", best->blowup, findings_bytes(study->peak_live));
    const hy_entry *const fast = hy_fastest(study);
    if (fast && fast != best && isfinite(fast->footprint))
        hy_say(&words, "; the fastest, %s, takes %.2f× as much", fast->spec, fast->footprint / best->footprint);
    return words;
}

static void findings_space(const hy_study *study, hy_words *words) {
    if (!isfinite(study->floor)) {
        hy_say(words, "the least memory is n/a");
        return;
    }
    hy_say(words, "nothing fits into less than %s", findings_bytes(study->floor));
    if (study->packed <= study->floor)
        hy_say(words, ", and with all lifetimes known it does fit");
    else if (isfinite(study->packed))
        hy_say(words, ", and with all lifetimes known %s were enough", findings_bytes(study->packed));
}

hy_words hy_finding_limits(const hy_study *study) {
    hy_words words = {""};
    hy_say(&words, "The limits on %s: ", study->name);
    if (study->null && isfinite(study->null->time.middle))
        hy_say(&words, "doing nothing takes %.1f ns an operation (null); ", study->null->time.middle);
    if (study->bump && isfinite(study->bump->time.middle))
        hy_say(&words, "searching for nothing %.1f ns (%s); ", study->bump->time.middle, study->bump->spec);
    findings_space(study, &words);
    return words;
}

hy_words hy_finding_failures(const hy_study *study) {
    hy_words words = {""};
    size_t failed = 0;
    for (size_t i = 0; i < study->count; i++)
        failed += hy_entry_failed(&study->entries[i]);
    if (failed == 0)
        return words;
    hy_say(&words, "On %s %zu of %zu allocators did not get through everything:", study->name, failed, study->count);
    bool first = true;
    for (size_t i = 0; i < study->count; i++) {
        if (!hy_entry_failed(&study->entries[i]))
            continue;
        hy_say(&words, "%s %s %s", first ? "" : ",", study->entries[i].spec, hy_entry_outcome(&study->entries[i]).text);
        first = false;
    }
    return words;
}

void hy_print_findings(const hy_study *study, FILE *out) {
    const hy_words failures = hy_finding_failures(study), withheld = hy_choice_withheld(study);
    if (withheld.text[0])
        fprintf(out, "%s.\n", withheld.text);
    fprintf(out, "%s.\n", hy_finding_fastest(study).text);
    fprintf(out, "%s.\n", hy_finding_leanest(study).text);
    fprintf(out, "%s.\n", hy_finding_limits(study).text);
    if (failures.text[0])
        fprintf(out, "%s.\n", failures.text);
}
