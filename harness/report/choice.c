/* SPDX-License-Identifier: MIT
 *
 * choice.c - which allocator for this trace: the choice, and why, in words.
 *
 * The rule stands in report.h.  It is one rule among many: time first, memory as the tie-break, and whoever prefers
 * memory finds in hy_choice_instead what that would cost.
 */
#include "report.h"

#include "units.h"

#include <math.h>
#include <string.h>

#define MARGIN HY_VERDICT_MARGIN
#define CHOICE_ROUNDS 5 /* fewer give no interval */

static bool choice_possible(const hy_entry *e) {
    return e->role == HY_ROLE_GENERAL && hy_entry_complete(e) && !hy_entry_failed(e);
}

/* The fastest has no word.  Without an interval nothing is known but the ratio. */
bool hy_choice_as_fast(const hy_entry *entry) {
    const hy_judgement *const j = &entry->behind;
    if (j->word[0] == '\0')
        return isfinite(entry->time.middle);
    return strcmp(j->word, HY_WORD_SLOWER) != 0 && (isnan(j->low) ? j->ratio : j->low) <= 1 + MARGIN;
}

/* If the baseline is not as fast, whoever takes its place must have been shown to be faster. */
static bool choice_shown(const hy_study *study, const hy_entry *entry) {
    const hy_entry *const base = study->baseline;
    return !base || hy_choice_as_fast(base) || strcmp(entry->speed.word, HY_WORD_FASTER) == 0;
}

static const hy_entry *choice_leanest(const hy_study *study) {
    const hy_entry *best = NULL, *first = NULL;
    for (size_t i = 0; i < study->count; i++) {
        const hy_entry *const e = &study->entries[i];
        if (!choice_possible(e))
            continue;
        first = first ? first : e; /* they are in order of time */
        if (hy_choice_as_fast(e) && choice_shown(study, e) && (!best || e->footprint < best->footprint))
            best = e;
    }
    return best ? best : first;
}

/* Nothing among those that can be chosen is both faster and leaner. */
static bool choice_on_front(const hy_study *study, const hy_entry *entry) {
    for (size_t i = 0; i < study->count; i++) {
        const hy_entry *const e = &study->entries[i];
        if (e == entry)
            return true; /* who comes later is slower */
        if (choice_possible(e) && e->footprint <= entry->footprint)
            return false;
    }
    return false;
}

hy_choice hy_choose(const hy_study *study) {
    hy_choice choice = {.take = choice_leanest(study)};
    const hy_entry *const base = study->baseline;
    if (!choice.take)
        return choice;
    if (base && choice_possible(base) && hy_choice_as_fast(base) &&
        base->footprint <= choice.take->footprint * (1 + MARGIN))
        choice.take = base;
    for (size_t i = 0; i < study->count; i++) {
        const hy_entry *const e = &study->entries[i];
        if (e == choice.take || !choice_possible(e))
            continue;
        choice.rivals += hy_choice_as_fast(e);
        if (choice.savers < sizeof choice.saver / sizeof *choice.saver && choice_on_front(study, e) &&
            e->footprint * (1 + MARGIN) < choice.take->footprint)
            choice.saver[choice.savers++] = e;
    }
    return choice;
}

bool hy_choice_open(const hy_study *study, const hy_choice *choice) {
    return hy_study_withheld(study) || choice->take->pass[HY_REPORT_THROUGHPUT].good < CHOICE_ROUNDS;
}

const char *hy_choice_verb(const hy_study *study, const hy_choice *choice) {
    if (hy_choice_open(study, choice))
        return "No verdict. By the medians alone:";
    return choice->take == study->baseline ? "Stay with" : "Take";
}

/* ------------------------------------------------------------------------------------------------------- words ---- */

/* Who else may be as fast, at most three by name. */
static void choice_say_rivals(const hy_study *study, const hy_choice *choice, hy_words *words) {
    size_t said = 0;
    for (size_t i = 0; i < study->count && said < 3; i++) {
        const hy_entry *const e = &study->entries[i];
        if (e == choice->take || !choice_possible(e) || !hy_choice_as_fast(e))
            continue;
        hy_say(words, "%s%s", said == 0 ? "; as fast, as far as is known: " : ", ", e->spec);
        said++;
    }
    if (choice->rivals > said)
        hy_say(words, " and %zu more", choice->rivals - said);
}

hy_words hy_choice_time(const hy_study *study, const hy_choice *choice) {
    hy_words words = {""};
    const hy_entry *const e = choice->take, *const first = hy_fastest(study);
    hy_say(&words, "%.1f ns an operation", e->time.middle);
    if (e != study->baseline && study->baseline) {
        hy_say(&words, ", ");
        hy_say_speed(study, e, study->baseline, &words);
    } else if (e == first)
        hy_say(&words, ", and nothing was faster");
    if (e != first && !hy_choice_as_fast(e))
        hy_say(&words, "; %s, which is faster, did not get through everything", first->spec);
    choice_say_rivals(study, choice, &words);
    if (study->null && isfinite(study->null->time.middle))
        hy_say(&words, "; doing nothing takes %.1f ns (null)", study->null->time.middle);
    return words;
}

hy_words hy_choice_memory(const hy_study *study, const hy_choice *choice) {
    hy_words words = {""};
    const hy_entry *const e = choice->take;
    hy_say(&words, "%s at its peak", hy_show_bytes((uint64_t)e->footprint).text);
    if (e->size.word[0])
        hy_say(&words, ", %.2f× as much as %s (%s)", e->size.ratio, study->baseline->spec, e->size.word);
    if (isfinite(e->footprint / study->floor))
        hy_say(&words, ", %.2f× the least possible, %s", e->footprint / study->floor,
               hy_show_bytes((uint64_t)study->floor).text);
    return words;
}

hy_words hy_choice_instead(const hy_study *study, const hy_choice *choice) {
    hy_words words = {""};
    const hy_entry *const e = choice->take;
    for (size_t i = 0; i < choice->savers; i++) {
        const hy_entry *const s = choice->saver[i];
        if (i == 0)
            hy_say(&words, "%s takes %.2f× the memory of %s in %.2f× its time", s->spec, s->footprint / e->footprint,
                   e->spec, s->time.middle / e->time.middle);
        else
            hy_say(&words, "; %s %.2f× in %.2f×", s->spec, s->footprint / e->footprint,
                   s->time.middle / e->time.middle);
    }
    return words;
}

hy_words hy_choice_sure(const hy_study *study, const hy_choice *choice) {
    hy_words words = {""};
    const hy_entry *const e = choice->take;
    const hy_judgement *const j = e == study->baseline ? &e->behind : &e->speed;
    const unsigned rounds = e->pass[HY_REPORT_THROUGHPUT].good;
    hy_say(&words, "%u round%s", rounds, rounds == 1 ? "" : "s");
    if (rounds < CHOICE_ROUNDS)
        hy_say(&words, ", too few for any verdict");
    else if (isfinite(j->p_adjusted))
        hy_say(&words, ", p %s%.2g as one of %zu comparisons (%s, Holm)", j->p_adjusted < 0.0001 ? "< " : "= ",
               fmax(j->p_adjusted, 0.0001), study->family_size, hy_test_name(j->test));
    if (study->warm_up.text[0])
        hy_say(&words, "; %s", study->warm_up.text);
    hy_say(&words, "; %s", study->control.text[0] ? study->control.text : "no control (the same allocator twice)");
    return words;
}

hy_words hy_choice_withheld(const hy_study *study) {
    hy_words words = {""};
    if (hy_study_withheld(study))
        hy_say(&words, "On %s: %s", study->name, study->control.text);
    return words;
}
