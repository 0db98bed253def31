/* SPDX-License-Identifier: MIT
 *
 * har_area.h - address space: where areas begin, the slabs in them, and the memory of slabs.
 *
 *  1. All areas lie in one reservation, as large as is to be had, in random order.
 *  2. An area's slabs begin at a random page of its first half; a slab is a unit behind the one before.  A slab never
 *     fills its unit: what is left has no access, and so ends what runs over the slab's end.
 *  3. The record of a slab lies in a table of its area's, elsewhere, so that an address tells the record at once.
 *  4. Where little address space is to be had there is one area for all classes, and large blocks have reservations.
 *  5. Slabs that become empty wait in a pool, a few of them with their memory.  They stay with their class unless there
 * is one area for all.
 *
 * Areas by size after D. Micay's hardened_malloc, whose slabs and records these resemble.
 */
#ifndef HAR_AREA_H
#define HAR_AREA_H

#include "har_heap.h"

/* 0 or -ENOMEM. */
int har_area_setup(har_heap *self);
void har_area_release_all(har_heap *self);
/* All slabs become empty, and give their memory back. */
void har_area_reset(har_heap *self);

/* A slab for a class, for a new owner, without opened slots if it is fresh.  NULL: no room. */
har_slab *har_area_take(har_heap *self, har_local *owner, unsigned size_class);
/* An empty slab of nobody's list goes to the pool. */
void har_area_give(har_heap *self, har_slab *slab);
/* Gives the memory of pooled slabs back. */
void har_area_trim(har_heap *self);
/* Makes more slots of a slab ready; `slabs`: so many has its class.  False: no room. */
bool har_area_open(har_heap *self, har_slab *slab, uint32_t slabs);

static inline har_area *har_area_at(const har_heap *self, const void *address) {
    const size_t at = (size_t)((const char *)address - self->base);
    return HAR_LIKELY(at < self->size) ? (har_area *)&self->areas[at >> self->area_shift] : NULL;
}

static inline har_slab *har_area_slab(const har_area *area, size_t unit) {
    return (har_slab *)(void *)(area->records + unit * area->record_size);
}

/* The record of the slab in whose unit an address lies, or NULL: there never was one. */
static inline har_slab *har_slab_at(const har_heap *self, const void *address) {
    const har_area *const area = har_area_at(self, address);
    if (!HAR_LIKELY(area))
        return NULL;
    const size_t unit = (size_t)((const char *)address - area->base) >> area->shift;
    return HAR_LIKELY(unit < __atomic_load_n(&area->used, __ATOMIC_ACQUIRE)) ? har_area_slab(area, unit) : NULL;
}

static inline size_t har_slab_words(const har_slab *slab) {
    return (slab->slots + 63) / 64;
}

/* Which slot an address lies in; any number from `slots` on if it lies in none. */
static inline size_t har_slot_at(const har_slab *slab, const void *address) {
    const size_t at = (size_t)((const char *)address - slab->start);
    return at < (size_t)1 << 20 ? (size_t)(at * slab->inverse >> 40) : HAR_SLOTS;
}

static inline char *har_slot_start(const har_slab *slab, size_t i) {
    return slab->start + i * slab->slot_size;
}

static inline unsigned har_state(const har_slab *slab, size_t i) {
    return __atomic_load_n(&slab->state[i], __ATOMIC_RELAXED);
}

static inline void har_set_state(har_slab *slab, size_t i, unsigned state) {
    __atomic_store_n(&slab->state[i], (uint16_t)state, __ATOMIC_RELAXED);
}

static inline bool har_is_live(unsigned state) {
    return state - HAR_LIVE < HAR_FREED - HAR_LIVE;
}

/* What was asked for, of a live slot. */
static inline size_t har_asked(const har_slab *slab, unsigned state) {
    return slab->slot_size - (state - HAR_LIVE);
}

#endif
