/* SPDX-License-Identifier: MIT
 *
 * seg_local.c - attaching, leaving, forking (see seg_local.h).
 */
#include "seg_local.h"

#include "seg_page.h"
#include "seg_post.h"
#include "seg_span.h"

#define IDLE_KEEP ((size_t)64) /* slices that an idle local keeps */

/* ------------------------------------------------------------------------------------------------ attaching ---- */

seg_local *seg_local_new(seg_heap *self) {
    seg_local *const local = hy_instance_map(self->meta, sizeof *local);
    if (!local)
        return NULL;
    local->heap = self;
    seg_page_init(local);
    local->next = self->locals;
    __atomic_store_n(&self->locals, local, __ATOMIC_RELEASE);
    return local;
}

/* An idle local, or a new one.  The lock is held. */
static seg_local *local_take(seg_heap *self) {
    seg_local *const local = self->idle ? self->idle : seg_local_new(self);
    if (!local)
        return NULL;
    __atomic_store_n(&self->local_count, self->local_count + 1, __ATOMIC_RELAXED);
    if (local->idle) {
        self->idle = local->next_idle;
        __atomic_store_n(&local->idle, false, __ATOMIC_RELAXED);
    }
    return local;
}

static void local_attach(seg_heap *self, seg_local *local) {
    seg_slot *const slot = seg_slot_of(self);
    *slot = (seg_slot){.fine_max = SEG_FINE_MAX, .small_max = SEG_SMALL_MAX, .pages = local->current, .local = local};
    if (local->arena_count > 0) {
        slot->base = local->arenas[0].base;
        slot->size = local->arenas[0].slices << SEG_SLICE_SHIFT;
        slot->map = local->arenas[0].map;
    }
    local->slot = slot;
}

seg_local *seg_enter_slow(seg_heap *self) {
    hy_lock_take(&self->lock, self->host);
    if (seg_shared(self))
        return self->locals;
    seg_local *const local = local_take(self);
    hy_lock_drop(&self->lock, self->host);
    if (local)
        local_attach(self, local);
    return local;
}

/* --------------------------------------------------------------------------------------------------- ending ---- */

/* Bytes of its arenas and their tables. */
static size_t local_committed(const seg_local *local) {
    size_t bytes = 0;
    for (size_t i = 0; i < local->arena_count; i++) {
        const seg_arena *const arena = &local->arenas[i];
        bytes += ((arena->committed - arena->gone) << SEG_SLICE_SHIFT) + arena->map_committed + arena->spans_committed +
                 arena->homes_committed;
    }
    return bytes;
}

size_t seg_local_trim(seg_local *local, size_t keep) {
    const size_t before = local_committed(local);
    seg_post_drain(local, HY_ANY);
    seg_page_sort(local);
    seg_page_collect(local, HY_ANY, HY_ANY);
    seg_span_shed(local, keep, 1, HY_ANY);
    return before - local_committed(local);
}

void seg_local_exit(hy_heap *heap) {
    seg_heap *const self = (seg_heap *)heap;
    seg_slot *const slot = seg_slot_of(self);
    seg_local *const local = slot->local;
    if (!local)
        return;
    seg_post_flush(local);
    seg_local_trim(local, IDLE_KEEP);
    *slot = (seg_slot){.local = NULL};
    local->slot = NULL;
    seg_lock(self);
    __atomic_store_n(&self->local_count, self->local_count - 1, __ATOMIC_RELAXED);
    local->next_idle = self->idle;
    self->idle = local;
    __atomic_store_n(&local->idle, true, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&local->inbox, __ATOMIC_SEQ_CST)) /* sent by one who did not see that it is idle */
        seg_local_trim(local, IDLE_KEEP);
    seg_unlock(self);
}

void seg_local_tend(seg_local *local) {
    seg_heap *const self = local->heap;
    seg_lock(self);
    if (local->idle) {
        seg_post_drain(local, HY_ANY);
        if (local->free_slices > 2 * IDLE_KEEP)
            seg_local_trim(local, IDLE_KEEP);
    }
    seg_unlock(self);
}

/* ------------------------------------------------------------------------------------------------- settling ---- */

void seg_local_settle(seg_heap *self) {
    for (seg_local *local = self->locals; local; local = local->next)
        if (!local->lost)
            seg_post_flush(local);
    for (seg_local *local = self->locals; local; local = local->next)
        if (!local->lost) {
            seg_post_drain(local, HY_ANY);
            seg_page_sort(local);
        }
}

/* -------------------------------------------------------------------------------------------------- forking ---- */

static void local_lose_others(seg_heap *self) {
    const seg_local *const own = seg_slot_of(self)->local;
    for (seg_local *local = self->locals; local && !seg_shared(self); local = local->next)
        local->lost |= local != own && !local->idle;
}

void seg_local_fork(hy_heap *heap, hy_fork when) {
    seg_heap *const self = (seg_heap *)heap;
    if (when == HY_FORK_BEFORE)
        hy_lock_take(&self->lock, self->host);
    __atomic_store_n(&self->forking, when == HY_FORK_BEFORE, __ATOMIC_RELAXED);
    if (when == HY_FORK_PARENT)
        hy_lock_drop(&self->lock, self->host);
    if (when == HY_FORK_CHILD) {
        local_lose_others(self);
        __atomic_store_n(&self->lock, HY_LOCK_FREE, __ATOMIC_RELEASE);
    }
}
