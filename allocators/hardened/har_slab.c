/* SPDX-License-Identifier: MIT
 *
 * har_slab.c - see har_slab.h.
 */
#include "har_slab.h"

/* ----------------------------------------------------------------------------------------------------- lists ---- */

static void slab_list(har_local *local, har_slab *slab) {
    const unsigned c = slab->size_class;
    slab->prev = local->last[c];
    slab->next = NULL;
    if (slab->prev)
        slab->prev->next = slab;
    else
        local->first[c] = slab;
    local->last[c] = slab;
    slab->listed = true;
}

static void slab_unlist(har_local *local, har_slab *slab) {
    const unsigned c = slab->size_class;
    if (slab->prev)
        slab->prev->next = slab->next;
    else
        local->first[c] = slab->next;
    if (slab->next)
        slab->next->prev = slab->prev;
    else
        local->last[c] = slab->prev;
    slab->next = slab->prev = NULL;
    slab->listed = false;
    if (local->current[c] == slab)
        local->current[c] = &local->none;
}

void har_slab_init(har_local *local) {
    for (unsigned c = 0; c < HAR_CLASSES; c++) {
        local->current[c] = &local->none;
        local->first[c] = local->last[c] = local->opening[c] = NULL;
        local->slabs[c] = 0;
    }
    local->mail = NULL;
}

/* ------------------------------------------------------------------------------------------------- returning ---- */

static void slab_leave(har_local *local, har_slab *slab) {
    const unsigned c = slab->size_class;
    if (slab->listed)
        slab_unlist(local, slab);
    if (local->opening[c] == slab)
        local->opening[c] = NULL;
    local->slabs[c]--;
    har_area_give(local->heap, slab);
}

/* Slots are free now that were not; the local is its owner. */
static void slab_freed(har_local *local, har_slab *slab) {
    if (!slab->listed)
        slab_list(local, slab);
    if (slab->taken == 0 && local->slabs[slab->size_class] > 1 && local->current[slab->size_class] != slab)
        slab_leave(local, slab);
}

static void slab_post(har_heap *self, har_slab *slab, size_t i) {
    har_local *const owner = slab->owner; /* it stays, as this slot is not free */
    if (owner->lost)
        return;
    hy_lock_take(&owner->lock, self->host);
    hy_bit_set(slab->map + har_slab_words(slab), i);
    if (!slab->posted) {
        slab->posted = true;
        slab->mail = owner->mail;
        __atomic_store_n(&owner->mail, slab, __ATOMIC_RELAXED);
    }
    hy_lock_drop(&owner->lock, self->host);
}

void har_slab_return(har_heap *self, har_local *local, har_slab *slab, size_t i) {
    if (slab->owner != local) {
        slab_post(self, slab, i);
        return;
    }
    hy_bit_set(slab->map, i);
    slab->summary |= (uint64_t)1 << i / 64;
    slab->taken--;
    if (!HAR_LIKELY(slab->listed && slab->taken > 0))
        slab_freed(local, slab);
}

/* The bits that others set become free slots. */
static void slab_take_in(har_slab *slab) {
    const size_t words = har_slab_words(slab);
    for (size_t w = 0; w < words; w++) {
        const uint64_t back = slab->map[words + w];
        slab->map[words + w] = 0;
        slab->map[w] |= back;
        slab->summary |= (uint64_t)(back != 0) << w;
        slab->taken -= har_count_bits(back);
    }
}

void har_slab_collect(har_local *local) {
    while (__atomic_load_n(&local->mail, __ATOMIC_RELAXED)) {
        hy_lock_take(&local->lock, local->heap->host);
        har_slab *const slab = local->mail;
        __atomic_store_n(&local->mail, slab->mail, __ATOMIC_RELAXED);
        slab->posted = false;
        slab_take_in(slab);
        hy_lock_drop(&local->lock, local->heap->host);
        slab_freed(local, slab);
    }
}

void har_slab_shed(har_local *local) {
    for (unsigned c = 0; c < HAR_CLASSES; c++)
        for (har_slab *slab = local->first[c], *next; slab; slab = next) {
            next = slab->next;
            if (slab->taken == 0)
                slab_leave(local, slab);
        }
}

/* ------------------------------------------------------------------------------------------------- the next ---- */

static har_slab *slab_new(har_local *local, unsigned size_class) {
    har_slab *const slab = har_area_take(local->heap, local, size_class);
    if (slab)
        local->slabs[size_class]++;
    return slab;
}

/* Makes slots ready, in the slab that has such or in another.  NULL: no room. */
static har_slab *slab_open(har_local *local, unsigned size_class) {
    har_slab *slab = local->opening[size_class];
    if (!slab)
        slab = slab_new(local, size_class);
    if (!slab)
        return NULL;
    const bool opened = slab->summary != 0 || har_area_open(local->heap, slab, local->slabs[size_class]);
    local->opening[size_class] = slab->ready < slab->slots ? slab : NULL;
    if (!opened)
        return NULL;
    slab_list(local, slab);
    return slab;
}

har_slab *har_slab_ready(har_local *local, unsigned size_class) {
    har_slab *slab = local->current[size_class];
    if (HAR_LIKELY(slab->summary != 0))
        return slab;
    if (slab->listed)
        slab_unlist(local, slab);
    if (!local->first[size_class])
        har_slab_collect(local);
    slab = local->first[size_class];
    while (slab && slab->summary == 0) { /* it lost its last free slot while another was current */
        slab_unlist(local, slab);
        slab = local->first[size_class];
    }
    if (!slab)
        slab = slab_open(local, size_class);
    local->current[size_class] = slab ? slab : &local->none;
    return slab;
}
