/* SPDX-License-Identifier: MIT
 *
 * Threads: passing blocks, being many, ending late.
 */
#include "recorded.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { HANDED = 100000, SLOTS = 64, SHORT_THREADS = 2000, WIDE = 200 };

static _Atomic(void *) mailbox[SLOTS];

static void *give(void *base) {
    for (size_t i = 0; i < HANDED; i++) {
        void *const block = malloc(21001 + 2 * (i % 2));
        void *empty = NULL;
        while (!atomic_compare_exchange_weak(&mailbox[i % SLOTS], &empty, block)) {
            empty = NULL;
            sched_yield();
        }
    }
    return base;
}

/* The one thread's mallocs are the other's frees: the order must survive, or frees would be of unknown blocks. */
static void run_handover(const char *argument) {
    pthread_t giver;
    pthread_create(&giver, NULL, give, NULL);
    for (size_t i = 0; i < HANDED; i++) {
        void *block;
        while (!(block = atomic_exchange(&mailbox[i % SLOTS], NULL)))
            sched_yield();
        if (i % 3 == 0)
            block = realloc(block, 21101);
        free(block);
    }
    pthread_join(giver, NULL);
    expect("malloc", 21001, HANDED / 2);
    expect("malloc", 21003, HANDED / 2);
    expect("realloc", 21101, (HANDED + 2) / 3);
    expect("free", 21101, (HANDED + 2) / 3);
}

static void *be_short(void *base) {
    free(keep(malloc(22003)));
    return keep(malloc(22013));
}

/* Thousands of short threads, a few at a time. */
static void run_storm(const char *argument) {
    pthread_t threads[8];
    for (size_t i = 0; i < SHORT_THREADS / 8; i++) {
        for (size_t k = 0; k < 8; k++)
            pthread_create(&threads[k], NULL, be_short, NULL);
        for (size_t k = 0; k < 8; k++) {
            void *left;
            pthread_join(threads[k], &left);
            free(left);
        }
    }
    expect("malloc", 22003, SHORT_THREADS);
    expect("free", 22003, SHORT_THREADS);
    expect("malloc", 22013, SHORT_THREADS);
    expect("free", 22013, SHORT_THREADS);
}

static pthread_barrier_t barrier;

static void *be_wide(void *base) {
    for (size_t i = 0; i < 100; i++)
        free(keep(malloc(23003)));
    pthread_barrier_wait(&barrier);
    return NULL;
}

/* Many threads alive at once, on small stacks. */
static void run_wide(const char *argument) {
    static pthread_t threads[WIDE];
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 16384);
    pthread_barrier_init(&barrier, NULL, WIDE);
    for (size_t i = 0; i < WIDE; i++)
        if (pthread_create(&threads[i], &small, be_wide, NULL) != 0)
            give_up("pthread_create");
    for (size_t i = 0; i < WIDE; i++)
        pthread_join(threads[i], NULL);
    expect("malloc", 23003, 100 * WIDE);
    expect("free", 23003, 100 * WIDE);
}

static pthread_key_t key;

static void run_again(void *block) {
    static _Thread_local int rounds;
    free(block);
    if (++rounds < 4)
        pthread_setspecific(key, malloc(24001));
    free(keep(malloc(24007)));
}

static void *be_late(void *base) {
    pthread_setspecific(key, malloc(24001));
    return NULL;
}

/* Destructors of thread-specific data that allocate, and arm themselves again. */
static void run_late(const char *argument) {
    pthread_key_create(&key, run_again);
    for (int i = 0; i < 50; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, be_late, NULL);
        pthread_join(thread, NULL);
    }
    expect("malloc", 24001, 200);
    expect("free", 24001, 200);
    expect("malloc", 24007, 200);
    expect("free", 24007, 200);
}

const recorded_mode recorded_threads[] = {
    {"handover", run_handover}, {"storm", run_storm}, {"wide", run_wide}, {"late", run_late}, {NULL, NULL}};
