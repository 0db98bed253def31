/* SPDX-License-Identifier: MIT
 *
 * cases_handover.c - what heaps with a cache for each thread can get wrong: blocks freed by threads that did not
 * allocate them, threads that end before their blocks, several heaps at once, heaps that end before their threads.
 *
 * Heaps that are not safe by themselves run the same cases behind the lock layer.
 */
#include "crowd.h"

#include "support.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#define MEMBERS 3u
#define ROW 400u   /* blocks of a thread */
#define ROUNDS 20u /* a round is one way to free a row */
#define WAVES 30u  /* of threads that leave blocks behind */
#define RING 128u  /* places between producer and consumer */
#define PRODUCTS 30000u
#define HEAPS 11u /* more than there are thread slots */
#define HEAP_STEPS 4000u
#define REOPENINGS 8u

typedef struct handover {
    subject *s;
    size_t largest;
    hy_heap *heap[HEAPS];
    unsigned heaps;
    unsigned round;
    pthread_barrier_t barrier;
    letter *row[MEMBERS][ROW];
    letter *box[HEAPS][RING];
} handover;

typedef struct partner {
    handover *h;
    unsigned number;
    pthread_t thread;
} partner;

static void handover_open(handover *h, subject *s, size_t blocks) {
    memset(h, 0, sizeof *h);
    h->s = s;
    h->largest = crowd_open(s, blocks);
    subject_needs(s, !subject_has(s, HY_NO_REUSE | HY_REGIONS), "it gives nothing back while something lives");
    h->heap[0] = s->heap;
    h->heaps = 1;
    pthread_barrier_init(&h->barrier, NULL, MEMBERS);
}

static void start(handover *h, partner *partners, void *(*body)(void *)) {
    for (unsigned i = 0; i < MEMBERS; i++) {
        partners[i] = (partner){.h = h, .number = i};
        EXPECT(h->s, pthread_create(&partners[i].thread, NULL, body, &partners[i]) == 0, "no thread");
    }
}

static void finish(partner *partners) {
    for (unsigned i = 0; i < MEMBERS; i++)
        pthread_join(partners[i].thread, NULL);
}

static void run_together(handover *h, void *(*body)(void *)) {
    partner partners[MEMBERS];
    start(h, partners, body);
    finish(partners);
}

static size_t committed(const subject *s) {
    return __atomic_load_n(&s->data->committed, __ATOMIC_RELAXED) +
           __atomic_load_n(&s->meta->committed, __ATOMIC_RELAXED);
}

/* -------------------------------------------------------------------------------------------------------- rows ---- */

static letter *write_any(handover *h, subject *own, hy_heap *heap) {
    const size_t size = h->round % 2 ? letter_size(own, h->largest) : hy_min(h->largest, 32u << (h->round / 2 % 4));
    letter *const block = letter_write(heap, h->s->align, subject_random(own), size);
    EXPECT(h->s, block, "a request of %zu bytes is refused", size);
    return block;
}

static void fill_row(handover *h, subject *own, letter **row) {
    for (unsigned i = 0; i < ROW; i++)
        row[i] = write_any(h, own, h->heap[0]);
}

static void free_at(handover *h, letter **row, size_t i) {
    letter_read(h->s, h->heap[0], row[i], h->largest);
    row[i] = NULL;
}

/* Five ways: forwards, backwards, in strides, at random; or only the odd ones, and the owner frees the even ones. */
static void free_row(handover *h, subject *own, letter **row, letter **mine) {
    const unsigned way = h->round % 5;
    for (unsigned i = 0; i < ROW && way < 4; i++)
        free_at(h, row, way == 0 ? i : way == 1 ? ROW - 1 - i : way == 2 ? i * 7 % ROW : subject_below(own, ROW));
    for (unsigned i = 0; i < ROW && way == 4; i++)
        free_at(h, i % 2 ? row : mine, i);
    for (unsigned i = 0; i < ROW && way == 3; i++)
        free_at(h, row, i);
}

static void *exchange_rows(void *context) {
    partner *const p = context;
    handover *const h = p->h;
    subject own = {.rng = p->number + h->s->seed};
    for (unsigned round = 0; round < ROUNDS; round++) {
        if (p->number == 0)
            h->round = round;
        pthread_barrier_wait(&h->barrier);
        fill_row(h, &own, h->row[p->number]);
        pthread_barrier_wait(&h->barrier);
        free_row(h, &own, h->row[(p->number + 1) % MEMBERS], h->row[p->number]);
        pthread_barrier_wait(&h->barrier);
    }
    crowd_leave(h->heap[0]);
    return NULL;
}

static void run_handover(subject *s) {
    static handover h;
    handover_open(&h, s, MEMBERS * ROW * 2);
    run_together(&h, exchange_rows);
    crowd_expect_empty(s, s->heap);
    subject_close(s);
}

/* --------------------------------------------------------------------------------------------------- left behind ----
 */

/* Frees what a thread of the wave before left, leaves as much, and leaves the heap; sometimes it comes back once more.
 */
static void *leave_row(void *context) {
    partner *const p = context;
    handover *const h = p->h;
    subject own = {.rng = p->number + h->s->seed};
    letter **const row = h->row[(p->number + h->round) % MEMBERS];
    for (unsigned i = 0; i < ROW; i++)
        free_at(h, row, i);
    fill_row(h, &own, row);
    crowd_leave(h->heap[0]);
    if ((p->number + h->round) % 2)
        return NULL;
    for (unsigned i = 0; i < 3; i++) {
        letter_read(h->s, h->heap[0], write_any(h, &own, h->heap[0]), h->largest);
        crowd_leave(h->heap[0]);
    }
    return NULL;
}

static void run_left_behind(subject *s) {
    static handover h;
    size_t early = 0;
    handover_open(&h, s, MEMBERS * ROW * 2);
    for (unsigned wave = 0; wave < WAVES; wave++) {
        h.round = 1 + wave % 2 * 2; /* sizes of all kinds */
        run_together(&h, leave_row);
        early = wave == WAVES / 3 ? committed(s) : early;
    }
    EXPECT(s, committed(s) <= 2 * early, "memory grows with every wave of threads: %zu bytes after %u, %zu after %u",
           early, WAVES / 3, committed(s), WAVES);
    for (unsigned i = 0; i < MEMBERS * ROW; i++)
        free_at(&h, h.row[i / ROW], i % ROW);
    crowd_leave(s->heap);
    crowd_expect_empty(s, s->heap);
    subject_close(s);
}

/* ------------------------------------------------------------------------------------------- producer, consumer ----
 */

static void produce(handover *h, subject *own, unsigned from, unsigned to) {
    for (unsigned i = from; i < to; i++) {
        letter **const place = &h->box[0][i % RING];
        while (__atomic_load_n(place, __ATOMIC_ACQUIRE))
            sched_yield();
        __atomic_store_n(place, write_any(h, own, h->heap[0]), __ATOMIC_RELEASE);
    }
}

static void *consume(void *context) {
    handover *const h = context;
    for (unsigned i = 0; i < PRODUCTS; i++) {
        letter *block;
        while (!(block = __atomic_exchange_n(&h->box[0][i % RING], NULL, __ATOMIC_ACQ_REL)))
            sched_yield();
        letter_read(h->s, h->heap[0], block, h->largest);
    }
    crowd_leave(h->heap[0]);
    return NULL;
}

/* How far the consumer lags behind is the scheduler's choice, so that memory is compared with what all places at once
 * need: the consumer begins when they are full. */
static void run_producer(subject *s) {
    static handover h;
    pthread_t consumer;
    subject own = {.rng = s->seed};
    handover_open(&h, s, 4 * RING);
    h.round = 1;
    produce(&h, &own, 0, RING);
    const size_t full = committed(s);
    EXPECT(s, pthread_create(&consumer, NULL, consume, &h) == 0, "no thread");
    produce(&h, &own, RING, PRODUCTS / 10);
    const size_t early = hy_max(full, committed(s));
    produce(&h, &own, PRODUCTS / 10, PRODUCTS);
    pthread_join(consumer, NULL);
    EXPECT(s, committed(s) <= 2 * early, "memory grows between producer and consumer: %zu bytes, then %zu", early,
           committed(s));
    crowd_leave(s->heap);
    crowd_expect_empty(s, s->heap);
    subject_close(s);
}

/* ------------------------------------------------------------------------------------------------- several heaps ----
 */

static void *visit_heaps(void *context) {
    partner *const p = context;
    handover *const h = p->h;
    subject own = {.rng = p->number + h->s->seed + h->round};
    for (unsigned i = 0; i < HEAP_STEPS; i++) {
        const size_t at = subject_below(&own, h->heaps);
        letter **const box = &h->box[at][subject_below(&own, RING)];
        letter *const block = subject_below(&own, 4) ? write_any(h, &own, h->heap[at]) : NULL;
        letter_read(h->s, h->heap[at], __atomic_exchange_n(box, block, __ATOMIC_ACQ_REL), h->largest);
    }
    for (unsigned i = 0; i < h->heaps; i++)
        crowd_leave(h->heap[i]);
    return NULL;
}

static void clear_boxes(handover *h, unsigned heap) {
    for (unsigned i = 0; i < RING; i++) {
        letter_read(h->s, h->heap[heap], h->box[heap][i], h->largest);
        h->box[heap][i] = NULL;
    }
    crowd_expect_empty(h->s, h->heap[heap]);
}

/* Some reserve so much address space that there is room for a few of them only. */
static void open_heap(handover *h, hy_instance *instance, unsigned i) {
    hy_error error = {""};
    const int r = subject_create(h->s, true, instance, &error);
    if (r == -ENOMEM && i > 1)
        subject_skip(h->s, "there is room for %u heaps only", i);
    EXPECT(h->s, r == 0, "heap %u: %s", i, error.text);
    h->heap[i] = instance->heap;
}

/* All heaps at work; then each second one ends, another is opened in its place, and all go on. */
static void run_heaps(subject *s, unsigned count) {
    static handover h;
    static hy_instance more[HEAPS];
    handover_open(&h, s, 4 * RING);
    h.round = 1;
    h.heaps = count;
    for (unsigned i = 1; i < count; i++)
        open_heap(&h, &more[i], i);
    run_together(&h, visit_heaps);
    for (unsigned i = 1; i < count; i += 2) {
        clear_boxes(&h, i);
        hy_close(&more[i]);
        open_heap(&h, &more[i], i);
    }
    run_together(&h, visit_heaps);
    for (unsigned i = 0; i < count; i++)
        clear_boxes(&h, i);
    for (unsigned i = 1; i < count; i++)
        hy_close(&more[i]);
    subject_close(s);
}

static void run_three_heaps(subject *s) {
    run_heaps(s, 3);
}

static void run_many_heaps(subject *s) {
    run_heaps(s, HEAPS);
}

/* ------------------------------------------------------------------------------------------- one heap after another
 * ---- */

/* Stays while heaps come and go, idle in between. */
static void *outlive_heaps(void *context) {
    partner *const p = context;
    handover *const h = p->h;
    for (unsigned i = 0; i < REOPENINGS; i++) {
        pthread_barrier_wait(&h->barrier); /* the heap is open */
        visit_heaps(p);
        pthread_barrier_wait(&h->barrier); /* everybody has left */
    }
    return NULL;
}

static void run_outlived(subject *s) {
    static handover h;
    partner partners[MEMBERS];
    handover_open(&h, s, 4 * RING);
    pthread_barrier_destroy(&h.barrier);
    pthread_barrier_init(&h.barrier, NULL, MEMBERS + 1);
    h.round = 1;
    start(&h, partners, outlive_heaps);
    for (unsigned i = 0; i < REOPENINGS; i++) {
        if (i > 0) {
            hy_close(&s->in);
            open_heap(&h, &s->in, 0);
            s->heap = s->in.heap;
        }
        pthread_barrier_wait(&h.barrier);
        pthread_barrier_wait(&h.barrier);
        if (i % 2) /* every other heap ends with blocks in it */
            clear_boxes(&h, 0);
        memset(h.box, 0, sizeof h.box);
    }
    finish(partners);
    subject_close(s);
}

const conform_case cases_handover[] = {
    {"handover", "threads free each other's blocks, in any order", run_handover},
    {"left-behind", "blocks of ended threads can be freed, and memory stays flat", run_left_behind},
    {"producer", "one thread allocates, another frees, and memory stays flat", run_producer},
    {"heaps", "several threads in several heaps", run_three_heaps},
    {"many-heaps", "the same in more heaps than threads keep caches for", run_many_heaps},
    {"outlived", "heaps come and go, threads stay", run_outlived},
    {NULL, NULL, NULL},
};
