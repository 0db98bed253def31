/* SPDX-License-Identifier: MIT
 *
 * ageing.c - see ageing.h.
 *
 *   1. Programs that are there wait in a heap by the time at which they go.
 *   2. At each arrival those go whose time has come; then room is asked for.
 *   3. A request that finds none while the holes together are large enough fails externally.
 *   4. 64 times a window the memory is walked.
 *
 * Randomness: number 3n of the seed is the n-th program's time of arrival, 3n + 1 its size, 3n + 2 how long it stays;
 * so every policy meets the same programs.
 */
#include "ageing.h"

#include "fragmentation.h"
#include "random.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLES 64u /* a window */

typedef struct guest {
    double leaves;
    void *place;
    size_t size;
} guest;

typedef struct house {
    const hy_ageing_rule *rule;
    hy_memory *memory;
    guest *guests; /* a binary heap: the next to leave is the first */
    size_t count, room;
    uint64_t asked; /* bytes, by all who are here */
    uint64_t sliver;
    double mean, now;
} house;

/* ------------------------------------------------------------------------------------------------------ guests ---- */

static void swap(guest *a, guest *b) {
    const guest kept = *a;
    *a = *b;
    *b = kept;
}

static void push(house *self, guest new) {
    if (self->count == self->room) {
        self->room = self->room ? 2 * self->room : 256;
        self->guests = realloc(self->guests, self->room * sizeof *self->guests);
        if (!self->guests)
            abort();
    }
    size_t i = self->count++;
    self->guests[i] = new;
    for (; i > 0 && self->guests[(i - 1) / 2].leaves > self->guests[i].leaves; i = (i - 1) / 2)
        swap(&self->guests[i], &self->guests[(i - 1) / 2]);
}

static guest pop(house *self) {
    const guest first = self->guests[0];
    self->guests[0] = self->guests[--self->count];
    for (size_t i = 0, child = 1; child < self->count; i = child, child = 2 * i + 1) {
        if (child + 1 < self->count && self->guests[child + 1].leaves < self->guests[child].leaves)
            child++;
        if (self->guests[i].leaves <= self->guests[child].leaves)
            break;
        swap(&self->guests[i], &self->guests[child]);
    }
    return first;
}

static void let_out(house *self) {
    while (self->count > 0 && self->guests[0].leaves <= self->now) {
        const guest leaver = pop(self);
        hy_free(self->memory->heap, leaver.place, leaver.size);
        self->asked -= leaver.size;
    }
}

/* -------------------------------------------------------------------------------------------------------- draws ----
 */

static double exponential(uint64_t seed, uint64_t n) {
    return -log(hy_random_unit(seed, n));
}

static size_t draw_size(const hy_ageing_rule *rule, uint64_t n, size_t most) {
    uint64_t size = 0;
    if (rule->sizes)
        size = rule->sizes[hy_random_below(rule->seed, 3 * n + 1, rule->size_count)];
    else
        size = (uint64_t)ceil((double)rule->mean * exponential(rule->seed, 3 * n + 1));
    return size < 1 ? 1 : size > most ? most : (size_t)size;
}

static int by_size(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

uint64_t hy_ageing_sliver(const hy_ageing_rule *rule) {
    if (!rule->sizes)
        return (uint64_t)(-log(0.9) * (double)rule->mean);
    uint64_t *const sorted = malloc(rule->size_count * sizeof *sorted);
    if (!sorted)
        abort();
    memcpy(sorted, rule->sizes, rule->size_count * sizeof *sorted);
    qsort(sorted, rule->size_count, sizeof *sorted, by_size);
    const uint64_t sliver = sorted[rule->size_count / 10];
    free(sorted);
    return sliver;
}

static double mean_size(const hy_ageing_rule *rule) {
    double sum = 0;
    for (size_t i = 0; i < rule->size_count; i++)
        sum += (double)rule->sizes[i];
    return rule->sizes ? sum / (double)rule->size_count : (double)rule->mean;
}

/* ------------------------------------------------------------------------------------------------------ samples ----
 */

typedef struct sliver_count {
    uint64_t below, count;
} sliver_count;

static int count_sliver(void *context, const hy_range *range) {
    sliver_count *const slivers = context;
    slivers->count += range->kind == HY_FREE && range->size < slivers->below;
    return 0;
}

/* One SAMPLES-th of a window's means. */
static void sample(const house *self, hy_ageing *window, double share) {
    hy_heap *const heap = self->memory->heap;
    hy_fragmentation sums;
    sliver_count slivers = {self->sliver, 0};
    hy_fragmentation_measure(&self->memory->instance, &sums);
    heap->ops->walk(heap, count_sliver, &slivers);
    window->live += share * (double)self->count;
    window->holes += share * (double)sums.holes;
    window->slivers += share * (double)slivers.count;
    window->used += share * (double)self->asked / (double)self->memory->size;
    window->internal += share * hy_fragmentation_internal(&sums, self->asked);
    window->fragment += share * hy_fragmentation_external(&sums);
}

static uint64_t free_bytes(const house *self) {
    hy_fragmentation sums;
    hy_fragmentation_measure(&self->memory->instance, &sums);
    return sums.free;
}

static hy_stats read_stats(const house *self) {
    hy_stats stats;
    memset(&stats, 0xff, sizeof stats); /* all HY_UNKNOWN */
    if (self->memory->heap->ops->stats)
        self->memory->heap->ops->stats(self->memory->heap, &stats);
    return stats;
}

/* ------------------------------------------------------------------------------------------------------ ageing ---- */

static void arrive(house *self, uint64_t n, hy_ageing *window) {
    const hy_ageing_rule *const rule = self->rule;
    const size_t size = draw_size(rule, n, self->memory->size);
    self->now += exponential(rule->seed, 3 * n);
    let_out(self);
    window->arrived++;
    void *const place = hy_alloc(self->memory->heap, size, 1);
    if (!place) {
        window->refused++;
        window->external += free_bytes(self) >= size;
        return;
    }
    window->admitted++;
    self->asked += size;
    push(self, (guest){self->now + self->mean * exponential(rule->seed, 3 * n + 2), place, size});
}

static void age_window(house *self, uint64_t from, uint64_t to, hy_ageing *window) {
    const hy_stats before = read_stats(self);
    const uint64_t samples = to - from < SAMPLES ? to - from : SAMPLES;
    uint64_t taken = 0;
    for (uint64_t n = from; n < to; n++) {
        arrive(self, n, window);
        if ((n + 1 - from) * samples / (to - from) > taken) {
            sample(self, window, 1.0 / (double)samples);
            taken++;
        }
    }
    const hy_stats after = read_stats(self);
    const uint64_t searches = after.searches - before.searches;
    window->scanned = after.search_steps == HY_UNKNOWN || searches == 0
                          ? (double)NAN
                          : (double)(after.search_steps - before.search_steps) / (double)searches;
}

int hy_age(const hy_ageing_rule *rule, hy_memory *memory, hy_ageing *ret, hy_error *error) {
    if (rule->windows == 0 || rule->programs < rule->windows)
        return hy_fail(error, -EINVAL, "%llu programs in %u parts; expected at least one in each",
                       (unsigned long long)rule->programs, rule->windows);
    house self = {.rule = rule, .memory = memory, .sliver = hy_ageing_sliver(rule)};
    self.mean = rule->load * (double)memory->size / mean_size(rule);
    for (unsigned w = 0; w < rule->windows; w++) {
        ret[w] = (hy_ageing){.arrived = 0};
        age_window(&self, rule->programs * w / rule->windows, rule->programs * (w + 1) / rule->windows, &ret[w]);
    }
    free(self.guests);
    return 0;
}

hy_ageing hy_ageing_sum(const hy_ageing *windows, size_t first, size_t count) {
    hy_ageing sum = {.arrived = 0};
    const double share = 1.0 / (double)(count - first);
    for (size_t i = first; i < count; i++) {
        const hy_ageing *const w = &windows[i];
        sum.arrived += w->arrived;
        sum.admitted += w->admitted;
        sum.refused += w->refused;
        sum.external += w->external;
        sum.scanned += share * w->scanned;
        sum.live += share * w->live;
        sum.holes += share * w->holes;
        sum.slivers += share * w->slivers;
        sum.used += share * w->used;
        sum.internal += share * w->internal;
        sum.fragment += share * w->fragment;
    }
    return sum;
}
