/* SPDX-License-Identifier: MIT
 *
 * rounds.h - how many rounds a campaign gets where a wanted precision or a budget of time decides.
 *
 *   1. First a pilot of a few rounds, 7 if the plan says nothing else, as long as there is time; never fewer than 5.
 *   2. Then the number is fixed, once: what the pilot's spread says is needed for the precision (repetitions.h), but no
 *      more than the rest of the budget has room for.  It does not depend on who is ahead, so that no verdict gets
 *      likelier by it.  It is stored, and a resumed campaign takes it from there.
 *   3. If rounds take longer than the pilot's did, none is begun that would end after the budget.
 *
 * Time is counted from the beginning of the first cell, by the clock; of earlier, interrupted runs, what their cells
 * took counts.  Bad at: budgets that have no room for five rounds.  They are made all the same, and that is said.
 */
#ifndef HY_ROUNDS_H
#define HY_ROUNDS_H

#include "campaign.h"

#define HY_ROUNDS_PILOT 7
#define HY_ROUNDS_MOST 1000

/* What time the campaign has taken. */
typedef struct hy_rounds_watch {
    const hy_campaign_plan *plan;
    hy_store *store;
    int64_t campaign;
    uint64_t start;     /* when this run of it began to measure */
    double seconds_ago; /* that earlier runs took */
    size_t measured;    /* cells, by this run */
} hy_rounds_watch;

bool hy_rounds_are_open(const hy_campaign_plan *plan); /* a precision or a budget is given */

/* Begins to count; plan, store and campaign are filled in. */
void hy_rounds_watch_start(hy_rounds_watch *watch);

/* Whether this round may be begun: it is one of the first five, or would end within the budget. */
bool hy_rounds_may_begin(const hy_rounds_watch *watch, unsigned round);

/* Before the second round: whether the fewest that there are will take longer than the budget by what the first one
 * took; then the sentence. */
bool hy_rounds_foresee(const hy_rounds_watch *watch, char *ret_sentence, size_t room);

/* After so many pilot rounds: how many there will be, and why.  0 or -errno with the sentence. */
int hy_rounds_choose(const hy_rounds_watch *watch, unsigned pilot, hy_rounds_chosen *ret_rounds, hy_error *error);

/* The budget was over after `done` rounds, before all chosen ones were measured. */
void hy_rounds_cut(const hy_rounds_watch *watch, unsigned done, hy_rounds_chosen *rounds);

#endif
