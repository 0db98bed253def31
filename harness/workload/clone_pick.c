/* SPDX-License-Identifier: MIT
 *
 * clone_pick.c - see clone_pick.h.
 */
#include "clone_pick.h"

#include "random.h"

#include <errno.h>
#include <stdlib.h>

#define PROBES 24u

static uint64_t pick_random(hy_clone_pick *self, uint64_t limit) {
    return hy_random_below(self->is.seed, self->draws++, limit);
}

/* ---- what comes before ---- */

static uint64_t key_add(uint64_t key, uint32_t symbol) {
    const uint64_t x = (key ^ symbol) * 0x9e3779b97f4a7c15u;
    return (x ^ (x >> 29)) * 0xbf58476d1ce4e5b9u;
}

/* Of the births before place p, as many as `order` says. */
static uint64_t key_at(const hy_clone_fit *fit, size_t p, unsigned order) {
    uint64_t key = order;
    for (unsigned i = 1; i <= order; i++)
        key = key_add(key, p >= i ? fit->births[p - i].symbol : 0);
    return key;
}

static uint64_t key_now(const hy_clone_pick *self, unsigned order) {
    uint64_t key = order;
    for (unsigned i = 0; i < order; i++)
        key = key_add(key, self->last[i]);
    return key;
}

static int compare_keys(const void *a, const void *b) {
    const hy_clone_key *const x = a, *const y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->run < y->run ? -1 : x->run > y->run;
}

/* The first entry of the index that is not before (key, run). */
static size_t pick_bound(const hy_clone_pick *self, unsigned order, uint64_t key, uint64_t run) {
    size_t from = 0, to = self->runs;
    while (from < to) {
        const size_t middle = from + (to - from) / 2;
        const hy_clone_key *const is = &self->index[order][middle];
        if (is->key < key || (is->key == key && is->run < run))
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* ---- the next run ---- */

static bool pick_free(const hy_clone_pick *self, size_t run) {
    return self->used[run] < self->is.quota;
}

/* Rule 2 for one order: false if there are too few candidates. */
static bool pick_like(hy_clone_pick *self, unsigned order, size_t low, size_t high, size_t *ret) {
    const uint64_t key = key_now(self, order);
    const size_t from = pick_bound(self, order, key, low), to = pick_bound(self, order, key, high);
    uint32_t found[PROBES];
    size_t count = 0;
    const uint64_t start = to > from ? pick_random(self, to - from) : 0;
    for (size_t i = 0; i < to - from && count < PROBES; i++) {
        const uint32_t run = self->index[order][from + (start + i) % (to - from)].run;
        if (pick_free(self, run))
            found[count++] = run;
    }
    if (count < self->is.choice)
        return false;
    *ret = found[pick_random(self, count)];
    return true;
}

/* Any of the window that is left. */
static size_t pick_any(hy_clone_pick *self, size_t high) {
    for (unsigned i = 0; i < PROBES; i++) {
        const size_t run = self->oldest + pick_random(self, high - self->oldest);
        if (pick_free(self, run))
            return run;
    }
    return self->oldest;
}

/* The first run that begins at or behind a place; at most the number of runs. */
static size_t pick_run_at(const hy_clone_pick *self, uint64_t place) {
    size_t from = 0, to = self->runs;
    while (from < to) {
        const size_t middle = from + (to - from) / 2;
        if (self->start[middle] < place)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* What is left at the window's lower end is taken before it falls out. */
static size_t pick_run(hy_clone_pick *self, size_t place) {
    const uint64_t window = self->is.window;
    const size_t low = pick_run_at(self, place > window ? place - window : 0);
    size_t high = pick_run_at(self, place + window), run;
    high = high > low ? high : low + 1 < self->runs ? low + 1 : self->runs;
    self->oldest = self->oldest > low ? self->oldest : low;
    while (self->oldest + 1 < high && !pick_free(self, self->oldest))
        self->oldest++;
    if (self->oldest >= high)
        return high - 1;
    if (place > window && self->oldest < low + (high - low) / 8)
        return self->oldest;
    for (unsigned order = (unsigned)self->is.order; order > 0; order--)
        if (pick_like(self, order, low, high, &run))
            return run;
    return pick_any(self, high);
}

size_t hy_clone_pick_next(hy_clone_pick *pick, size_t place) {
    if (pick->next == pick->end) {
        const size_t run = pick_run(pick, place);
        pick->used[run]++;
        pick->next = pick->start[run];
        pick->end = pick->start[run + 1];
    }
    for (unsigned i = HY_CLONE_ORDERS - 1; i > 0; i--)
        pick->last[i] = pick->last[i - 1];
    pick->last[0] = pick->fit->births[pick->next].symbol;
    return pick->next++;
}

/* ---- start ---- */

/* Rule 1: lengths from 1 to twice the mean less 1. */
static bool pick_cut(hy_clone_pick *self) {
    const size_t count = self->fit->count;
    self->start = malloc((count + 1) * sizeof *self->start);
    if (!self->start)
        return false;
    for (size_t at = 0; at < count; self->runs++) {
        self->start[self->runs] = (uint32_t)at;
        at += 1 + pick_random(self, 2 * self->is.run - 1);
    }
    self->start[self->runs] = (uint32_t)count;
    self->used = calloc(self->runs, sizeof *self->used);
    return self->used != NULL;
}

static bool pick_index(hy_clone_pick *self, unsigned order) {
    hy_clone_key *const index = self->index[order] = malloc(self->runs * sizeof *index);
    if (!index)
        return false;
    for (size_t run = 0; run < self->runs; run++)
        index[run] = (hy_clone_key){key_at(self->fit, self->start[run], order), (uint32_t)run};
    qsort(index, self->runs, sizeof *index, compare_keys);
    return true;
}

int hy_clone_pick_start(hy_clone_pick *ret, const hy_clone_fit *fit, const hy_clone_pick_options *options,
                        hy_error *error) {
    hy_clone_pick self = {.fit = fit, .is = *options};
    bool good = pick_cut(&self);
    for (unsigned order = 1; order <= options->order && good; order++)
        good = pick_index(&self, order);
    *ret = self;
    if (good)
        return 0;
    hy_clone_pick_end(ret);
    return hy_fail(error, -ENOMEM, "no memory for an index of %zu births", fit->count);
}

void hy_clone_pick_end(hy_clone_pick *pick) {
    for (unsigned order = 0; order <= HY_CLONE_ORDERS; order++)
        free(pick->index[order]);
    free(pick->start);
    free(pick->used);
}
