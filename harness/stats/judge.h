/* SPDX-License-Identifier: MIT
 *
 * judge.h - from the repetitions of many pairs to their verdicts: the one place where a campaign is judged.
 *
 *   ratio     on shared rounds the median of ours / theirs over the rounds, else median of ours / median of theirs
 *   interval  of that ratio, by BCa bootstrap (bootstrap.h)
 *   p         two-sided rank test (ranks.h): of the pair alone, and as Holm adjusts it for the family
 *   delta     Cliff's: how often ours is above theirs, less how often it is below (-1 … 1)
 *   word      that of verdict.h for the interval; a difference needs besides an adjusted p below alpha
 *
 * Family: all contests of one kind in one call, controls apart.  So a campaign is judged in one call, not trace by
 * trace.
 * A control is the baseline against itself.  If one is told apart (faster, slower, …), all other contests of its group
 * and kind are withheld.
 *
 * Which test: Mann-Whitney.  On shared rounds, as soon as there are enough for it to speak in a family of that size,
 * the signed-rank test besides, and p is twice the smaller of both.  Which one depends on counts only, never on values.
 *
 * Fewer than HY_BOOTSTRAP_LEAST values on a side: a time has no interval and is inconclusive.  Bytes repeat almost
 * exactly and are measured few times: where no test could speak, their interval is the range of possible ratios, least
 * / greatest to greatest / least, with each value a grain less or more, and the word follows that range alone; p is NAN
 * then.
 */
#ifndef HY_JUDGE_H
#define HY_JUDGE_H

#include "verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum hy_contest_kind { HY_CONTEST_TIME, HY_CONTEST_SIZE } hy_contest_kind;

typedef struct hy_contest {
    const double *ours, *theirs; /* above 0; borrowed */
    size_t our_count, their_count;
    bool shared;    /* the values at the same place are of the same round, and both counts are equal */
    bool control;   /* the baseline against itself */
    double grain;   /* the steps that values are counted in: each may be off by so much; 0: none */
    unsigned group; /* which trace: a control speaks for its group */
    hy_contest_kind kind;
} hy_contest;

typedef enum hy_test { HY_TEST_NONE, HY_TEST_MANN_WHITNEY, HY_TEST_BOTH } hy_test;

typedef struct hy_rules {
    double margin; /* 0.02: 2 % */
    double alpha;  /* of the whole family */
    double level;  /* of each interval */
    uint64_t seed; /* of the bootstrap */
    /* Look for differences only: where p forbids one there is no interval (NAN), and what might be equivalent is called
     * inconclusive.  For those who judge thousands of campaigns and print none. */
    bool differences_only;
} hy_rules;

#define HY_RULES_DEFAULT ((hy_rules){HY_VERDICT_MARGIN, 0.05, 0.95, 1, false})

typedef struct hy_judgement {
    double ratio, low, high; /* NAN: n/a */
    double p, p_adjusted;    /* NAN: no test */
    double delta;            /* NAN: no values */
    hy_test test;
    const char *word; /* a HY_WORD of verdict.h, never NULL */
} hy_judgement;

/* Judges `n` contests together; ret_judgements has room for as many.  A contest with an empty side, or with a value
 * that is not above 0, is inconclusive with NAN figures, and does not count in the family.  -ENOMEM. */
int hy_judge(const hy_contest *contests, size_t n, const hy_rules *rules, hy_judgement *ret_judgements);

/* The test that a pair gets which is one of `family`, and "none", "Mann-Whitney", "Mann-Whitney and signed-rank". */
hy_test hy_judge_test(const hy_contest *contest, size_t family, double alpha);
const char *hy_test_name(hy_test test);

/* Rounds from which on a difference can be told at all in a family of that size, however large it is: 5 for up to 6
 * comparisons, 8 for 100. */
size_t hy_judge_least_rounds(size_t family, double alpha);

#endif
