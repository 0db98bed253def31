/* SPDX-License-Identifier: MIT
 *
 * laboratory.h - every fault on every target, again and again, and what came of it.
 *
 *   1. For each cell (a fault on a target) the control runs first: as the fault, without the faulty step.  It must come
 *      to its end, or the cell is invalid; what it says is no complaint about the fault.
 *   2. Then the fault runs `repetitions` times, each time in a fresh process.  Defences are a matter of chance, so a
 * cell is a distribution over outcomes and moments; its outcome is the most frequent one.
 *   3. Where a fault does not apply, its control says so, and that is all.
 */
#ifndef HY_LABORATORY_H
#define HY_LABORATORY_H

#include "outcome.h"
#include "target.h"

#include <signal.h>

typedef struct hy_attack_cell {
    unsigned runs;
    unsigned count[HY_OUTCOMES][HY_MOMENTS];
    char words[HY_OUTCOMES][120]; /* of the first run with that outcome */
    hy_victim_end *control;       /* while it is needed */
} hy_attack_cell;

typedef struct hy_predictability {
    bool measured; /* each start had an address to tell */
    unsigned starts;
    double small_bits, large_bits;     /* entropy of the first small and large block's address */
    uint64_t small_reuse, large_reuse; /* pairs, first percentile; 0: not known */
} hy_predictability;

/* Of the same machine: see victim_price.c.  The least of all rounds; NAN: not known. */
typedef struct hy_price {
    double hot_ns, working_ns; /* CPU time of a pair */
    double resident;           /* memory, as a multiple of the live bytes */
} hy_price;

typedef struct hy_attack_plan {
    const hy_fault *const *fault;
    size_t fault_count;
    hy_target *target; /* opened */
    size_t target_count;
    unsigned repetitions;
    unsigned starts; /* of each target, for the entropy of addresses; 0: not measured */
    unsigned prices; /* rounds in which each target's price is measured, one victim at a time; 0: not */
    bool draw;       /* the heap, where the target is a heap inside the victim */
    size_t jobs;
    uint64_t timeout, memory; /* of a victim */
    const volatile sig_atomic_t *stop;
    void (*show_progress)(size_t done, size_t total); /* or NULL */
} hy_attack_plan;

typedef struct hy_attack_result {
    hy_attack_cell *cell;           /* fault_count × target_count: [fault * target_count + target] */
    hy_predictability *predictable; /* target_count */
    hy_price *price;                /* target_count */
    size_t drawings;
    char **drawing; /* as cells: lines of the heap before, at and after the fault, or NULL */
    size_t victims; /* processes in all */
} hy_attack_result;

/* 0; -EINTR: stopped; -errno with the sentence.  To be freed after 0 only. */
int hy_attack_run(const hy_attack_plan *plan, hy_attack_result *ret_result, hy_error *error);
void hy_attack_free(hy_attack_result *result);

/* How often a cell ended so, at whatever moment. */
unsigned hy_attack_count(const hy_attack_cell *cell, hy_outcome outcome);
/* The most frequent outcome, and its most frequent moment; of equally frequent ones the worse. */
hy_outcome hy_attack_outcome(const hy_attack_cell *cell, unsigned *ret_moment);

#endif
