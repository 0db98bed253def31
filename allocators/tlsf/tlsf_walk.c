/* SPDX-License-Identifier: MIT
 *
 * tlsf_walk.c - walk: every range of every run.  check: every invariant of tags, lists, maps, counts and runs.
 */
#include "tlsf_walk.h"

#include "tlsf_heap.h"

/* ------------------------------------------------------------------------------------------------------- walk ---- */

static int walk_meta(const void *start, const void *end, hy_visit *visit, void *context) {
    const hy_range range = {.start = (uintptr_t)start, .size = (uintptr_t)end - (uintptr_t)start, .kind = HY_META};
    return range.size ? visit(context, &range) : 0;
}

static int walk_range(const tlsf_range *at, hy_visit *visit, void *context) {
    hy_range range = {.start = (uintptr_t)at, .size = tlsf_size(at), .kind = HY_FREE};
    range.usable = range.size - TLSF_HEADER;
    if (!tlsf_is_hole(at)) {
        range.kind = HY_USED;
        range.block = (uintptr_t)tlsf_block(at);
    }
    return visit(context, &range);
}

static int walk_run(const tlsf_run *run, hy_visit *visit, void *context) {
    int r = walk_meta(run->start, tlsf_first(run), visit, context);
    for (const tlsf_range *at = tlsf_first(run); r == 0 && at != run->end;) {
        const tlsf_range *const behind = tlsf_behind(at);
        r = walk_range(at, visit, context);
        at = behind;
    }
    return r ? r : walk_meta(run->end, run->limit, visit, context);
}

int tlsf_walk(hy_heap *heap, hy_visit *visit, void *context) {
    int r = 0;
    for (const tlsf_run *run = ((tlsf_heap *)heap)->runs; r == 0 && run; run = run->next)
        r = walk_run(run, visit, context);
    return r;
}

/* ------------------------------------------------------------------------------------------------------ check ---- */

/* What ranges, or lists, add up to. */
typedef struct tlsf_sum {
    uint64_t blocks, bytes, holes;
    size_t hole_addresses; /* their sum: the same set of holes must be in the lists */
} tlsf_sum;

static const char *check_range(const tlsf_run *run, tlsf_range *at, const tlsf_range *hole_before, tlsf_sum *sum) {
    const size_t size = tlsf_size(at);
    if (size < TLSF_MIN_RANGE || size > (size_t)((char *)run->end - (char *)at))
        return "a range's size is below the least or leads out of its run";
    if (tlsf_before(at) != hole_before)
        return "a range does not know the hole in front of it";
    if (tlsf_is_hole(at)) {
        sum->holes++;
        sum->hole_addresses += (size_t)at;
        return hole_before ? "two holes touch although merging is immediate" : NULL;
    }
    sum->blocks++;
    sum->bytes += size - TLSF_HEADER;
    return NULL;
}

static const char *check_run(const tlsf_run *run, tlsf_sum *sum) {
    const tlsf_range *hole = NULL;
    for (tlsf_range *at = tlsf_first(run); at != run->end; at = tlsf_behind(at)) {
        const char *const wrong = check_range(run, at, hole, sum);
        if (wrong)
            return wrong;
        hole = tlsf_is_hole(at) ? at : NULL;
    }
    if (run->end->header != ((uintptr_t)run | TLSF_END | (hole ? TLSF_PREV_FREE : 0)) || tlsf_before(run->end) != hole)
        return "a run's end is damaged";
    if (run->next && (char *)run->next < run->reserve_end)
        return "runs overlap or are out of order";
    return run->limit > run->reserve_end ? "a run has more committed than reserved" : NULL;
}

/* One list; `most`: the holes that there are. */
static const char *check_list(const tlsf_heap *self, tlsf_list list, uint64_t most, tlsf_sum *sum) {
    const tlsf_range *const head = self->lists[((size_t)list.first << self->bits) + list.second], *before = NULL;
    for (const tlsf_range *hole = head; hole; before = hole, hole = hole->next) {
        const tlsf_list own = tlsf_list_of(self->bits, tlsf_size(hole));
        if (++sum->holes > most)
            return "the lists hold more than the holes";
        if (own.first != list.first || own.second != list.second)
            return "a hole is in another size's list";
        if (hole->prev != before)
            return "a hole's neighbours in the list do not know it";
        sum->hole_addresses += (size_t)hole;
    }
    return hy_bit_get(&self->second_map[list.first], list.second) != (head != NULL) ? "a list's bit is wrong" : NULL;
}

static const char *check_lists(const tlsf_heap *self, const tlsf_sum *ranges) {
    tlsf_sum found = {0};
    const char *wrong = NULL;
    for (unsigned first = 0; !wrong && first < tlsf_levels(self->bits); first++) {
        for (unsigned second = 0; !wrong && second < 1u << self->bits; second++)
            wrong = check_list(self, (tlsf_list){first, second}, ranges->holes, &found);
        if (!wrong && hy_bit_get(&self->first_map, first) != (self->second_map[first] != 0))
            wrong = "a first level's bit is wrong";
    }
    if (!wrong && (found.holes != ranges->holes || found.hole_addresses != ranges->hole_addresses))
        wrong = "a hole is in no list";
    return wrong;
}

#define CHECKED_FRESH ((size_t)1 << 20) /* of what may be gigabytes */

/* Bytes from `fresh` on must be zero, but for the last hole's pointer back. */
static const char *check_fresh(const tlsf_heap *self) {
    const size_t size = (size_t)(self->fresh_end - self->fresh);
    if (size <= TLSF_HEADER || hy_is_zero(self->fresh, hy_min(size - TLSF_HEADER, CHECKED_FRESH)))
        return NULL;
    return "memory that is taken for fresh was written";
}

const char *tlsf_check(hy_heap *heap) {
    const tlsf_heap *const self = (tlsf_heap *)heap;
    tlsf_sum sum = {0};
    const char *wrong = NULL;
    for (const tlsf_run *run = self->runs; !wrong && run; run = run->next)
        wrong = check_run(run, &sum);
    wrong = wrong ? wrong : check_lists(self, &sum);
    if (!wrong && (self->stats.live_blocks != sum.blocks || self->stats.live_bytes != sum.bytes))
        wrong = "live blocks or bytes are counted wrong";
    if (!wrong && self->stats.holes != sum.holes)
        wrong = "holes are counted wrong";
    return wrong ? wrong : check_fresh(self);
}
