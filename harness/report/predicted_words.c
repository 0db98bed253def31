/* SPDX-License-Identifier: MIT
 *
 * predicted_words.c - how well replay predicted, in sentences (see predicted.h).
 */
#include "predicted.h"

#include "units.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* "0.72 (95 % CI 0.50 to 0.85)" */
static void add_coefficient(hy_program_words *words, const char *name, double value, double low, double high) {
    hy_program_words_add(words, "%s ", name);
    if (isnan(value))
        hy_program_words_add(words, "n/a");
    else
        hy_program_words_add(words, "%.2f", value);
    if (!isnan(low))
        hy_program_words_add(words, " (95 %% CI %.2f to %.2f)", low, high);
}

static void add_agreement(hy_program_words *words, const hy_agreement *a) {
    add_coefficient(words, "Spearman", a->spearman, a->spearman_low, a->spearman_high);
    add_coefficient(words, ", Pearson of the logarithms", a->pearson, a->pearson_low, a->pearson_high);
}

hy_program_words hy_agreement_words(const hy_predictions *predictions) {
    hy_program_words words = {""};
    const hy_agreement expected = hy_agree(predictions, NULL, false), alone = hy_agree(predictions, NULL, true);
    if (expected.count == 0)
        return words;
    hy_program_words_add(
        &words,
        "Over %zu pairs of a program and an allocator, expected against real ratios of CPU time: ", expected.count);
    add_agreement(&words, &expected);
    hy_program_words_add(&words, ". Replay's own ratios against the real ones: ");
    add_agreement(&words, &alone);
    hy_program_words_add(&words, ". The intervals take the pairs for independent, which those of one program are not");
    return words;
}

/* The one with the least of a figure. */
static const hy_predicted *predicted_least(const hy_predictions *predictions, const hy_real_program *program,
                                           bool truly) {
    const hy_predicted *least = NULL;
    for (size_t i = 0; i < predictions->count; i++) {
        const hy_predicted *const p = &predictions->point[i];
        if (p->program == program && (!least || (truly ? p->real < least->real : p->expected < least->expected)))
            least = p;
    }
    return least;
}

/* "saves 12.1 ms", "costs 3.0 ms" */
static void add_saved(hy_program_words *words, double saved) {
    hy_program_words_add(words, "%s %s", saved < 0 ? "costs" : "saves", hy_show_time(fabs(saved)).text);
}

hy_program_words hy_prediction_words(const hy_predictions *predictions, const hy_real_program *program) {
    hy_program_words words = {""};
    const hy_predicted *const promised = predicted_least(predictions, program, false);
    const hy_predicted *const best = predicted_least(predictions, program, true);
    const hy_agreement order = hy_agree(predictions, program, false);
    if (!promised)
        return words;
    hy_program_words_add(&words, "%s: of %s's CPU time %.0f %% is replayed; by replay %s is the fastest and ",
                         program->name, hy_program_baseline(program)->spec, 100 * promised->part,
                         promised->entry->spec);
    add_saved(&words, promised->saved);
    hy_program_words_add(&words, ", truly it ");
    add_saved(&words, promised->saved_truly);
    if (best != promised) {
        hy_program_words_add(&words, "; the fastest is %s, which ", best->entry->spec);
        add_saved(&words, best->saved_truly);
    }
    if (!isnan(order.spearman))
        hy_program_words_add(&words, " (order of %zu: Spearman %.2f)", order.count, order.spearman);
    return words;
}
