/* SPDX-License-Identifier: MIT
 *
 * judge.c - the verdicts of a campaign (see judge.h).
 *
 *   1. Contests with values on both sides are counted: the size of each family.
 *   2. Each gets its ratio, its effect and the p of the test that counts and family call for; Holm adjusts them.
 *   3. Each gets its interval and the word of it; a difference that the adjusted p does not back is inconclusive.
 *   4. A control that was told apart silences its group.
 *
 * The family-wise error is Holm's: at most alpha, whatever the intervals say, since a difference needs p and interval
 * both.  Both tests keep to it when rounds drift: within a round the order of the cells is random, so under no
 * difference the two values of a round may change places.  For the signed-rank test that is all it asks for.  For
 * Mann-Whitney, what both sides share makes false verdicts rarer, but true ones too; where single values are far out it
 * is the stronger one.  Nobody knows beforehand which kind of noise there will be, so both are asked, and pay for it by
 * doubling p (Bonferroni).
 *
 * Source: as ranks.c and bootstrap.c; for a margin of equivalence, D. J. Schuirmann, "A comparison of the two one-sided
 * tests procedure and the power approach for assessing the equivalence of average bioavailability", 1987.
 * Bad at: differences near the margin.  What is truly 2 % slower, at a margin of 2 %, is mostly inconclusive.
 */
#include "judge.h"

#include "bootstrap.h"
#include "describe.h"
#include "ranks.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* How much smaller than needed the least p of a signed-rank test must be before it is asked: two for the doubling, and
 * four so that a round or two may go the other way. */
#define JUDGE_SLACK 8

static bool judge_side_usable(const double *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!(values[i] > 0) || !isfinite(values[i]))
            return false;
    return count > 0;
}

static bool judge_usable(const hy_contest *c) {
    return judge_side_usable(c->ours, c->our_count) && judge_side_usable(c->theirs, c->their_count);
}

static bool judge_shares(const hy_contest *c) {
    return c->shared && c->our_count == c->their_count;
}

static bool judge_same_family(const hy_contest *a, const hy_contest *b) {
    return a->kind == b->kind && a->control == b->control;
}

/* ------------------------------------------------------------------------------------------------------ tests ---- */

/* Of Mann-Whitney, two-sided: 2 / (na + nb over na). */
static double judge_least_p(size_t na, size_t nb) {
    double deals = 1;
    for (size_t i = 1; i <= na; i++)
        deals *= (double)(nb + i) / (double)i;
    return 2 / deals;
}

hy_test hy_judge_test(const hy_contest *c, size_t family, double alpha) {
    const double wanted = alpha / (double)(family ? family : 1);
    if (c->our_count < HY_BOOTSTRAP_LEAST || c->their_count < HY_BOOTSTRAP_LEAST)
        return HY_TEST_NONE;
    if (judge_shares(c) && ldexp(JUDGE_SLACK, 1 - (int)c->our_count) <= wanted)
        return HY_TEST_BOTH;
    if (c->kind == HY_CONTEST_SIZE && judge_least_p(c->our_count, c->their_count) > wanted)
        return HY_TEST_NONE;
    return HY_TEST_MANN_WHITNEY;
}

const char *hy_test_name(hy_test test) {
    static const char *const names[] = {"none", "Mann-Whitney", "Mann-Whitney and signed-rank"};
    return names[test];
}

size_t hy_judge_least_rounds(size_t family, double alpha) {
    size_t rounds = HY_BOOTSTRAP_LEAST;
    while (judge_least_p(rounds, rounds) * (double)family > alpha)
        rounds++;
    return rounds;
}

static double judge_p(const hy_contest *c, hy_test test) {
    if (test == HY_TEST_NONE)
        return NAN;
    const double apart = hy_mann_whitney(c->ours, c->our_count, c->theirs, c->their_count);
    if (test == HY_TEST_MANN_WHITNEY)
        return apart;
    return fmin(1, 2 * fmin(apart, hy_signed_rank(c->ours, c->theirs, c->our_count)));
}

/* -------------------------------------------------------------------------------------------------- intervals ---- */

/* A grain less, but not so little that nothing is left. */
static double judge_less(double value, double grain) {
    return fmax(value - grain, value / 2);
}

static void judge_range(const hy_contest *c, hy_judgement *j) {
    j->low = judge_less(hy_quantile(c->ours, c->our_count, 0), c->grain) /
             (hy_quantile(c->theirs, c->their_count, 1) + c->grain);
    j->high = (hy_quantile(c->ours, c->our_count, 1) + c->grain) /
              judge_less(hy_quantile(c->theirs, c->their_count, 0), c->grain);
}

static int judge_interval(const hy_contest *c, const hy_rules *rules, hy_judgement *j) {
    double ratio;
    if (c->kind == HY_CONTEST_SIZE && j->test == HY_TEST_NONE) {
        judge_range(c, j);
        return 0;
    }
    if (j->test == HY_TEST_NONE || (rules->differences_only && j->p_adjusted >= rules->alpha))
        return 0;
    if (judge_shares(c))
        return hy_shared_interval(c->ours, c->theirs, c->our_count, rules->level, rules->seed, &ratio, &j->low,
                                  &j->high);
    return hy_ratio_interval(c->ours, c->our_count, c->theirs, c->their_count, rules->level, rules->seed, &ratio,
                             &j->low, &j->high);
}

static const char *judge_word(const hy_contest *c, const hy_rules *rules, const hy_judgement *j) {
    const char *const word = c->kind == HY_CONTEST_TIME ? hy_verdict_time(j->ratio, j->low, j->high, rules->margin)
                                                        : hy_verdict_size(j->ratio, j->low, j->high, rules->margin);
    const bool chance = j->test != HY_TEST_NONE && !(j->p_adjusted < rules->alpha);
    return chance && hy_word_differs(word) ? HY_WORD_INCONCLUSIVE : word;
}

/* ----------------------------------------------------------------------------------------------- the campaign ---- */

/* How many usable contests there are of each kind, controls apart. */
typedef struct judge_families {
    size_t size[2][2];
} judge_families;

static judge_families judge_count(const hy_contest *contests, size_t n) {
    judge_families f = {{{0}}};
    for (size_t i = 0; i < n; i++)
        f.size[contests[i].kind][contests[i].control] += judge_usable(&contests[i]);
    return f;
}

static void judge_figures(const hy_contest *c, size_t family, double alpha, hy_judgement *j) {
    j->ratio = judge_shares(c) ? hy_median_quotient(c->ours, c->theirs, c->our_count)
                               : hy_median(c->ours, c->our_count) / hy_median(c->theirs, c->their_count);
    j->delta = hy_cliff_delta(c->ours, c->our_count, c->theirs, c->their_count);
    j->test = hy_judge_test(c, family, alpha);
    j->p = judge_p(c, j->test);
}

/* p of the family of contests[first], adjusted; the others keep theirs.  `room` is for 2 n values. */
static int judge_family(const hy_contest *contests, size_t n, size_t first, double *room, hy_judgement *judgements) {
    for (size_t i = 0; i < n; i++)
        room[i] = judge_same_family(&contests[i], &contests[first]) ? judgements[i].p : NAN;
    const int result = hy_holm(room, n, room + n);
    for (size_t i = 0; i < n && result == 0; i++)
        if (!isnan(room[i]))
            judgements[i].p_adjusted = room[n + i];
    return result;
}

static int judge_adjust(const hy_contest *contests, size_t n, hy_judgement *judgements) {
    double *const room = malloc((2 * n + 1) * sizeof *room);
    int result = room ? 0 : -ENOMEM;
    for (size_t i = 0; i < n && result == 0; i++)
        if (!isnan(judgements[i].p) && isnan(judgements[i].p_adjusted))
            result = judge_family(contests, n, i, room, judgements);
    free(room);
    return result;
}

static void judge_withhold(const hy_contest *contests, size_t n, hy_judgement *judgements) {
    for (size_t i = 0; i < n; i++) {
        if (!contests[i].control || !hy_word_differs(judgements[i].word))
            continue;
        for (size_t k = 0; k < n; k++)
            if (!contests[k].control && contests[k].group == contests[i].group && contests[k].kind == contests[i].kind)
                judgements[k].word = HY_WORD_WITHHELD;
    }
}

int hy_judge(const hy_contest *contests, size_t n, const hy_rules *rules, hy_judgement *ret_judgements) {
    const judge_families families = judge_count(contests, n);
    for (size_t i = 0; i < n; i++) {
        ret_judgements[i] = (hy_judgement){NAN, NAN, NAN, NAN, NAN, NAN, HY_TEST_NONE, HY_WORD_INCONCLUSIVE};
        if (judge_usable(&contests[i]))
            judge_figures(&contests[i], families.size[contests[i].kind][contests[i].control], rules->alpha,
                          &ret_judgements[i]);
    }
    int result = judge_adjust(contests, n, ret_judgements);
    for (size_t i = 0; i < n && result == 0; i++) {
        if (isnan(ret_judgements[i].ratio))
            continue;
        result = judge_interval(&contests[i], rules, &ret_judgements[i]);
        ret_judgements[i].word = judge_word(&contests[i], rules, &ret_judgements[i]);
    }
    if (result == 0)
        judge_withhold(contests, n, ret_judgements);
    return result;
}
