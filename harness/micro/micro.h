/* SPDX-License-Identifier: MIT
 *
 * micro.h - a micro benchmark as a body that runs in one thread or in several at once.
 *
 *     static void pair(micro_share *share) {
 *         const size_t size = share->job->n;
 *         micro_begin(share);
 *         while (micro_goes_on(share, MICRO_BATCH))
 *             for (int i = 0; i < MICRO_BATCH; i++)
 *                 micro_give(micro_take(size));
 *     }
 *
 * What comes before micro_begin is not timed.  All threads begin together; each warms up for a quarter of the time and
 * is timed for the whole of it, so that they run beside each other from the first timed iteration to the last.
 * Nothing of the harness itself is allocated with malloc.
 */
#ifndef HY_MICRO_H
#define HY_MICRO_H

#include "clock.h"
#include "draws.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

enum { MICRO_BATCH = 4096, MICRO_THREADS = 2 };

typedef struct micro_job micro_job;

/* What one thread does of a job. */
typedef struct micro_share {
    _Alignas(64) const micro_job *job; /* no cache line of two threads */
    unsigned thread;
    void **blocks;        /* its own table of `job->table` pointers */
    uint64_t until, from; /* ns: of this phase */
    bool warm;            /* the timed phase has begun */
    uint64_t done;        /* iterations of this phase */
    double cost;          /* ns an iteration; 0: this thread is not timed */
} micro_share;

struct micro_job {
    size_t n;         /* the number behind the benchmark's name */
    unsigned threads; /* at once */
    uint64_t time;    /* ns that are timed */
    size_t table;     /* pointers in each thread's table */
    const hy_draws *draws;
    pthread_barrier_t *barrier;
    micro_share *shares; /* of all threads */
};

typedef void micro_body(micro_share *share);

/* The first byte of each block is written, as a program would. */
static inline void *micro_take(size_t size) {
    char *const block = malloc(size);
    if (!block)
        abort();
    *(volatile char *)block = 1;
    return block;
}

static inline void micro_give(void *block) {
    free(block);
}

void micro_begin(micro_share *share);
/* The clock says that this phase is over: the next one, or false. */
bool micro_next_phase(micro_share *share, uint64_t now);

/* Whether to do `more` iterations; then the caller does them. */
static inline bool micro_goes_on(micro_share *share, uint64_t more) {
    const uint64_t now = hy_now();
    if (now >= share->until && !micro_next_phase(share, now))
        return false;
    share->done += more;
    return true;
}

/* Fills the table's first n places; the i-th block has the size of the i-th draw. */
void micro_fill(micro_share *share, size_t n);

/* Fills it, and replaces n random blocks before anything is timed: what comes then is a heap in use, not a fresh one.
 * The next turn of the draws. */
size_t micro_settle(micro_share *share, size_t n);

/* One turn: a random one of n blocks is replaced. */
static inline void micro_replace(micro_share *share, size_t turn, size_t n) {
    const hy_draws *const draws = share->job->draws;
    void **const slot = &share->blocks[hy_draws_pick(draws, turn, n)];
    micro_give(*slot);
    *slot = micro_take(hy_draws_size(draws, turn));
}

/* Memory of the harness: zeroed and touched.  Ends the program when there is none. */
void *micro_map(size_t size);

/* Prints one figure: "time ns 8.25". */
void micro_say(const char *metric, const char *unit, double value);

/* micro_loops.c */
micro_body micro_pair, micro_batch_lifo, micro_batch_fifo, micro_batch_random, micro_working_set;
/* micro_exchange.c */
micro_body micro_ring, micro_batches, micro_shared_set, micro_larson, micro_threads;
/* micro_latency.c, micro_resident.c */
micro_body micro_latency, micro_resident;

#endif
