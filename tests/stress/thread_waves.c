/* SPDX-License-Identifier: MIT
 *
 * thread_waves.c - threads by the wave, again and again: resident memory stays flat.
 *
 *     LD_PRELOAD=libheapyard-segregated.so thread_waves --threads 64 --waves 1000
 *
 * Each thread frees what another thread of the wave before left behind, leaves as much for the next, and ends.  What is
 * asked for repeats every five waves, so that the same memory is needed after a tenth of the waves and after the last.
 */
#include "stress_fail.h"
#include "stress_map.h"
#include "stress_options.h"
#include "stress_random.h"
#include "stress_sizes.h"
#include "stress_slots.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define THREADS 64u
#define LEFT 200u /* blocks from a thread to the next */
#define PERIOD 5u /* waves until everything is asked for again */
#define SPARE_BYTES ((size_t)1 << 20)

static uint64_t threads = THREADS, waves = 1000, seed = 1;

typedef struct wave_thread {
    pthread_t thread;
    unsigned number;
    uint64_t wave;
} wave_thread;

static call_block left[THREADS][LEFT];
static pthread_barrier_t all_have_freed;

/* Without what the test itself takes. */
static size_t resident(void) {
    char text[64] = "";
    const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    STRESS_EXPECT(file >= 0 && read(file, text, sizeof text - 1) > 0, "/proc/self/statm cannot be read");
    close(file);
    char *second = NULL;
    strtoull(text, &second, 10);
    return (size_t)strtoull(second, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE) - map_resident();
}

static size_t wave_size(uint64_t *rng) {
    return random_once_in(rng, 20) ? random_magnitude(rng, 9, 15) : random_magnitude(rng, 3, 9);
}

static void *ride(void *context) {
    const wave_thread *const t = context;
    uint64_t rng = random_mixed(seed + t->number * PERIOD + t->wave % PERIOD);
    call_block *const others = left[(t->number + 1) % threads], *const mine = left[t->number];
    stress_here = (stress_place){.seat = t->number, .life = (unsigned)t->wave};
    for (unsigned i = 0; i < LEFT && t->wave > 0; i++) {
        block_leave(&others[i]);
        call_free(&others[i], &rng);
    }
    pthread_barrier_wait(&all_have_freed);
    for (unsigned i = 0; i < LEFT; i++) {
        call_block brief = call_malloc(wave_size(&rng));
        block_enter(&brief);
        mine[i] = call_malloc(wave_size(&rng));
        block_enter(&mine[i]);
        block_leave(&brief);
        call_free(&brief, &rng);
    }
    return NULL;
}

static void wave(uint64_t number) {
    static wave_thread all[THREADS];
    stress_here.operation = number;
    alarm(120);
    for (unsigned i = 0; i < threads; i++) {
        all[i] = (wave_thread){.number = i, .wave = number};
        stress_here.call = "pthread_create";
        STRESS_EXPECT(pthread_create(&all[i].thread, NULL, ride, &all[i]) == 0, "no thread");
    }
    for (unsigned i = 0; i < threads; i++)
        pthread_join(all[i].thread, NULL);
}

int main(int count, char **words) {
    static const stress_option options[] = {{"threads", &threads, 1, THREADS},
                                            {"waves", &waves, 10, UINT64_MAX},
                                            {"seed", &seed, 0, UINT64_MAX},
                                            {NULL, NULL, 0, 0}};
    char title[160];
    size_t early = 0;
    options_read(count, words, options);
    waves -= waves % (10 * PERIOD);
    snprintf(title, sizeof title, "memory is flat over %llu waves of %llu threads", (unsigned long long)waves,
             (unsigned long long)threads);
    stress_open(seed, title);
    pthread_barrier_init(&all_have_freed, NULL, (unsigned)threads);
    for (uint64_t i = 0; i < waves; i++) {
        wave(i);
        if (i + 1 == waves / 10)
            early = resident();
    }
    const size_t late = resident();
    fprintf(stderr, "# %zu KiB resident after %llu waves, %zu KiB after %llu\n", early >> 10,
            (unsigned long long)waves / 10, late >> 10, (unsigned long long)waves);
    const bool flat = late <= early + early / 10 + SPARE_BYTES;
    stress_tap(flat, 2, title);
    stress_tap_plan(2);
    return flat ? 0 : 1;
}
