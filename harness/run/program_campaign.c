/* SPDX-License-Identifier: MIT
 *
 * program_campaign.c - plans and proves, finds or makes the campaign, runs what is not there yet (see
 * program_campaign.h).  The shuffle is Fisher and Yates's, its numbers are Random123's.
 */
#include "program_campaign.h"

#include "capture.h"
#include "clock.h"
#include "elfcheck.h"
#include "program_runner.h"
#include "random.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

typedef struct campaign {
    const hy_program_plan *plan;
    hy_store *store;
    hy_program_runner runner;
    int64_t id, program;
    uint64_t seed;
} campaign;

/* One run: a spec, or the control, which stands after the last spec. */
typedef struct turn {
    size_t who;
    unsigned round;
} turn;

/* ------------------------------------------------------------------------------------------------ preparations ---- */

/* Of all that makes a run of it the same as another. */
static int hash_program(const campaign *c, uint64_t *ret_hash, hy_error *error) {
    const hy_program_plan *const plan = c->plan;
    char path[HY_PATH_SIZE];
    uint64_t hash = XXH3_64bits(plan->name, strlen(plan->name) + 1);
    for (char *const *word = plan->argv; *word; word++)
        hash = XXH3_64bits_withSeed(*word, strlen(*word) + 1, hash);
    hash = XXH3_64bits_withSeed(plan->trace, strlen(plan->trace), hash);
    if (plan->made_of)
        hash = XXH3_64bits_withSeed(&plan->made_of, sizeof plan->made_of, hash);
    int r = hy_find_program(plan->argv[0], path, error);
    if (r == 0)
        r = hy_capture_hash_file(path, &hash, error);
    if (r == 0 && plan->input)
        r = hy_capture_hash_file(plan->input, &hash, error);
    *ret_hash = hash;
    return r;
}

static char *words_json(char *const *argv) {
    json_t *const words = json_array();
    for (; *argv; argv++) {
        json_t *const word = json_string(*argv);
        json_array_append_new(words, word ? word : json_string("(not UTF-8)"));
    }
    char *const text = json_dumps(words, JSON_COMPACT);
    json_decref(words);
    if (!text)
        abort();
    return text;
}

static int store_program(campaign *c, hy_error *error) {
    char *const words = words_json(c->plan->argv);
    /* The folder of a suite's program goes away, so there it is the name. */
    char *const input = !c->plan->input     ? NULL
                        : c->plan->campaign ? strdup(c->plan->input)
                                            : realpath(c->plan->input, NULL);
    hy_program_row row = {
        .name = c->plan->name, .command = words, .input = input ? input : "", .trace = c->plan->trace};
    int r = hash_program(c, &row.hash, error);
    if (r == 0)
        r = hy_store_program(c->store, &row, &c->program, error);
    free(input);
    free(words);
    return r;
}

/* ---------------------------------------------------------------------------------------------------- campaign ---- */

static int find_campaign(campaign *c, hy_error *error) {
    char program[24];
    snprintf(program, sizeof program, "%" PRId64, c->program);
    const char *const arguments[] = {c->plan->command, program, NULL};
    const int r = hy_store_find_campaign(c->store,
                                         "SELECT id, seed FROM campaign c WHERE command = ?1 AND (id IN "
                                         "(SELECT campaign FROM program_run WHERE program = ?2) OR NOT EXISTS "
                                         "(SELECT 1 FROM program_run WHERE campaign = c.id)) ORDER BY id DESC LIMIT 1",
                                         arguments, &c->id, &c->seed, error);
    if (r == 0 && c->id == 0)
        return hy_fail(error, -ENOENT,
                       "nothing to resume: no campaign of this command, program and input is in the results");
    return r;
}

static int start_campaign(campaign *c, hy_error *error) {
    if (c->plan->resume)
        return find_campaign(c, error);
    c->seed = c->plan->seed;
    c->id = c->plan->campaign;
    if (c->id)
        return 0;
    return hy_store_campaign(c->store, c->plan->command, c->seed, c->plan->environment, &c->id, error);
}

/* -------------------------------------------------------------------------------------------------------- runs ---- */

static turn *make_order(const campaign *c, unsigned rounds, size_t *ret_count) {
    const size_t block = c->plan->spec_count + 1;
    turn *const order = calloc(block * rounds, sizeof *order);
    if (!order)
        abort();
    for (unsigned round = 0; round < rounds; round++) {
        turn *const first = order + block * round;
        for (size_t i = 0; i < block; i++) { /* inside out: i goes to a place up to its own */
            const size_t j = (size_t)hy_random_below(c->seed, block * round + i, i + 1);
            first[i] = first[j];
            first[j] = (turn){i, round};
        }
    }
    *ret_count = block * rounds;
    return order;
}

static size_t spec_of(const campaign *c, size_t who) {
    return who < c->plan->spec_count ? who : c->plan->baseline;
}

static hy_program_run blank_run(const campaign *c, const turn *t, size_t position) {
    const size_t spec = spec_of(c, t->who);
    return (hy_program_run){.campaign = c->id,
                            .program = c->program,
                            .spec = c->plan->specs[spec],
                            .pass = t->who < c->plan->spec_count ? HY_PROGRAM_PASS : HY_CONTROL_PASS,
                            .library = c->runner.serving[spec].served_by,
                            .repetition = t->round,
                            .position = (unsigned)position};
}

static int run_turn(const campaign *c, const turn *t, size_t position, hy_error *error) {
    hy_program_run run = blank_run(c, t, position);
    const int r = hy_program_run_once(&c->runner, spec_of(c, t->who), position, &run, error);
    return r == 0 ? hy_store_program_run(c->store, &run, error) : r;
}

static bool is_missing(const campaign *c, const turn *t) {
    const hy_program_run run = blank_run(c, t, 0);
    return !hy_store_has_program_run(c->store, &run);
}

static void show(const campaign *c, const char *spec, const hy_program_end *end, uint64_t start) {
    const uint64_t mean = end->measured ? (hy_now() - start) / end->measured : 0;
    const hy_program_progress progress = {end->runs - end->missing, end->runs, mean * end->missing, spec};
    if (c->plan->show_progress)
        c->plan->show_progress(&progress);
}

static bool stopped(const campaign *c) {
    return c->plan->stop && *c->plan->stop;
}

static int run_missing(campaign *c, const turn *order, hy_program_end *end, hy_error *error) {
    int r = end->missing ? hy_program_warm_up(&c->runner, end->runs, error) : 0;
    const uint64_t start = hy_now();
    for (size_t i = 0; r == 0 && i < end->runs && !stopped(c); i++) {
        if (!is_missing(c, &order[i]))
            continue;
        show(c, c->plan->specs[spec_of(c, order[i].who)], end, start);
        r = run_turn(c, &order[i], i, error);
        end->measured += r == 0;
        end->missing -= r == 0;
    }
    show(c, NULL, end, start);
    return r == -EINTR ? 0 : r;
}

static int run_rounds(campaign *c, unsigned rounds, hy_program_end *end, hy_error *error) {
    turn *const order = make_order(c, rounds, &end->runs);
    end->missing = 0;
    for (size_t i = 0; i < end->runs; i++)
        end->missing += is_missing(c, &order[i]);
    const int r = run_missing(c, order, end, error);
    free(order);
    return r;
}

/* The number of rounds is the plan's, or was chosen before, or follows from a pilot now. */
static int run_all(campaign *c, hy_program_end *end, hy_error *error) {
    const hy_program_plan *const plan = c->plan;
    const bool open = plan->goal.precision > 0 || plan->goal.budget > 0;
    if (!open)
        return run_rounds(c, plan->rounds, end, error);
    int r = hy_store_rounds(c->store, c->id, &end->rounds, error);
    if (r == 0 && end->rounds.chosen == 0) {
        r = run_rounds(c, HY_PROGRAM_PILOT, end, error);
        if (r < 0 || end->missing)
            return r;
        r = hy_program_choose_rounds(&plan->goal, c->store, c->id, plan->specs[plan->baseline], &end->rounds, error);
        if (r == 0)
            r = hy_store_set_rounds(c->store, c->id, &end->rounds, error);
    }
    return r == 0 ? run_rounds(c, end->rounds.chosen, end, error) : r;
}

int hy_program_run_campaign(const hy_program_plan *plan, hy_store *store, hy_program_end *ret_end, hy_error *error) {
    campaign c = {.plan = plan, .store = store};
    hy_program_end end = {0};
    int r = hy_program_runner_open(plan, &c.runner, error);
    if (r < 0)
        return r;
    r = store_program(&c, error);
    if (r == 0)
        r = start_campaign(&c, error);
    if (r == 0) {
        c.runner.seed = c.seed;
        end.campaign = c.id;
        end.program = c.program;
        r = run_all(&c, &end, error);
    }
    hy_program_runner_close(&c.runner);
    if (r == 0)
        *ret_end = end;
    return r;
}
