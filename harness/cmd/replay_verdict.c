/* SPDX-License-Identifier: MIT
 *
 * replay_verdict.c - see replay_verdict.h.
 */
#include "replay_verdict.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const hy_series *series_of(const hy_rows *rows, const hy_row_of_spec *row) {
    return rows->trial ? hy_series_of(rows->trial, row->spec) : NULL;
}

static bool is_baseline(const hy_rows *rows, const hy_series *series) {
    const hy_trial *const trial = rows->trial;
    return trial->baseline < trial->count && series == &trial->series[trial->baseline];
}

const hy_series *replay_verdict_of(const hy_rows *rows, const hy_row_of_spec *row) {
    const hy_series *const series = series_of(rows, row);
    return series && !is_baseline(rows, series) ? series : NULL;
}

const char *replay_verdict_word(const hy_rows *rows, const hy_row_of_spec *row) {
    const hy_series *const series = series_of(rows, row);
    if (!series)
        return "n/a";
    if (is_baseline(rows, series))
        return "baseline";
    if (isnan(series->time.ratio))
        return "n/a";
    return series->limit ? "limit" : series->time.word;
}

/* -------------------------------------------------------------------------------------------------------- lines ----
 */

static void print_line(const char *start, hy_trial_words words) {
    if (words.text[0])
        printf("%s%s\n", start, words.text);
}

void replay_verdict_legend(const hy_rows *rows, const char *start) {
    const hy_trial *const trial = rows->trial;
    if (trial)
        print_line(start, hy_trial_words_memory(trial));
    if (!trial || trial->rounds == 0)
        return;
    if (trial->baseline < trial->count)
        printf(
            "%sverdict: time against %s's in the same rounds, margin %g %%; Holm's correction for all allocators and "
            "traces\n",
            start, trial->series[trial->baseline].spec, 100 * HY_VERDICT_MARGIN);
    print_line(start, hy_trial_words_control(trial));
    print_line(start, hy_trial_words_warm_up(trial));
    print_line(start, rows->rounds);
    print_line(start, rows->few);
}

/* ---------------------------------------------------------------------------------------------------- CSV, JSON ----
 */

typedef struct figure {
    const char *name;
    double value;
} figure;

enum { FIGURES = 10, WORDS = 3 };
static const char *const word_names[WORDS] = {"verdict", "size_verdict", "control"};

/* All NAN and "" where there are none. */
static void collect(const hy_rows *rows, const hy_row_of_spec *row, figure ret_figures[FIGURES],
                    const char *ret_words[WORDS]) {
    static const hy_judgement none = {NAN, NAN, NAN, NAN, NAN, NAN, HY_TEST_NONE, ""};
    const hy_series *const series = replay_verdict_of(rows, row);
    const hy_trial *const trial = rows->trial;
    const hy_judgement *const time = series ? &series->time : &none, *const size = series ? &series->size : &none;
    const hy_judgement *const control =
        trial && trial->control < trial->count ? &trial->series[trial->control].time : &none;
    const figure figures[FIGURES] = {{"ratio", time->ratio},
                                     {"ratio_low", time->low},
                                     {"ratio_high", time->high},
                                     {"p_adjusted", time->p_adjusted},
                                     {"delta", time->delta},
                                     {"size_ratio", size->ratio},
                                     {"control_ratio", control->ratio},
                                     {"control_low", control->low},
                                     {"control_high", control->high},
                                     {"warm_up", trial ? (double)trial->warm_up : NAN}};
    memcpy(ret_figures, figures, sizeof figures);
    ret_words[0] = isnan(time->ratio) ? "" : time->word;
    ret_words[1] = isnan(size->ratio) ? "" : size->word;
    ret_words[2] = control->word;
}

void replay_verdict_csv_names(void) {
    static const hy_rows no_rows;
    static const hy_row_of_spec no_row;
    figure figures[FIGURES];
    const char *words[WORDS];
    collect(&no_rows, &no_row, figures, words);
    for (size_t i = 0; i < FIGURES; i++)
        printf(",%s", figures[i].name);
    for (size_t i = 0; i < WORDS; i++)
        printf(",%s", word_names[i]);
}

void replay_verdict_csv(const hy_rows *rows, const hy_row_of_spec *row) {
    figure figures[FIGURES];
    const char *words[WORDS];
    collect(rows, row, figures, words);
    for (size_t i = 0; i < FIGURES; i++)
        isnan(figures[i].value) ? putchar(',') : printf(",%.9g", figures[i].value);
    for (size_t i = 0; i < WORDS; i++)
        printf(",%s", words[i]);
}

void replay_verdict_json(const hy_rows *rows, const hy_row_of_spec *row, json_t *json) {
    figure figures[FIGURES];
    const char *words[WORDS];
    collect(rows, row, figures, words);
    for (size_t i = 0; i < FIGURES; i++)
        if (!isnan(figures[i].value))
            json_object_set_new(json, figures[i].name, json_real(figures[i].value));
    for (size_t i = 0; i < WORDS; i++)
        if (words[i][0])
            json_object_set_new(json, word_names[i], json_string(words[i]));
}
