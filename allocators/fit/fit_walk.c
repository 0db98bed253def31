/* SPDX-License-Identifier: MIT
 *
 * fit_walk.c - walk: every range of every run.  check: every invariant of tags, list, counts and runs.
 */
#include "fit_walk.h"

#include "fit_list.h"

/* ------------------------------------------------------------------------------------------------------- walk ---- */

static int walk_meta(const char *start, const char *end, hy_visit *visit, void *context) {
    const hy_range range = {.start = (uintptr_t)start, .size = (size_t)(end - start), .kind = HY_META};
    return range.size ? visit(context, &range) : 0;
}

static int walk_range(const fit_heap *self, const char *at, hy_visit *visit, void *context) {
    hy_range range = {.start = (uintptr_t)at, .size = range_size(self, at), .kind = HY_FREE};
    range.usable = range.size - FIT_HEADER;
    if (range_used(self, at)) {
        range.kind = HY_USED;
        range.block = (uintptr_t)range_block(self, at);
    }
    return visit(context, &range);
}

static int walk_run(const fit_heap *self, const fit_run *run, hy_visit *visit, void *context) {
    int r = walk_meta(run->start, run->first, visit, context);
    for (const char *at = run->first; r == 0 && at != run->end_mark;) {
        const char *const next = range_next(self, at);
        r = walk_range(self, at, visit, context);
        at = next;
    }
    return r ? r : walk_meta(run->end_mark, run->limit, visit, context);
}

int fit_walk(hy_heap *heap, hy_visit *visit, void *context) {
    const fit_heap *const self = (fit_heap *)heap;
    int r = 0;
    for (size_t i = 0; r == 0 && i < self->run_count; i++)
        r = walk_run(self, &self->runs[i], visit, context);
    return r;
}

/* ------------------------------------------------------------------------------------------------------ check ---- */

/* What the ranges of all runs add up to. */
typedef struct fit_sum {
    uint64_t blocks, bytes, holes;
    size_t hole_addresses; /* their sum: the same set of holes must be in the list */
    bool rover, finger;    /* seen */
} fit_sum;

static const char *check_hole(const fit_heap *self, char *hole, fit_sum *sum) {
    if (fit_word(range_next(self, hole) - FIT_HEADER) != range_size(self, hole))
        return "a hole's footer differs from its header";
    if (range_prev_free(self, hole))
        return "two holes touch although merging is immediate";
    if (list_prev(list_next(hole)) != hole || list_next(list_prev(hole)) != hole)
        return "a hole's neighbours in the list do not know it";
    sum->holes++;
    sum->hole_addresses += (size_t)hole;
    sum->rover |= hole == self->rover;
    sum->finger |= hole == self->finger;
    return NULL;
}

static const char *check_range(const fit_heap *self, const fit_run *run, char *at, bool prev_free, fit_sum *sum) {
    const size_t size = range_size(self, at);
    if (size < FIT_MIN_RANGE || size > (size_t)(run->end_mark - at))
        return "a range's size is below the least or leads out of its run";
    if (size % self->grain != 0 || (size_t)range_block(self, at) % self->grain != 0)
        return "a range is not aligned to the grain";
    if (range_prev_free(self, at) != prev_free)
        return "a range's flag for a hole in front of it is wrong";
    if (!range_used(self, at))
        return check_hole(self, at, sum);
    sum->blocks++;
    sum->bytes += size - FIT_HEADER;
    return NULL;
}

static const char *check_run(const fit_heap *self, const fit_run *run, fit_sum *sum) {
    const char *wrong = NULL;
    bool prev_free = false;
    for (char *at = run->first; at != run->end_mark; at = range_next(self, at)) {
        wrong = check_range(self, run, at, prev_free, sum);
        if (wrong)
            return wrong;
        prev_free = !range_used(self, at);
    }
    if (fit_word(run->end_mark) != (FIT_USED | (prev_free ? FIT_PREV_FREE : 0)))
        return "a run's end mark is damaged";
    return run->limit > run->reserve_end ? "a run has more committed than reserved" : NULL;
}

/* What is in one list; `bin`: holes of that bin only, FIT_BINS: all holes. */
static const char *check_list(const fit_heap *self, const char *head, unsigned bin, uint64_t most, fit_sum *ret_sum) {
    const char *before = NULL;
    for (char *hole = list_next(head); hole != head; hole = list_next(hole)) {
        if (++ret_sum->holes > most)
            return "the list holds more than the holes";
        if (bin == FIT_BINS && self->order == FIT_ADDRESS && hole < before)
            return "the list is not in address order";
        if (bin < FIT_BINS && bin_of(range_size(self, hole)) != bin)
            return "a hole is in another size's bin";
        ret_sum->hole_addresses += (size_t)hole;
        before = hole;
    }
    if (bin < FIT_BINS && hy_bit_get(self->bin_map, bin) != (before != NULL))
        return "a bin's bit is wrong";
    return NULL;
}

static const char *check_structure(const fit_heap *self, const fit_sum *sum) {
    fit_sum found = {0};
    const char *wrong = check_list(self, list_head(self), FIT_BINS, sum->holes, &found);
    if (!wrong && self->binned && found.holes > 0)
        return "a hole is in the list and not in a bin";
    for (unsigned bin = 0; !wrong && bin < FIT_BINS; bin++)
        wrong = check_list(self, bin_head(self, bin), bin, sum->holes, &found);
    if (wrong)
        return wrong;
    if (found.holes != sum->holes || found.hole_addresses != sum->hole_addresses)
        return "a hole is not in the list";
    return NULL;
}

static const char *check_counts(const fit_heap *self, const fit_sum *sum) {
    if (self->stats.live_blocks != sum->blocks || self->stats.live_bytes != sum->bytes)
        return "live blocks or bytes are counted wrong";
    if (self->stats.holes != sum->holes)
        return "holes are counted wrong";
    if (self->binned)
        return NULL;
    if (!sum->rover && self->rover != list_head(self))
        return "the rover points at no hole";
    if (!sum->finger && self->finger != list_head(self))
        return "the finger points at no hole";
    return NULL;
}

/* Bytes from `fresh` on must be zero, but for the last hole's footer. */
static const char *check_fresh(const fit_heap *self) {
    for (const char *at = self->fresh; at && at + FIT_HEADER < self->fresh_end; at++)
        if (*at)
            return "memory that is taken for fresh was written";
    return NULL;
}

const char *fit_check(hy_heap *heap) {
    const fit_heap *const self = (fit_heap *)heap;
    fit_sum sum = {0};
    const char *wrong = NULL;
    for (size_t i = 0; !wrong && i < self->run_count; i++) {
        if (i > 0 && self->runs[i].start < self->runs[i - 1].reserve_end)
            return "runs overlap or are out of order";
        wrong = check_run(self, &self->runs[i], &sum);
    }
    wrong = wrong ? wrong : check_structure(self, &sum);
    wrong = wrong ? wrong : check_counts(self, &sum);
    return wrong ? wrong : check_fresh(self);
}
