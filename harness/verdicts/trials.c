/* SPDX-License-Identifier: MIT
 *
 * trials.c - the contests of a campaign, judged together (see trials.h).
 */
#include "trials.h"

#include "session.h"

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

/* Which series take part; controls always do, so that they speak for either. */
typedef enum league { CANDIDATES, LIMITS } league;

static void add_times(hy_session *s, unsigned group, const hy_trial *trial, hy_series *series, const hy_series *base) {
    double *const ours = malloc((trial->rounds + 1) * sizeof *ours);
    double *const theirs = malloc((trial->rounds + 1) * sizeof *theirs);
    const size_t count = ours && theirs ? hy_trial_pairs(trial, series, base, ours, theirs) : 0;
    hy_session_add(s,
                   &(hy_contest){.ours = ours,
                                 .theirs = theirs,
                                 .our_count = count,
                                 .their_count = count,
                                 .shared = true,
                                 .control = series->control,
                                 .group = group,
                                 .kind = HY_CONTEST_TIME},
                   true, &series->time);
}

static void add_sizes(hy_session *s, unsigned group, hy_series *ours, const hy_series *theirs) {
    hy_session_add(s,
                   &(hy_contest){.ours = ours->bytes,
                                 .theirs = theirs->bytes,
                                 .our_count = ours->weighed,
                                 .their_count = theirs->weighed,
                                 .grain = HY_FOOTPRINT_GRAIN,
                                 .group = group,
                                 .kind = HY_CONTEST_SIZE},
                   false, &ours->size);
}

static void add_series(hy_session *s, unsigned group, const hy_trial *trial, hy_series *ours) {
    const hy_series *const base = ours->control                    ? hy_series_of(trial, ours->spec)
                                  : trial->baseline < trial->count ? &trial->series[trial->baseline]
                                                                   : NULL;
    if (!base || base == ours)
        return;
    if (!ours->control)
        add_sizes(s, group, ours, base);
    add_times(s, group, trial, ours, base);
}

static int judge_league(hy_trials *trials, const hy_rules *rules, league who) {
    hy_session s = {.count = 0};
    for (size_t t = 0; t < trials->count; t++)
        for (size_t i = 0; i < trials->trial[t].count; i++) {
            hy_series *const ours = &trials->trial[t].series[i];
            if (ours->control || ours->limit == (who == LIMITS))
                add_series(&s, (unsigned)t, &trials->trial[t], ours);
        }
    return hy_session_judge(&s, rules);
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
