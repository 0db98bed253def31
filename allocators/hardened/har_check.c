/* SPDX-License-Identifier: MIT
 *
 * har_check.c - check: what must hold of every slab, slot and large block; canaries, and zeros, among it.  The same
 * once more at the end of the process.
 */
#include "har_die.h"
#include "har_fence.h"
#include "har_large.h"
#include "har_local.h"
#include "har_slab.h"
#include "har_walk.h"

static const char *check_live(const har_heap *self, const har_slab *slab, size_t i) {
    const char *const block = har_slot_start(slab, i);
    if (har_asked(slab, har_state(slab, i)) + self->tail > slab->slot_size)
        return "a slot says that its block is larger than it can be";
    const char *const from = block + har_asked(slab, har_state(slab, i));
    if (self->tail && har_fence_broken(from, block + slab->slot_size, har_canary(self->key, block)))
        return "a canary behind a block was overwritten";
    return NULL;
}

static const char *check_free(const har_heap *self, const har_slab *slab, size_t i) {
    const char *const slot = har_slot_start(slab, i);
    if (self->set.check && har_dirty(slot, slab->slot_size - self->tail))
        return "freed memory was written to";
    const uint64_t last = self->set.check && self->tail ? har_last(slot + slab->slot_size) : 0;
    return last == 0 || har_is_canary(last, har_canary(self->key, slot)) ? NULL
                                                                         : "the canary of a free slot was overwritten";
}

static const char *check_slot(const har_heap *self, const har_slab *slab, size_t i) {
    const unsigned state = har_state(slab, i);
    const bool held = (state & (HAR_FREED | HAR_LEFT)) == HAR_FREED;
    const bool mapped = hy_bit_get(slab->map, i) || hy_bit_get(slab->map + har_slab_words(slab), i);
    if (mapped && (har_is_live(state) || held))
        return "a slot is free for the owner, and is not free";
    if (!mapped && !har_is_live(state) && !held && (!slab->owner || !slab->owner->lost))
        return "a free slot is free for nobody";
    return har_is_live(state) ? check_live(self, slab, i) : check_free(self, slab, i);
}

static const char *check_slab(const har_heap *self, const har_slab *slab) {
    uint32_t in_map = 0;
    uint64_t summary = 0;
    if (slab->slots == 0)
        return NULL;
    if (slab->slot_size != har_class_size(slab->size_class) || slab->ready > slab->slots ||
        (size_t)slab->ready * slab->slot_size > slab->opened)
        return "the record of a slab is damaged";
    for (size_t w = 0; w < har_slab_words(slab); w++) {
        in_map += har_count_bits(slab->map[w]);
        summary |= (uint64_t)(slab->map[w] != 0) << w;
    }
    if (in_map + slab->taken != slab->ready || summary != slab->summary)
        return "a slab has miscounted its free slots";
    const char *wrong = NULL;
    for (size_t i = 0; i < slab->ready && !wrong; i++)
        wrong = check_slot(self, slab, i);
    return wrong;
}

static const char *check_area(const har_heap *self, const har_area *area) {
    const char *wrong = NULL;
    for (size_t unit = 0; unit < area->used && !wrong; unit++) {
        const har_slab *const slab = har_area_slab(area, unit);
        wrong = slab->owner && slab->owner->lost ? NULL : check_slab(self, slab);
    }
    return wrong;
}

static const char *check_hold(const har_heap *self, const har_hold *hold) {
    size_t bytes = 0;
    for (size_t k = 0; k < hold->count; k++) {
        const void *const block = hold->ring[(hold->at + k) % self->set.hold_count];
        const har_slab *const slab = har_slab_at(self, block);
        if (!slab || (har_state(slab, har_slot_at(slab, block)) & (HAR_FREED | HAR_LEFT)) != HAR_FREED)
            return "what waits in quarantine was not freed";
        bytes += slab->slot_size;
    }
    return bytes == hold->bytes ? NULL : "a quarantine has miscounted its bytes";
}

static const char *check_holds(const har_heap *self, const har_local *local) {
    const char *const wrong = check_hold(self, &local->hold[0]);
    return wrong ? wrong : check_hold(self, &local->hold[1]);
}

const char *har_check(hy_heap *heap) {
    har_heap *const self = (har_heap *)heap;
    har_large large;
    const char *where = NULL, *wrong = NULL;
    har_local_settle(self);
    for (unsigned i = 0; i < HAR_AREAS && !wrong; i++)
        wrong = check_area(self, &self->areas[i]);
    for (const har_local *local = self->locals; local && !wrong; local = local->next)
        wrong = local->lost ? NULL : check_holds(self, local);
    if (!wrong && har_large_broken(self, &large, &where))
        wrong = "the canary of a large block was overwritten";
    return wrong;
}

/* --------------------------------------------------------------------------------------------- at the end ---- */

/* Nobody else is in the midst of anything.  The lock is held, so that nobody comes, nor gives memory back. */
static bool sweep_is_alone(const har_heap *self, const har_local *own) {
    for (const har_local *local = self->locals; local; local = local->next)
        if (local != own && !local->idle)
            return false;
    return true;
}

/* Where slot i is damaged, or NULL.  While others are busy, and in a child that was forked meanwhile, only the last
 * word of a slot is what it must be at all times. */
static const char *sweep_damage(const har_heap *self, const har_slab *slab, size_t i, bool alone) {
    const unsigned state = har_state(slab, i);
    const char *const block = har_slot_start(slab, i), *const end = block + slab->slot_size;
    const uint64_t canary = har_canary(self->key, block);
    if (!alone) {
        const uint64_t last = har_last(end);
        const bool whole = har_is_canary(last, canary) || (last == 0 && !har_is_live(state));
        return whole ? NULL : end - sizeof last;
    }
    if (har_is_live(state))
        return har_fence_broken(block + har_asked(slab, state), end, canary);
    return state != 0 && self->set.check ? har_dirty(block, slab->slot_size - self->tail) : NULL;
}

static const char *sweep_area(const har_heap *self, const har_area *area, bool alone, const har_slab **ret_slab,
                              size_t *ret_slot) {
    const char *where = NULL;
    for (size_t unit = 0; unit < area->used; unit++) {
        const har_slab *const slab = har_area_slab(area, unit);
        for (size_t i = 0; i < slab->ready; i++)
            if ((where = sweep_damage(self, slab, i, alone))) {
                *ret_slab = slab;
                *ret_slot = i;
                return where;
            }
    }
    return NULL;
}

static void sweep(har_heap *self, const har_local *own) {
    const har_slab *slab = NULL;
    const char *where = NULL;
    size_t i = 0;
    for (unsigned a = 0; a < HAR_AREAS && !where; a++) {
        har_lock(self);
        where = sweep_area(self, &self->areas[a], sweep_is_alone(self, own), &slab, &i);
        har_unlock(self);
    }
    if (where && har_is_live(har_state(slab, i)))
        har_die_canary(self, HAR_END, slab, i, where);
    else if (where)
        har_die_dirty(self, slab, i, where);
}

void har_farewell(hy_heap *heap) {
    har_heap *const self = (har_heap *)heap;
    har_large large;
    const char *where = NULL;
    if (!self->set.sweep || !self->tail)
        return;
    sweep(self, har_enter(self));
    if (har_large_broken(self, &large, &where))
        har_die_large(self, HAR_END, &large, where);
    har_leave(self);
}
