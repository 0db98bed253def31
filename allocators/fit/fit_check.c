/* SPDX-License-Identifier: MIT
 *
 * fit_check.c - check: every invariant of metadata, structure, pending marks, quick lists, counts and runs.
 */
#include "fit_merge.h"
#include "fit_walk.h"

/* What the ranges of all runs add up to. */
typedef struct fit_sum {
    uint64_t blocks, bytes, holes, pending;
    size_t hole_addresses; /* their sum: the same set of holes must be in the structure */
    bool rover, finger;    /* seen */
} fit_sum;

/* ----------------------------------------------------------------------------------------------------- ranges ---- */

/* Two holes may touch if nobody merges, or if one of them is still to be offered to the other. */
static bool check_touching(const fit_heap *self, char *hole) {
    return self->merge.choice == FIT_NEVER ||
           (self->marked && !self->quick &&
            (fit_pending_test(self, hole) || fit_pending_test(self, holes_before(self, hole))));
}

static const char *check_hole(const fit_heap *self, char *hole, fit_sum *sum) {
    if (self->metadata == FIT_TAGS && fit_word(range_next(self, hole) - FIT_HEADER) != range_size(self, hole))
        return "a hole's footer differs from its header";
    if (range_prev_free(self, hole) && !check_touching(self, hole))
        return "two holes touch and neither is pending";
    sum->holes++;
    sum->hole_addresses += (size_t)hole;
    sum->rover |= hole == self->rover;
    sum->finger |= hole == self->finger;
    return NULL;
}

static const char *check_range(const fit_heap *self, const fit_run *run, char *at, bool prev_free, fit_sum *sum) {
    const size_t size = range_size(self, at);
    if (size < fit_least(self) || size > (size_t)(run->end_mark - at))
        return "a range's size is below the least or leads out of its run";
    if (size % self->grain != 0 || (size_t)range_block(self, at) % self->grain != 0)
        return "a range is not aligned to the grain";
    if (range_prev_free(self, at) != prev_free)
        return "a range's flag for a hole in front of it is wrong";
    const bool pending = fit_pending_test(self, at);
    sum->pending += pending;
    if (!range_used(self, at))
        return check_hole(self, at, sum);
    if (pending && !self->quick)
        return "a used range is marked as pending";
    sum->blocks += !pending;
    sum->bytes += pending ? 0 : size - fit_header(self);
    return NULL;
}

/* Out of band: what is a hole starts somewhere, and nothing is marked outside the run. */
static const char *check_marks(const fit_heap *self, const fit_run *run) {
    const char *wrong = fit_marks_check(&run->starts);
    wrong = wrong ? wrong : fit_marks_check(&run->holes);
    if (wrong)
        return wrong;
    if (!fit_marks_test(&run->starts, run->first))
        return "a run's first range is not marked";
    if (!fit_marks_test(&run->starts, run->end_mark) || fit_marks_next(&run->starts, run->end_mark + self->grain))
        return "a run's end is not the last mark";
    for (const char *at = fit_marks_next(&run->holes, run->first); at;
         at = fit_marks_next(&run->holes, at + self->grain))
        if (!fit_marks_test(&run->starts, at))
            return "a hole is marked where no range starts";
    return fit_marks_test(&run->holes, run->end_mark) ? "a run's end is marked as a hole" : NULL;
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
    if (self->metadata == FIT_APART)
        wrong = check_marks(self, run);
    else if (fit_word(run->end_mark) != (FIT_USED | (prev_free ? FIT_PREV_FREE : 0)))
        wrong = "a run's end mark is damaged";
    if (wrong)
        return wrong;
    return run->limit > run->reserve_end ? "a run has more committed than reserved" : NULL;
}

/* --------------------------------------------------------------------------------------------------- structure ---- */

/* The holes of one list.  `most`: there are no more. */
static const char *check_list(const fit_heap *self, const char *head, uint64_t most, fit_sum *ret_sum) {
    const char *before = NULL;
    for (char *hole = list_next(head); hole != head; hole = list_next(hole)) {
        if (++ret_sum->holes > most)
            return "the structure holds more than the holes";
        if (list_prev(list_next(hole)) != hole || list_next(list_prev(hole)) != hole)
            return "a hole's neighbours in the list do not know it";
        if (self->order == FIT_ADDRESS && hole < before)
            return "the list is not in address order";
        ret_sum->hole_addresses += (size_t)hole;
        before = hole;
    }
    return NULL;
}

static const char *check_bin(const fit_heap *self, unsigned bin, uint64_t most, fit_sum *ret_sum) {
    const char *const head = bin_head(self, bin), *const wrong = check_list(self, head, most, ret_sum);
    if (wrong)
        return wrong;
    for (const char *hole = list_next(head); hole != head; hole = list_next(hole))
        if (bin_of(range_size(self, hole)) != bin)
            return "a hole is in another size's bin";
    return hy_bit_get(self->bin_map, bin) != (list_next(head) != head) ? "a bin's bit is wrong" : NULL;
}

/* The structure has those holes that the ranges say there are. */
static const char *check_structure(const fit_heap *self, const fit_sum *sum) {
    fit_sum found = {0};
    const char *wrong = NULL;
    switch (self->structure) {
    case FIT_LIST: wrong = check_list(self, list_head(self), sum->holes, &found); break;
    case FIT_SIZES:
        for (unsigned bin = 0; !wrong && bin < FIT_BINS; bin++)
            wrong = check_bin(self, bin, sum->holes, &found);
        break;
    case FIT_ADDRESS_TREE:
    case FIT_SIZE_TREE:
        wrong = fit_tree_check(&self->tree, self->structure == FIT_SIZE_TREE, &found.holes, &found.hole_addresses);
        break;
    default: return NULL; /* the ranges are the structure */
    }
    if (!wrong && (found.holes != sum->holes || found.hole_addresses != sum->hole_addresses))
        wrong = "a hole is not in the structure";
    return wrong;
}

/* ------------------------------------------------------------------------------------------------------ counts ---- */

static const char *check_counts(const fit_heap *self, const fit_sum *sum) {
    if (self->stats.live_blocks != sum->blocks || self->stats.live_bytes != sum->bytes)
        return "live blocks or bytes are counted wrong";
    if (self->stats.holes != sum->holes)
        return "holes are counted wrong";
    if (self->pending != sum->pending)
        return "something is marked as pending that is not a range";
    if (self->rover && self->rover != list_head(self) && !sum->rover)
        return "the rover points at no hole";
    if (self->structure == FIT_LIST && self->finger != list_head(self) && !sum->finger)
        return "the finger points at no hole";
    return NULL;
}

static const char *check_quick(const fit_heap *self) {
    uint64_t count = 0;
    for (size_t i = 0; self->quick && i * sizeof(fit_quick) < fit_quick_bytes(self->grain); i++) {
        uint64_t here = 0;
        for (const char *range = self->quick[i].first; range && here < self->quick[i].count; here++) {
            if (!fit_pending_test(self, range) || range_size(self, range) != i * self->grain)
                return "a range on a quick list has another size, or is not marked";
            memcpy(&range, range_block(self, range), sizeof range);
        }
        if (here != self->quick[i].count)
            return "a quick list is shorter than its count";
        count += here;
    }
    return self->quick && count != self->pending ? "a marked range is on no quick list" : NULL;
}

/* Bytes from `fresh` on must be zero, but for the last hole's footer. */
static const char *check_fresh(const fit_heap *self) {
    const ptrdiff_t size = self->fresh_end - self->fresh - (ptrdiff_t)FIT_HEADER;
    if (size <= 0 || hy_is_zero(self->fresh, (size_t)size))
        return NULL;
    return "memory that is taken for fresh was written";
}

const char *fit_check(hy_heap *heap) {
    const fit_heap *const self = (fit_heap *)heap;
    fit_sum sum = {0};
    const char *wrong = NULL;
    for (size_t i = 0; !wrong && i < self->run_count; i++) {
        if (i > 0 && self->runs[i].start < self->runs[i - 1].reserve_end)
            return "runs overlap or are out of order";
        wrong = check_run(self, &self->runs[i], &sum);
        wrong = wrong || !self->marked ? wrong : fit_marks_check(&self->runs[i].pending);
    }
    wrong = wrong ? wrong : check_structure(self, &sum);
    wrong = wrong ? wrong : check_counts(self, &sum);
    wrong = wrong ? wrong : check_quick(self);
    return wrong ? wrong : check_fresh(self);
}
