/* SPDX-License-Identifier: MIT
 *
 * Threads: passing blocks, being many, ending late.
 */
#include "recorded.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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

/* Two threads number their blocks by their sizes, and count what is done in memory that outlives them. */
enum { NUMBERED = 2, NUMBERS = 60000 };
static volatile uint64_t *done; /* pid, then for each thread: births, deaths */

static void *be_numbered(void *base) {
    volatile uint64_t *const mine = done + 1 + 2 * *(const size_t *)base;
    for (size_t i = 0;; i++) {
        void *const block = keep(malloc(1 + i % NUMBERS));
        mine[0]++;
        free(block);
        mine[1]++;
    }
    return NULL;
}

static void run_numbered(const char *argument) {
    static size_t numbers[NUMBERED];
    pthread_t thread;
    done = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, STDIN_FILENO, 0);
    if (done == MAP_FAILED)
        give_up("mmap");
    for (size_t i = 0; i < NUMBERED; i++) {
        numbers[i] = i;
        pthread_create(&thread, NULL, be_numbered, &numbers[i]);
    }
    done[0] = (uint64_t)getpid();
    pthread_join(thread, NULL);
}

static void *be_long(void *base) {
    for (size_t i = 0; i < 100000; i++)
        free(keep(malloc(25013)));
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    return NULL;
}

/* Says how many KiB of the recorder's memory are in this process, after many rounds of all rings. */
static void run_memory(const char *argument) {
    const unsigned count = (unsigned)atoi(argument);
    pthread_t threads[64];
    if (count < 1 || count > 64)
        give_up("expected 1 to 64 threads");
    pthread_barrier_init(&barrier, NULL, count);
    for (unsigned i = 1; i < count; i++)
        pthread_create(&threads[i], NULL, be_long, NULL);
    for (size_t i = 0; i < 100000; i++)
        free(keep(malloc(25013)));
    pthread_barrier_wait(&barrier);
    FILE *const maps = fopen("/proc/self/smaps", "r");
    char line[4096];
    size_t kib = 0, part;
    for (int ours = 0; maps && fgets(line, sizeof line, maps);)
        if (strchr(line, '-') && strtoull(line, NULL, 16) > 0)
            ours = strstr(line, "heapyard-record") != NULL;
        else if (ours && sscanf(line, "Rss: %zu kB", &part) == 1)
            kib += part;
    printf("%zu\n", kib);
    fclose(maps);
    pthread_barrier_wait(&barrier);
    for (unsigned i = 1; i < count; i++)
        pthread_join(threads[i], NULL);
}

static _Atomic(unsigned) stop, stopped, over;

static void be_stopped(int number) {
    stopped = 1;
    while (stop)
        ;
    stopped = 0;
}

static void *be_busy(void *base) {
    while (!over)
        free(keep(malloc(26003)));
    return base;
}

/* A thread is stopped anywhere, perhaps in the middle of a record, by one that goes on allocating. */
static void run_stopped(const char *argument) {
    enum { STOPS = 40, CALLS = 6000 };
    pthread_t busy;
    signal(SIGUSR1, be_stopped);
    pthread_create(&busy, NULL, be_busy, NULL);
    for (unsigned i = 0; i < STOPS; i++) {
        stop = 1;
        pthread_kill(busy, SIGUSR1);
        while (!stopped)
            usleep(50);
        for (unsigned k = 0; k < CALLS; k++)
            free(keep(malloc(26017)));
        stop = 0;
        while (stopped)
            usleep(50);
    }
    over = 1;
    pthread_join(busy, NULL);
    expect("malloc", 26017, (size_t)STOPS * CALLS);
    expect("free", 26017, (size_t)STOPS * CALLS);
}

static void *ask_for_stack(void *base) {
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0)
        give_up("no attributes");
    pthread_attr_destroy(&attributes);
    return keep(malloc(26029));
}

/* The first thing that a thread does. */
static void run_own_stack(const char *argument) {
    pthread_t asking;
    pthread_create(&asking, NULL, ask_for_stack, NULL);
    pthread_join(asking, NULL);
    expect("malloc", 26029, 1);
}

const recorded_mode recorded_threads[] = {
    {"handover", run_handover}, {"storm", run_storm},         {"wide", run_wide},
    {"late", run_late},         {"numbered", run_numbered},   {"memory", run_memory},
    {"stopped", run_stopped},   {"own-stack", run_own_stack}, {NULL, NULL}};
