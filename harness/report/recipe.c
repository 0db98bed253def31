/* SPDX-License-Identifier: MIT
 *
 * recipe.c - see recipe.h.
 *
 * What a campaign was is read from its cells.  Of the command as it was typed, only the settings are taken that cells
 * do not show: how memory is touched, how threads are run, layout, timeout, most memory, yard.
 */
#include "recipe.h"
#include "recipe_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What a page shows of each trace: id, title, what it is measured by, and whether the limits of memory are in it. */
static const struct {
    const char *what, *title, *passes;
    bool bound, drawn;
} things[] = {
    {"tradeoff", "Time against memory", "throughput,footprint", true, true},
    {"throughput", "Time of an operation", "throughput", false, true},
    {"latency", "Latency by percentile", "latency", false, true},
    {"memory", "Memory over the allocation clock", "footprint", true, true},
    {"fragmentation", "Fragmentation over the allocation clock", "footprint", true, true},
    {"holes", "How large the holes are", "footprint", false, true},
    {"requests", "What the trace asks for", "footprint", false, true},
    {"table", "The table of times and memory", "throughput,latency,footprint", true, false},
    {"map", "The heap maps", "map", true, false},
};
enum { THINGS = sizeof things / sizeof *things };

static const char verdicts[] = "verdicts";

/* -------------------------------------------------------------------------------------------------------- steps ----
 */

/* Texts one by one, with commas between. */
static int recipe_join(void *context, int columns, const char *const *text) {
    char *const list = context;
    const size_t used = strlen(list);
    snprintf(list + used, 4096 - used, "%s%s", used ? "," : "", text[0]);
    return 0;
}

static int recipe_ask(const hy_study *study, const char *sql, const char *passes, char ret[4096], hy_error *error) {
    const char *const arguments[] = {study->campaign_id, study->trace_id, passes, NULL};
    ret[0] = '\0';
    return hy_store_query(study->store, sql, arguments, recipe_join, ret, error);
}

static bool recipe_same_campaign(const hy_study *one, const hy_study *other) {
    return one->store == other->store && strcmp(one->campaign_id, other->campaign_id) == 0;
}

/* The traces of the report that this study's campaign measured, if all are wanted. */
static void recipe_traces(const hy_report *report, const hy_study *study, bool all, recipe_words *list) {
    for (size_t i = 0; i < report->count; i++) {
        const hy_study *const other = &report->studies[i];
        if (other == study || (all && recipe_same_campaign(study, other)))
            recipe_words_add(list, other->path);
    }
}

int recipe_replay(const hy_report *report, const hy_study *study, const char *passes, const char *database,
                  hy_recipe *recipe, hy_error *error) {
    static const char of_passes[] = "SELECT DISTINCT pass FROM cell WHERE campaign = ?1 AND trace = ?2 AND "
                                    "instr(',' || ?3 || ',', ',' || pass || ',') ORDER BY pass DESC",
                      of_specs[] =
                          "SELECT spec FROM cell WHERE campaign = ?1 AND trace = ?2 GROUP BY spec ORDER BY min(id)",
                      of_rounds[] = "SELECT max(repetition) + 1 FROM cell WHERE campaign = ?1 AND trace = ?2 AND "
                                    "instr(',' || ?3 || ',', ',' || pass || ',')";
    static const char *const lists[] = {"-a", "--allocators", NULL};
    static const char *const settings[] = {"--touch", "--threads", "--layout",     "--timeout", "--max-heap",
                                           "--yard",  "--window",  "--open-loop=", NULL};
    char found[4096], specs[4096], rounds[4096];
    int r = recipe_ask(study, of_passes, passes, found, error);
    if (r == 0)
        r = recipe_ask(study, of_specs, NULL, specs, error);
    if (r == 0)
        r = recipe_ask(study, of_rounds, passes, rounds, error);
    if (r == 0 && found[0] == '\0')
        r = hy_fail(error, -ENODATA, "%s: campaign %s did not measure %s on %s, so there is nothing to make again",
                    study->database, study->campaign_id, passes, study->name);
    if (r < 0)
        return r;
    recipe_words list = recipe_words_start("replay");
    recipe_traces(report, study, recipe->all, &list);
    /* The typed list, for its order: with the seed, it makes the order of the cells.  A sweep's is of other things. */
    if (strncmp(study->command, "heapyard sweep", 14) == 0 || !recipe_words_options(&list, study->command, lists)) {
        recipe_words_add(&list, "-a");
        recipe_words_add(&list, specs);
    }
    const char *const pairs[] = {"--pass", found, "-r", rounds, "--seed", study->seed, "-o", database};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        recipe_words_add(&list, pairs[i]);
    recipe_words_options(&list, study->command, settings);
    recipe->step[recipe->steps++] = list.word;
    return 0;
}

static void recipe_bound(const hy_report *report, const hy_study *study, const char *database, hy_recipe *recipe) {
    recipe_words list = recipe_words_start("bound");
    recipe_traces(report, study, recipe->all, &list);
    recipe_words_add(&list, "-o");
    recipe_words_add(&list, database);
    recipe->step[recipe->steps++] = list.word;
}

static void recipe_page(const hy_study *study, const char *database, const char *folder, hy_recipe *recipe) {
    recipe_words list = recipe_words_start("report");
    recipe_words_add(&list, database);
    recipe_words_add(&list, "-o");
    recipe_words_add(&list, folder);
    if (study->baseline) {
        recipe_words_add(&list, "-b");
        recipe_words_add(&list, study->baseline->spec);
    }
    recipe->step[recipe->steps++] = list.word;
}

/* ----------------------------------------------------------------------------------------------------------- ids ----
 */

char **hy_recipe_ids(const hy_report *report) {
    recipe_words list = {.count = 0};
    recipe_words_add(&list, verdicts);
    for (size_t i = 0; i < report->count; i++)
        for (size_t k = 0; k < THINGS; k++) {
            char id[128];
            hy_figure_id(&report->studies[i], things[k].what, id);
            recipe_words_add(&list, id);
        }
    if (recipe_has_programs(report))
        recipe_words_add(&list, recipe_programs_id);
    return list.word;
}

void hy_recipe_ids_free(char **ids) {
    recipe_words_free(ids);
}

/* The place in things, or -1. */
static int recipe_find(const hy_report *report, const char *id, const hy_study **ret_study) {
    for (size_t i = 0; i < report->count; i++)
        for (int k = 0; k < THINGS; k++) {
            char own[128];
            hy_figure_id(&report->studies[i], things[k].what, own);
            if (strcmp(own, id) != 0)
                continue;
            *ret_study = &report->studies[i];
            return k;
        }
    return -1;
}

static int recipe_unknown(const hy_report *report, const char *id, hy_error *error) {
    char **const ids = hy_recipe_ids(report);
    const hy_hint hint = hy_did_you_mean(id, strlen(id), (const char *const *)ids, "`heapyard reproduce` lists them");
    const int r = hy_fail(error, -ENOENT, "no figure or table \"%s\" in this report%s", id, hint.text);
    hy_recipe_ids_free(ids);
    return r;
}

static int recipe_fill(const hy_report *report, int thing, const char *folder, hy_recipe *recipe, hy_error *error) {
    const char *const passes = recipe->all ? "throughput,latency,footprint" : things[thing].passes;
    char database[4096];
    int r = 0;
    snprintf(database, sizeof database, "%s/results.db", folder);
    for (size_t i = 0; i < report->count && r == 0; i++) {
        const hy_study *const study = &report->studies[i];
        bool done = !recipe->all && study != recipe->study;
        for (size_t k = 0; k < i && recipe->all; k++)
            done = done || recipe_same_campaign(&report->studies[k], study);
        if (done || recipe->steps + 3 > HY_RECIPE_STEPS)
            continue;
        r = recipe_replay(report, study, passes, database, recipe, error);
        if (r == 0 && (recipe->all || things[thing].bound))
            recipe_bound(report, study, database, recipe);
    }
    recipe_page(recipe->all ? &report->studies[0] : recipe->study, database, folder, recipe);
    return r;
}

int hy_recipe_make(const hy_report *report, const char *id, const char *folder, hy_recipe *ret_recipe,
                   hy_error *error) {
    hy_recipe recipe = {.all = strcmp(id, verdicts) == 0, .title = "The table of verdicts"};
    if (strcmp(id, recipe_programs_id) == 0 && recipe_has_programs(report))
        return recipe_programs(report, folder, ret_recipe, error);
    const int thing = recipe.all ? 0 : recipe_find(report, id, &recipe.study);
    if (thing < 0)
        return recipe_unknown(report, id, error);
    snprintf(recipe.id, sizeof recipe.id, "%s", id);
    snprintf(recipe.result, sizeof recipe.result, "%s/index.html", folder);
    if (!recipe.all)
        recipe.title = things[thing].title;
    if (!recipe.all && things[thing].drawn) { /* the only trace of the new page, so its number is 1 */
        char slug[64];
        hy_slug(recipe.study->name, slug);
        snprintf(recipe.result, sizeof recipe.result, "%s/1-%s-%s.svg", folder, slug, things[thing].what);
    }
    const int r = recipe_fill(report, thing, folder, &recipe, error);
    if (r < 0)
        hy_recipe_free(&recipe);
    else
        *ret_recipe = recipe;
    return r;
}

void hy_recipe_free(hy_recipe *recipe) {
    for (size_t i = 0; i < recipe->steps; i++)
        recipe_words_free(recipe->step[i]);
    recipe->steps = 0;
}
