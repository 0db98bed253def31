/* SPDX-License-Identifier: MIT
 *
 * fit_merge.c - merging that is put off.
 *
 * A range that was freed and not yet offered to the holes beside it is *pending*; it is a hole like any other, with a
 * mark in a bitmap beside its run (fit_marks.h).  A *pass* offers all pending ranges to their neighbours, in address
 * order, and so costs what is pending, whatever the heap holds.  After it no two holes touch.  One is made
 *
 *   every:N     after N frees                       large:SIZE  when a block of that size or more is freed or asked for
 *   bytes:SIZE  when so many bytes were freed       ratio:X     when there is more than X times as much free as live
 *   count:N     when there are N holes or more      onfail      at no other time than
 *
 * when a request finds no hole, before the heap grows: that all of them do.
 *
 *   slice:N     each free offers at most N pending ranges, going round and round through memory
 *   quick:N     a freed block of up to 1 KiB goes on a list of its exact size, and is what the next request for that
 *               size gets.  It keeps the look of a used range, so nobody merges with it; its mark tells that it
 *               is free.  A list of more than N is emptied with merging; so are all when a request finds no hole.
 *               Larger blocks are merged at once.
 *   never       no marks and no passes
 *
 * The rule that makes this right: of two holes that touch, one is pending.  Whoever takes a part of a pending hole
 * leaves the rest pending; a hole that takes in a pending one is pending again, as nobody has looked at its far side.
 *
 * D. E. Knuth, The Art of Computer Programming 1, 2.5; C. B. Weinstock and W. A. Wulf, An efficient algorithm for heap
 * storage allocation, SIGPLAN Notices 23(10), 1988 (quick lists).
 */
#include "fit_merge.h"

#define QUICK_MOST ((size_t)1024) /* bytes of the largest block on a quick list */

/* ------------------------------------------------------------------------------------------------------ marks ---- */

bool fit_pending_test(const fit_heap *self, const char *range) {
    return self->marked && fit_marks_test(&fit_runs_holding(self, range)->pending, range);
}

bool fit_pending_take(fit_heap *self, const char *hole) {
    if (self->pending == 0)
        return false;
    fit_marks *const marks = &fit_runs_holding(self, hole)->pending;
    if (!fit_marks_test(marks, hole))
        return false;
    fit_marks_clear(marks, hole);
    self->pending--;
    return true;
}

void fit_pending_mark(fit_heap *self, const char *hole) {
    fit_marks_set(&fit_runs_holding(self, hole)->pending, hole);
    self->pending++;
}

/* The first pending range at or above an address, or NULL. */
static char *pending_next(const fit_heap *self, const char *from) {
    for (size_t i = 0; i < self->run_count; i++) {
        const fit_run *const run = &self->runs[i];
        if (run->end_mark <= from)
            continue;
        char *const found = fit_marks_next(&run->pending, from > run->first ? from : run->first);
        if (found)
            return found;
    }
    return NULL;
}

/* ----------------------------------------------------------------------------------------------------- offers ---- */

/* A hole becomes one with the holes beside it. */
static char *merge_hole(fit_heap *self, char *before, char *hole, char *behind) {
    const size_t size = range_size(self, hole);
    const bool roving = self->rover == hole;
    const uint64_t merges = regret_merges(self, hole, size, 0);
    holes_remove(self, hole);
    char *const whole = merge_with(self, before, hole, size, behind, true, merges);
    if (roving)
        self->rover = whole;
    return whole;
}

/* A pending hole, whose mark is gone, is offered to the holes beside it. */
static char *pending_offer(fit_heap *self, char *hole) {
    char *const next = range_next(self, hole);
    char *const before = holes_touching(self, hole);
    char *const behind = range_used(self, next) ? NULL : next;
    if (!before && !behind)
        return hole;
    bool again = before && fit_pending_take(self, before);
    again |= behind && fit_pending_take(self, behind);
    char *const whole = merge_hole(self, before, hole, behind);
    if (again)
        fit_pending_mark(self, whole);
    return whole;
}

/* Gives the top of a run back if it has become too large. */
static void trim_top(fit_heap *self, char *hole) {
    if (range_size(self, hole) >= self->trim)
        fit_runs_trim_top(self, hole, self->chunk);
}

/* The next pending range at or above an address goes through; where to go on, or NULL: there was none. */
static char *pending_step(fit_heap *self, const char *from) {
    char *const range = pending_next(self, from);
    if (!range)
        return NULL;
    fit_pending_take(self, range);
    char *const hole = self->quick ? merge_freed(self, range) : pending_offer(self, range);
    trim_top(self, hole);
    return hole;
}

/* ----------------------------------------------------------------------------------------------------- passes ---- */

static void pass_done(fit_heap *self, uint64_t steps) {
    self->stats.merge_passes++;
    self->stats.pass_steps += steps;
    if (steps > self->stats.longest_pass)
        self->stats.longest_pass = steps;
}

static void quick_forget(fit_heap *self) {
    if (self->quick)
        memset(self->quick, 0, fit_quick_bytes(self->grain));
}

bool fit_merge_pass(fit_heap *self) {
    self->freed_count = self->freed_bytes = 0;
    if (self->pending == 0)
        return false;
    uint64_t steps = 0;
    quick_forget(self);
    for (char *at = pending_step(self, NULL); at; at = pending_step(self, at))
        steps++;
    pass_done(self, steps);
    return true;
}

/* A hand's breadth of a pass. */
static void pass_slice(fit_heap *self) {
    uint64_t steps = 0;
    for (; self->pending > 0 && steps < self->merge.number; steps++) {
        char *const at = pending_step(self, self->hand);
        self->hand = at ? at : pending_step(self, NULL);
    }
    if (steps > 0)
        pass_done(self, steps);
}

/* Where nothing is marked: from range to range. */
static void merge_run(fit_heap *self, const fit_run *run) {
    for (char *at = run->first; at != run->end_mark; at = range_next(self, at))
        while (!range_used(self, at) && !range_used(self, range_next(self, at)))
            merge_hole(self, NULL, at, range_next(self, at));
}

size_t fit_merge_all(fit_heap *self) {
    const uint64_t before = self->stats.merges;
    if (self->marked)
        fit_merge_pass(self);
    else if (self->merge.choice == FIT_NEVER)
        for (size_t i = 0; i < self->run_count; i++)
            merge_run(self, &self->runs[i]);
    return self->stats.merges - before;
}

/* ------------------------------------------------------------------------------------------------ quick lists ---- */

static size_t quick_index(size_t grain, size_t size) {
    return grain == 1 ? size : size / grain;
}

/* The range of the largest block on a quick list. */
static size_t quick_largest(const fit_heap *self) {
    return hy_align_up(QUICK_MOST + fit_header(self), self->grain);
}

size_t fit_quick_bytes(size_t grain) {
    return (quick_index(grain, hy_align_up(QUICK_MOST + FIT_HEADER, grain)) + 1) * sizeof(fit_quick);
}

static char *quick_next(const fit_heap *self, const char *range) {
    char *next;
    memcpy(&next, range_block(self, range), sizeof next);
    return next;
}

/* A list goes through the marks' hands at once. */
static void quick_empty(fit_heap *self, fit_quick *list) {
    const uint64_t steps = list->count;
    char *next = NULL;
    for (char *range = list->first; range; range = next) {
        next = quick_next(self, range);
        fit_pending_take(self, range);
        trim_top(self, merge_freed(self, range));
    }
    *list = (fit_quick){NULL, 0};
    pass_done(self, steps);
}

static void quick_push(fit_heap *self, char *range) {
    fit_quick *const list = &self->quick[quick_index(self->grain, range_size(self, range))];
    memcpy(range_block(self, range), &list->first, sizeof list->first);
    list->first = range;
    list->count++;
    fit_pending_mark(self, range);
    if (list->count > self->merge.number)
        quick_empty(self, list);
}

static char *quick_pop(fit_heap *self, size_t need, size_t align) {
    if (need > quick_largest(self))
        return NULL;
    fit_quick *const list = &self->quick[quick_index(self->grain, need)];
    char *const range = list->first;
    if (!range || ((size_t)range_block(self, range) & (align - 1)) != 0)
        return NULL;
    list->first = quick_next(self, range);
    list->count--;
    fit_pending_take(self, range);
    return range;
}

/* -------------------------------------------------------------------------------------------------- when to do ---- */

/* Whether there is more than X times as much free as live, in ranges. */
static bool ratio_reached(const fit_heap *self) {
    size_t all = 0;
    for (size_t i = 0; i < self->run_count; i++)
        all += (size_t)(self->runs[i].end_mark - self->runs[i].first);
    const size_t live = self->stats.live_bytes + self->stats.live_blocks * fit_header(self);
    return (double)(all - live) * HY_RULE_REAL > (double)live * (double)self->merge.number;
}

/* Whether a pass is due after a range of `size` bytes was freed. */
static bool pass_is_due(const fit_heap *self, size_t size) {
    switch (self->merge.choice) {
    case FIT_EVERY: return self->freed_count >= self->merge.number;
    case FIT_BYTES: return self->freed_bytes >= self->merge.number;
    case FIT_COUNT: return self->stats.holes >= self->merge.number;
    case FIT_LARGE: return size - fit_header(self) >= self->merge.number;
    case FIT_RATIO: return ratio_reached(self);
    default: return false;
    }
}

static void merge_aside(fit_heap *self, char *range) {
    const size_t size = range_size(self, range);
    merge_alone(self, range);
    if (self->marked)
        fit_pending_mark(self, range);
    self->freed_count++;
    self->freed_bytes += size - fit_header(self);
    if (self->merge.choice == FIT_SLICE)
        pass_slice(self);
    else if (pass_is_due(self, size))
        fit_merge_pass(self);
    else
        trim_top(self, range);
}

void fit_merge_later(fit_heap *self, char *range) {
    if (!self->quick)
        merge_aside(self, range);
    else if (range_size(self, range) <= quick_largest(self))
        quick_push(self, range);
    else
        trim_top(self, merge_freed(self, range));
}

char *fit_merge_before(fit_heap *self, size_t need, size_t align) {
    if (self->quick)
        return quick_pop(self, need, align);
    if (self->merge.choice == FIT_LARGE && need - fit_header(self) >= self->merge.number)
        fit_merge_pass(self);
    return NULL;
}

void fit_merge_reset(fit_heap *self) {
    self->pending = self->freed_count = self->freed_bytes = 0;
    self->hand = NULL;
    quick_forget(self);
}
