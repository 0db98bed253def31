/* SPDX-License-Identifier: MIT
 *
 * micro_results.h - the figures of a campaign of micro benchmarks: of each the values by round and allocator, and what
 * may be said of them.
 *
 *   figure     what one line of a benchmark's answer is: "pair/16", "latency/1000000/malloc_p99.9", "ring/threads:2"
 *   scaling    made of two: the time with two threads / the time with one, in the same round; 1 is perfect
 *   against    the ratio to one allocator, the same for all
 *   to best    the ratio to the best of the others: below 1 only for the best itself
 *
 * Ratios are medians over rounds of the ratio in each round; `null` is nobody's rival.  Both kinds of ratio are judged
 * for all figures together (judge.h), times and memory apart; the control is told apart or not for each figure.
 */
#ifndef HY_MICRO_RESULTS_H
#define HY_MICRO_RESULTS_H

#include "error.h"
#include "judge.h"

typedef enum hy_micro_role { HY_MICRO_RIVAL, HY_MICRO_CONTROL, HY_MICRO_NULL } hy_micro_role;

typedef struct hy_micro_entry {
    const char *spec; /* borrowed */
    hy_micro_role role;
} hy_micro_entry;

typedef struct hy_micro_figure {
    char name[64];
    char unit[8];          /* ns, ratio */
    hy_contest_kind kind;  /* time or memory */
    double *values;        /* round after round, of every entry; NAN: none */
    double *middle;        /* of every entry, as the following: the median of its values */
    hy_judgement *against; /* word "": nothing to judge */
    hy_judgement *to_best;
    size_t best, second; /* the rivals with the least medians; the number of entries: there is none */
} hy_micro_figure;

typedef struct hy_micro_results {
    const hy_micro_entry *entries; /* null, the rivals, the control; borrowed */
    size_t count;
    size_t reference;  /* the entry of `against` */
    size_t controlled; /* the entry that the control repeats */
    unsigned rounds;
    hy_micro_figure *figures; /* in the order in which they came */
    size_t figure_count;
} hy_micro_results;

/* Notes a value; the figure is made when it is new. */
void hy_micro_note(hy_micro_results *results, const char *name, const char *unit, size_t entry, unsigned round,
                   double value);
/* Makes the scalings, ratios and verdicts.  0 or -errno with the sentence. */
int hy_micro_judge(hy_micro_results *results, const hy_rules *rules, hy_error *error);
void hy_micro_free(hy_micro_results *results);

#endif
