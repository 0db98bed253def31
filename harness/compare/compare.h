/* SPDX-License-Identifier: MIT
 *
 * compare.h - verdicts about one campaign, or about two databases.
 *
 * A campaign: each allocator against its baseline, as trials.h judges it.
 *
 * Two databases were measured at different times, perhaps on a machine that was faster then, so their times cannot be
 * compared.  What can be: an allocator's time divided by that of a reference in the same round.  The reference is
 * `system` where both have it in the same version, else `null`; where neither is there, times are not judged.  All
 * allocators on all traces are one family.  Where the control of a trace was told apart, in either database, the
 * verdicts about times on that trace are withheld.
 */
#ifndef HY_COMPARE_H
#define HY_COMPARE_H

#include "archive.h"

typedef enum hy_side {
    HY_SIDE_OTHER,    /* compared */
    HY_SIDE_AGAIN,    /* the baseline once more: the control, as a row of its own */
    HY_SIDE_BASELINE, /* what is compared with, or the reference of two databases: no verdict */
} hy_side;

/* One allocator on one trace.  Ours is this one (of NEW), theirs the baseline's (its own in OLD). */
typedef struct hy_comparison {
    const char *spec;
    hy_side side;
    double ours, theirs;         /* median ns an operation; NAN: none */
    double our_size, their_size; /* bytes */
    size_t rounds;               /* that the verdict about time is from */
    hy_judgement time, size;     /* words are "" where nothing was judged */
    bool failed;                 /* did not get through, or does no longer */
    const char *problem;         /* or NULL */
} hy_comparison;

typedef struct hy_control {
    const char *spec, *database; /* database: NULL if there is one only */
    hy_judgement time;
} hy_control;

typedef struct hy_compared {
    const hy_trial *trial; /* of the campaign, or of NEW */
    const char *reference; /* NULL for a campaign, or if there is none */
    double null_time;      /* median ns an operation of `null`; NAN: not measured */
    hy_comparison *row;    /* baseline first */
    size_t count;
    hy_control control[2];
    size_t control_count;
    const char **gone; /* of two databases: allocators that OLD has on this trace and NEW has not */
    size_t gone_count;
} hy_compared;

/* Texts are those of the trials and specs that it was made from. */
typedef struct hy_comparisons {
    hy_rules rules;
    const char *old, *new; /* the databases' paths; NULL for a campaign */
    hy_compared *trace;
    size_t count;
    const char **gone; /* traces that OLD has and NEW has not */
    size_t gone_count;
    hy_trial_words few; /* of a campaign: that its rounds are too few, or "" */
} hy_comparisons;

/* Judges the trials.  specs[0] is the baseline; the same spec again is its control, as a row.  0, or -ENOMEM with the
 * sentence. */
int hy_compare_campaign(hy_trials *trials, char *const *specs, size_t count, const hy_rules *rules,
                        hy_comparisons *ret_comparisons, hy_error *error);

/* What both have: traces by their hash, of them the allocators by their spec; all, or those in `specs` (count 0: all).
 * 0, or -errno with the sentence: nothing in common. */
int hy_compare_databases(const hy_archive *old, const hy_archive *new, char *const *specs, size_t count,
                         const hy_rules *rules, hy_comparisons *ret_comparisons, hy_error *error);

void hy_comparisons_free(hy_comparisons *comparisons);

/* Slower, larger, or not got through. */
bool hy_comparison_worse(const hy_comparison *row);
size_t hy_comparisons_worse(const hy_comparisons *comparisons);

/* Median ns an operation of the rounds after the warm-up, and median bytes; NAN: none, also for NULL. */
double hy_series_time(const hy_trial *trial, const hy_series *series);
double hy_series_size(const hy_series *series);

#endif
