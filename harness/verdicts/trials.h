/* SPDX-License-Identifier: MIT
 *
 * trials.h - from the cells of one campaign to its verdicts: the one place where that is done, for whoever tells them.
 *
 *   trial     one trace in one campaign
 *   series    one allocator in a trial: a time for each round, and what memory it took
 *   control   a series besides: the allocator that others are compared with, once more in every round
 *
 *   1. Rounds at the start that are not like the rest (steady.h: all series of a trial looked at together) are left out
 *      of all its verdicts.  They stay in the database, and whoever tells verdicts says so (hy_trial_words_warm_up).
 *   2. A contest of two series holds the rounds in which both ended well, so that the values are pairs.
 *   3. All comparisons of a campaign with the baseline are one family (judge.h).  Limits of the possible (null, bump)
 *      are no candidates: they are judged apart, and cost the others nothing.
 *   4. Resident memory of the same allocator differs by a page from one process to the next, so bytes are taken to be a
 *      page less or more than measured.  Where the pass threads was run, memory is what it says, of all series of the
 *      trial, in all rounds; else it is that of the footprint pass, where threads are one after the other.
 *   5. Where the control of a trial was told apart from its own allocator, the other times are withheld.
 */
#ifndef HY_TRIALS_H
#define HY_TRIALS_H

#include "judge.h"
#include "store.h"

#define HY_FOOTPRINT_GRAIN 4096 /* resident memory is counted in pages, and one may be there or not */

typedef struct hy_series {
    char *spec;
    char version[64];
    char *problem; /* «crash: sentence» of the first cell that did not end well; NULL: all did */
    bool control;
    bool limit; /* null, bump: not an allocator that a program could use for long */
    double *ns; /* ns_per_op of each round of the trial; NAN: it did not end well, or was not run */
    size_t timed;
    double *bytes; /* threads_resident where the trial is of threads, else peak_resident */
    size_t weighed;
    hy_judgement time, size; /* against the baseline (the control: against its own allocator); see hy_trials_judge */
} hy_series;

typedef struct hy_trial {
    int64_t trace; /* its id */
    char *name;
    char *hash;        /* of its events: the same in every database */
    size_t threads;    /* of the trace; 0: not known */
    bool side_by_side; /* memory is that of the pass threads */
    size_t rounds;     /* of the campaign, also those that did not end well */
    size_t warm_up;    /* of them at the start, left out */
    hy_series *series;
    size_t count;
    size_t baseline; /* which series; count: none was measured */
    size_t control;  /* which series; count: none */
} hy_trial;

typedef struct hy_trials {
    hy_trial *trial;
    size_t count;
    hy_rounds_chosen rounds; /* where a pilot chose them */
} hy_trials;

/* Reads all trials, by the ids of their traces, their series by the names of their specs, and finds warm-up and
 * baselines: the control's allocator, else `system`, else the first that serves any program, else the first that is no
 * limit.  0 or -errno with the sentence. */
int hy_trials_read(hy_store *store, int64_t campaign, hy_trials *ret_trials, hy_error *error);
void hy_trials_free(hy_trials *trials);

/* Makes another one the baseline, if it has figures. */
void hy_trial_compare_with(hy_trial *trial, const char *spec);

/* Judges every series of every trial against the baseline of that.  The baseline
 * itself gets a ratio of 1 and the word "".  Without a baseline, or without figures: inconclusive, all NAN. */
int hy_trials_judge(hy_trials *trials, const hy_rules *rules, hy_error *error);

/* NULL if there is none. */
hy_trial *hy_trial_of(const hy_trials *trials, int64_t trace);
hy_series *hy_series_of(const hy_trial *trial, const char *spec); /* never the control */

/* The times of `ours` and `theirs`, of the same rounds, after the warm-up; 0 if there are none.  Room for as many as
 * the trial has rounds. */
size_t hy_trial_pairs(const hy_trial *trial, const hy_series *ours, const hy_series *theirs, double *ret_ours,
                      double *ret_theirs);

/* ------------------------------------------------------------------------------------------------------- words ---- */

typedef struct hy_trial_words {
    char text[320];
} hy_trial_words;

/* "A/A control: system against itself 1.004x (95 % CI 0.991-1.020), inconclusive"; "" without a control. */
hy_trial_words hy_trial_words_control(const hy_trial *trial);
/* "warm-up: the first 2 of 20 rounds are not like the rest and left out of the verdicts"; "" where none were. */
hy_trial_words hy_trial_words_warm_up(const hy_trial *trial);
/* "memory in verdicts: of a replay with the trace's 41 threads …", "memory: of a serial replay, …" where the trace has
 * several threads and something was weighed; else "". */
hy_trial_words hy_trial_words_memory(const hy_trial *trial);
/* Judged trials: "5 rounds are too few for a verdict of faster or slower among 7 comparisons: it takes 6"; "" where
 * they are enough. */
hy_trial_words hy_trials_words_few(const hy_trials *trials, double alpha);
/* "23 rounds, chosen after 7: reason"; "" where nobody chose. */
hy_trial_words hy_trials_words_rounds(const hy_trials *trials);

/* ------------------------------------------------------------------------------------------------------- roles ---- */

/* Of any spec.  What this build does not know is taken for a malloc. */
bool hy_spec_is_limit(const char *spec);   /* its blocks overlap, or it never uses memory again */
bool hy_spec_is_general(const char *spec); /* serves any program: no limit, no region, no stack, no pool */

#endif
