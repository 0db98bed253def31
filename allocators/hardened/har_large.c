/* SPDX-License-Identifier: MIT
 *
 * har_large.c - see har_large.h.
 */
#include "har_large.h"

#include "har_die.h"
#include "har_fence.h"
#include "har_place.h"

#include <string.h>

#define LARGE_NEAR ((size_t)262144)
#define LARGE_GLIMPSES 1000000u

static har_large *large_find_live(har_heap *self, const void *block) {
    har_large *const large = har_place_find(self, block);
    return large && !large->freed ? large : NULL;
}

/* ---------------------------------------------------------------------------------------------------- canary ---- */

static const char *large_broken(const har_heap *self, const har_large *large) {
    if (self->tail == 0)
        return NULL;
    const uint64_t canary = har_canary(self->key, large->base);
    const char *const front = large->block > large->base ? har_fence_broken(large->base, large->block, canary) : NULL;
    return front ? front : har_fence_broken(large->block + large->size, large->base + large->committed, canary);
}

static void large_fence(const har_heap *self, const har_large *large) {
    if (self->tail == 0)
        return;
    const uint64_t canary = har_canary(self->key, large->base);
    if (large->block > large->base)
        har_fence_write(large->base, large->block, canary);
    har_fence_write(large->block + large->size, large->base + large->committed, canary);
}

/* ------------------------------------------------------------------------------------------------ allocating ---- */

/* Bytes that a block of this size needs: whole pages. */
static size_t large_pages(const har_heap *self, size_t size) {
    return hy_pages_round(self->data, hy_align_up(size + (self->set.guards ? 0 : self->tail), HAR_PAGE));
}

static bool large_make(har_heap *self, har_large *large, size_t size, size_t align, bool growing) {
    const size_t pages = large_pages(self, size);
    if (!har_place_reserve_entry(self) || !har_place_choose(self, large, growing ? pages * 2 : pages, align))
        return false;
    large->committed = 0;
    if (self->data->ops->commit(self->data, large->base, pages) < 0) {
        har_place_give_back(self, large);
        return false;
    }
    large->committed = pages;
    large->size = size;
    large->block = large->base;
    if (self->set.guards && !growing && align <= HAR_PAGE)
        large->block += hy_align_down(pages - size, hy_max(align, HY_MALLOC_ALIGN));
    if (!self->data->zeroed)
        memset(large->base, 0, pages);
    large_fence(self, large);
    return true;
}

/* Keeps the stack of a sampled block. */
static void large_trace(har_heap *self, har_large *large) {
    if (!self->host->call_stack)
        return;
    if (!self->traces)
        self->traces = hy_instance_map(self->meta, HAR_TRACES * sizeof *self->traces);
    if (!self->traces)
        return;
    large->trace = self->traced++ % HAR_TRACES;
    har_trace *const trace = &self->traces[large->trace];
    memset(trace, 0, sizeof *trace);
    trace->block = large->block;
    self->host->call_stack(trace->made, HAR_FRAMES);
}

const har_trace *har_large_trace(const har_heap *self, const har_large *large) {
    if (!self->traces || large->trace == HAR_TRACES)
        return NULL;
    const har_trace *const trace = &self->traces[large->trace];
    return trace->block == large->block ? trace : NULL;
}

static void large_trace_free(har_heap *self, const har_large *large) {
    if (har_large_trace(self, large))
        self->host->call_stack(self->traces[large->trace].freed, HAR_FRAMES);
}

static void *large_alloc(har_heap *self, size_t size, size_t align, uint32_t number, bool growing) {
    har_large large = {.by = number, .site.made = hy_thread_caller, .trace = HAR_TRACES};
    if (size > PTRDIFF_MAX / 4 || align > PTRDIFF_MAX / 4 || !large_make(self, &large, size, align, growing))
        return NULL;
    if (size + self->tail <= self->small_max && align <= HAR_PAGE)
        large_trace(self, &large);
    har_place_enter(self, &large);
    self->large_live++;
    self->large_live_bytes += size;
    self->grows++;
    return large.block;
}

void *har_large_alloc(har_heap *self, size_t size, size_t align, uint32_t number) {
    har_lock(self);
    void *const block = large_alloc(self, size, align, number, false);
    har_unlock(self);
    return block;
}

/* --------------------------------------------------------------------------------------------------- freeing ---- */

static void large_forget(har_heap *self, const char *block) {
    har_large *const large = har_place_find(self, block);
    har_place_give_back(self, large);
    har_place_remove(self, large);
}

/* The freed block waits without access; the one that waits longest goes. */
static void large_keep_back(har_heap *self, har_large *large) {
    char *const block = large->block;
    if (self->late_count == self->set.delay) {
        char *const oldest = self->late[self->late_at];
        self->late_at = (self->late_at + 1) % self->set.delay;
        self->late_count--;
        large_forget(self, oldest);
    }
    self->late[(self->late_at + self->late_count) % self->set.delay] = block;
    self->late_count++;
}

void har_large_give_up(har_heap *self) {
    for (; self->late_count > 0; self->late_count--) {
        large_forget(self, self->late[self->late_at]);
        self->late_at = (self->late_at + 1) % self->set.delay;
    }
}

static void large_free(har_heap *self, har_large *large, uint32_t number) {
    large->freed = true;
    large->freed_by = number;
    large->site.freed = hy_thread_caller;
    large_trace_free(self, large);
    self->large_live--;
    self->large_live_bytes -= large->size;
    if (!self->late || self->data->ops->decommit(self->data, large->base, large->committed) < 0) {
        large_forget(self, large->block);
        return;
    }
    large->committed = 0;
    large_keep_back(self, large);
}

bool har_large_free(har_heap *self, void *block, uint32_t number) {
    har_lock(self);
    har_large *const large = large_find_live(self, block);
    const har_large copy = large ? *large : (har_large){.block = NULL};
    const char *const wrong = large ? large_broken(self, large) : NULL;
    if (large && !wrong)
        large_free(self, large, number);
    har_unlock(self);
    if (wrong)
        har_die_large(self, HAR_FREE, &copy, wrong);
    return copy.block != NULL;
}

/* -------------------------------------------------------------------------------------------------- resizing ---- */

/* It began at its first page, and has addresses left. */
static bool large_grow_in_place(har_heap *self, har_large *large, size_t size) {
    const size_t pages = large_pages(self, size);
    if (large->block != large->base || pages > large->room)
        return false;
    if (pages > large->committed) {
        char *const end = large->base + large->committed;
        if (self->data->ops->commit(self->data, end, pages - large->committed) < 0)
            return false;
        if (!self->data->zeroed)
            memset(end, 0, pages - large->committed);
        large->committed = pages;
    }
    if (size > large->size)
        memset(large->block + large->size, 0, hy_min(size - large->size, 8 + HAR_PAGE)); /* where the canary was */
    self->large_live_bytes += size - large->size;
    large->size = size;
    large_fence(self, large);
    return true;
}

static void *large_resize(har_heap *self, har_large *large, size_t size, size_t align, uint32_t number) {
    char *const block = large->block;
    const size_t kept = hy_min(large->size, size);
    if (size >= large->size && large_grow_in_place(self, large, size))
        return block;
    const bool growing = size > large->size && align <= HY_MALLOC_ALIGN;
    char *moved = growing ? large_alloc(self, size, align, number, true) : NULL;
    if (!moved)
        moved = large_alloc(self, size, align, number, false);
    if (!moved)
        return NULL;
    memcpy(moved, block, kept);
    large_free(self, har_place_find(self, block), number);
    return moved;
}

bool har_large_resize(har_heap *self, void *block, size_t size, size_t align, uint32_t number, void **ret_moved) {
    har_lock(self);
    har_large *const large = large_find_live(self, block);
    const har_large copy = large ? *large : (har_large){.block = NULL};
    const char *const wrong = large ? large_broken(self, large) : NULL;
    if (large)
        *ret_moved = wrong ? NULL : large_resize(self, large, size, align, number);
    har_unlock(self);
    if (wrong)
        har_die_large(self, HAR_REALLOC, &copy, wrong);
    return copy.block != NULL;
}

/* --------------------------------------------------------------------------------------------------- looking ---- */

bool har_large_size(har_heap *self, const void *block, size_t *ret_size) {
    har_lock(self);
    const har_large *const large = large_find_live(self, block);
    if (large)
        *ret_size = large->size;
    har_unlock(self);
    return large != NULL;
}

static bool large_near(const har_heap *self, const char *address, har_large *ret_large) {
    const har_large *large = har_place_before(self, har_place_from(self, address + HAR_PAGE));
    const har_large *const below = large ? har_place_before(self, har_place_from(self, large->base)) : NULL;
    if (below && large->base > address && address < below->base + below->room)
        large = below;
    const bool near = large && address < large->base + large->room + LARGE_NEAR;
    if (near)
        *ret_large = *large;
    return near;
}

bool har_large_near(har_heap *self, const void *address, har_large *ret_large) {
    har_lock(self);
    const bool near = large_near(self, address, ret_large);
    har_unlock(self);
    return near;
}

bool har_large_glimpse(har_heap *self, const void *address, har_large *ret_large) {
    unsigned tries = 0;
    while (!har_shared(self) && !hy_lock_try(&self->lock))
        if (tries++ == LARGE_GLIMPSES)
            return large_near(self, address, ret_large);
    const bool near = large_near(self, address, ret_large);
    har_unlock(self);
    return near;
}

bool har_large_broken(har_heap *self, har_large *ret_large, const char **ret_where) {
    const char *where = NULL;
    har_lock(self);
    const har_large *large;
    for (har_spot spot = {0, 0}; !where && (large = har_place_at(self, spot)); spot = har_place_next(self, spot)) {
        where = large->freed ? NULL : large_broken(self, large);
        *ret_large = *large;
    }
    har_unlock(self);
    *ret_where = where;
    return where != NULL;
}

void har_large_free_all(har_heap *self) {
    const har_large *large;
    for (har_spot spot = {0, 0}; (large = har_place_at(self, spot)); spot = har_place_next(self, spot))
        har_place_give_back(self, large);
    if (self->large)
        hy_pages_unmap(self->meta, self->large, self->large_table_size);
    self->large = NULL;
    self->leaves = NULL;
    self->leaf_capacity = self->large_table_size = self->leaf_count = 0;
    self->large_live = self->large_live_bytes = 0;
    self->late_count = self->late_at = 0;
    if (self->traces)
        hy_instance_unmap(self->meta, self->traces, HAR_TRACES * sizeof *self->traces);
    self->traces = NULL;
}
