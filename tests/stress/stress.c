/* SPDX-License-Identifier: MIT
 *
 * stress.c - a malloc under stress: random operations of several threads on shared blocks, every byte watched.
 *
 *     LD_PRELOAD=libheapyard-segregated.so stress --threads 4 --seconds 40 --seed 7
 *
 * What it finds: blocks that overlap (stress_map.h), contents that change, memory of calloc that is not zero, wrong
 * alignment, refusals that are none, crashes and hangs; with threads that come and go, with blocks freed by others, and
 * in forked children.  On failure it says seed, thread and operation, and aborts, so that a core dump shows the rest.
 * One thread repeats exactly, given the seed and --operations; several do not.
 */
#include "stress_fail.h"
#include "stress_options.h"
#include "stress_slots.h"
#include "stress_work.h"

#include <stdio.h>
#include <time.h>

#define PATIENCE_SECONDS 120u /* without any operation: a hang */

static void watch(void) {
    const struct timespec pause = {.tv_nsec = 50000000};
    uint64_t before = 0, now = 0, moved = stress_seconds();
    while (work_goes_on(&now)) {
        nanosleep(&pause, NULL);
        if (now != before)
            moved = stress_seconds();
        before = now;
        STRESS_EXPECT(stress_seconds() - moved < PATIENCE_SECONDS, "no operation for %u s: a hang", PATIENCE_SECONDS);
    }
}

int main(int count, char **words) {
    uint64_t seconds = 10, operations = 0, threads = 4, seed = 1, live = 96, fork_each = 200000;
    const stress_option options[] = {{"threads", &threads, 1, SEATS - 1},
                                     {"seconds", &seconds, 1, 1u << 30},
                                     {"operations", &operations, 0, UINT64_MAX},
                                     {"seed", &seed, 0, UINT64_MAX},
                                     {"live", &live, 1, 1u << 20},
                                     {"fork-each", &fork_each, 0, UINT64_MAX},
                                     {NULL, NULL, 0, 0}};
    char title[160];
    options_read(count, words, options);
    stress_the_plan = (stress_plan){.seed = seed,
                                    .seats = (unsigned)threads,
                                    .operations = operations,
                                    .end = stress_seconds() + seconds,
                                    .most_live = (size_t)live << 20,
                                    .fork_each = fork_each};
    snprintf(title, sizeof title, "%llu threads for %llu %s, seed %llu", (unsigned long long)threads,
             (unsigned long long)(operations ? operations : seconds), operations ? "operations each" : "s",
             (unsigned long long)seed);
    stress_open(seed, title);
    work_start();
    watch();
    const uint64_t lives = work_join();
    work_goes_on(&operations);
    slots_clear(stress_the_plan.seats + 1, &seed);
    fprintf(stderr, "# %llu operations by %llu threads\n", (unsigned long long)operations, (unsigned long long)lives);
    stress_tap(true, 2, title);
    stress_tap_plan(2);
    return 0;
}
