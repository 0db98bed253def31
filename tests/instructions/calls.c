/* SPDX-License-Identifier: MIT
 *
 * calls.c - `calls SEQUENCE`: calls the malloc that it finds, whatever library was preloaded, in one of the sequences
 * below; callgrind counts each call by itself (see calls.py, which reads what it writes).
 *
 * A counted call goes through a probe, which is a single instruction: a jump to the function.  What leads up to a
 * sequence is not counted.  The first byte of each block is written, as a program would.
 */
#include "random.h"

#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/callgrind.h>

#define PROBE __attribute__((noinline, weak)) /* weak: no compiler knows what it does, so none makes variants of it */
#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

enum { MANY = 100000, LIVE = 10000 };

void nothing(void);
void probe_nothing(void);
void *probe_malloc(size_t size);
void probe_free(void *block);
void *probe_calloc(size_t count, size_t width);
void *probe_realloc(void *block, size_t size);

/* The control: its one instruction is the return. */
PROBE void nothing(void) {
}

PROBE void probe_nothing(void) {
    nothing();
}

PROBE void *probe_malloc(size_t size) {
    return malloc(size);
}

PROBE void probe_free(void *block) {
    free(block);
}

PROBE void *probe_calloc(size_t count, size_t width) {
    return calloc(count, width);
}

PROBE void *probe_realloc(void *block, size_t size) {
    return realloc(block, size);
}

static void *blocks[MANY];

static void *touched(void *block) {
    if (!block)
        exit(1);
    *(volatile char *)block = 1;
    return block;
}

static void *take(size_t size) {
    return touched(malloc(size));
}

/* Counted, and written down under the label. */
static void *count_malloc(const char *label, size_t size) {
    void *const block = probe_malloc(size);
    CALLGRIND_DUMP_STATS_AT(label);
    return touched(block);
}

static void count_free(const char *label, void *block) {
    probe_free(block);
    CALLGRIND_DUMP_STATS_AT(label);
}

/* Box and Muller: exp(ln 64 + 1.2 z), cut to 8 bytes … 64 KiB, as the micro benchmarks draw. */
static size_t log_normal(uint64_t n) {
    const double u = hy_random_unit(1, 2 * n), v = hy_random_unit(1, 2 * n + 1);
    const double size = exp(log(64) + 1.2 * sqrt(-2 * log(u)) * cos(2 * M_PI * v));
    return size < 8 ? 8 : size > 65536 ? 65536 : (size_t)size;
}

/* Uniform over the powers of two and what is between them. */
static size_t log_uniform(uint64_t n, size_t least, size_t largest) {
    return (size_t)((double)least * pow((double)largest / (double)least, hy_random_unit(3, n)));
}

static void fill(size_t count, size_t size) {
    for (size_t i = 0; i < count; i++)
        blocks[i] = take(size);
}

static void shuffle(size_t count) {
    for (size_t i = count; i > 1; i--) {
        const size_t other = hy_random_below(4, i, i);
        void *const block = blocks[other];
        blocks[other] = blocks[i - 1];
        blocks[i - 1] = block;
    }
}

/* --------------------------------------------------------------------------------------------- what is usual ------ */

/* One block, allocated and freed again. */
static void pair(const char *malloc_label, const char *free_label, size_t size) {
    for (unsigned i = 0; i < 200; i++) {
        if (i < 20)
            free(take(size));
        else
            count_free(free_label, count_malloc(malloc_label, size));
    }
}

/* The same, while others of its size live. */
static void hot(const char *malloc_label, const char *free_label, size_t size) {
    void *others[12];
    for (unsigned i = 0; i < 12; i++)
        others[i] = take(size);
    for (unsigned i = 0; i < 12; i += 2)
        free(others[i]);
    pair(malloc_label, free_label, size);
    for (unsigned i = 1; i < 12; i += 2)
        free(others[i]);
}

static void pairs(void) {
    probe_nothing();
    CALLGRIND_DUMP_STATS_AT("nothing call");
    hot("hot/16 malloc", "hot/16 free", 16);
    hot("hot/64 malloc", "hot/64 free", 64);
    hot("hot/1K malloc", "hot/1K free", KIB);
    hot("hot/4K malloc", "hot/4K free", 4 * KIB);
    hot("hot/32K malloc", "hot/32K free", 32 * KIB);
    pair("pair/16 malloc", "pair/16 free", 16);
    pair("pair/64 malloc", "pair/64 free", 64);
    pair("pair/1K malloc", "pair/1K free", KIB);
    pair("pair/4K malloc", "pair/4K free", 4 * KIB);
    pair("pair/32K malloc", "pair/32K free", 32 * KIB);
    for (unsigned i = 0; i < 100; i++) {
        char *const block = probe_calloc(4, 16);
        CALLGRIND_DUMP_STATS_AT("pair/64 calloc");
        memset(touched(block), 1, 64);
        free(block);
    }
}

static void reallocs(void) {
    for (unsigned i = 0; i < 100; i++) {
        void *block = take(57);
        block = probe_realloc(block, 64);
        CALLGRIND_DUMP_STATS_AT("stay/64 realloc");
        block = probe_realloc(block, 128);
        CALLGRIND_DUMP_STATS_AT("grow/128 realloc");
        free(block);
    }
}

/* A random block of a working set replaced, again and again. */
static void working_set(void) {
    for (size_t i = 0; i < LIVE; i++)
        blocks[i] = take(log_normal(i));
    for (size_t i = 0; i < 50000; i++) {
        void **const block = &blocks[hy_random_below(2, i, LIVE)];
        free(*block);
        *block = take(log_normal(LIVE + i));
    }
    for (size_t i = 50000; i < 53000; i++) {
        void **const block = &blocks[hy_random_below(2, i, LIVE)];
        count_free("working-set free", *block);
        *block = count_malloc("working-set malloc", log_normal(LIVE + i));
    }
}

/* Blocks of one size, more and more; then freed, oldest first; then some again. */
static void filling(void) {
    for (size_t i = 0; i < 1500; i++)
        blocks[i] = count_malloc("fill/64 malloc", 64);
    for (size_t i = 0; i < 1500; i++)
        count_free("fill/64 free", blocks[i]);
    for (size_t i = 0; i < 500; i++)
        blocks[i] = count_malloc("refill/64 malloc", 64);
}

/* --------------------------------------------------------------------------------------- what might be worst ------ */

/* Each size for the first time; then larger ones, for which what the small ones left may be put together. */
static void classes(void) {
    size_t count = 0;
    for (size_t size = 16; size <= 4 * MIB; size += size < 256 ? 16 : size / 8)
        blocks[count++] = count_malloc("classes malloc", size);
    while (count)
        count_free("classes free", blocks[--count]);
    for (size_t size = 40 * KIB; size <= 8 * MIB; size *= 2)
        count_malloc("classes-again malloc", size);
}

/* Many pages, each with a last block: their frees empty all of them, one after the other. */
static void emptied(void) {
    fill(MANY, 64);
    for (size_t i = 0; i < MANY; i++)
        if (i % 64)
            free(blocks[i]);
    for (size_t i = 0; i < MANY; i += 64)
        count_free("emptied free", blocks[i]);
    for (size_t i = 0; i < 300; i++)
        count_malloc("emptied malloc", 64);
}

/* Many full pages, which become usable in random order by one block each. */
static void scattered(void) {
    fill(MANY, 64);
    for (size_t i = 0; i < MANY / 100; i++)
        blocks[i] = blocks[i * 100];
    shuffle(MANY / 100);
    for (size_t i = 0; i < MANY / 100; i++)
        count_free("scattered free", blocks[i]);
    for (size_t i = 0; i < MANY / 100 + 100; i++)
        count_malloc("scattered malloc", 64);
}

static void *fill_many(void *nobody) {
    (void)nobody;
    for (size_t i = 0; i < MANY; i++)
        blocks[i] = take(log_normal(i));
    return NULL;
}

static void *free_many(void *nobody) {
    (void)nobody;
    for (size_t i = 0; i < MANY; i++)
        free(blocks[i]);
    return NULL;
}

static void *count_frees(void *nobody) {
    (void)nobody;
    for (size_t i = 0; i < 1500; i++)
        count_free("remote free", blocks[i]);
    return NULL;
}

static void in_thread(void *(*run)(void *)) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, NULL) != 0)
        exit(1);
    pthread_join(thread, NULL);
}

/* Another thread frees very many blocks of this one; their first news comes with the next calls here. */
static void remote(void) {
    fill(MANY, 64);
    shuffle(MANY);
    in_thread(free_many);
    for (size_t i = 0; i < 500; i++)
        blocks[i] = count_malloc("remote/64 malloc", 64);
    for (size_t i = 0; i < 100; i++)
        count_free("remote/64 own-free", blocks[i]);
}

static void remote_sizes(void) {
    fill_many(NULL);
    shuffle(MANY);
    in_thread(free_many);
    for (size_t i = 0; i < 1500; i++)
        blocks[i] = count_malloc("remote/log-normal malloc", log_normal(i));
    in_thread(count_frees);
}

static void *first_calls(void *nobody) {
    (void)nobody;
    count_free("thread/64 free", count_malloc("thread/64 malloc", 64));
    return NULL;
}

static void threads(void) {
    for (unsigned i = 0; i < 30; i++)
        in_thread(first_calls);
}

enum { HANDED = 1024, ROUNDS = 20 };
static pthread_barrier_t handover_turn;

static void *consume(void *nobody) {
    (void)nobody;
    for (unsigned round = 0; round < ROUNDS; round++) {
        pthread_barrier_wait(&handover_turn);
        for (size_t i = 0; i < HANDED; i++) {
            if (round == ROUNDS - 1)
                count_free("handover free", blocks[i]);
            else
                free(blocks[i]);
        }
        pthread_barrier_wait(&handover_turn);
    }
    return NULL;
}

/* One thread allocates, the other frees, in the same order. */
static void handover(void) {
    pthread_t consumer;
    pthread_barrier_init(&handover_turn, NULL, 2);
    if (pthread_create(&consumer, NULL, consume, NULL) != 0)
        exit(1);
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < HANDED; i++)
            blocks[i] = round == ROUNDS - 1 ? count_malloc("handover malloc", 64) : take(64);
        pthread_barrier_wait(&handover_turn);
        pthread_barrier_wait(&handover_turn);
    }
    pthread_join(consumer, NULL);
}

/* Blocks of a thread that has ended. */
static void orphans(void) {
    in_thread(fill_many);
    shuffle(MANY);
    for (size_t i = 0; i < MANY; i++) {
        if (i % 50000 < 1000)
            count_free("orphans free", blocks[i]);
        else
            free(blocks[i]);
    }
}

static void large(void) {
    enum { COUNT = 300 };
    for (size_t i = 0; i < COUNT; i++)
        blocks[i] = take(log_uniform(i, 33 * KIB, 4 * MIB));
    for (size_t i = 0; i < 600; i++) {
        void **const block = &blocks[hy_random_below(2, i, COUNT)];
        count_free("large free", *block);
        *block = count_malloc("large malloc", log_uniform(COUNT + i, 33 * KIB, 4 * MIB));
    }
    for (size_t i = 0; i < COUNT; i++)
        count_free("large free", blocks[i]);
}

static void huge(void) {
    enum { OTHERS = 200 };
    for (unsigned i = 0; i < 20; i++)
        count_free("huge/64M free", count_malloc("huge/64M malloc", 64 * MIB));
    for (size_t i = 0; i < OTHERS; i++)
        blocks[i] = count_malloc("many-huge malloc", 64 * MIB);
    shuffle(OTHERS);
    for (size_t i = 0; i < OTHERS; i++)
        count_free("many-huge free", blocks[i]);
}

/* Most of a heap is freed in random order, so that memory is given back; then it grows again. */
static void given_back(void) {
    enum { COUNT = 12000 };
    for (size_t i = 0; i < COUNT; i++)
        blocks[i] = take(log_uniform(i, KIB, 32 * KIB));
    shuffle(COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        if (i % 8 && i < COUNT - 500)
            free(blocks[i]);
        else
            count_free("given-back free", blocks[i]);
    }
    for (size_t i = 0; i < 500; i++)
        count_malloc("given-back malloc", log_uniform(i, KIB, 32 * KIB));
}

static const struct sequence {
    const char *name;
    void (*run)(void);
} sequences[] = {
    {"pairs", pairs},         {"reallocs", reallocs}, {"working-set", working_set},
    {"filling", filling},     {"classes", classes},   {"emptied", emptied},
    {"scattered", scattered}, {"remote", remote},     {"remote-sizes", remote_sizes},
    {"threads", threads},     {"handover", handover}, {"orphans", orphans},
    {"large", large},         {"huge", huge},         {"given-back", given_back},
};

/* Without an argument: the names of the sequences.  With one: runs it, and says which object malloc is from. */
int main(int argc, char **argv) {
    Dl_info from;
    void *(*const used)(size_t) = malloc;
    for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++) {
        if (argc < 2) {
            puts(sequences[i].name);
        } else if (strcmp(sequences[i].name, argv[1]) == 0) {
            if (!dladdr(__extension__(void *) used, &from))
                return 2;
            puts(from.dli_fname);
            fflush(stdout);
            CALLGRIND_START_INSTRUMENTATION;
            sequences[i].run();
            CALLGRIND_STOP_INSTRUMENTATION;
            return 0;
        }
    }
    return argc < 2 ? 0 : 2;
}
