/* SPDX-License-Identifier: MIT
 *
 * tlsf_runs.c - growing and giving back (see tlsf_runs.h).
 *
 * What is fresh: the pages of the run that grew last, from `fresh` up to its end, have never been written, but for the
 * pointer back of the one hole that they belong to.  alloc_zeroed need not write there.  Whoever moves the end wipes
 * what it leaves behind.
 */
#include "tlsf_runs.h"

#include <string.h>

/* The most bytes of a run that are in no range: its head, its end, ragged ends of both. */
#define RUN_FRAME (sizeof(tlsf_run) + TLSF_HEADER + 2 * TLSF_GRAIN)

static tlsf_run *run_of(const tlsf_range *end) {
    return (tlsf_run *)(uintptr_t)tlsf_size(end);
}

/* The run ends at its limit: an end mark, in front of which there is no hole yet. */
static void run_set_end(tlsf_run *run) {
    run->end = (tlsf_range *)(void *)((char *)hy_align_down((size_t)run->limit, TLSF_GRAIN) - TLSF_HEADER);
    run->end->header = (uintptr_t)run | TLSF_END;
}

/* Makes everything from `first` on to the run's end a hole, or a part of the one in front of it. */
static tlsf_range *run_set_rest(tlsf_heap *self, const tlsf_run *run, tlsf_range *first, uint64_t flags) {
    first->header = (size_t)((char *)run->end - (char *)first) | flags;
    return tlsf_merge(self, first);
}

static bool run_is_empty(const tlsf_run *run) {
    const tlsf_range *const first = tlsf_first(run);
    return tlsf_is_hole(first) && tlsf_behind(first) == run->end;
}

/* ----------------------------------------------------------------------------------------------------- growing ---- */

static void run_is_fresh(tlsf_heap *self, const tlsf_run *run, char *fresh) {
    self->fresh_end = (char *)run->end;
    self->fresh = self->data->zeroed ? fresh : self->fresh_end;
    self->stats.grows++;
}

/* Commits `size` bytes more, which become part of the top hole. */
static tlsf_range *run_commit(tlsf_heap *self, tlsf_run *run, size_t size) {
    if (self->data->ops->commit(self->data, run->limit, size) != 0)
        return NULL;
    tlsf_range *const old = run->end;
    const bool was_fresh = self->fresh_end == (char *)old;
    run->limit += size;
    run_set_end(run);
    tlsf_range *const hole = run_set_rest(self, run, old, old->header & TLSF_PREV_FREE);
    if (hole != old)
        memset(tlsf_back(old), 0, 2 * TLSF_HEADER); /* the old pointer back and the old end */
    run_is_fresh(self, run, was_fresh && hole != old ? self->fresh : (char *)old + TLSF_TAGS);
    return hole;
}

/* A run's top hole, with at least `size` bytes: by the chunk, or just enough.  NULL: the run cannot grow. */
static tlsf_range *run_grow(tlsf_heap *self, tlsf_run *run, size_t size) {
    tlsf_range *const top = tlsf_before(run->end);
    const size_t has = top ? tlsf_size(top) : 0;
    if (has >= size)
        return top;
    const size_t left = (size_t)(run->reserve_end - run->limit);
    const size_t least = hy_pages_round(self->data, hy_max(size - has, TLSF_MIN_RANGE) + TLSF_GRAIN);
    if (least > left)
        return NULL;
    const size_t wanted = hy_pages_step(self->data, self->chunk, least, left);
    tlsf_range *const hole = run_commit(self, run, wanted);
    return hole || wanted == least ? hole : run_commit(self, run, least);
}

static void runs_insert(tlsf_heap *self, tlsf_run *run) {
    tlsf_run **place = &self->runs;
    while (*place && *place < run)
        place = &(*place)->next;
    run->next = *place;
    *place = run;
}

/* A new run: a hole of at least `size` bytes. */
static tlsf_range *runs_add(tlsf_heap *self, size_t size) {
    size_t reserved = 0;
    const size_t least = hy_pages_round(self->data, size + RUN_FRAME);
    char *const start = hy_pages_reserve_run(self->data, self->reserve, least, &reserved);
    if (!start)
        return NULL;
    const size_t wanted = hy_pages_step(self->data, self->chunk, least, reserved);
    if (self->data->ops->commit(self->data, start, wanted) != 0) {
        self->data->ops->release(self->data, start, reserved, 0);
        return NULL;
    }
    tlsf_run *const run = (tlsf_run *)(void *)hy_align_up((size_t)start, TLSF_GRAIN);
    *run = (tlsf_run){.start = start, .limit = start + wanted, .reserve_end = start + reserved};
    runs_insert(self, run);
    run_set_end(run);
    tlsf_range *const hole = run_set_rest(self, run, tlsf_first(run), 0);
    run_is_fresh(self, run, (char *)hole + TLSF_TAGS);
    return hole;
}

tlsf_range *tlsf_runs_grow(tlsf_heap *self, size_t size) {
    for (tlsf_run *run = self->runs; run; run = run->next) {
        tlsf_range *const hole = run_grow(self, run, size);
        if (hole)
            return hole;
    }
    return runs_add(self, size);
}

tlsf_range *tlsf_runs_extend(tlsf_heap *self, const tlsf_range *end, size_t size) {
    return run_grow(self, run_of(end), size);
}

/* ------------------------------------------------------------------------------------------------- giving back ---- */

/* Gives back the pages of the top hole but for `keep` bytes. */
static size_t run_trim(tlsf_heap *self, tlsf_run *run, size_t keep) {
    tlsf_range *const hole = tlsf_before(run->end);
    if (!hole || tlsf_size(hole) <= keep)
        return 0;
    const size_t least = (size_t)((char *)hole - run->start) + TLSF_MIN_RANGE + keep + RUN_FRAME;
    char *const limit = run->start + hy_pages_round(self->data, least);
    const size_t given = limit < run->limit ? (size_t)(run->limit - limit) : 0;
    if (given == 0 || self->data->ops->decommit(self->data, limit, given) != 0)
        return 0;
    const bool was_fresh = self->fresh_end == (char *)run->end;
    tlsf_remove(self, hole);
    run->limit = limit;
    run_set_end(run);
    run_set_rest(self, run, hole, 0);
    if (was_fresh) {
        self->fresh_end = (char *)run->end;
        self->fresh = self->fresh < self->fresh_end ? self->fresh : self->fresh_end;
    }
    return given;
}

void tlsf_runs_trim_top(tlsf_heap *self, const tlsf_range *end) {
    if (!self->bounded)
        run_trim(self, run_of(end), self->chunk);
}

static size_t run_release(tlsf_heap *self, const tlsf_run *run) {
    const size_t committed = (size_t)(run->limit - run->start);
    if (self->fresh_end == (char *)run->end)
        self->fresh = self->fresh_end = NULL;
    self->data->ops->release(self->data, run->start, (size_t)(run->reserve_end - run->start), committed);
    return committed;
}

size_t tlsf_runs_trim_all(tlsf_heap *self) {
    size_t given = 0;
    for (tlsf_run **place = &self->runs; *place;) {
        tlsf_run *const run = *place;
        if (run_is_empty(run)) {
            *place = run->next;
            tlsf_remove(self, tlsf_first(run));
            given += run_release(self, run);
            continue;
        }
        given += self->bounded ? 0 : run_trim(self, run, 0);
        place = &run->next;
    }
    return given;
}

void tlsf_runs_reset(tlsf_heap *self) {
    memset(self->lists, 0, self->instance_size - sizeof *self);
    memset(self->second_map, 0, sizeof self->second_map);
    self->first_map = 0;
    self->stats.holes = 0;
    self->fresh = self->fresh_end;
    for (tlsf_run *run = self->runs; run; run = run->next) {
        run_set_end(run);
        run_set_rest(self, run, tlsf_first(run), 0);
    }
}

void tlsf_runs_release(tlsf_heap *self) {
    for (tlsf_run *run = self->runs, *next = NULL; run; run = next) {
        next = run->next;
        run_release(self, run);
    }
}
