/* SPDX-License-Identifier: MIT
 *
 * crowd_replay.h - an arrival trace replayed on a model of memory: who gets in, who waits, what is wasted.
 */
#ifndef HY_CROWD_REPLAY_H
#define HY_CROWD_REPLAY_H

#include "arrivals.h"
#include "memory_model.h"

typedef enum hy_queue {
    HY_QUEUE_FIFO,     /* who comes first is served first: nobody overtakes */
    HY_QUEUE_OVERTAKE, /* whoever fits goes in, the longest waiting first */
    HY_QUEUE_NONE      /* who finds no room is refused */
} hy_queue;

typedef enum hy_sizes {
    HY_SIZES_MEASURED, /* a program asks for what it was seen to need */
    HY_SIZES_GUESSED,  /* for what is guessed from its file */
    HY_SIZES_ELASTIC   /* for what it needs, and would run in `least` of it */
} hy_sizes;

extern const char *const hy_queue_names[], *const hy_sizes_names[]; /* end with NULL */

typedef struct hy_crowd_options {
    uint64_t machine; /* bytes of memory */
    hy_queue queue;
    hy_sizes sizes;
    double least;    /* a share */
    unsigned sweeps; /* times that a program refers to all of its memory, evenly over its life, at least 2 */
    bool no_forks;   /* copies of programs that have not executed anything yet are left out */
} hy_crowd_options;

typedef struct hy_crowd_result {
    uint64_t programs, admitted, refused;
    uint64_t cramped;              /* admitted with less than they were seen to need: the guess was too small */
    uint64_t waited;               /* those who were not admitted at once */
    double wait_sum, wait_longest; /* ns */
    double end;                    /* ns, when the last one has gone */
    double internal;               /* bytes that programs hold and do not need; mean over all time */
    double external;               /* bytes that are free while somebody waits; mean over all time */
    double used;                   /* bytes that programs need and hold; mean over all time */
    uint64_t stuck;                /* those who once found no room although enough was free */
    double index;                  /* 1 - largest / free, mean over all times that somebody found no room; NAN: never */
    hy_memory_counts counts;
} hy_crowd_result;

/* 0 or -errno with the sentence. */
int hy_crowd_replay(const hy_arrivals *arrivals, const hy_model *model, const hy_crowd_options *options,
                    hy_crowd_result *ret, hy_error *error);

/* Whether it takes part: it has memory of its own, and its size is known. */
bool hy_crowd_counts(const hy_program *program, const hy_crowd_options *options);

#endif
