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

/* How many runs have their first range at or below `address`. */
static size_t runs_below(const fit_heap *self, const char *address) {
    size_t low = 0, high = self->run_count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (self->runs[middle].first <= address)
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
    const size_t i = runs_below(self, run->first);
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

/* The first range's body is aligned to the grain. */
static char *run_first(const fit_heap *self, char *start) {
    return (char *)hy_align_up((size_t)start + fit_header(self), self->grain) - FIT_HEADER;
}

/* In band, the end mark is a header.  Out of band, it takes the last grain, whose address no other run may have. */
static char *run_end_mark(const fit_heap *self, char *limit) {
    const size_t last = fit_header(self) == 0 ? 1 : 0;
    return (char *)hy_align_down((size_t)limit - last, self->grain) - FIT_HEADER;
}

/* The most bytes of a run that are in no range: what aligns its first header, the end mark, ragged ends. */
static size_t run_frame(const fit_heap *self) {
    const size_t ragged = self->data->granule < self->grain ? 2 * self->grain : 0;
    return hy_max(self->grain, fit_header(self)) + ragged;
}

static bool run_is_empty(const fit_heap *self, const fit_run *run) {
    return !range_used(self, run->first) && range_next(self, run->first) == run->end_mark;
}

/* ------------------------------------------------------------------------------------------------------ marks ---- */

enum { RUN_MARKS = 3 };

/* The marks that a run of this heap has. */
static unsigned run_marks(const fit_heap *self, fit_run *run, fit_marks *ret[RUN_MARKS]) {
    unsigned count = 0;
    if (self->metadata == FIT_APART) {
        ret[count++] = &run->starts;
        ret[count++] = &run->holes;
    }
    if (self->marked)
        ret[count++] = &run->pending;
    return count;
}

/* For a run of up to `size` bytes.  False: no room for them. */
static bool run_reserve_marks(const fit_heap *self, fit_run *run, size_t size) {
    fit_marks *marks[RUN_MARKS];
    const unsigned count = run_marks(self, run, marks);
    for (unsigned i = 0; i < count; i++) {
        if (fit_marks_reserve(marks[i], self->meta, run->first, size, self->grain))
            continue;
        while (i-- > 0)
            fit_marks_release(marks[i]);
        return false;
    }
    return true;
}

static void run_release_marks(const fit_heap *self, fit_run *run) {
    fit_marks *marks[RUN_MARKS];
    for (unsigned i = run_marks(self, run, marks); i-- > 0;)
        fit_marks_release(marks[i]);
}

/* Before a run grows up to `limit`.  False: no memory. */
static bool run_grow_marks(const fit_heap *self, fit_run *run, char *limit) {
    fit_marks *marks[RUN_MARKS];
    for (unsigned i = run_marks(self, run, marks); i-- > 0;)
        if (!fit_marks_grow(marks[i], run_end_mark(self, limit) + 1))
            return false;
    return true;
}

static size_t run_marks_committed(const fit_heap *self, fit_run *run) {
    fit_marks *marks[RUN_MARKS];
    size_t committed = 0;
    for (unsigned i = run_marks(self, run, marks); i-- > 0;)
        committed += fit_marks_committed(marks[i]);
    return committed;
}

static void run_clear_marks(const fit_heap *self, fit_run *run) {
    fit_marks *marks[RUN_MARKS];
    for (unsigned i = run_marks(self, run, marks); i-- > 0;)
        fit_marks_clear_all(marks[i]);
}

/* After it has shrunk. */
static void run_shrink_marks(const fit_heap *self, fit_run *run) {
    fit_marks *marks[RUN_MARKS];
    for (unsigned i = run_marks(self, run, marks); i-- > 0;)
        fit_marks_shrink(marks[i], run->end_mark + 1);
}

/* ----------------------------------------------------------------------------------------------------- growing ---- */

/* A run has grown; `fresh` is set. */
static void run_is_fresh(fit_heap *self, const fit_run *run) {
    self->fresh_end = range_byte(self, run->end_mark);
    if (!self->data->zeroed)
        self->fresh = self->fresh_end;
    self->stats.grows++;
}

/* Where a run ended: the end itself and the footer in front of it, or the grain that the end took. */
static void run_wipe_end(const fit_heap *self, char *end) {
    if (self->metadata == FIT_APART)
        memset(range_byte(self, end), 0, self->grain);
    else
        memset(end - FIT_HEADER, 0, 2 * FIT_HEADER);
}

/* Commits `size` bytes more and makes them a hole. */
static bool run_commit(fit_heap *self, fit_run *run, size_t size) {
    if (!run_grow_marks(self, run, run->limit + size) || self->data->ops->commit(self->data, run->limit, size) != 0)
        return false;
    char *const old_mark = run->end_mark;
    const bool was_fresh = self->fresh_end == range_byte(self, old_mark);
    run->limit += size;
    run->end_mark = run_end_mark(self, run->limit);
    range_begin_end(self, run->end_mark);
    range_set_used(self, old_mark, (size_t)(run->end_mark - old_mark));
    const char *const hole = merge_grown(self, old_mark);
    if (hole != old_mark)
        run_wipe_end(self, old_mark);
    if (!was_fresh || hole == old_mark)
        self->fresh = old_mark + FIT_TOUCHED;
    run_is_fresh(self, run);
    return true;
}

/* A run that ends with less than `size` bytes of hole gets as many: by the chunk, or just enough. */
static bool run_grow(fit_heap *self, fit_run *run, size_t size) {
    const char *const top = holes_touching(self, run->end_mark);
    const size_t has = top ? (size_t)(run->end_mark - top) : 0;
    const size_t left = (size_t)(run->reserve_end - run->limit);
    if (has >= size)
        return true;
    const size_t least = hy_pages_round(self->data, hy_max(size - has, fit_least(self)) + self->grain);
    if (least > left)
        return false;
    const size_t wanted = hy_pages_step(self->data, self->chunk, least, left);
    return run_commit(self, run, wanted) || (least < wanted && run_commit(self, run, least));
}

/* Address space for a run and its marks, these first: they may come out of the same limited source. */
static bool run_reserve(const fit_heap *self, fit_run *run, size_t wanted, size_t least) {
    size_t size = 0;
    if (!run_reserve_marks(self, run, wanted))
        return false;
    run->start = run->limit = hy_pages_reserve_run(self->data, wanted, least, &size);
    if (!run->start) {
        run_release_marks(self, run);
        return false;
    }
    run->reserve_end = run->start + size;
    run->first = run->starts.base = run->holes.base = run->pending.base = run_first(self, run->start);
    return true;
}

/* Where there is no room for the marks of a large run, those of a smaller one will do. */
static bool runs_reserve(const fit_heap *self, fit_run *run, size_t least) {
    if (self->bounded)
        return run_reserve(self, run, hy_pages_at_most(self->data, HY_ANY, self->data->granule), least);
    size_t wanted = hy_pages_round(self->data, hy_max(self->reserve, least));
    while (!run_reserve(self, run, wanted, least)) {
        if (wanted == least)
            return false;
        wanted = hy_max(hy_pages_round(self->data, wanted / 64), least);
    }
    return true;
}

/* Commits the first part of a run that is reserved.  False: no memory, and nothing is left of it. */
static bool run_start(fit_heap *self, fit_run *run, size_t least) {
    const size_t reserved = (size_t)(run->reserve_end - run->start);
    const size_t size = hy_pages_step(self->data, self->chunk, least, reserved);
    run->limit = run->start + size;
    run->end_mark = run_end_mark(self, run->limit);
    if (run_grow_marks(self, run, run->limit) && self->data->ops->commit(self->data, run->start, size) == 0)
        return true;
    self->data->ops->release(self->data, run->start, reserved, 0);
    run_release_marks(self, run);
    return false;
}

/* Makes all of a run one hole. */
static void run_set_hole(fit_heap *self, const fit_run *run) {
    range_begin_end(self, run->end_mark);
    range_begin(self, run->first, 0);
    range_set_used(self, run->first, (size_t)(run->end_mark - run->first));
    merge_alone(self, run->first);
}

/* A new run with a hole of at least `size` bytes. */
static bool runs_add(fit_heap *self, size_t size) {
    fit_run run = {.start = NULL};
    const size_t least = hy_pages_round(self->data, size + run_frame(self));
    if (!runs_reserve_slot(self) || !runs_reserve(self, &run, least) || !run_start(self, &run, least))
        return false;
    run_set_hole(self, runs_insert(self, &run));
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
    char *const hole = holes_touching(self, run->end_mark);
    if (!hole)
        return;
    const size_t size = (size_t)(run->end_mark - hole);
    if (size <= keep + fit_least(self) + self->grain)
        return;
    const char *const least = range_byte(self, hole) + fit_least(self) + keep + run_frame(self);
    char *const limit = run->start + hy_pages_round(self->data, (size_t)(least - run->start));
    const size_t given = limit < run->limit ? (size_t)(run->limit - limit) : 0;
    if (given == 0 || self->data->ops->decommit(self->data, limit, given) != 0)
        return;
    const bool was_fresh = self->fresh_end == range_byte(self, run->end_mark);
    run->limit = limit;
    run->end_mark = run_end_mark(self, limit);
    range_begin_end(self, run->end_mark);
    holes_resize(self, hole, (size_t)(run->end_mark - hole), range_flags(self, hole));
    run_shrink_marks(self, run);
    if (was_fresh) {
        self->fresh_end = range_byte(self, run->end_mark);
        self->fresh = self->fresh < self->fresh_end ? self->fresh : self->fresh_end;
    }
}

void fit_runs_trim_top(fit_heap *self, char *hole, size_t keep) {
    char *const end = range_next(self, hole);
    if (!self->bounded && range_is_end(self, end))
        run_trim(self, fit_runs_holding(self, end), keep);
}

static void run_release(fit_heap *self, fit_run *run) {
    const size_t committed = (size_t)(run->limit - run->start);
    run_release_marks(self, run);
    if (self->fresh_end == range_byte(self, run->end_mark))
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
        committed += (size_t)(self->runs[i].limit - self->runs[i].start) + run_marks_committed(self, &self->runs[i]);
    return committed;
}

void fit_runs_reset(fit_heap *self) {
    holes_init(self);
    fit_merge_reset(self);
    self->fresh = self->fresh_end;
    for (size_t i = self->run_count; i-- > 0;) { /* downwards: to find its place, a hole looks upwards */
        run_clear_marks(self, &self->runs[i]);
        run_set_hole(self, &self->runs[i]);
    }
}

void fit_runs_release(fit_heap *self) {
    for (size_t i = 0; i < self->run_count; i++)
        run_release(self, &self->runs[i]);
    if (self->runs_size)
        hy_pages_unmap(self->meta, self->runs, self->runs_size);
}
