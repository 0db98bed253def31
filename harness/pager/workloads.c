/* SPDX-License-Identifier: MIT
 *
 * workloads.c - the list of workloads, and those that only touch (see workloads.h).
 *
 *   cycle   writes each page once, then reads the pages in turn, round after round: with fewer frames than pages, FIFO
 *           and LRU fault at each page of each round, always for a clean victim.  What a fault costs is measured with
 * it. storm   threads add 1 to numbers of their own, which lie among those of the others on the same pages.  A write
 * that got lost between copying a page out and taking it away would be missing in the sum. walk    follows a random
 * cycle through all numbers (Sattolo, 1986): no locality at all. string  touches the pages of a given reference string.
 */
#include "workloads.h"

#include "random.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WORDS (HY_PAGE / sizeof(uint64_t))

bool hy_workload_say(hy_paged *paged, bool right, const char *format, ...) {
    va_list list;
    va_start(list, format);
    vsnprintf(paged->board->said, sizeof paged->board->said, format, list);
    va_end(list);
    return right;
}

/* ------------------------------------------------------------------------------------------------------ cycle ---- */

/* Each page knows its number. */
static bool cycle_run(hy_paged *paged, const hy_workload_setup *setup) {
    const size_t pages = paged->count / WORDS;
    uint64_t wrong = 0;
    for (size_t page = 0; page < pages; page++)
        hy_paged_set(paged, page * WORDS, page ^ setup->seed);
    for (uint64_t round = 0; round < setup->rounds; round++)
        for (size_t page = 0; page < pages; page++)
            wrong += hy_paged_get(paged, page * WORDS) != (page ^ setup->seed);
    return hy_workload_say(paged, wrong == 0, "%zu pages read %llu times, %llu of them wrong", pages,
                           (unsigned long long)setup->rounds, (unsigned long long)wrong);
}

const hy_paged_workload hy_workload_cycle = {
    .name = "cycle",
    .summary = "reads page after page, round after round",
    .rounds = "all pages once",
    .usual_rounds = 4,
    .run = cycle_run,
};

/* ------------------------------------------------------------------------------------------------------ storm ---- */

#define STORM_MOST 16u

typedef struct storm {
    hy_paged *paged;
    uint64_t seed, writes;
    unsigned number, threads;
} storm;

/* Number i belongs to thread i modulo their number. */
static void *storm_run_thread(void *context) {
    const storm *const s = context;
    const size_t own = s->paged->count / s->threads;
    for (uint64_t n = 0; n < s->writes; n++) {
        const size_t i = hy_random_below(s->seed + s->number, n, own) * s->threads + s->number;
        s->paged->at[i] = s->paged->at[i] + 1;
    }
    return NULL;
}

static bool storm_run(hy_paged *paged, const hy_workload_setup *setup) {
    const unsigned threads = setup->threads < STORM_MOST ? setup->threads : STORM_MOST;
    storm each[STORM_MOST];
    pthread_t thread[STORM_MOST];
    unsigned started = 0;
    for (; started < threads; started++) {
        each[started] = (storm){paged, setup->seed, setup->rounds, started, threads};
        if (pthread_create(&thread[started], NULL, storm_run_thread, &each[started]) != 0)
            break;
    }
    for (unsigned i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
    uint64_t sum = 0;
    for (size_t i = 0; i < paged->count; i++)
        sum += paged->at[i];
    return hy_workload_say(paged, started == threads && sum == threads * setup->rounds,
                           "%u threads added 1 %llu times each; the sum is %llu", started,
                           (unsigned long long)setup->rounds, (unsigned long long)sum);
}

const hy_paged_workload hy_workload_storm = {
    .name = "storm",
    .summary = "threads write to numbers of their own on pages that they share",
    .rounds = "one addition of each thread",
    .threads = true,
    .usual_rounds = 4000,
    .run = storm_run,
};

/* ------------------------------------------------------------------------------------------------------- walk ---- */

static bool walk_run(hy_paged *paged, const hy_workload_setup *setup) {
    const size_t count = paged->count;
    for (size_t i = 0; i < count; i++)
        hy_paged_set(paged, i, i);
    for (size_t i = count - 1; i > 0; i--) {
        const size_t other = hy_random_below(setup->seed, i, i);
        const uint64_t kept = hy_paged_get(paged, i);
        hy_paged_set(paged, i, hy_paged_get(paged, other));
        hy_paged_set(paged, other, kept);
    }
    uint64_t at = 0;
    size_t steps = 0;
    do
        at = hy_paged_get(paged, at < count ? at : 0);
    while (++steps < count && at != 0);
    return hy_workload_say(paged, at == 0 && steps == count,
                           "a cycle of %zu numbers, back at the start after %zu steps", count, steps);
}

const hy_paged_workload hy_workload_walk = {
    .name = "walk",
    .summary = "makes a random cycle through all numbers and follows it once",
    .run = walk_run,
};

/* ----------------------------------------------------------------------------------------------------- string ---- */

/* A page holds the number of the reference that wrote it last, on top of what was there. */
static bool string_run(hy_paged *paged, const hy_workload_setup *setup) {
    uint64_t sum = 0;
    for (size_t n = 0; n < setup->references; n++) {
        const size_t i = (setup->reference[n] >> 1) * WORDS;
        if (i >= paged->count)
            return hy_workload_say(paged, false, "reference %zu is to a page beyond the range", n);
        if (setup->reference[n] & 1)
            hy_paged_set(paged, i, n);
        else
            sum += hy_paged_get(paged, i);
    }
    paged->board->result = sum;
    return hy_workload_say(paged, true, "%zu references", setup->references);
}

const hy_paged_workload hy_workload_string = {
    .name = "string",
    .summary = "touches the pages of a reference string (--string)",
    .run = string_run,
};

/* ------------------------------------------------------------------------------------------------------- list ---- */

const hy_paged_workload *const hy_paged_workloads[] = {
    &hy_workload_sort,  &hy_workload_join,  &hy_workload_matrix, &hy_workload_walk,
    &hy_workload_cycle, &hy_workload_storm, &hy_workload_string, NULL,
};

const hy_paged_workload *hy_paged_workload_find(const char *name) {
    for (const hy_paged_workload *const *w = hy_paged_workloads; *w; w++)
        if (strcmp((*w)->name, name) == 0)
            return *w;
    return NULL;
}
