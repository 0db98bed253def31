/* SPDX-License-Identifier: MIT
 *
 * hardened.c - a malloc for those who expect to be attacked: what a careful user would put together, each piece a
 * parameter.
 *
 *  1. Nothing that the heap believes lies in or beside blocks: slabs have records elsewhere (har_heap.h, har_area.h).
 *     There are no free lists; free slots are bits.  An address is freed only if a live block begins there.
 *  2. canary: words behind each block, and so in front of the next, are checked when it is freed (har_fence.h).
 *  3. zero, check: freed memory is zero, and must still be when it is handed out again.
 *  4. quarantine: freed blocks wait for thousands of others (har_hold.h).
 *  5. random, placement, areas: which slot, where each class lies, nothing of one class where another was.
 *  6. guards, delay: slabs and large blocks end at pages without access; large ones that were freed are without access
 *     (har_large.h).
 *  7. sample: now and then a small block has pages of its own, like a large one.
 *  8. Each thread has slabs of its own to allocate from (har_local.h, har_slab.h); any thread may free, without a lock,
 *     but for the moment when a slot of another's slab becomes free.
 *
 * Source: D. Micay, hardened_malloc, 2018; G. Novark, E. Berger, DieHarder, CCS 2010; by own design.
 * Bad at: small heaps of many sizes, as each size has a slab and a record; large blocks that come and go, each of which
 * costs system calls; memory, by what waits in quarantine.  Nothing stops reads of live memory next door.
 */
#include "har_area.h"
#include "har_block.h"
#include "har_die.h"
#include "har_hold.h"
#include "har_large.h"
#include "har_local.h"
#include "har_set.h"
#include "har_slab.h"
#include "har_walk.h"

#include <errno.h>

static void *allocate(hy_heap *heap, size_t size, size_t align, bool zeroed) {
    har_heap *const self = (har_heap *)heap;
    har_local *const local = har_enter(self);
    void *const block = HAR_LIKELY(local) ? har_block_alloc(self, local, size, align, zeroed) : NULL;
    har_leave(self);
    return block;
}

static void *har_alloc(hy_heap *heap, size_t size, size_t align) {
    return allocate(heap, size, align, false);
}

static void *har_alloc_zeroed(hy_heap *heap, size_t size, size_t align) {
    return allocate(heap, size, align, true);
}

static void har_free(hy_heap *heap, void *block, size_t size) {
    (void)size;
    har_heap *const self = (har_heap *)heap;
    har_block_free(self, har_enter(self), block);
    har_leave(self);
}

static void *har_realloc(hy_heap *heap, void *block, size_t old_size, size_t align, size_t new_size) {
    (void)old_size;
    har_heap *const self = (har_heap *)heap;
    har_local *const local = har_enter(self);
    void *const moved = HAR_LIKELY(local) ? har_block_resize(self, local, block, new_size, align) : NULL;
    har_leave(self);
    return moved;
}

static size_t har_usable_size(hy_heap *heap, const void *block) {
    har_heap *const self = (har_heap *)heap;
    har_enter(self);
    const size_t size = har_block_size(self, block);
    har_leave(self);
    return size;
}

static bool har_owns(hy_heap *heap, const void *address) {
    har_heap *const self = (har_heap *)heap;
    const har_slab *const slab = har_slab_at(self, address);
    size_t size = 0;
    if (!slab)
        return har_large_size(self, address, &size);
    const size_t i = har_slot_at(slab, address);
    return i < slab->ready && har_slot_start(slab, i) == address && har_is_live(har_state(slab, i));
}

static void har_reset(hy_heap *heap) {
    har_heap *const self = (har_heap *)heap;
    for (har_local *local = self->locals; local; local = local->next) {
        har_hold_forget(local);
        har_slab_init(local);
    }
    har_area_reset(self);
    har_large_free_all(self);
}

static size_t har_trim(hy_heap *heap) {
    har_heap *const self = (har_heap *)heap;
    har_local *const local = har_enter(self);
    har_lock(self);
    const size_t before = self->given_back;
    har_unlock(self);
    if (local) {
        har_slab_collect(local);
        har_slab_shed(local);
    }
    har_lock(self);
    har_area_trim(self);
    const size_t bytes = self->given_back - before;
    har_unlock(self);
    har_leave(self);
    return bytes;
}

static void har_release(har_heap *self) {
    har_large_free_all(self);
    har_area_release_all(self);
    har_local_release_all(self);
    if (self->late)
        hy_instance_unmap(self->meta, self->late, self->set.delay * sizeof *self->late);
    hy_instance_unmap(self->meta, self, sizeof *self);
}

static bool har_start(har_heap *self) {
    if (har_area_setup(self) < 0)
        return false;
    if (self->set.delay > 0) {
        self->late = hy_instance_map(self->meta, self->set.delay * sizeof *self->late);
        if (!self->late)
            return false;
    }
    self->quick_max = self->small_max - self->tail;
    har_local *const local = har_local_new(self);
    if (local && !har_shared(self)) {
        local->idle = true;
        self->idle = local;
    }
    return local != NULL;
}

static int har_create(const hy_setup *setup, hy_heap **ret) {
    if (setup->data->available != HY_ANY)
        return hy_refuse(setup, -EINVAL, "needs address space to hide in; a region of fixed size has none");
    har_heap *const self = hy_instance_map(setup->meta, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->set = har_set_of((const har_params *)setup->params);
    self->tail = self->set.canary ? HAR_TAIL : 0;
    self->data = setup->data;
    self->meta = setup->meta;
    self->host = setup->host;
    self->number = setup->slot;
    self->random = setup->host->entropy() ^ setup->seed;
    self->key = setup->host->entropy() ^ har_random(&self->random);
    if (!har_start(self)) {
        har_release(self);
        return -ENOMEM;
    }
    *ret = &self->heap;
    return 0;
}

static void har_destroy(hy_heap *heap) {
    har_release((har_heap *)heap);
}

const hy_heap_ops hy_hardened_ops = {
    .name = "hardened",
    .summary = "slabs with records elsewhere, canaries, quarantine, random places: misuse ends the process",
    .source = "D. Micay, hardened_malloc, 2018; G. Novark, E. Berger, DieHarder, CCS 2010",
    .threads = HY_THREADS_SAFE,
    .max_align = HY_ANY,
    .max_size = (size_t)1 << 44,
    .params = har_table,
    .params_size = sizeof(har_params),
    .create = har_create,
    .destroy = har_destroy,
    .alloc = har_alloc,
    .free = har_free,
    .realloc = har_realloc,
    .alloc_zeroed = har_alloc_zeroed,
    .usable_size = har_usable_size,
    .owns = har_owns,
    .reset = har_reset,
    .trim = har_trim,
    .walk = har_walk,
    .check = har_check,
    .stats = har_stats,
    .thread_exit = har_local_exit,
    .fork = har_local_fork,
    .explain = har_explain,
    .farewell = har_farewell,
};
