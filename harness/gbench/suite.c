/* SPDX-License-Identifier: MIT
 *
 * suite.c - the micro benchmarks.  An iteration is a malloc and a free (or the realloc that a name says).
 *
 *   pair/SIZE         one block allocated and freed again: the hot path
 *   batch_lifo/N      N blocks of 64 bytes, freed youngest first
 *   batch_fifo/N      ... oldest first
 *   batch_random/N    ... in random order
 *   working_set/N     N live blocks of log-normal sizes (median 64 B), a random one replaced each iteration
 *   holes/N           N holes of mixed sizes, and requests of which each has to search far (see holes.h)
 *   realloc_grow/SIZE one block grown from 16 bytes by half its size each step up to SIZE
 *   handover          one thread allocates, the other frees (a ring of 1024 pointers between them)
 *
 * Sizes and orders are drawn before timing starts.  The first byte of each block is written, as a program would.
 * What an allocator cannot do it refuses, and the result says why.  One without reuse is reset after each batch; that
 * is how it is used, and the reset is timed.
 *
 * All are called through the same table of functions.  Behind it a malloc of somebody else has the adapter's jump: six
 * instructions before its malloc, three before its free, counted in the machine code of x86-64 (adapters/foreign.c).
 * Our own have none.  `heapyard bench --compare` calls all of them through malloc itself.
 */
#include "suite.h"

#include "draws.h"
#include "gbench.h"
#include "holes.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 16, BATCH = 1024, SLOW_BATCH = 16, RING = 1024 };

/* One pointer ring between two threads, each index on a cache line of its own. */
typedef struct ring {
    void *slot[RING];
    _Alignas(64) uint64_t put;
    _Alignas(64) uint64_t got;
} ring;

/* Everything the benchmarks share; made before the first one runs. */
typedef struct suite {
    hy_heap *heap;
    uint32_t flags;
    hy_draws draws;
    void **blocks;
    ring ring;
} suite;

/* ----------------------------------------------------------------------------------------------------- helpers ---- */

static inline void *take(suite *s, size_t size) {
    char *const block = s->heap->ops->alloc(s->heap, size, ALIGN);
    if (block)
        *(volatile char *)block = 1;
    return block;
}

static inline void give(suite *s, void *block, size_t size) {
    s->heap->ops->free(s->heap, block, size);
}

static bool fits(suite *s, hy_bench_state *state, size_t size, uint32_t refused_flags, const char *reason) {
    if (s->flags & refused_flags)
        hy_bench_refuse(state, reason);
    else if (s->heap->max_size < size)
        hy_bench_refuse(state, "refused: blocks of this size are too large for the allocator");
    else if (s->heap->ops->max_align < ALIGN)
        hy_bench_refuse(state, "refused: the allocator cannot align to 16 bytes");
    else
        return true;
    return false;
}

static void reset_if_needed(suite *s) {
    if ((s->flags & HY_NO_REUSE) && s->heap->ops->reset)
        s->heap->ops->reset(s->heap);
}

static void no_room(hy_bench_state *state) {
    hy_bench_refuse(state, "no room: the allocator returned NULL");
}

/* -------------------------------------------------------------------------------------------------- benchmarks ---- */

static void pair(hy_bench_state *state, void *context) {
    suite *const s = context;
    const size_t size = (size_t)hy_bench_get_argument(state);
    if (!fits(s, state, size, 0, NULL))
        return;
    while (hy_bench_batch(state, BATCH)) {
        for (int i = 0; i < BATCH; i++) {
            void *const block = take(s, size);
            if (!block)
                return no_room(state);
            give(s, block, size);
        }
        reset_if_needed(s);
    }
}

typedef enum batch_order { LIFO, FIFO, RANDOM } batch_order;

/* The k-th block to free.  RANDOM walks all N in an order that looks random: N is a power of two, the step is odd. */
static inline size_t batch_pick(batch_order order, size_t k, size_t n) {
    return order == LIFO ? n - 1 - k : order == FIFO ? k : (k * 0x9e3779b1u + 12345u) & (n - 1);
}

static inline void batch(suite *s, hy_bench_state *state, batch_order order) {
    const size_t n = (size_t)hy_bench_get_argument(state);
    if (!fits(s, state, 64, order == LIFO ? 0 : HY_LIFO, "refused: the allocator frees in the opposite order only"))
        return;
    while (hy_bench_batch(state, (int64_t)n)) {
        for (size_t i = 0; i < n; i++) {
            s->blocks[i] = take(s, 64);
            if (!s->blocks[i]) {
                while (i > 0)
                    give(s, s->blocks[--i], 64);
                return no_room(state);
            }
        }
        for (size_t k = 0; k < n; k++)
            give(s, s->blocks[batch_pick(order, k, n)], 64);
        reset_if_needed(s);
    }
}

static void batch_lifo(hy_bench_state *state, void *context) {
    batch(context, state, LIFO);
}

static void batch_fifo(hy_bench_state *state, void *context) {
    batch(context, state, FIFO);
}

static void batch_random(hy_bench_state *state, void *context) {
    batch(context, state, RANDOM);
}

static bool fill(suite *s, size_t n) {
    for (size_t i = 0; i < n; i++) {
        s->blocks[i] = take(s, hy_draws_size(&s->draws, i));
        if (!s->blocks[i]) {
            while (i > 0)
                give(s, s->blocks[--i], 0);
            return false;
        }
    }
    return true;
}

static void working_set(hy_bench_state *state, void *context) {
    suite *const s = context;
    const size_t n = (size_t)hy_bench_get_argument(state);
    if (!fits(s, state, 1 << 16, HY_LIFO | HY_NO_REUSE | HY_REGIONS,
              "refused: the allocator does not reuse single blocks"))
        return;
    if (!fill(s, n))
        return no_room(state);
    size_t turn = n;
    bool room = true;
    while (room && hy_bench_batch(state, BATCH)) {
        for (int i = 0; room && i < BATCH; i++, turn++) {
            void **const slot = &s->blocks[hy_draws_pick(&s->draws, turn, n)];
            give(s, *slot, 0);
            *slot = take(s, hy_draws_size(&s->draws, turn));
            room = *slot != NULL;
            if (!room)
                *slot = take(s, 1);
        }
    }
    for (size_t i = 0; i < n; i++)
        if (s->blocks[i])
            give(s, s->blocks[i], 0);
    if (!room)
        no_room(state);
}

/* False: some request found no room. */
static bool search(suite *s, hy_bench_state *state, hy_holes *made) {
    size_t turn = 0;
    while (hy_bench_batch(state, SLOW_BATCH)) {
        for (int i = 0; i < SLOW_BATCH; i++, turn++) {
            void **const slot = hy_holes_next(made);
            if (*slot)
                give(s, *slot, 0);
            *slot = take(s, hy_holes_request(s->draws.choices[turn % HY_DRAWS]));
            if (!*slot)
                return false;
        }
    }
    return true;
}

static void holes(hy_bench_state *state, void *context) {
    static hy_holes made;
    suite *const s = context;
    const size_t n = (size_t)hy_bench_get_argument(state);
    if (!fits(s, state, 512, HY_LIFO | HY_NO_REUSE | HY_REGIONS, "refused: the allocator does not reuse single blocks"))
        return;
    void **const blocks = calloc(2 * n, sizeof *blocks);
    bool room = blocks && hy_holes_make(s->heap, n, blocks, &made);
    if (room) {
        room = search(s, state, &made);
        hy_holes_end(&made);
    }
    free(blocks);
    if (!room)
        no_room(state);
}

static void realloc_grow(hy_bench_state *state, void *context) {
    suite *const s = context;
    const size_t limit = (size_t)hy_bench_get_argument(state);
    if (!fits(s, state, limit, 0, NULL))
        return;
    while (hy_bench_batch(state, 1)) {
        size_t size = 16;
        void *block = take(s, size);
        while (block && size < limit) {
            const size_t larger = size + size / 2 < limit ? size + size / 2 : limit;
            void *const grown = s->heap->ops->realloc(s->heap, block, size, ALIGN, larger);
            if (!grown)
                break;
            block = grown;
            size = larger;
            ((volatile char *)block)[size - 1] = 1;
        }
        if (!block)
            return no_room(state);
        give(s, block, size);
        reset_if_needed(s);
    }
}

/* One side of the ring does `count` blocks. */
static void produce(suite *s, int64_t count) {
    ring *const r = &s->ring;
    for (int64_t i = 0; i < count; i++) {
        void *const block = take(s, 64);
        const uint64_t put = r->put;
        while (put - __atomic_load_n(&r->got, __ATOMIC_ACQUIRE) == RING)
            sched_yield();
        r->slot[put % RING] = block;
        __atomic_store_n(&r->put, put + 1, __ATOMIC_RELEASE);
    }
}

static void consume(suite *s, int64_t count) {
    ring *const r = &s->ring;
    for (int64_t i = 0; i < count; i++) {
        const uint64_t got = r->got;
        while (__atomic_load_n(&r->put, __ATOMIC_ACQUIRE) == got)
            sched_yield();
        if (r->slot[got % RING])
            give(s, r->slot[got % RING], 64);
        __atomic_store_n(&r->got, got + 1, __ATOMIC_RELEASE);
    }
}

/* Both threads are given the same number of iterations, so each block put is got. */
static void handover(hy_bench_state *state, void *context) {
    suite *const s = context;
    const bool producer = hy_bench_thread(state) == 0;
    if (!fits(s, state, 64, HY_LIFO | HY_NO_REUSE | HY_REGIONS, "refused: the allocator does not reuse single blocks"))
        return;
    while (hy_bench_batch(state, BATCH)) {
        if (producer)
            produce(s, BATCH);
        else
            consume(s, BATCH);
    }
}

/* ------------------------------------------------------------------------------------------------------- setup ---- */

typedef struct entry {
    const char *name;
    hy_bench_body *body;
    int threads;
    int64_t arguments[5]; /* ends with 0 */
} entry;

static const entry entries[] = {
    {"pair", pair, 1, {16, 64, 1024}},
    {"batch_lifo", batch_lifo, 1, {1024}},
    {"batch_fifo", batch_fifo, 1, {1024}},
    {"batch_random", batch_random, 1, {1024}},
    {"working_set", working_set, 1, {10000, 1000000}},
    {"holes", holes, 1, {1000, 10000, 100000, 1000000}},
    {"realloc_grow", realloc_grow, 1, {65536}},
    {"handover", handover, 2, {0}},
};

static suite *prepare(hy_instance *instance) {
    enum { MOST_BLOCKS = 1000000 };
    suite *const s = aligned_alloc(64, (sizeof *s + 63) / 64 * 64);
    void **const blocks = malloc(MOST_BLOCKS * sizeof *blocks);
    if (!s || !blocks)
        abort();
    memset(s, 0, sizeof *s);
    memset(blocks, 0, MOST_BLOCKS * sizeof *blocks); /* touched now, not while measuring */
    s->heap = instance->heap;
    s->flags = instance->base->flags;
    s->blocks = blocks;
    hy_draws_make(&s->draws);
    return s;
}

void hy_suite_register(const char *spec, hy_instance *plain, hy_instance *shared) {
    suite *const one = prepare(plain), *const several = plain == shared ? one : prepare(shared);
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        const entry *const e = &entries[i];
        char name[HY_SPEC_SIZE + 64];
        snprintf(name, sizeof name, "%s/%s", spec, e->name);
        hy_bench *const bench = hy_bench_register(name, e->body, e->threads > 1 ? several : one);
        for (const int64_t *a = e->arguments; *a; a++)
            hy_bench_argument(bench, *a);
        if (e->threads > 1) {
            hy_bench_threads(bench, e->threads);
            hy_bench_real_time(bench);
        }
    }
}
