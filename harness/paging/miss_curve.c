/* SPDX-License-Identifier: MIT
 *
 * miss_curve.c - see miss_curve.h.
 */
#include "miss_curve.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t hy_miss_frames(uint32_t pages, uint32_t ret_frames[HY_MISS_POINTS_MOST]) {
    size_t count = 0;
    for (uint64_t frames = 1; frames < pages && count + 1 < HY_MISS_POINTS_MOST; frames += (frames + 1) / 2)
        ret_frames[count++] = (uint32_t)frames;
    ret_frames[count++] = pages ? pages : 1;
    return count;
}

int hy_miss_curve_make(const hy_pager_choice *pager, const hy_page_refs *refs, const uint32_t *frames, size_t count,
                       hy_miss_curve *ret, hy_error *error) {
    hy_miss_curve curve = {.references = refs->count};
    for (size_t i = 0; i < count && i < HY_MISS_POINTS_MOST; i++) {
        hy_paging_counts counts;
        const int r = hy_paging_simulate(pager->ops, pager->params, frames[i], refs->ref, refs->count, &counts, error);
        if (r < 0)
            return r;
        curve.point[curve.points++] = (hy_miss_point){frames[i], counts.faults, counts.writebacks};
        curve.cold = counts.cold;
    }
    *ret = curve;
    return 0;
}

size_t hy_miss_knee(const hy_miss_curve *curve) {
    size_t best = 0;
    for (size_t i = 1; i < curve->points; i++) {
        const hy_miss_point a = curve->point[i], b = curve->point[best];
        if ((double)a.frames * (double)a.faults < (double)b.frames * (double)b.faults)
            best = i;
    }
    return best;
}

uint32_t hy_miss_enough(const hy_miss_curve *curve, double fault_time, double reference_time) {
    uint32_t enough = 0;
    for (size_t i = curve->points; i-- > 0;) {
        const double waits = (double)(curve->point[i].faults - curve->cold) * fault_time;
        if (waits > (double)curve->references * reference_time)
            break;
        enough = curve->point[i].frames;
    }
    return enough;
}

/* --------------------------------------------------------------------------------------------- stack distances ---- */

/* A page stands at the place of its last reference.  The distance of a reference is the number of pages that stand at
 * that place or later: sums over places, kept in a tree (P. M. Fenwick, A new data structure for cumulative frequency
 * tables, Software: practice and experience 24(3), 1994).  When places run out, pages are moved together. */
typedef struct stack {
    uint32_t pages, places, next; /* next: the place for the next reference, from 1 */
    uint32_t *sum;                /* the tree, [1 .. places] */
    uint32_t *at;                 /* the page at a place, plus 1; 0: none */
    uint32_t *place;              /* of a page; 0: not seen yet */
} stack;

static void stack_count(stack *self, uint32_t place, uint32_t change) {
    for (; place <= self->places; place += place & (0 - place))
        self->sum[place] += change;
}

static uint32_t stack_below(const stack *self, uint32_t place) {
    uint32_t sum = 0;
    for (; place > 0; place -= place & (0 - place))
        sum += self->sum[place];
    return sum;
}

static void stack_move_together(stack *self) {
    uint32_t to = 0;
    for (uint32_t from = 1; from <= self->places; from++) {
        const uint32_t page = self->at[from];
        self->at[from] = 0;
        if (page == 0)
            continue;
        self->at[++to] = page;
        self->place[page - 1] = to;
    }
    memset(self->sum, 0, ((size_t)self->places + 1) * sizeof *self->sum);
    for (uint32_t place = 1; place <= to; place++)
        stack_count(self, place, 1);
    self->next = to + 1;
}

/* The distance, from 1; 0: a first reference.  `seen` pages stand somewhere. */
static uint32_t stack_refer(stack *self, uint32_t page, uint32_t seen) {
    if (self->next > self->places)
        stack_move_together(self);
    const uint32_t old = self->place[page];
    const uint32_t distance = old ? seen - stack_below(self, old - 1) : 0;
    if (old) {
        stack_count(self, old, UINT32_MAX); /* minus 1 */
        self->at[old] = 0;
    }
    self->place[page] = self->next;
    self->at[self->next] = page + 1;
    stack_count(self, self->next++, 1);
    return distance;
}

int hy_lru_faults(const hy_page_refs *refs, uint64_t *ret_faults, hy_error *error) {
    stack self = {.pages = refs->pages, .places = refs->pages < 1u << 28 ? 4 * refs->pages + 64 : 0, .next = 1};
    const size_t room = (size_t)self.places + 1;
    uint32_t seen = 0, last = HY_NO_PAGE;
    if (self.places) {
        self.sum = calloc(room, sizeof *self.sum);
        self.at = calloc(room, sizeof *self.at);
        self.place = calloc((size_t)self.pages + 1, sizeof *self.place);
    }
    const bool made = self.sum && self.at && self.place;
    memset(ret_faults, 0, ((size_t)refs->pages + 1) * sizeof *ret_faults);
    for (uint64_t i = 0; made && i < refs->count; i++) {
        const uint32_t page = refs->ref[i] >> 1;
        const uint32_t distance = page == last ? 1 : stack_refer(&self, page, seen);
        last = page;
        seen += distance == 0;
        ret_faults[distance ? distance - 1 : refs->pages]++; /* it misses with fewer frames than its distance */
    }
    for (uint32_t frames = refs->pages; frames-- > 0;)
        ret_faults[frames] += ret_faults[frames + 1];
    free(self.sum);
    free(self.at);
    free(self.place);
    return made ? 0 : hy_fail(error, -ENOMEM, "no memory for the distances of %u pages", refs->pages);
}
