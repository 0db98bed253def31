/* SPDX-License-Identifier: MIT
 *
 * trials_words.c - what must be said beside verdicts (see trials.h).
 */
#include "trials.h"

#include <math.h>
#include <stdio.h>

hy_trial_words hy_trial_words_control(const hy_trial *trial) {
    hy_trial_words words = {""};
    if (trial->control == trial->count)
        return words;
    const hy_series *const control = &trial->series[trial->control];
    const hy_judgement *const j = &control->time;
    int used = snprintf(words.text, sizeof words.text, "A/A control: %.80s against itself", control->spec);
    if (isnan(j->ratio))
        snprintf(words.text + used, sizeof words.text - (size_t)used, ": not measured");
    else if (isnan(j->low))
        snprintf(words.text + used, sizeof words.text - (size_t)used, " %.3f×, too few rounds for an interval",
                 j->ratio);
    else {
        used += snprintf(words.text + used, sizeof words.text - (size_t)used, " %.3f× (95 %% CI %.3f–%.3f), %s",
                         j->ratio, j->low, j->high, j->word);
        if (hy_word_differs(j->word))
            snprintf(words.text + used, sizeof words.text - (size_t)used,
                     ": nothing can be said of others, verdicts on time are withheld");
    }
    return words;
}

hy_trial_words hy_trial_words_memory(const hy_trial *trial) {
    hy_trial_words words = {""};
    size_t weighed = 0;
    for (size_t i = 0; i < trial->count; i++)
        weighed += trial->series[i].weighed;
    if (weighed > 0 && trial->side_by_side)
        snprintf(words.text, sizeof words.text,
                 "memory in verdicts: of a replay with the trace's %zu threads side by side, in each round; arenas and "
                 "caches of threads are in it",
                 trial->threads);
    else if (weighed > 0 && trial->threads > 1)
        snprintf(
            words.text, sizeof words.text,
            "memory: of a serial replay, as if the %zu threads were one; arenas and caches of threads come on top: "
            "the pass threads weighs them side by side, and `heapyard run --compare -- PROGRAM` the program itself",
            trial->threads);
    return words;
}

hy_trial_words hy_trial_words_warm_up(const hy_trial *trial) {
    hy_trial_words words = {""};
    char which[32] = "the first";
    if (trial->warm_up > 1)
        snprintf(which, sizeof which, "the first %zu", trial->warm_up);
    if (trial->warm_up > 0)
        snprintf(words.text, sizeof words.text,
                 "warm-up: %s of %zu rounds %s not like the rest and left out of the verdicts", which, trial->rounds,
                 trial->warm_up == 1 ? "is" : "are");
    return words;
}

/* Comparisons of times, and the most rounds that one of them has. */
static size_t words_family(const hy_trials *trials, size_t *ret_rounds) {
    size_t family = 0;
    *ret_rounds = 0;
    for (size_t t = 0; t < trials->count; t++) {
        const hy_trial *const trial = &trials->trial[t];
        const size_t rounds = trial->rounds - trial->warm_up;
        for (size_t i = 0; i < trial->count; i++) {
            const hy_series *const s = &trial->series[i];
            family += !s->control && !s->limit && i != trial->baseline && isfinite(s->time.ratio);
        }
        *ret_rounds = rounds > *ret_rounds ? rounds : *ret_rounds;
    }
    return family;
}

hy_trial_words hy_trials_words_few(const hy_trials *trials, double alpha) {
    hy_trial_words words = {""};
    size_t rounds;
    const size_t family = words_family(trials, &rounds), least = hy_judge_least_rounds(family, alpha);
    if (family > 0 && rounds < least)
        snprintf(words.text, sizeof words.text,
                 "%zu round%s %s too few for a verdict of faster or slower among %zu comparison%s: it takes %zu",
                 rounds, rounds == 1 ? "" : "s", rounds == 1 ? "is" : "are", family, family == 1 ? "" : "s", least);
    return words;
}

hy_trial_words hy_trials_words_rounds(const hy_trials *trials) {
    hy_trial_words words = {""};
    const hy_rounds_chosen *const r = &trials->rounds;
    if (r->chosen > 0)
        snprintf(words.text, sizeof words.text, "%u rounds, chosen after %u: %s", r->chosen, r->pilot, r->reason);
    return words;
}
