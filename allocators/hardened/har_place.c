/* SPDX-License-Identifier: MIT
 *
 * har_place.c - see har_place.h.
 */
#include "har_place.h"

#include <string.h>

#define PLACE_TRIES 16
#define PLACE_GUARDED ((size_t)12000) /* so many have guards: each is two mappings, of which there may be 65 530 */

/* ----------------------------------------------------------------------------------------------------- table ---- */

static har_large *leaf_entries(const har_heap *self, size_t leaf) {
    return self->large + (size_t)self->leaves[leaf].slot * HAR_LEAF;
}

/* The last leaf that begins below `address`, or the first. */
static size_t leaf_below(const har_heap *self, const char *address) {
    size_t low = 0, high = self->leaf_count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (leaf_entries(self, middle)->base < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? low - 1 : 0;
}

har_spot har_place_from(const har_heap *self, const char *address) {
    if (self->leaf_count == 0)
        return (har_spot){0, 0};
    const size_t leaf = leaf_below(self, address), count = self->leaves[leaf].count;
    const har_large *const entries = leaf_entries(self, leaf);
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (entries[middle].base < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count ? (har_spot){leaf, low} : (har_spot){leaf + 1, 0};
}

har_large *har_place_at(const har_heap *self, har_spot spot) {
    return spot.leaf < self->leaf_count ? leaf_entries(self, spot.leaf) + spot.at : NULL;
}

har_large *har_place_before(const har_heap *self, har_spot spot) {
    if (spot.at > 0)
        return leaf_entries(self, spot.leaf) + spot.at - 1;
    return spot.leaf > 0 ? leaf_entries(self, spot.leaf - 1) + self->leaves[spot.leaf - 1].count - 1 : NULL;
}

har_spot har_place_next(const har_heap *self, har_spot spot) {
    return spot.at + 1 < self->leaves[spot.leaf].count ? (har_spot){spot.leaf, spot.at + 1}
                                                       : (har_spot){spot.leaf + 1, 0};
}

har_large *har_place_find(har_heap *self, const void *block) {
    har_large *const large = har_place_before(self, har_place_from(self, (const char *)block + 1));
    return large && large->block == block ? large : NULL;
}

/* A table of twice as many leaves, with what is in this one. */
static bool table_grow(har_heap *self) {
    const size_t wanted = hy_max(2 * self->leaf_capacity, 2), leaf = HAR_LEAF * sizeof(har_large);
    const size_t size = hy_pages_round(self->meta, wanted * (leaf + sizeof(har_leaf)));
    const size_t capacity = size / (leaf + sizeof(har_leaf));
    har_large *const table = hy_pages_map(self->meta, size, hy_max(self->meta->granule, sizeof(void *)));
    if (!table)
        return false;
    har_leaf *const leaves = (har_leaf *)(void *)(table + capacity * HAR_LEAF);
    if (self->large) {
        memcpy(table, self->large, self->leaf_capacity * leaf);
        memcpy(leaves, self->leaves, self->leaf_capacity * sizeof *leaves);
        hy_pages_unmap(self->meta, self->large, self->large_table_size);
    }
    for (size_t i = self->leaf_capacity; i < capacity; i++)
        leaves[i] = (har_leaf){(uint32_t)i, 0};
    self->large = table;
    self->leaves = leaves;
    self->large_table_size = size;
    self->leaf_capacity = capacity;
    return true;
}

bool har_place_reserve_entry(har_heap *self) {
    return self->leaf_count < self->leaf_capacity || table_grow(self);
}

/* An empty leaf in front of the one that is there. */
static void leaf_add(har_heap *self, size_t leaf) {
    const har_leaf fresh = self->leaves[self->leaf_count];
    memmove(&self->leaves[leaf + 1], &self->leaves[leaf], (self->leaf_count - leaf) * sizeof fresh);
    self->leaves[leaf] = fresh;
    self->leaf_count++;
}

static void leaf_drop(har_heap *self, size_t leaf) {
    const har_leaf dropped = {self->leaves[leaf].slot, 0};
    self->leaf_count--;
    memmove(&self->leaves[leaf], &self->leaves[leaf + 1], (self->leaf_count - leaf) * sizeof dropped);
    self->leaves[self->leaf_count] = dropped;
}

/* The upper half becomes a leaf of its own. */
static void leaf_split(har_heap *self, size_t leaf) {
    const uint32_t kept = HAR_LEAF / 2;
    leaf_add(self, leaf + 1);
    memcpy(leaf_entries(self, leaf + 1), leaf_entries(self, leaf) + kept, (HAR_LEAF - kept) * sizeof *self->large);
    self->leaves[leaf].count = kept;
    self->leaves[leaf + 1].count = HAR_LEAF - kept;
}

/* With the next one, if both are small. */
static void leaf_join(har_heap *self, size_t leaf) {
    if (leaf + 1 >= self->leaf_count || self->leaves[leaf].count + self->leaves[leaf + 1].count > HAR_LEAF / 2)
        return;
    har_leaf *const is = &self->leaves[leaf];
    memcpy(leaf_entries(self, leaf) + is->count, leaf_entries(self, leaf + 1), is[1].count * sizeof *self->large);
    is->count += is[1].count;
    leaf_drop(self, leaf + 1);
}

/* Where an entry comes to lie: behind those of the leaf before, where it would be the first of another. */
static har_spot spot_to_enter(har_heap *self, const char *base) {
    har_spot spot = har_place_from(self, base);
    if (self->leaf_count == 0)
        leaf_add(self, 0);
    if (spot.at == 0 && spot.leaf > 0)
        spot = (har_spot){spot.leaf - 1, self->leaves[spot.leaf - 1].count};
    if (self->leaves[spot.leaf].count < HAR_LEAF)
        return spot;
    leaf_split(self, spot.leaf);
    const size_t kept = self->leaves[spot.leaf].count;
    return spot.at > kept ? (har_spot){spot.leaf + 1, spot.at - kept} : spot;
}

void har_place_enter(har_heap *self, const har_large *large) {
    const har_spot spot = spot_to_enter(self, large->base);
    har_large *const entry = leaf_entries(self, spot.leaf) + spot.at;
    memmove(entry + 1, entry, (self->leaves[spot.leaf].count - spot.at) * sizeof *entry);
    *entry = *large;
    self->leaves[spot.leaf].count++;
}

void har_place_remove(har_heap *self, har_large *large) {
    const har_spot spot = har_place_from(self, large->base);
    har_leaf *const leaf = &self->leaves[spot.leaf];
    leaf->count--;
    memmove(large, large + 1, (leaf->count - spot.at) * sizeof *large);
    if (leaf->count == 0) {
        leaf_drop(self, spot.leaf);
        return;
    }
    leaf_join(self, spot.leaf);
    if (spot.leaf > 0)
        leaf_join(self, spot.leaf - 1);
}

/* ------------------------------------------------------------------------------------------------ addresses ---- */

static size_t place_guard(const har_heap *self) {
    return self->set.guards ? hy_max(self->data->granule, HAR_PAGE) : 0;
}

/* Whether nobody has anything in [start, start + room), and what guards it. */
static bool place_is_vacant(const har_heap *self, const char *start, size_t room) {
    const size_t guard = place_guard(self);
    const har_spot spot = har_place_from(self, start);
    const har_large *const above = har_place_at(self, spot), *const below = har_place_before(self, spot);
    if (above && start + room + guard > above->base)
        return false;
    return !below || below->base + below->room + guard <= start;
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
    for (har_spot spot = {0, 0};; spot = har_place_next(self, spot)) {
        const har_large *const large = har_place_at(self, spot);
        char *const start = (char *)hy_align_up((uintptr_t)from, step);
        if (room > self->large_size || start > end - room - guard)
            return NULL;
        if (place_is_vacant(self, start, room))
            return start;
        if (!large)
            return NULL;
        if (large->base >= self->large_base)
            from = large->base + large->room + guard;
    }
}

/* Right behind another, so that it is no mapping of its own: without a guard between them. */
static char *place_beside(har_heap *self, size_t room) {
    const size_t leaf = har_random_below(&self->random, self->leaf_count);
    har_spot spot = {leaf, har_random_below(&self->random, self->leaves[leaf].count)};
    const har_large *large = har_place_at(self, spot), *next;
    while (spot = har_place_next(self, spot),
           (next = har_place_at(self, spot)) && large->base + large->room == next->base)
        large = next;
    char *const start = large->base + large->room, *const end = start + room + place_guard(self);
    const bool apart = !next || end <= next->base;
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
