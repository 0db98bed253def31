/* SPDX-License-Identifier: MIT
 *
 * rounds.c - see rounds.h.
 */
#include "rounds.h"

#include "bootstrap.h"
#include "clock.h"
#include "repetitions.h"
#include "trials.h"
#include "units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool hy_rounds_are_open(const hy_campaign_plan *plan) {
    return plan->precision > 0 || plan->budget > 0;
}

/* --------------------------------------------------------------------------------------------------------- time ----
 */

static int read_seconds(void *context, int columns, const char *const *text) {
    (void)columns;
    *(double *)context = text[0] ? strtod(text[0], NULL) : 0;
    return 0;
}

/* One figure about the campaign. */
static double ask(const hy_rounds_watch *watch, const char *sql) {
    char id[24];
    double answer = 0;
    snprintf(id, sizeof id, "%" PRId64, watch->campaign);
    const char *const arguments[] = {id, NULL};
    hy_store_query(watch->store, sql, arguments, read_seconds, &answer, NULL);
    return answer;
}

/* That all its cells took.  One that was not ready in time has no figures; it took the timeout. */
static double cells_seconds(const hy_rounds_watch *watch) {
    const double late = ask(watch, "SELECT count(*) FROM cell WHERE campaign = ?1 AND outcome = 'timeout' "
                                   "AND detail NOT LIKE 'not run:%'");
    return late * (double)watch->plan->timeout / 1e9 +
           ask(watch, "SELECT sum(m.value) FROM cell c JOIN metric m ON m.cell = c.id AND m.name = 'cell_seconds' "
                      "WHERE c.campaign = ?1");
}

void hy_rounds_watch_start(hy_rounds_watch *watch) {
    watch->seconds_ago = cells_seconds(watch);
    watch->start = hy_now();
}

static double seconds_now(const hy_rounds_watch *watch) {
    return (double)(hy_now() - watch->start) / 1e9;
}

static double seconds_taken(const hy_rounds_watch *watch) {
    return watch->seconds_ago + seconds_now(watch);
}

/* By how much a cell takes longer than its process: to start it, to store what it said. */
static double overhead(const hy_rounds_watch *watch) {
    const double cells = cells_seconds(watch) - watch->seconds_ago;
    return watch->measured > 0 && cells > 0 && seconds_now(watch) > cells ? seconds_now(watch) / cells : 1;
}

/* That a round takes, by the mean of those before it. */
static double round_seconds(const hy_rounds_watch *watch, unsigned round) {
    static const char timed[] =
        "SELECT sum(m.value) / count(DISTINCT c.repetition) FROM cell c JOIN metric m ON m.cell = c.id "
        "AND m.name = 'cell_seconds' WHERE c.campaign = ?1 AND c.pass IN ('throughput', 'control', 'threads')";
    static const char latency[] =
        "SELECT sum(m.value) / count(DISTINCT c.repetition) FROM cell c JOIN metric m ON m.cell = c.id "
        "AND m.name = 'cell_seconds' WHERE c.campaign = ?1 AND c.pass = 'latency'";
    const unsigned most = watch->plan->most_latency;
    const double one = ask(watch, timed) + (most == 0 || round < most ? ask(watch, latency) : 0);
    return one * overhead(watch);
}

bool hy_rounds_may_begin(const hy_rounds_watch *watch, unsigned round) {
    if (round < HY_BOOTSTRAP_LEAST || watch->plan->budget == 0)
        return true;
    return seconds_taken(watch) + round_seconds(watch, round) <= (double)watch->plan->budget / 1e9;
}

bool hy_rounds_foresee(const hy_rounds_watch *watch, char *ret_sentence, size_t room) {
    const double one = round_seconds(watch, 1), all = seconds_taken(watch) + (HY_BOOTSTRAP_LEAST - 1) * one;
    if (watch->plan->budget == 0 || one <= 0 || all <= (double)watch->plan->budget / 1e9)
        return false;
    snprintf(ret_sentence, room,
             "a round takes about %s, so %d, the fewest there are, will take about %s, more than the budget of %s",
             hy_show_time(1e9 * one).text, HY_BOOTSTRAP_LEAST, hy_show_time(1e9 * all).text,
             hy_show_time((double)watch->plan->budget).text);
    return true;
}

/* Rounds that the budget has room for, `done` among them. */
static unsigned rounds_in_time(const hy_rounds_watch *watch, unsigned done) {
    if (watch->plan->budget == 0)
        return HY_ROUNDS_MOST;
    const double left = (double)watch->plan->budget / 1e9 - seconds_taken(watch), one = round_seconds(watch, done);
    const double more = one > 0 && left > 0 ? left / one : 0;
    return more >= HY_ROUNDS_MOST ? HY_ROUNDS_MOST : done + (unsigned)more;
}

/* ----------------------------------------------------------------------------------------------------- precision ----
 */

/* The contests of the pilot, of candidates and controls alike, each with values of its own. */
typedef struct pilots {
    hy_contest *contest;
    double **values;
    size_t count;
} pilots;

static int pilots_add(pilots *p, const hy_trial *trial, const hy_series *ours) {
    const size_t base = trial->baseline;
    const hy_series *const theirs = ours->control         ? hy_series_of(trial, ours->spec)
                                    : base < trial->count ? &trial->series[base]
                                                          : NULL;
    if (!theirs || theirs == ours || (ours->limit && !ours->control))
        return 0;
    double *const values = malloc((2 * trial->rounds + 1) * sizeof *values);
    if (!values)
        return -ENOMEM;
    const size_t count = hy_trial_pairs(trial, ours, theirs, values, values + trial->rounds);
    p->values[p->count] = values;
    p->contest[p->count++] = (hy_contest){.ours = values,
                                          .theirs = values + trial->rounds,
                                          .our_count = count,
                                          .their_count = count,
                                          .shared = true,
                                          .control = ours->control};
    return 0;
}

static int pilots_make(const hy_trials *trials, pilots *ret_pilots) {
    size_t most = 1;
    for (size_t t = 0; t < trials->count; t++)
        most += trials->trial[t].count;
    *ret_pilots = (pilots){calloc(most, sizeof *ret_pilots->contest), calloc(most, sizeof *ret_pilots->values), 0};
    int r = ret_pilots->contest && ret_pilots->values ? 0 : -ENOMEM;
    for (size_t t = 0; t < trials->count; t++)
        for (size_t i = 0; r == 0 && i < trials->trial[t].count; i++)
            r = pilots_add(ret_pilots, &trials->trial[t], &trials->trial[t].series[i]);
    return r;
}

static void pilots_free(pilots *p) {
    for (size_t i = 0; p->values && i < p->count; i++)
        free(p->values[i]);
    free(p->values);
    free(p->contest);
}

/* 0: the pilot cannot tell. */
static int rounds_needed(const hy_rounds_watch *watch, size_t *ret_needed, hy_error *error) {
    hy_trials trials = {.count = 0};
    pilots p = {NULL, NULL, 0};
    int r = hy_trials_read(watch->store, watch->campaign, &trials, error);
    if (r < 0)
        return r;
    r = pilots_make(&trials, &p);
    if (r == 0)
        *ret_needed = hy_rounds_for_all(p.contest, p.count, watch->plan->precision, HY_RULES_DEFAULT.alpha);
    pilots_free(&p);
    hy_trials_free(&trials);
    return r < 0 ? hy_fail(error, r, "no memory for the pilot's rounds") : 0;
}

/* --------------------------------------------------------------------------------------------------------- choice ----
 */

__attribute__((format(printf, 2, 3))) static void say(hy_rounds_chosen *rounds, const char *format, ...) {
    va_list list;
    va_start(list, format);
    vsnprintf(rounds->reason, sizeof rounds->reason, format, list);
    va_end(list);
}

/* "12.0 s" */
static hy_number budget_text(const hy_rounds_watch *watch) {
    return hy_show_time((double)watch->plan->budget);
}

static void say_why(const hy_rounds_watch *watch, size_t needed, unsigned in_time, hy_rounds_chosen *rounds) {
    const double wanted = 100 * watch->plan->precision;
    const double taken = seconds_taken(watch) * 1e9;
    if (watch->plan->budget > 0 && taken > (double)watch->plan->budget && rounds->chosen <= HY_BOOTSTRAP_LEAST)
        say(rounds, "the budget of %s is too small: %u rounds, the fewest there are, took %s", budget_text(watch).text,
            rounds->chosen, hy_show_time(taken).text);
    else if (wanted > 0 && needed == 0)
        say(rounds, "too little ended well to tell how many a precision of %g %% takes", wanted);
    else if (wanted > 0 && rounds->chosen >= needed)
        say(rounds, "by the pilot's spread enough for a precision of %g %%", wanted);
    else if (wanted > 0 && in_time < HY_ROUNDS_MOST)
        say(rounds, "as many as a budget of %s has room for; a precision of %g %% would take about %zu",
            budget_text(watch).text, wanted, needed);
    else if (wanted > 0)
        say(rounds, "the most there are; a precision of %g %% would take about %zu", wanted, needed);
    else
        say(rounds, "as many as a budget of %s has room for", budget_text(watch).text);
}

int hy_rounds_choose(const hy_rounds_watch *watch, unsigned pilot, hy_rounds_chosen *ret_rounds, hy_error *error) {
    const unsigned in_time = rounds_in_time(watch, pilot);
    size_t needed = HY_ROUNDS_MOST;
    const int r = watch->plan->precision > 0 ? rounds_needed(watch, &needed, error) : 0;
    if (r < 0)
        return r;
    const size_t wanted = needed == 0 ? pilot : needed < in_time ? needed : in_time;
    *ret_rounds = (hy_rounds_chosen){.pilot = pilot, .chosen = (unsigned)(wanted < pilot ? pilot : wanted)};
    if (ret_rounds->chosen > HY_ROUNDS_MOST)
        ret_rounds->chosen = HY_ROUNDS_MOST;
    say_why(watch, needed, in_time, ret_rounds);
    return 0;
}

void hy_rounds_cut(const hy_rounds_watch *watch, unsigned done, hy_rounds_chosen *rounds) {
    const unsigned before = rounds->chosen;
    rounds->chosen = done;
    say(rounds, "%u were planned, but they take longer than the pilot did, and the budget of %s has room for no more",
        before, budget_text(watch).text);
}
