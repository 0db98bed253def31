/* SPDX-License-Identifier: MIT
 *
 * har_hold.c - see har_hold.h.
 */
#include "har_hold.h"

#include "har_die.h"

#define HOLD_IDLE_COUNT ((size_t)256)
#define HOLD_IDLE_BYTES ((size_t)65536)

static size_t hold_ring_size(const har_heap *self) {
    return hy_pages_round(self->meta, self->set.hold_count * sizeof(void *));
}

static bool hold_has_ring(har_heap *self, har_hold *hold) {
    if (HAR_LIKELY(hold->ring))
        return true;
    if (self->set.hold_count == 0)
        return false;
    hold->ring = hy_pages_map(self->meta, hold_ring_size(self), hy_max(self->meta->granule, sizeof(void *)));
    return hold->ring != NULL;
}

static void hold_leave(har_heap *self, har_local *local, har_slab *slab, size_t i) {
    const unsigned state = har_state(slab, i);
    if (!HAR_LIKELY((state & (HAR_FREED | HAR_LEFT)) == HAR_FREED)) {
        har_die_held(self, slab, i);
        return;
    }
    har_set_state(slab, i, state | HAR_LEFT);
    har_slab_return(self, local, slab, i);
}

static void hold_pop(har_heap *self, har_local *local, har_hold *hold) {
    void *const block = hold->ring[hold->at];
    hold->at = hold->at + 1 == self->set.hold_count ? 0 : hold->at + 1;
    hold->count--;
    har_slab *const slab = har_slab_at(self, block);
    hold->bytes -= slab->slot_size;
    hold_leave(self, local, slab, har_slot_at(slab, block));
}

static size_t hold_index(const har_heap *self, size_t at) {
    return at >= self->set.hold_count ? at - self->set.hold_count : at;
}

void har_hold_put(har_heap *self, har_local *local, har_slab *slab, size_t i) {
    const bool small = slab->slot_size <= HAR_HOLD_SMALL;
    har_hold *const hold = local ? &local->hold[small ? 0 : 1] : NULL;
    if (!HAR_LIKELY(hold && hold_has_ring(self, hold))) {
        hold_leave(self, local, slab, i);
        return;
    }
    if (hold->count == self->set.hold_count)
        hold_pop(self, local, hold);
    size_t at = hold_index(self, hold->at + hold->count);
    hold->ring[at] = har_slot_start(slab, i);
    hold->bytes += slab->slot_size;
    hold->count++;
    if (self->set.random) {
        const size_t back = har_chance(local, hold->count / 8 + 1);
        const size_t other = hold_index(self, hold->at + hold->count - 1 - back);
        void *const newest = hold->ring[at];
        hold->ring[at] = hold->ring[other];
        hold->ring[other] = newest;
    }
    const size_t most = small ? self->set.hold_bytes : self->set.hold_bytes / 4;
    while (hold->bytes > most)
        hold_pop(self, local, hold);
}

void har_hold_shrink(har_heap *self, har_local *local) {
    for (har_hold *hold = local->hold; hold < local->hold + HAR_HOLDS; hold++)
        while (hold->count > HOLD_IDLE_COUNT || hold->bytes > HOLD_IDLE_BYTES)
            hold_pop(self, local, hold);
}

void har_hold_drain(har_heap *self, har_local *local) {
    for (har_hold *hold = local->hold; hold < local->hold + HAR_HOLDS; hold++)
        while (hold->count > 0)
            hold_pop(self, local, hold);
}

void har_hold_release(har_heap *self, har_local *local) {
    for (unsigned h = 0; h < HAR_HOLDS; h++)
        if (local->hold[h].ring)
            hy_pages_unmap(self->meta, local->hold[h].ring, hold_ring_size(self));
}

void har_hold_forget(har_local *local) {
    for (unsigned h = 0; h < HAR_HOLDS; h++)
        local->hold[h] = (har_hold){.ring = local->hold[h].ring};
}
