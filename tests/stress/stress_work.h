/* SPDX-License-Identifier: MIT
 *
 * stress_work.h - what threads under stress do, and how one follows the other on a seat.
 */
#ifndef HY_STRESS_WORK_H
#define HY_STRESS_WORK_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct stress_plan {
    uint64_t seed;
    unsigned seats;      /* threads at a time; rows of slots are one more */
    uint64_t operations; /* on each seat; 0: until `end` */
    uint64_t end;        /* in seconds of the monotonic clock */
    size_t most_live;    /* bytes */
    int nice;            /* of the threads, so that others get on beside them */
    uint64_t fork_each;  /* operations of a seat from one fork to the next; 0: none */
} stress_plan;

extern stress_plan stress_the_plan;

/* Starts the first thread of each seat; later ones are started by their predecessors. */
void work_start(void);
/* Lets the threads of a plan in seconds come to their end. */
void work_end(void);
/* Whether threads are still to come or at work; *ret_progress grows with what they do. */
bool work_goes_on(uint64_t *ret_progress);
/* Waits for the last thread of each seat; the number of threads that lived. */
uint64_t work_join(void);

/* Forks; the child verifies what it inherited, goes on with threads of its own, frees everything. */
void fork_and_wait(uint64_t *rng);
/* One thread of a forked child: so many operations on this seat. */
void work_some(unsigned seat, uint64_t operations, uint64_t seed);

uint64_t stress_seconds(void);

#endif
