/* SPDX-License-Identifier: MIT
 *
 * fit_runs.c - growing and giving back (see fit_runs.h).
 *
 * What is fresh: the pages of the run that grew last, from `fresh` up to its end mark, have never been written, but for
 * the tags of the one hole that they belong to.  alloc_zeroed need not write there.  Whoever moves the end mark wipes
 * what it leaves behind.
 */
#include "fit_runs.h"

#include "fit_merge.h"

#include <errno.h>

/* -------------------------------------------------------------------------------------------------- the table ---- */

/* How many runs start at or below `address`. */
static size_t runs_below(const fit_heap *self, const char *address) {
    size_t low = 0, high = self->run_count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (self->runs[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const fit_run *fit_runs_after(const fit_heap *self, const char *address) {
    const size_t i = runs_below(self, address);
    return i < self->run_count ? &self->runs[i] : NULL;
}

fit_run *fit_runs_find(const fit_heap *self, const char *address) {
    return &self->runs[runs_below(self, address) - 1];
}

/* Room for one more run in the table. */
static bool runs_reserve_slot(fit_heap *self) {
    if (self->run_count < self->run_capacity)
        return true;
    const size_t size = hy_pages_round(self->meta, 2 * (self->run_capacity + 1) * sizeof(fit_run));
    fit_run *const table = hy_pages_map(self->meta, size, hy_max(self->meta->granule, sizeof(void *)));
    if (!table)
        return false;
    memcpy(table, self->runs, self->run_count * sizeof *table);
    if (self->runs_size)
        hy_pages_unmap(self->meta, self->runs, self->runs_size);
    self->runs = table;
    self->runs_size = size;
    self->run_capacity = size / sizeof *table;
    return true;
}

static fit_run *runs_insert(fit_heap *self, const fit_run *run) {
    const size_t i = runs_below(self, run->start);
    memmove(&self->runs[i + 1], &self->runs[i], (self->run_count - i) * sizeof *run);
    self->runs[i] = *run;
    self->run_count++;
    return &self->runs[i];
}

static void runs_remove(fit_heap *self, fit_run *run) {
    self->run_count--;
    memmove(run, run + 1, (size_t)(&self->runs[self->run_count] - run) * sizeof *run);
}

/* ------------------------------------------------------------------------------------------------------ shape ---- */

/* The first range's header lies such that its body is aligned to the grain. */
static char *run_first(const fit_heap *self, char *start) {
    return (char *)hy_align_up((size_t)start + FIT_HEADER, self->grain) - FIT_HEADER;
}

static char *run_end_mark(const fit_heap *self, char *limit) {
    return (char *)hy_align_down((size_t)limit, self->grain) - FIT_HEADER;
}

/* The most bytes of a run that are in no range: what aligns its first header, the end mark, a ragged end. */
static size_t run_frame(const fit_heap *self) {
    const size_t ragged = self->data->granule < self->grain ? 2 * self->grain : 0;
    return (self->grain > 1 ? 2 * FIT_HEADER : FIT_HEADER) + ragged;
}

static bool run_is_empty(const fit_heap *self, const fit_run *run) {
    return !range_used(self, run->first) && range_next(self, run->first) == run->end_mark;
}

/* ----------------------------------------------------------------------------------------------------- growing ---- */

/* A run has grown; `fresh` is set. */
static void run_is_fresh(fit_heap *self, const fit_run *run) {
    self->fresh_end = run->end_mark;
    if (!self->data->zeroed)
        self->fresh = run->end_mark;
    self->stats.grows++;
}

/* Commits `size` bytes more and makes them a hole. */
static bool run_commit(fit_heap *self, fit_run *run, size_t size) {
    if (self->marked && !fit_marks_grow(&run->pending, run->limit + size))
        return false;
    if (self->data->ops->commit(self->data, run->limit, size) != 0)
        return false;
    char *const old_mark = run->end_mark;
    const bool was_fresh = self->fresh_end == old_mark;
    run->limit += size;
    run->end_mark = run_end_mark(self, run->limit);
    fit_set_word(run->end_mark, FIT_USED);
    fit_set_word(old_mark, FIT_USED | (fit_word(old_mark) & FIT_PREV_FREE) | (size_t)(run->end_mark - old_mark));
    const char *const hole = merge_grown(self, old_mark);
    if (hole != old_mark)
        memset(old_mark - FIT_HEADER, 0, 2 * FIT_HEADER); /* the old footer and the old mark */
    if (!was_fresh || hole == old_mark)
        self->fresh = old_mark + FIT_TOUCHED;
    run_is_fresh(self, run);
    return true;
}

/* A run that ends with less than `size` bytes of hole gets as many: by the chunk, or just enough. */
static bool run_grow(fit_heap *self, fit_run *run, size_t size) {
    const size_t has = range_prev_free(self, run->end_mark) ? range_size(self, holes_before(self, run->end_mark)) : 0;
    const size_t left = (size_t)(run->reserve_end - run->limit);
    if (has >= size)
        return true;
    const size_t least = hy_pages_round(self->data, hy_max(size - has, FIT_MIN_RANGE) + self->grain);
    if (least > left)
        return false;
    const size_t wanted = hy_pages_step(self->data, self->chunk, least, left);
    return run_commit(self, run, wanted) || (least < wanted && run_commit(self, run, least));
}

/* The marks of a new run.  False: no memory. */
static bool run_mark(fit_heap *self, fit_run *run) {
    const size_t size = (size_t)(run->reserve_end - run->first);
    if (!fit_marks_reserve(&run->pending, self->meta, run->first, size, self->grain))
        return false;
    if (fit_marks_grow(&run->pending, run->limit))
        return true;
    fit_marks_release(&run->pending);
    return false;
}

/* A new run with a hole of at least `size` bytes. */
static bool runs_add(fit_heap *self, size_t size) {
    size_t reserved = 0;
    const size_t least = hy_pages_round(self->data, size + run_frame(self));
    if (!runs_reserve_slot(self))
        return false;
    char *const start = hy_pages_reserve_run(self->data, self->reserve, least, &reserved);
    if (!start)
        return false;
    const size_t wanted = hy_pages_step(self->data, self->chunk, least, reserved);
    if (self->data->ops->commit(self->data, start, wanted) != 0) {
        self->data->ops->release(self->data, start, reserved, 0);
        return false;
    }
    fit_run run = {
        .start = start, .first = run_first(self, start), .limit = start + wanted, .reserve_end = start + reserved};
    run.end_mark = run_end_mark(self, run.limit);
    if (self->marked && !run_mark(self, &run)) {
        self->data->ops->release(self->data, start, reserved, wanted);
        return false;
    }
    runs_insert(self, &run);
    fit_set_word(run.end_mark, FIT_USED);
    fit_set_word(run.first, FIT_USED | (size_t)(run.end_mark - run.first));
    merge_alone(self, run.first);
    self->fresh = run.first + FIT_TOUCHED;
    run_is_fresh(self, &run);
    return true;
}

bool fit_runs_grow(fit_heap *self, size_t size) {
    for (size_t i = self->run_count; i-- > 0;)
        if (run_grow(self, &self->runs[i], size))
            return true;
    return runs_add(self, size);
}

bool fit_runs_extend(fit_heap *self, const char *end_mark, size_t size) {
    fit_run *const run = fit_runs_holding(self, end_mark);
    return run->end_mark == end_mark && run_grow(self, run, size);
}

/* ------------------------------------------------------------------------------------------------- giving back ---- */

/* Gives back the pages of the top hole but for `keep` bytes. */
static void run_trim(fit_heap *self, fit_run *run, size_t keep) {
    if (!range_prev_free(self, run->end_mark))
        return;
    char *const hole = holes_before(self, run->end_mark);
    const size_t size = range_size(self, hole);
    if (size <= keep + FIT_MIN_RANGE + self->grain)
        return;
    char *const least = hole + FIT_MIN_RANGE + keep + run_frame(self);
    char *const limit = run->start + hy_pages_round(self->data, (size_t)(least - run->start));
    const size_t given = limit < run->limit ? (size_t)(run->limit - limit) : 0;
    if (given == 0 || self->data->ops->decommit(self->data, limit, given) != 0)
        return;
    const bool was_fresh = self->fresh_end == run->end_mark;
    run->limit = limit;
    run->end_mark = run_end_mark(self, limit);
    fit_set_word(run->end_mark, FIT_USED);
    holes_resize(self, hole, (size_t)(run->end_mark - hole), range_flags(self, hole));
    if (self->marked)
        fit_marks_shrink(&run->pending, run->limit);
    if (was_fresh) {
        self->fresh_end = run->end_mark;
        self->fresh = self->fresh < run->end_mark ? self->fresh : run->end_mark;
    }
}

void fit_runs_trim_top(fit_heap *self, char *hole, size_t keep) {
    char *const end = range_next(self, hole);
    if (!self->bounded && range_is_end(self, end))
        run_trim(self, fit_runs_holding(self, end), keep);
}

static void run_release(fit_heap *self, fit_run *run) {
    const size_t committed = (size_t)(run->limit - run->start);
    if (self->marked)
        fit_marks_release(&run->pending);
    if (self->fresh_end == run->end_mark)
        self->fresh = self->fresh_end = NULL;
    self->data->ops->release(self->data, run->start, (size_t)(run->reserve_end - run->start), committed);
}

/* The one hole of a run goes. */
static void run_forget(fit_heap *self, const fit_run *run) {
    fit_pending_take(self, run->first);
    if (self->rover == run->first)
        self->rover = holes_next(self, run->first);
    holes_remove(self, run->first);
}

void fit_runs_trim_all(fit_heap *self) {
    for (size_t i = self->run_count; i-- > 0;) {
        fit_run *const run = &self->runs[i];
        if (run_is_empty(self, run)) {
            run_forget(self, run);
            run_release(self, run);
            runs_remove(self, run);
        } else if (!self->bounded) {
            run_trim(self, run, 0);
        }
    }
}

size_t fit_runs_committed(const fit_heap *self) {
    size_t committed = 0;
    for (size_t i = 0; i < self->run_count; i++)
        committed += (size_t)(self->runs[i].limit - self->runs[i].start);
    return committed;
}

void fit_runs_reset(fit_heap *self) {
    holes_init(self);
    fit_merge_reset(self);
    self->fresh = self->fresh_end;
    for (size_t i = self->run_count; i-- > 0;) { /* downwards: to find its place, a hole looks upwards */
        const fit_run *const run = &self->runs[i];
        fit_set_word(run->end_mark, FIT_USED);
        fit_set_word(run->first, FIT_USED | (size_t)(run->end_mark - run->first));
        merge_alone(self, run->first);
    }
}

void fit_runs_release(fit_heap *self) {
    for (size_t i = 0; i < self->run_count; i++)
        run_release(self, &self->runs[i]);
    if (self->runs_size)
        hy_pages_unmap(self->meta, self->runs, self->runs_size);
}
