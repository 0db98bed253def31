/* SPDX-License-Identifier: MIT
 *
 * recipe_programs.c - how the figure of real programs is made again: the runs of each, the replays of their traces, the
 * page.
 */
#include "programs.h"
#include "recipe_words.h"

#include <jansson.h>
#include <string.h>

const char recipe_programs_id[] = "programs-expected";

static int programs_read(const hy_report *report, hy_programs *ret_programs, hy_error *error) {
    int r = 0;
    *ret_programs = (hy_programs){.count = 0};
    for (size_t i = 0; r == 0 && i < report->store_count; i++)
        r = hy_programs_load(report->stores[i], hy_store_path(report->stores[i]), NULL, ret_programs, error);
    return r;
}

bool recipe_has_programs(const hy_report *report) {
    hy_programs programs;
    const bool any = programs_read(report, &programs, NULL) == 0 && programs.count > 0;
    hy_programs_free(&programs);
    return any;
}

static void programs_pair(recipe_words *list, const char *option, const char *value) {
    recipe_words_add(list, option);
    recipe_words_add(list, value);
}

static const hy_study *programs_study(const hy_report *report, const hy_real_program *program) {
    for (size_t i = 0; i < report->count; i++)
        if (strcmp(report->studies[i].hash, program->trace) == 0)
            return &report->studies[i];
    return NULL;
}

/* The first is the baseline.  Returns how many rounds there were. */
static size_t programs_specs(const hy_real_program *program, recipe_words *list) {
    size_t rounds = 0;
    for (size_t i = 0; i < program->count; i++) {
        const hy_program_entry *const entry = &program->entry[i];
        if (!entry->control)
            programs_pair(list, "-a", entry->spec);
        rounds = entry->count > rounds ? entry->count : rounds;
    }
    return rounds;
}

static void programs_words(const char *command, recipe_words *list) {
    json_t *const words = json_loads(command, 0, NULL);
    size_t i;
    json_t *word;
    recipe_words_add(list, "--");
    json_array_foreach(words, i, word) {
        recipe_words_add(list, json_is_string(word) ? json_string_value(word) : "");
    }
    json_decref(words);
}

/* What it is, and what it reads. */
static void programs_compared(const hy_report *report, const hy_real_program *program, recipe_words *list) {
    const hy_study *const study = programs_study(report, program);
    programs_pair(list, "--name", program->name);
    if (program->input[0])
        programs_pair(list, "--input", program->input);
    if (study)
        programs_pair(list, "--trace", study->path);
    if (program->output_ignored)
        recipe_words_add(list, "--ignore-output");
    programs_words(program->command, list);
}

/* One of a suite is measured again alone, as it was among the others. */
static void programs_step(const hy_real_program *program, const char *database, const hy_report *report,
                          hy_recipe *recipe) {
    static const char *const kept[] = {"--timeout", NULL}, *const suites[] = {"--suite", NULL};
    recipe_words list = recipe_words_start("run");
    char rounds[32];
    const bool suite = recipe_words_options(&list, program->typed, suites);
    if (!suite)
        recipe_words_add(&list, "--compare");
    snprintf(rounds, sizeof rounds, "%zu", programs_specs(program, &list));
    programs_pair(&list, "-r", rounds);
    programs_pair(&list, "--seed", program->seed);
    programs_pair(&list, "-o", database);
    recipe_words_options(&list, program->typed, kept);
    if (suite)
        recipe_words_add(&list, program->name);
    else
        programs_compared(report, program, &list);
    recipe->step[recipe->steps++] = list.word;
}

int recipe_programs(const hy_report *report, const char *folder, hy_recipe *ret_recipe, hy_error *error) {
    hy_recipe recipe = {.title = "Real programs: promised and kept"};
    hy_programs programs;
    char database[4096];
    int r = programs_read(report, &programs, error);
    snprintf(database, sizeof database, "%s/results.db", folder);
    snprintf(recipe.id, sizeof recipe.id, "%s", recipe_programs_id);
    snprintf(recipe.result, sizeof recipe.result, "%s/%s.svg", folder, recipe_programs_id);
    for (size_t i = 0; i < programs.count && r == 0 && recipe.steps + 3 < HY_RECIPE_STEPS; i++) {
        const hy_study *const study = programs_study(report, &programs.program[i]);
        programs_step(&programs.program[i], database, report, &recipe);
        if (study)
            r = recipe_replay(report, study, "throughput,footprint", database, &recipe, error);
    }
    recipe_words page = recipe_words_start("report");
    recipe_words_add(&page, database);
    programs_pair(&page, "-o", folder);
    recipe.step[recipe.steps++] = page.word;
    hy_programs_free(&programs);
    if (r < 0)
        hy_recipe_free(&recipe);
    else
        *ret_recipe = recipe;
    return r;
}
