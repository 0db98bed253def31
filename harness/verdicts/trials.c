/* SPDX-License-Identifier: MIT
 *
 * trials.c - the contests of a campaign, judged together (see trials.h).
 */
#include "trials.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

size_t hy_trial_pairs(const hy_trial *trial, const hy_series *ours, const hy_series *theirs, double *ret_ours,
                      double *ret_theirs) {
    size_t count = 0;
    for (size_t i = trial->warm_up; i < trial->rounds; i++) {
        if (!isfinite(ours->ns[i]) || !isfinite(theirs->ns[i]))
            continue;
        ret_ours[count] = ours->ns[i];
        ret_theirs[count++] = theirs->ns[i];
    }
    return count;
}

/* Contests, where their answers go, and the values that they look at. */
typedef struct session {
    hy_contest *contest;
    hy_judgement **answer;
    double **values;
    size_t count;
} session;

/* Which series take part; controls always do, so that they speak for either. */
typedef enum league { CANDIDATES, LIMITS } league;

static hy_contest *session_next(session *s, hy_judgement *answer) {
    hy_contest *const c = &s->contest[s->count];
    s->answer[s->count++] = answer;
    return c;
}

static int add_times(session *s, unsigned group, const hy_trial *trial, hy_series *ours, const hy_series *theirs) {
    double *const values = malloc((2 * trial->rounds + 1) * sizeof *values);
    s->values[s->count] = values;
    hy_contest *const c = session_next(s, &ours->time);
    if (!values)
        return -ENOMEM;
    const size_t count = hy_trial_pairs(trial, ours, theirs, values, values + trial->rounds);
    *c = (hy_contest){.ours = values,
                      .theirs = values + trial->rounds,
                      .our_count = count,
                      .their_count = count,
                      .shared = true,
                      .control = ours->control,
                      .group = group,
                      .kind = HY_CONTEST_TIME};
    return 0;
}

static void add_sizes(session *s, unsigned group, hy_series *ours, const hy_series *theirs) {
    *session_next(s, &ours->size) = (hy_contest){.ours = ours->bytes,
                                                 .theirs = theirs->bytes,
                                                 .our_count = ours->weighed,
                                                 .their_count = theirs->weighed,
                                                 .grain = HY_FOOTPRINT_GRAIN,
                                                 .group = group,
                                                 .kind = HY_CONTEST_SIZE};
}

static int add_series(session *s, unsigned group, const hy_trial *trial, hy_series *ours) {
    const hy_series *const base = ours->control                    ? hy_series_of(trial, ours->spec)
                                  : trial->baseline < trial->count ? &trial->series[trial->baseline]
                                                                   : NULL;
    if (!base || base == ours)
        return 0;
    if (!ours->control)
        add_sizes(s, group, ours, base);
    return add_times(s, group, trial, ours, base);
}

static int add_all(session *s, hy_trials *trials, league who) {
    int r = 0;
    for (size_t t = 0; r == 0 && t < trials->count; t++)
        for (size_t i = 0; r == 0 && i < trials->trial[t].count; i++) {
            hy_series *const ours = &trials->trial[t].series[i];
            if (ours->control || ours->limit == (who == LIMITS))
                r = add_series(s, (unsigned)t, &trials->trial[t], ours);
        }
    return r;
}

static int judge(session *s, const hy_rules *rules) {
    hy_judgement *const answers = malloc((s->count + 1) * sizeof *answers);
    const int r = answers ? hy_judge(s->contest, s->count, rules, answers) : -ENOMEM;
    for (size_t i = 0; r == 0 && i < s->count; i++)
        *s->answer[i] = answers[i];
    free(answers);
    return r;
}

static int judge_league(hy_trials *trials, const hy_rules *rules, league who) {
    size_t most = 1;
    for (size_t t = 0; t < trials->count; t++)
        most += 2 * trials->trial[t].count; /* time and size */
    session s = {.contest = calloc(most, sizeof *s.contest),
                 .answer = calloc(most, sizeof *s.answer),
                 .values = calloc(most, sizeof *s.values)};
    int r = s.contest && s.answer && s.values ? add_all(&s, trials, who) : -ENOMEM;
    if (r == 0)
        r = judge(&s, rules);
    for (size_t i = 0; s.values && i < s.count; i++)
        free(s.values[i]);
    free(s.values);
    free(s.answer);
    free(s.contest);
    return r;
}

static void judge_baseline(hy_trial *trial) {
    if (trial->baseline == trial->count)
        return;
    hy_series *const base = &trial->series[trial->baseline];
    base->time.ratio = base->size.ratio = 1;
    base->time.word = base->size.word = "";
}

int hy_trials_judge(hy_trials *trials, const hy_rules *rules, hy_error *error) {
    int r = judge_league(trials, rules, LIMITS);
    if (r == 0)
        r = judge_league(trials, rules, CANDIDATES);
    for (size_t t = 0; r == 0 && t < trials->count; t++)
        judge_baseline(&trials->trial[t]);
    return r < 0 ? hy_fail(error, r, "no memory for the verdicts of a campaign") : 0;
}
