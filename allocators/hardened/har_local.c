/* SPDX-License-Identifier: MIT
 *
 * har_local.c - see har_local.h.
 */
#include "har_local.h"

#include "har_hold.h"
#include "har_large.h"
#include "har_slab.h"

/* ------------------------------------------------------------------------------------------------- attaching ---- */

void har_local_draw_sample(har_local *local) {
    const size_t every = local->heap->set.sample;
    local->sample = every ? (uint32_t)(1 + har_random_below(&local->random, 2 * every - 1)) : UINT32_MAX;
}

har_local *har_local_new(har_heap *self) {
    har_local *const local = hy_instance_map(self->meta, sizeof *local);
    if (!local)
        return NULL;
    local->heap = self;
    local->number = ++self->local_count;
    local->random = har_random(&self->random) ^ self->key;
    har_slab_init(local);
    har_local_draw_sample(local);
    local->next = self->locals;
    self->locals = local;
    return local;
}

/* Nothing is kept that nobody needs.  The lock is held. */
static void local_make_room(har_heap *self) {
    har_area_trim(self);
    har_large_give_up(self);
}

/* The slot that no heap has stays zero. */
static void local_attach(har_heap *self, har_local *local) {
    if (!har_shared(self))
        har_slot_of(self)->local = local;
}

har_local *har_enter_slow(har_heap *self) {
    hy_lock_take(&self->lock, self->host);
    if (har_shared(self))
        return self->locals;
    har_local *const idle = self->idle;
    if (idle) {
        self->idle = idle->next_idle;
        idle->idle = false;
    }
    har_local *local = idle ? idle : har_local_new(self);
    if (!local) {
        local_make_room(self);
        local = har_local_new(self);
    }
    hy_lock_drop(&self->lock, self->host);
    local_attach(self, local);
    return local;
}

/* ---------------------------------------------------------------------------------------------------- ending ---- */

void har_local_exit(hy_heap *heap) {
    har_heap *const self = (har_heap *)heap;
    har_local *const local = har_slot_of(self)->local;
    if (!local)
        return;
    har_hold_shrink(self, local);
    har_slab_collect(local);
    har_slab_shed(local);
    har_slot_of(self)->local = NULL;
    har_lock(self);
    local->next_idle = self->idle;
    local->idle = true;
    self->idle = local;
    har_unlock(self);
}

void har_local_release_all(har_heap *self) {
    while (self->locals) {
        har_local *const local = self->locals;
        self->locals = local->next;
        har_hold_release(self, local);
        hy_instance_unmap(self->meta, local, sizeof *local);
    }
}

static void local_empty(har_heap *self, har_local *local) {
    har_hold_drain(self, local);
    har_slab_collect(local);
    har_slab_shed(local);
}

/* An idle local, taken for a while.  NULL: none has anything in quarantine or mail. */
static har_local *local_borrow(har_heap *self) {
    har_lock(self);
    har_local **at = &self->idle;
    while (*at && har_hold_count(*at) == 0 && !__atomic_load_n(&(*at)->mail, __ATOMIC_RELAXED))
        at = &(*at)->next_idle;
    har_local *const local = *at;
    if (local) {
        *at = local->next_idle;
        local->idle = false;
    }
    har_unlock(self);
    return local;
}

static void local_lay_back(har_heap *self, har_local *local) {
    har_lock(self);
    local->next_idle = self->idle;
    local->idle = true;
    self->idle = local;
    har_unlock(self);
}

/* More than ever waits is not to be had from it: whoever asks for sizes in vain would only empty the quarantine. */
static bool local_can_help(har_heap *self, size_t size) {
    har_lock(self);
    const size_t most = self->set.retain + self->local_count * (self->set.hold_bytes + self->set.hold_bytes / 4);
    har_unlock(self);
    return size <= most || !self->own_large;
}

void har_local_give_up(har_heap *self, har_local *local, size_t size) {
    if (!local_can_help(self, size))
        return;
    for (har_local *idle = local_borrow(self); idle; idle = local_borrow(self)) {
        local_empty(self, idle);
        local_lay_back(self, idle);
    }
    local_empty(self, local);
    har_lock(self);
    local_make_room(self);
    har_unlock(self);
}

void har_local_settle(har_heap *self) {
    for (har_local *local = self->locals; local; local = local->next)
        if (!local->lost)
            har_slab_collect(local);
}

/* --------------------------------------------------------------------------------------------------- forking ---- */

static void local_hold_all(har_heap *self) {
    for (har_local *local = self->locals; local; local = local->next)
        hy_lock_take(&local->lock, self->host);
}

static void local_let_all_go(har_heap *self) {
    for (har_local *local = self->locals; local; local = local->next)
        hy_lock_drop(&local->lock, self->host);
}

static void local_lose_others(har_heap *self) {
    for (har_local *local = self->locals; local; local = local->next) {
        local->lost |= !har_shared(self) && local != self->forker && !local->idle;
        __atomic_store_n(&local->lock, HY_LOCK_FREE, __ATOMIC_RELEASE);
    }
}

void har_local_fork(hy_heap *heap, hy_fork when) {
    har_heap *const self = (har_heap *)heap;
    if (when == HY_FORK_BEFORE) {
        hy_lock_take(&self->lock, self->host);
        local_hold_all(self);
        self->forker = har_slot_of(self)->local;
        local_attach(self, NULL);
        return;
    }
    local_attach(self, self->forker);
    if (when == HY_FORK_PARENT) {
        local_let_all_go(self);
        hy_lock_drop(&self->lock, self->host);
    } else {
        local_lose_others(self);
        __atomic_store_n(&self->lock, HY_LOCK_FREE, __ATOMIC_RELEASE);
    }
}
