/* SPDX-License-Identifier: MIT
 *
 * program_rounds.c - see program_rounds.h.
 */
#include "program_rounds.h"

#include "repetitions.h"
#include "units.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One side of a contest: CPU times by round. */
typedef struct side {
    char *spec;
    bool control;
    double cpu[HY_PROGRAM_PILOT];
} side;

typedef struct pilot {
    side *sides;
    size_t count;
    double seconds; /* that all its runs took */
} pilot;

static side *pilot_side(pilot *p, const char *spec, bool control) {
    for (size_t i = 0; i < p->count; i++)
        if (p->sides[i].control == control && strcmp(p->sides[i].spec, spec) == 0)
            return &p->sides[i];
    side *const grown = realloc(p->sides, (p->count + 1) * sizeof *grown);
    char *const copy = strdup(spec);
    if (!grown || !copy)
        abort();
    p->sides = grown;
    grown[p->count] = (side){.spec = copy, .control = control};
    return &grown[p->count++];
}

/* spec, pass, round, CPU and wall seconds */
static int read_run(void *context, int columns, const char *const *text) {
    pilot *const p = context;
    const unsigned long round = strtoul(text[2], NULL, 10);
    (void)columns;
    p->seconds += strtod(text[4], NULL);
    if (round < HY_PROGRAM_PILOT)
        pilot_side(p, text[0], strcmp(text[1], "control") == 0)->cpu[round] = strtod(text[3], NULL);
    return 0;
}

static int read_pilot(hy_store *store, int64_t campaign, pilot *ret_pilot, hy_error *error) {
    char id[24];
    snprintf(id, sizeof id, "%" PRId64, campaign);
    const char *const arguments[] = {id, NULL};
    return hy_store_query(store, "SELECT spec, pass, repetition, user + sys, wall FROM program_run WHERE campaign = ?1",
                          arguments, read_run, ret_pilot, error);
}

static size_t needed_for(pilot *p, const char *baseline, double precision) {
    const side *theirs = NULL;
    hy_contest *const contests = calloc(p->count + 1, sizeof *contests);
    size_t n = 0;
    if (!contests)
        abort();
    for (size_t i = 0; i < p->count; i++)
        if (!p->sides[i].control && strcmp(p->sides[i].spec, baseline) == 0)
            theirs = &p->sides[i];
    for (size_t i = 0; theirs && i < p->count; i++)
        if (&p->sides[i] != theirs)
            contests[n++] = (hy_contest){.ours = p->sides[i].cpu,
                                         .theirs = theirs->cpu,
                                         .our_count = HY_PROGRAM_PILOT,
                                         .their_count = HY_PROGRAM_PILOT,
                                         .shared = true,
                                         .control = p->sides[i].control,
                                         .kind = HY_CONTEST_TIME};
    const size_t needed = hy_rounds_for_all(contests, n, precision, HY_RULES_DEFAULT.alpha);
    free(contests);
    return needed;
}

static size_t fit_for(const pilot *p, uint64_t budget) {
    const double one = p->seconds / HY_PROGRAM_PILOT, all = (double)budget / 1e9;
    return budget == 0 || !(one > 0) || all / one > HY_PROGRAM_MOST ? HY_PROGRAM_MOST : (size_t)(all / one);
}

static void say_why(const hy_program_goal *goal, size_t needed, size_t fit, hy_rounds_chosen *rounds) {
    char *const reason = rounds->reason;
    const size_t size = sizeof rounds->reason;
    const double wanted = 100 * goal->precision;
    const hy_number budget = hy_show_time((double)goal->budget);
    if (goal->precision > 0 && needed == 0)
        snprintf(reason, size, "too little ended well to tell how many a precision of %g %% takes", wanted);
    else if (goal->precision > 0 && rounds->chosen >= needed)
        snprintf(reason, size, "by the pilot's spread enough for a precision of %g %%", wanted);
    else if (goal->budget > 0 && fit < HY_PROGRAM_PILOT)
        snprintf(reason, size, "the pilot itself took more than the budget of %s", budget.text);
    else if (goal->precision > 0 && goal->budget > 0)
        snprintf(reason, size, "as many as a budget of %s has room for; a precision of %g %% would take about %zu",
                 budget.text, wanted, needed);
    else if (goal->precision > 0)
        snprintf(reason, size, "the most there are; a precision of %g %% would take about %zu", wanted, needed);
    else
        snprintf(reason, size, "as many as a budget of %s has room for", budget.text);
}

int hy_program_choose_rounds(const hy_program_goal *goal, hy_store *store, int64_t campaign, const char *baseline,
                             hy_rounds_chosen *ret_rounds, hy_error *error) {
    pilot p = {NULL, 0, 0};
    const int r = read_pilot(store, campaign, &p, error);
    if (r == 0) {
        const size_t needed = goal->precision > 0 ? needed_for(&p, baseline, goal->precision) : HY_PROGRAM_MOST;
        const size_t fit = fit_for(&p, goal->budget), wanted = needed < fit ? needed : fit;
        *ret_rounds = (hy_rounds_chosen){.pilot = HY_PROGRAM_PILOT, .chosen = HY_PROGRAM_PILOT};
        if (wanted > HY_PROGRAM_PILOT)
            ret_rounds->chosen = wanted < HY_PROGRAM_MOST ? (unsigned)wanted : HY_PROGRAM_MOST;
        say_why(goal, needed, fit, ret_rounds);
    }
    for (size_t i = 0; i < p.count; i++)
        free(p.sides[i].spec);
    free(p.sides);
    return r;
}
