/* SPDX-License-Identifier: MIT
 *
 * micro_exchange.c - blocks that one thread allocates and another frees, and threads that come and go.
 *
 * Whoever waits for the other thread spins, and yields now and then in case both share a processor.  Each side of a
 * ring remembers how far the other was when it last looked, and looks again only when that is used up: so the ring
 * itself costs little.
 */
#include "micro.h"

#include <sched.h>

enum { HANDED_SIZE = 64, RING = 1024, BATCH = 256, BATCHES = 4, LINE = 64 };

static void wait_a_little(unsigned turn) {
    if (turn % 1024 == 1023)
        sched_yield();
#if defined(__x86_64__)
    else
        __builtin_ia32_pause();
#endif
}

/* -------------------------------------------------------------------------------------------------------- ring ---- */

/* Places that one thread fills and the other empties; their numbers only grow. */
typedef struct line_of_places {
    _Alignas(LINE) uint64_t put; /* places filled */
    _Alignas(LINE) uint64_t got; /* places emptied */
} line_of_places;

/* How far the other side is, once that is not `at`. */
static uint64_t wait_beyond(const uint64_t *other, uint64_t at) {
    uint64_t seen = __atomic_load_n(other, __ATOMIC_ACQUIRE);
    for (unsigned turn = 0; seen == at; turn++) {
        wait_a_little(turn);
        seen = __atomic_load_n(other, __ATOMIC_ACQUIRE);
    }
    return seen;
}

static line_of_places places;
static _Alignas(LINE) void *ring[RING];
static _Alignas(LINE) void *handed[BATCHES][BATCH];

static void produce(micro_share *share) {
    uint64_t put = 0, got = 0;
    while (micro_goes_on(share, MICRO_BATCH))
        for (int i = 0; i < MICRO_BATCH; i++) {
            void *const block = micro_take(HANDED_SIZE);
            if (put - got == RING)
                got = wait_beyond(&places.got, got);
            ring[put % RING] = block;
            __atomic_store_n(&places.put, ++put, __ATOMIC_RELEASE);
        }
    if (put - got == RING)
        wait_beyond(&places.got, got);
    ring[put % RING] = NULL; /* the end */
    __atomic_store_n(&places.put, put + 1, __ATOMIC_RELEASE);
}

static void consume(void) {
    for (uint64_t put = 0, got = 0;;) {
        if (got == put)
            put = wait_beyond(&places.put, put);
        void *const block = ring[got % RING];
        if (!block)
            return;
        micro_give(block);
        __atomic_store_n(&places.got, ++got, __ATOMIC_RELEASE);
    }
}

void micro_ring(micro_share *share) {
    micro_begin(share);
    if (share->thread == 0)
        produce(share);
    else
        consume();
}

/* ----------------------------------------------------------------------------------------------------- batches ---- */

static void produce_batches(micro_share *share) {
    uint64_t put = 0, got = 0;
    void **batch = handed[0];
    while (micro_goes_on(share, BATCH)) {
        for (int i = 0; i < BATCH; i++)
            batch[i] = micro_take(HANDED_SIZE);
        __atomic_store_n(&places.put, ++put, __ATOMIC_RELEASE);
        if (put - got == BATCHES)
            got = wait_beyond(&places.got, got);
        batch = handed[put % BATCHES];
    }
    batch[0] = NULL; /* the end */
    __atomic_store_n(&places.put, put + 1, __ATOMIC_RELEASE);
}

static void consume_batches(void) {
    for (uint64_t put = 0, got = 0;;) {
        if (got == put)
            put = wait_beyond(&places.put, put);
        void **const batch = handed[got % BATCHES];
        if (!batch[0])
            return;
        for (int i = 0; i < BATCH; i++)
            micro_give(batch[i]);
        __atomic_store_n(&places.got, ++got, __ATOMIC_RELEASE);
    }
}

void micro_batches(micro_share *share) {
    micro_begin(share);
    if (share->thread == 0)
        produce_batches(share);
    else
        consume_batches();
}

/* -------------------------------------------------------------------------------------------------- shared set ---- */

/* The first thread's table is everybody's. */
void micro_shared_set(micro_share *share) {
    const hy_draws *const draws = share->job->draws;
    const size_t n = share->job->n;
    void **const blocks = share->job->shares[0].blocks;
    size_t turn = n + share->thread * 7919u;
    if (share->thread == 0)
        micro_fill(share, n);
    micro_begin(share);
    while (micro_goes_on(share, MICRO_BATCH)) {
        for (int i = 0; i < MICRO_BATCH; i++, turn++) {
            void *const block = micro_take(hy_draws_size(draws, turn));
            micro_give(__atomic_exchange_n(&blocks[hy_draws_pick(draws, turn, n)], block, __ATOMIC_ACQ_REL));
        }
    }
}

/* ----------------------------------------------------------------------------------------------------- threads ---- */

/* Starts a thread and waits for its end. */
static void run_thread(void *(*work)(void *), void *context) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, context) != 0)
        abort();
    pthread_join(thread, NULL);
}

enum { LARSON_BLOCKS = 1000, LARSON_TURNS = 10000, LARSON_LEAST = 8, LARSON_MOST = 1000 };

typedef struct generation {
    micro_share *share;
    size_t turn;
} generation;

static size_t larson_size(const hy_draws *draws, size_t turn) {
    return LARSON_LEAST + hy_draws_pick(draws, turn * 2 + 1, LARSON_MOST - LARSON_LEAST + 1);
}

/* One generation: replaces what the one before it allocated. */
static void *larson_live(void *context) {
    generation *const g = context;
    const hy_draws *const draws = g->share->job->draws;
    for (size_t end = g->turn + LARSON_TURNS; g->turn < end; g->turn++) {
        void **const slot = &g->share->blocks[hy_draws_pick(draws, g->turn * 2, LARSON_BLOCKS)];
        micro_give(*slot);
        *slot = micro_take(larson_size(draws, g->turn));
    }
    return NULL;
}

void micro_larson(micro_share *share) {
    generation g = {.share = share};
    for (size_t i = 0; i < LARSON_BLOCKS; i++)
        share->blocks[i] = micro_take(larson_size(share->job->draws, i));
    micro_begin(share);
    while (micro_goes_on(share, LARSON_TURNS))
        run_thread(larson_live, &g);
}

static void *thread_live(void *context) {
    const micro_share *const share = context;
    void *blocks[64];
    for (size_t i = 0; i < share->job->n; i++)
        blocks[i] = micro_take(hy_draws_size(share->job->draws, i));
    for (size_t i = 0; i < share->job->n; i++)
        micro_give(blocks[i]);
    return NULL;
}

void micro_threads(micro_share *share) {
    micro_begin(share);
    while (micro_goes_on(share, 1))
        run_thread(thread_live, share);
}
