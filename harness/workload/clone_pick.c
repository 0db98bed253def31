/* SPDX-License-Identifier: MIT
 *
 * clone_pick.c - see clone_pick.h.
 */
#include "clone_pick.h"

#include "random.h"

#include <errno.h>
#include <stdlib.h>

#define PROBES 24u
#define SEEN ((size_t)1 << 20)
#define ENOUGH 8u /* times that a likeness must occur; more is no better */

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
    return self->left[run] > 0 && !self->is_heavy[run];
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
    while (self->oldest < high && !pick_free(self, self->oldest))
        self->oldest++;
    if (self->oldest == high)
        return high - 1;
    if (self->oldest < low || (place > window && self->oldest < low + (high - low) / 8))
        return self->oldest;
    for (unsigned order = (unsigned)self->is.order; order > 0; order--)
        if (pick_like(self, order, low, high, &run))
            return run;
    return pick_any(self, high);
}

static void pick_take(hy_clone_pick *self, size_t run) {
    self->left[run] -= self->left[run] > 0;
    self->next = self->start[run];
    self->end = self->start[run + 1];
}

/* Rule 5: a heavy run interrupts another, which goes on after it. */
static void pick_heavy(hy_clone_pick *self, size_t place) {
    while (self->heavy < self->runs && !(self->is_heavy[self->heavy] && self->left[self->heavy] > 0))
        self->heavy++;
    if (self->heavy == self->runs || self->start[self->heavy] > place)
        return;
    if (self->next < self->end) {
        self->later_next = self->next;
        self->later_end = self->end;
    }
    pick_take(self, self->heavy);
    self->heavy_end = self->end;
}

size_t hy_clone_pick_next(hy_clone_pick *pick, size_t place) {
    if (pick->next == pick->end || pick->end != pick->heavy_end)
        pick_heavy(pick, place);
    if (pick->next == pick->end && pick->later_next < pick->later_end) {
        pick->next = pick->later_next;
        pick->end = pick->later_end;
        pick->later_next = pick->later_end;
    }
    if (pick->next == pick->end)
        pick_take(pick, pick_run(pick, place));
    for (unsigned i = HY_CLONE_ORDERS - 1; i > 0; i--)
        pick->last[i] = pick->last[i - 1];
    pick->last[0] = pick->fit->births[pick->next].symbol;
    return pick->next++;
}

/* ---- start ---- */

/* ---- where runs end ---- */

static bool pick_count(hy_clone_pick *self) {
    self->seen = calloc(SEEN, 1);
    for (size_t p = 0; self->seen && p < self->fit->count; p++) {
        uint8_t *const seen = &self->seen[key_at(self->fit, p, HY_CLONE_ORDERS) % SEEN];
        *seen = (uint8_t)(*seen + (*seen < ENOUGH));
    }
    return self->seen != NULL;
}

/* Rule 1: from half the mean to one and a half of it. */
static size_t pick_cut_after(const hy_clone_pick *self, size_t at) {
    const size_t half = self->is.run / 2, count = self->fit->count;
    size_t best = at + half + 1;
    uint64_t most = 0;
    for (size_t p = best; p <= at + half + self->is.run && p < count; p++) {
        const uint64_t key = key_at(self->fit, p, HY_CLONE_ORDERS);
        const uint64_t worth =
            (uint64_t)self->seen[key % SEEN] << 56 | hy_random_below(self->is.seed, key, (uint64_t)1 << 56);
        if (worth > most) {
            most = worth;
            best = p;
        }
    }
    return best;
}

/* Rules 1 and 5: where the run that begins at `at` ends, if the next heavy birth is `heavy`. */
static size_t pick_run_end(hy_clone_pick *self, size_t at, size_t heavy, bool *ret_heavy) {
    const size_t count = self->fit->count, end = pick_cut_after(self, at);
    const size_t aside = pick_random(self, HY_CLONE_BESIDE);
    *ret_heavy = heavy < count && heavy < at + HY_CLONE_BESIDE;
    const size_t to = *ret_heavy ? heavy + 1 + aside : heavy < count && heavy < end ? heavy - aside : end;
    return to < count ? to : count;
}

static bool pick_cut(hy_clone_pick *self) {
    const size_t count = self->fit->count;
    self->start = malloc((count + 1) * sizeof *self->start);
    self->is_heavy = malloc(count * sizeof *self->is_heavy);
    if (!self->start || !self->is_heavy || !pick_count(self))
        return false;
    for (size_t at = 0, heavy = 0; at < count; self->runs++) {
        while (heavy < count && (heavy < at || !self->fit->births[heavy].heavy))
            heavy++;
        self->start[self->runs] = (uint32_t)at;
        at = pick_run_end(self, at, heavy, &self->is_heavy[self->runs]);
    }
    self->start[self->runs] = (uint32_t)count;
    self->left = calloc(self->runs, sizeof *self->left);
    return self->left != NULL;
}

/* Rule 4: of runs that are to be taken one and a half times, each other one is taken twice. */
static void pick_ration(hy_clone_pick *self) {
    double due = 0.5;
    for (size_t run = 0; run < self->runs; run++) {
        due += self->is.stretch;
        self->left[run] = (uint32_t)due;
        due -= self->left[run];
    }
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
    if (good)
        pick_ration(&self);
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
    free(pick->left);
    free(pick->seen);
    free(pick->is_heavy);
}
