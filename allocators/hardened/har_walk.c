/* SPDX-License-Identifier: MIT
 *
 * har_walk.c - walk: every slot of every slab, and large blocks, by address.  stats: by the states of the slots.
 */
#include "har_walk.h"

#include "har_area.h"
#include "har_local.h"
#include "har_place.h"

/* ----------------------------------------------------------------------------------------------------- walk ---- */

/* A slot in quarantine is a hole that can serve nobody. */
static int walk_slot(const har_heap *self, const har_slab *slab, size_t i, hy_visit *visit, void *context) {
    const unsigned state = har_state(slab, i);
    const uintptr_t start = (uintptr_t)har_slot_start(slab, i);
    hy_range range = {.start = start, .size = slab->slot_size, .kind = HY_FREE};
    if (har_is_live(state)) {
        range.kind = HY_USED;
        range.block = start;
        range.usable = har_asked(slab, state);
    } else if ((state & (HAR_FREED | HAR_LEFT)) != HAR_FREED) {
        range.usable = slab->slot_size - self->tail;
    }
    return visit(context, &range);
}

static int walk_slab(const har_heap *self, const har_slab *slab, hy_visit *visit, void *context) {
    int r = 0;
    for (size_t i = 0; r == 0 && i < slab->ready; i++)
        r = walk_slot(self, slab, i, visit, context);
    const size_t filled = (size_t)slab->ready * slab->slot_size;
    const hy_range rest = {.start = (uintptr_t)slab->start + filled, .size = slab->opened - filled, .kind = HY_META};
    return r == 0 && rest.size > 0 ? visit(context, &rest) : r;
}

static int walk_area(const har_heap *self, const har_area *area, hy_visit *visit, void *context) {
    int r = 0;
    for (size_t unit = 0; r == 0 && unit < area->used; unit++)
        r = walk_slab(self, har_area_slab(area, unit), visit, context);
    return r;
}

static int walk_large(const har_large *large, hy_visit *visit, void *context) {
    const hy_range range = {.start = (uintptr_t)large->base,
                            .size = large->committed,
                            .block = (uintptr_t)large->block,
                            .usable = large->size,
                            .kind = HY_USED};
    return range.size > 0 && !large->freed ? visit(context, &range) : 0;
}

/* Areas lie in the order of their addresses; large blocks come between them. */
int har_walk(hy_heap *heap, hy_visit *visit, void *context) {
    har_heap *const self = (har_heap *)heap;
    har_local_settle(self);
    const har_large *large;
    har_spot spot = {0, 0};
    int r = 0;
    for (unsigned i = 0; r == 0 && i < HAR_AREAS; i++) {
        const har_area *const area = &self->areas[i];
        if (area->used == 0)
            continue;
        for (; r == 0 && (large = har_place_at(self, spot)) && large->base < area->base;
             spot = har_place_next(self, spot))
            r = walk_large(large, visit, context);
        if (r == 0)
            r = walk_area(self, area, visit, context);
    }
    for (; r == 0 && (large = har_place_at(self, spot)); spot = har_place_next(self, spot))
        r = walk_large(large, visit, context);
    return r;
}

/* ---------------------------------------------------------------------------------------------------- stats ---- */

static void stats_slab(const har_slab *slab, hy_stats *ret) {
    for (size_t i = 0; i < slab->ready; i++) {
        const unsigned state = har_state(slab, i);
        if (har_is_live(state)) {
            ret->live_blocks++;
            ret->live_bytes += har_asked(slab, state);
        }
    }
}

/* While other threads are at work, what is read here is approximate. */
void har_stats(hy_heap *heap, hy_stats *ret) {
    har_heap *const self = (har_heap *)heap;
    har_enter(self);
    har_lock(self);
    ret->grows = self->grows;
    ret->live_blocks = self->large_live;
    ret->live_bytes = self->large_live_bytes;
    for (unsigned i = 0; i < HAR_AREAS; i++)
        for (size_t unit = 0; unit < self->areas[i].used; unit++)
            stats_slab(har_area_slab(&self->areas[i], unit), ret);
    har_unlock(self);
    har_leave(self);
}
