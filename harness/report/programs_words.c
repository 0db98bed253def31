/* SPDX-License-Identifier: MIT
 *
 * programs_words.c - what is found about real programs, as sentences (see programs.h).
 */
#include "programs.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const words_names[HY_PROGRAM_JUDGED] = {"CPU time", "wall time", "peak memory"};

void hy_program_words_add(hy_program_words *words, const char *format, ...) {
    const size_t used = strlen(words->text);
    va_list list;
    va_start(list, format);
    vsnprintf(words->text + used, sizeof words->text - used, format, list);
    va_end(list);
}

hy_program_words hy_program_ended(const hy_program_entry *entry) {
    hy_program_words words = {""};
    if (entry->failed > 0) {
        const char *const detail = entry->wrong->outcome[0] == 'o' ? "exit code 0" : entry->wrong->detail;
        hy_program_words_add(&words, "%u of %zu failed: %s", entry->failed, entry->count, detail);
    }
    if (entry->differing > 0)
        hy_program_words_add(&words, "%s%u of %zu with other output", words.text[0] ? "; " : "", entry->differing,
                             entry->count);
    if (!words.text[0] && entry->count > 0 && strcmp(entry->run[0].outcome, "ok") != 0)
        hy_program_words_add(&words, "%s", entry->run[0].detail);
    return words.text[0] ? words : (hy_program_words){"ok"};
}

/* A word of a command as a shell would need it. */
static void words_quote(hy_program_words *words, const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
    if (word[0] && strspn(word, plain) == strlen(word)) {
        hy_program_words_add(words, "%s", word);
        return;
    }
    hy_program_words_add(words, "'");
    for (; *word; word++)
        hy_program_words_add(words, *word == '\'' ? "'\\''" : "%c", (unsigned char)*word < 0x20 ? ' ' : *word);
    hy_program_words_add(words, "'");
}

hy_program_words hy_program_typed(const hy_real_program *program) {
    hy_program_words words = {""};
    json_t *const array = json_loads(program->command, 0, NULL), *word;
    size_t i;
    json_array_foreach(array, i, word) {
        hy_program_words_add(&words, i ? " " : "");
        words_quote(&words, json_string_value(word) ? json_string_value(word) : "?");
    }
    json_decref(array);
    if (program->input[0]) {
        hy_program_words_add(&words, " < ");
        words_quote(&words, program->input);
    }
    return words;
}

hy_program_words hy_program_about_output(const hy_real_program *program) {
    const hy_program_entry *const baseline = hy_program_baseline(program);
    hy_program_words words = {""};
    if (program->output_ignored)
        hy_program_words_add(&words, "%s: outputs were not compared", program->name);
    else if (!program->steady)
        hy_program_words_add(&words,
                             "%s: %s itself does not say the same in every run, so outputs could not be compared "
                             "(--ignore-output says that this is known)",
                             program->name, baseline->spec);
    else
        hy_program_words_add(&words, "%s: %s's output is the same in every run, XXH3 %s", program->name, baseline->spec,
                             baseline->count ? baseline->run[0].output : "");
    return words;
}

/* "0.93 (0.91 to 0.95, faster)" */
static void words_judgement(hy_program_words *words, const hy_judgement *j) {
    if (isnan(j->low))
        hy_program_words_add(words, "%.3f (%s)", j->ratio, j->word);
    else
        hy_program_words_add(words, "%.3f (%.3f to %.3f, %s)", j->ratio, j->low, j->high, j->word);
}

hy_program_words hy_program_about_control(const hy_real_program *program) {
    const hy_program_entry *const control = hy_program_control(program);
    hy_program_words words = {""}, withheld = {""};
    if (!control || !control->judgement[0].word[0])
        return words;
    hy_program_words_add(&words, "%s: %s against itself:", program->name, control->spec);
    for (int i = 0; i < HY_PROGRAM_JUDGED; i++) {
        hy_program_words_add(&words, "%s %s ", i ? "," : "", words_names[i]);
        words_judgement(&words, &control->judgement[i]);
        if (hy_word_differs(control->judgement[i].word))
            hy_program_words_add(&withheld, "%s%s", withheld.text[0] ? " and " : "", words_names[i]);
    }
    if (withheld.text[0])
        hy_program_words_add(&words, "; so nothing is said of the others' %s", withheld.text);
    return words;
}

hy_program_words hy_program_sentence(const hy_real_program *program, const hy_program_entry *entry) {
    const hy_program_entry *const baseline = hy_program_baseline(program);
    hy_program_words words = {""};
    hy_program_words_add(&words, "%s: ", program->name);
    if (entry->wrong) {
        hy_program_words_add(&words, "%s is not judged, %s", entry->spec, hy_program_ended(entry).text);
        return words;
    }
    hy_program_words_add(&words, "%s took ", entry->spec);
    words_judgement(&words, &entry->judgement[HY_PROGRAM_CPU]);
    hy_program_words_add(&words, " of %s's CPU time and ", baseline->spec);
    words_judgement(&words, &entry->judgement[HY_PROGRAM_PEAK]);
    hy_program_words_add(&words, " of its peak memory");
    return words;
}
