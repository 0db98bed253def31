/* SPDX-License-Identifier: MIT
 *
 * simulate.c - the host of a policy that has no memory to page, only a reference string (see simulate.h).
 *
 *  1. A byte a page: resident, written to since it came in, seen before.
 *  2. A hit reads that byte and calls the policy; all else lies behind a branch that is hardly ever taken.
 *
 * It does what hy_pager_reference does, with the counting of this file put in between.
 */
#include "simulate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { IN = 1, DIRTY = 2, SEEN = 4 };

typedef struct simulation {
    hy_pager *pager;
    uint32_t frames, taken;
    uint8_t *state;
    hy_paging_counts counts;
    uint64_t since; /* the reference from which on `taken` is as it is */
} simulation;

/* Before `taken` changes at reference `now`. */
static void sum_held(simulation *self, uint64_t now) {
    self->counts.held += (now - self->since) * self->taken;
    self->since = now;
}

static void page_leaves(simulation *self, uint32_t page) {
    self->counts.evictions++;
    self->counts.writebacks += (self->state[page] & DIRTY) != 0;
    self->state[page] &= (uint8_t) ~(IN | DIRTY);
    self->taken--;
}

static __attribute__((noinline)) void page_comes(simulation *self, const hy_pager_ops *ops, uint64_t now,
                                                 hy_page_reference ref) {
    const uint32_t page = ref >> 1;
    sum_held(self, now);
    if (self->taken == self->frames)
        page_leaves(self, ops->victim(self->pager, page));
    ops->miss(self->pager, page, ref & 1);
    self->counts.faults++;
    self->counts.cold += !(self->state[page] & SEEN);
    self->state[page] |= IN | SEEN;
    self->taken++;
    self->counts.most = self->taken > self->counts.most ? self->taken : self->counts.most;
}

static void let_expire(simulation *self, const hy_pager_ops *ops, uint64_t now) {
    for (uint32_t page = ops->expired(self->pager); page != HY_NO_PAGE; page = ops->expired(self->pager)) {
        sum_held(self, now);
        page_leaves(self, page);
    }
}

static void run(simulation *self, const hy_page_reference *refs, uint64_t n) {
    const hy_pager_ops *const ops = self->pager->ops;
    uint8_t *const state = self->state;
    for (uint64_t i = 0; i < n; i++) {
        const hy_page_reference ref = refs[i];
        if (state[ref >> 1] & IN)
            ops->hit(self->pager, ref >> 1, ref & 1);
        else
            page_comes(self, ops, i, ref);
        if (ref & 1)
            state[ref >> 1] |= DIRTY;
        if (ops->expired)
            let_expire(self, ops, i);
    }
    sum_held(self, n);
}

static int refuse_memory(hy_error *error, uint32_t pages, uint32_t frames) {
    return hy_fail(error, -ENOMEM, "no memory to simulate %u pages and %u frames", pages, frames);
}

int hy_paging_simulate(const hy_pager_ops *ops, const void *params, uint32_t frames, const hy_page_reference *refs,
                       uint64_t n, hy_paging_counts *ret_counts, hy_error *error) {
    const uint32_t pages = hy_paging_pages(refs, n);
    hy_pager_setup setup = {.params = params, .frames = frames, .pages = pages, .next_uses = n};
    uint32_t *next_use = NULL;
    if (frames == 0 || frames > HY_PAGES_MOST)
        return hy_fail(error, -EINVAL, "%u frames: expected 1 to %u", frames, HY_PAGES_MOST);
    if (ops->flags & HY_PAGER_OFFLINE) {
        const int r = hy_paging_next_use(refs, n, &next_use, error);
        if (r < 0)
            return r;
        setup.next_use = next_use;
    }
    if (frames > pages) /* no page ever leaves for another */
        setup.frames = pages ? pages : 1;
    const size_t size = ops->memory(&setup);
    void *const memory = aligned_alloc(64, size);
    simulation self = {.frames = setup.frames, .state = calloc((size_t)setup.pages + 1, 1)};
    if (memory && self.state) {
        self.pager = hy_pager_create(ops, &setup, memset(memory, 0, size));
        run(&self, refs, n);
        hy_pager_destroy(self.pager);
        self.counts.references = n;
        self.counts.resident = self.taken;
        *ret_counts = self.counts;
    }
    const bool done = memory && self.state;
    free(self.state);
    free(memory);
    free(next_use);
    return done ? 0 : refuse_memory(error, setup.pages, frames);
}

/* ---------------------------------------------------------------------------------------------------- nothing ---- */

static void nothing_hit(hy_pager *pager, uint32_t page, bool write) {
}

static uint32_t nothing_victim(hy_pager *pager, uint32_t page) {
    return page;
}

static size_t nothing_memory(const hy_pager_setup *setup) {
    return 64;
}

static hy_pager *nothing_create(const hy_pager_setup *setup, void *memory) {
    return memory;
}

int hy_paging_simulate_nothing(const hy_page_reference *refs, uint64_t n, hy_paging_counts *ret_counts,
                               hy_error *error) {
    static const hy_pager_ops nothing = {.name = "nothing",
                                         .memory = nothing_memory,
                                         .create = nothing_create,
                                         .hit = nothing_hit,
                                         .victim = nothing_victim,
                                         .miss = nothing_hit};
    const uint32_t pages = hy_paging_pages(refs, n);
    return hy_paging_simulate(&nothing, NULL, pages ? pages : 1, refs, n, ret_counts, error);
}
