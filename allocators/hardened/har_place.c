/* SPDX-License-Identifier: MIT
 *
 * har_place.c - see har_place.h.
 */
#include "har_place.h"

#include <string.h>

#define PLACE_TRIES 16
#define PLACE_GUARDED ((size_t)12000) /* so many have guards: each is two mappings, of which there may be 65 530 */

/* ----------------------------------------------------------------------------------------------------- table ---- */

size_t har_place_below(const har_heap *self, const char *address) {
    size_t low = 0, high = self->large_count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (self->large[middle].base < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool har_place_reserve_entry(har_heap *self) {
    if (self->large_count < self->large_capacity)
        return true;
    const size_t wanted = hy_max(2 * self->large_capacity, 64);
    const size_t size = hy_pages_round(self->meta, wanted * sizeof(har_large));
    har_large *const table = hy_pages_map(self->meta, size, hy_max(self->meta->granule, sizeof(void *)));
    if (!table)
        return false;
    if (self->large) {
        memcpy(table, self->large, self->large_count * sizeof *table);
        hy_pages_unmap(self->meta, self->large, self->large_table_size);
    }
    self->large = table;
    self->large_table_size = size;
    self->large_capacity = size / sizeof *table;
    return true;
}

void har_place_enter(har_heap *self, const har_large *large) {
    const size_t at = har_place_below(self, large->base);
    memmove(&self->large[at + 1], &self->large[at], (self->large_count - at) * sizeof *self->large);
    self->large[at] = *large;
    self->large_count++;
}

void har_place_remove(har_heap *self, har_large *large) {
    self->large_count--;
    memmove(large, large + 1, (size_t)(&self->large[self->large_count] - large) * sizeof *large);
}

har_large *har_place_find(har_heap *self, const void *block) {
    const size_t at = har_place_below(self, (const char *)block + 1);
    har_large *const large = at > 0 ? &self->large[at - 1] : NULL;
    return large && large->block == block ? large : NULL;
}

/* ------------------------------------------------------------------------------------------------ addresses ---- */

static size_t place_guard(const har_heap *self) {
    return self->set.guards ? hy_max(self->data->granule, HAR_PAGE) : 0;
}

/* Whether nobody has anything in [start, start + room), and what guards it. */
static bool place_is_vacant(const har_heap *self, const char *start, size_t room) {
    const size_t at = har_place_below(self, start), guard = place_guard(self);
    if (at < self->large_count && start + room + guard > self->large[at].base)
        return false;
    return at == 0 || self->large[at - 1].base + self->large[at - 1].room + guard <= start;
}

static char *place_at_random(har_heap *self, size_t room, size_t align) {
    const size_t guard = place_guard(self), step = hy_max(align, hy_max(self->data->granule, HAR_PAGE));
    if (self->large_size < room + step + 2 * guard)
        return NULL;
    const size_t steps = (self->large_size - room - step - 2 * guard) / step;
    for (unsigned i = 0; i < PLACE_TRIES; i++) {
        char *const first = (char *)hy_align_up((uintptr_t)self->large_base + guard, step);
        char *const start = first + har_random_below(&self->random, steps + 1) * step;
        if (place_is_vacant(self, start, room))
            return start;
    }
    return NULL;
}

/* The first place that is vacant. */
static char *place_in_order(har_heap *self, size_t room, size_t align) {
    const size_t guard = place_guard(self), step = hy_max(align, hy_max(self->data->granule, HAR_PAGE));
    const char *const end = self->large_base + self->large_size;
    const char *from = self->large_base + guard;
    for (size_t i = 0; i <= self->large_count; i++) {
        char *const start = (char *)hy_align_up((uintptr_t)from, step);
        if (room > self->large_size || start > end - room - guard)
            return NULL;
        if (place_is_vacant(self, start, room))
            return start;
        if (i < self->large_count && self->large[i].base >= self->large_base)
            from = self->large[i].base + self->large[i].room + guard;
    }
    return NULL;
}

/* Right behind another, so that it is no mapping of its own: without a guard between them. */
static char *place_beside(har_heap *self, size_t room) {
    size_t at = har_random_below(&self->random, self->large_count);
    const har_large *large = &self->large[at];
    for (; at + 1 < self->large_count && large->base + large->room == large[1].base; at++)
        large++;
    char *const start = large->base + large->room, *const end = start + room + place_guard(self);
    const bool apart = at + 1 == self->large_count || end <= large[1].base;
    const bool inside = !large->reserved && end <= self->large_base + self->large_size;
    return apart && inside && large->committed == large->room ? start : NULL;
}

static char *place_in_crowd(har_heap *self, size_t room, size_t align) {
    char *start = NULL;
    for (unsigned i = 0; i < PLACE_TRIES && !start && align <= HAR_PAGE && self->large_live > PLACE_GUARDED; i++)
        start = place_beside(self, room);
    return start;
}

bool har_place_choose(har_heap *self, har_large *large, size_t room, size_t align) {
    large->room = room;
    large->reserved = NULL;
    large->base = NULL;
    if (self->own_large)
        large->base = place_in_crowd(self, room, align);
    if (self->own_large && !large->base)
        large->base = self->set.placement ? place_at_random(self, room, align) : place_in_order(self, room, align);
    if (large->base)
        return true;
    const size_t step = hy_max(align, hy_max(self->data->granule, HAR_PAGE)), guard = place_guard(self);
    const size_t before = guard ? step : 0;
    large->reserved = self->data->ops->reserve(self->data, hy_pages_round(self->data, before + room + guard), step);
    large->base = large->reserved ? large->reserved + before : NULL;
    return large->reserved != NULL;
}

void har_place_give_back(har_heap *self, const har_large *large) {
    const size_t step = (size_t)(large->base - large->reserved), guard = place_guard(self);
    if (large->reserved)
        self->data->ops->release(self->data, large->reserved, hy_pages_round(self->data, step + large->room + guard),
                                 large->committed);
    else if (large->committed && self->data->ops->decommit(self->data, large->base, large->committed) < 0)
        /* too many mappings; who gets it next expects zeros */
        self->data->ops->purge(self->data, memset(large->base, 0, large->committed), large->committed);
}
