/* SPDX-License-Identifier: MIT
 *
 * har_block.c - see har_block.h.
 */
#include "har_block.h"

#include "har_die.h"
#include "har_fence.h"
#include "har_hold.h"
#include "har_large.h"
#include "har_local.h"
#include "har_slab.h"

#include <string.h>

#define BLOCK_FRESH                                                                                                    \
    ((size_t)1024) /* larger slots that were never handed out are not looked at: they need no page yet */

/* ------------------------------------------------------------------------------------------------ allocating ---- */

/* A slot is what it must be: zero, but for the canary in its last word, if it ever had one. */
static inline void block_inspect(har_heap *self, const har_slab *slab, size_t i) {
    const char *const slot = har_slot_start(slab, i), *const end = slot + slab->slot_size;
    const char *const dirty = har_dirty(slot, hy_min(self->set.check, slab->slot_size - self->tail));
    if (!HAR_LIKELY(!dirty)) {
        har_die_dirty(self, slab, i, dirty);
        return;
    }
    const uint64_t last = self->tail ? har_last(end) : 0;
    if (!HAR_LIKELY(last == 0 || har_is_canary(last, har_canary(self->key, slot))))
        har_die_dirty(self, slab, i, end - self->tail);
}

/* What nobody has looked at may have been written to since it was freed.  A slot that never was handed out is zero. */
static void block_clear(const har_heap *self, const har_slab *slab, size_t i, size_t size) {
    const size_t seen = self->set.check;
    if (size > seen && har_state(slab, i) != 0)
        memset(har_slot_start(slab, i) + seen, 0, size - seen);
}

/* A block of `size` bytes in a slot of that slab, which has a free one. */
static inline void *block_cut(har_heap *self, har_local *local, har_slab *slab, size_t size, bool zeroed) {
    const size_t i = har_slab_pick(local, slab, self->set.random);
    char *const block = har_slot_start(slab, i);
    if (self->set.check && (slab->slot_size <= BLOCK_FRESH || har_state(slab, i) != 0))
        block_inspect(self, slab, i);
    if (zeroed)
        block_clear(self, slab, i, size);
    if (self->tail)
        har_fence_write(block + size, block + slab->slot_size, har_canary(self->key, block));
    har_set_state(slab, i, HAR_LIVE + (unsigned)(slab->slot_size - size));
    if (!HAR_LIKELY(!slab->site))
        slab->site[i].made = hy_thread_caller;
    return block;
}

void *har_block_alloc_quick(har_heap *self, har_local *local, size_t size) {
    if (!HAR_LIKELY(size <= self->quick_max && --local->sample != 0))
        return NULL;
    const size_t need = size + self->tail;
    har_slab *const slab = local->current[har_class_of(need + (need == 0))];
    return HAR_LIKELY(slab->summary) ? block_cut(self, local, slab, size, false) : NULL;
}

/* The least class for this size whose slots are all aligned; HAR_CLASSES: there is none. */
static unsigned block_class(const har_heap *self, size_t size, size_t align) {
    const size_t need = hy_max(size + self->tail, align);
    if (need > self->small_max || align > HAR_PAGE)
        return HAR_CLASSES;
    unsigned c = har_class_of(hy_max(need, 1));
    while (c < HAR_CLASSES && har_class_size(c) % align != 0)
        c++;
    return c < HAR_CLASSES && self->slot_count[c] > 0 ? c : HAR_CLASSES;
}

static bool block_is_sampled(har_local *local) {
    if (HAR_LIKELY(local->sample != 0 && --local->sample != 0))
        return false;
    har_local_draw_sample(local);
    return local->heap->set.sample != 0;
}

static void *block_small(har_heap *self, har_local *local, size_t size, unsigned size_class, bool zeroed) {
    har_slab *const slab = har_slab_ready(local, size_class);
    return HAR_LIKELY(slab) ? block_cut(self, local, slab, size, zeroed) : NULL;
}

static void *block_try(har_heap *self, har_local *local, size_t size, size_t align, bool zeroed) {
    const unsigned size_class = size < HAR_SLOT_MAX ? block_class(self, size, align) : HAR_CLASSES;
    void *block = NULL;
    if (size_class == HAR_CLASSES || block_is_sampled(local))
        block = har_large_alloc(self, size, align, local->number);
    if (!block && size_class < HAR_CLASSES)
        block = block_small(self, local, size, size_class, zeroed);
    return block;
}

void *har_block_alloc(har_heap *self, har_local *local, size_t size, size_t align, bool zeroed) {
    void *const block = block_try(self, local, size, hy_max(align, HY_MALLOC_ALIGN), zeroed);
    if (HAR_LIKELY(block) || size > self->size)
        return block;
    har_local_give_up(self, local, size);
    void *const again = block_try(self, local, size, hy_max(align, HY_MALLOC_ALIGN), zeroed);
    return again ? again : har_large_alloc(self, size, align, local->number);
}

/* --------------------------------------------------------------------------------------------------- freeing ---- */

/* False: it died of what was found, and came back. */
static inline bool block_is_whole(har_heap *self, har_call call, const har_slab *slab, size_t i, size_t size) {
    const char *const block = har_slot_start(slab, i), *const end = block + slab->slot_size;
    const char *const broken = har_fence_broken(block + size, end, har_canary(self->key, block));
    if (!HAR_LIKELY(!broken)) {
        har_die_canary(self, call, slab, i, broken);
        return false;
    }
    const uint64_t before = i > 0 ? har_last(block) : 0;
    if (!HAR_LIKELY(before == 0 || har_is_canary(before, har_canary(self->key, block - slab->slot_size)))) {
        har_die_canary(self, call, slab, i, NULL);
        return false;
    }
    return true;
}

/* The slot that a live block begins; any number from `slots` on: none does. */
static inline size_t block_slot(const har_slab *slab, const void *block) {
    const size_t i = har_slot_at(slab, block);
    const bool begins =
        i < slab->slots && har_slot_start(slab, i) == block; /* if it was never opened, it is not live */
    return HAR_LIKELY(begins && har_is_live(har_state(slab, i))) ? i : HAR_SLOTS;
}

static inline void block_retire(har_heap *self, har_local *local, har_slab *slab, size_t i) {
    har_set_state(slab, i, HAR_FREED | (local ? local->number & HAR_BY : 0));
    if (!HAR_LIKELY(!slab->site))
        slab->site[i].freed = hy_thread_caller;
    if (self->set.zero)
        memset(har_slot_start(slab, i), 0, slab->slot_size - self->tail);
    har_hold_put(self, local, slab, i);
}

bool har_block_free_quick(har_heap *self, har_local *local, void *block) {
    har_slab *const slab = har_slab_at(self, block);
    if (!HAR_LIKELY(slab))
        return false;
    const size_t i = block_slot(slab, block);
    if (!HAR_LIKELY(i < HAR_SLOTS)) {
        har_die_address(self, HAR_FREE, block);
        return true;
    }
    const size_t size = har_asked(slab, har_state(slab, i));
    if (self->tail == 0 || block_is_whole(self, HAR_FREE, slab, i, size))
        block_retire(self, local, slab, i);
    return true;
}

void har_block_free(har_heap *self, har_local *local, void *block) {
    if (!har_block_free_quick(self, local, block) && !har_large_free(self, block, local ? local->number : 0))
        har_die_address(self, HAR_FREE, block);
}

/* -------------------------------------------------------------------------------------------------- resizing ---- */

size_t har_block_size(har_heap *self, const void *block) {
    const har_slab *const slab = har_slab_at(self, block);
    const size_t i = slab ? block_slot(slab, block) : HAR_SLOTS;
    size_t size = 0;
    if (i < HAR_SLOTS)
        return har_asked(slab, har_state(slab, i));
    if (slab || !har_large_size(self, block, &size))
        har_die_address(self, HAR_SIZE, block);
    return size;
}

/* Another size within the slot.  False: there is no room. */
static bool block_resize_in_place(har_heap *self, har_slab *slab, size_t i, size_t old_size, size_t size) {
    char *const block = har_slot_start(slab, i);
    if (size + self->tail > slab->slot_size || size < old_size)
        return false;
    if (self->tail) {
        memset(block + old_size, 0, size - old_size);
        har_fence_write(block + size, block + slab->slot_size, har_canary(self->key, block));
    }
    har_set_state(slab, i, HAR_LIVE + (unsigned)(slab->slot_size - size));
    return true;
}

static void *block_move(har_heap *self, har_local *local, void *block, size_t old_size, size_t size, size_t align) {
    void *const moved = har_block_alloc(self, local, size, align, false);
    if (!moved)
        return NULL;
    memcpy(moved, block, hy_min(old_size, size));
    har_block_free(self, local, block);
    return moved;
}

static void *block_resize_large(har_heap *self, har_local *local, void *block, size_t size, size_t align) {
    size_t old_size = 0;
    void *moved = NULL;
    if (!har_large_size(self, block, &old_size)) {
        har_die_address(self, HAR_REALLOC, block);
        return NULL;
    }
    if (size <= old_size || size <= self->small_max)
        return block_move(self, local, block, old_size, size, align);
    bool lives = har_large_resize(self, block, size, align, local->number, &moved);
    if (lives && !moved) {
        har_local_give_up(self, local, size);
        lives = har_large_resize(self, block, size, align, local->number, &moved);
    }
    if (!lives)
        har_die_address(self, HAR_REALLOC, block);
    return moved;
}

void *har_block_resize(har_heap *self, har_local *local, void *block, size_t size, size_t align) {
    har_slab *const slab = har_slab_at(self, block);
    if (!slab)
        return block_resize_large(self, local, block, size, align);
    const size_t i = block_slot(slab, block);
    if (i >= HAR_SLOTS) {
        har_die_address(self, HAR_REALLOC, block);
        return NULL;
    }
    const size_t old_size = har_asked(slab, har_state(slab, i));
    if (self->tail && !block_is_whole(self, HAR_REALLOC, slab, i, old_size))
        return NULL;
    if (block_resize_in_place(self, slab, i, old_size, size))
        return block;
    return block_move(self, local, block, old_size, size, align);
}
