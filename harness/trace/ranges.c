/* SPDX-License-Identifier: MIT
 *
 * ranges.c - see ranges.h.
 */
#include "ranges.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

static uint64_t ranges_priority(const hy_ranges *self, uint32_t node) {
    uint64_t x = (self->at[node].from + 1) * 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 29)) * 0xbf58476d1ce4e5b9u;
    return x ^ (x >> 32);
}

static int ranges_take(hy_ranges *self, uint32_t *ret_node) {
    if (self->spare) {
        *ret_node = self->spare;
        self->spare = self->at[self->spare].left;
        return 0;
    }
    if (self->used == self->capacity) {
        const size_t capacity = self->capacity ? 2 * self->capacity : 256;
        hy_range_node *const grown = capacity > UINT32_MAX ? NULL : realloc(self->at, capacity * sizeof *grown);
        if (!grown)
            return -ENOMEM;
        self->at = grown;
        self->capacity = capacity;
        self->used = self->used ? self->used : 1;
    }
    *ret_node = (uint32_t)self->used++;
    return 0;
}

/* A range there overlaps [from, to): each step leaves the half behind in which none can be. */
static bool ranges_overlap(const hy_ranges *self, uint64_t from, uint64_t to, uint64_t *ret_other) {
    for (uint32_t node = self->root; node;) {
        const hy_range_node *const is = &self->at[node];
        if (to <= is->from) {
            node = is->left;
        } else if (from >= is->to) {
            node = is->right;
        } else {
            *ret_other = is->from;
            return true;
        }
    }
    return false;
}

/* Splits a tree into what begins before `from` and the rest. */
static void ranges_split(hy_ranges *self, uint32_t node, uint64_t from, uint32_t *ret_before, uint32_t *ret_after) {
    uint32_t *before = ret_before, *after = ret_after;
    while (node) {
        hy_range_node *const is = &self->at[node];
        if (is->from < from) {
            *before = node;
            before = &is->right;
            node = is->right;
        } else {
            *after = node;
            after = &is->left;
            node = is->left;
        }
    }
    *before = *after = 0;
}

int hy_ranges_add(hy_ranges *ranges, uint64_t from, uint64_t to, uint64_t *ret_other) {
    uint32_t node;
    if (ranges_overlap(ranges, from, to, ret_other))
        return 0;
    if (ranges_take(ranges, &node) < 0)
        return -ENOMEM;
    ranges->at[node] = (hy_range_node){.from = from, .to = to};
    uint32_t *link = &ranges->root;
    while (*link && ranges_priority(ranges, *link) > ranges_priority(ranges, node))
        link = from < ranges->at[*link].from ? &ranges->at[*link].left : &ranges->at[*link].right;
    ranges_split(ranges, *link, from, &ranges->at[node].left, &ranges->at[node].right);
    *link = node;
    return 1;
}

/* Joins two trees, all of the first before all of the second. */
static void ranges_join(hy_ranges *self, uint32_t a, uint32_t b, uint32_t *link) {
    while (a && b) {
        if (ranges_priority(self, a) > ranges_priority(self, b)) {
            *link = a;
            link = &self->at[a].right;
            a = *link;
        } else {
            *link = b;
            link = &self->at[b].left;
            b = *link;
        }
    }
    *link = a ? a : b;
}

void hy_ranges_remove(hy_ranges *ranges, uint64_t from) {
    uint32_t *link = &ranges->root;
    while (*link && ranges->at[*link].from != from)
        link = from < ranges->at[*link].from ? &ranges->at[*link].left : &ranges->at[*link].right;
    const uint32_t node = *link;
    if (!node)
        return;
    ranges_join(ranges, ranges->at[node].left, ranges->at[node].right, link);
    ranges->at[node].left = ranges->spare;
    ranges->spare = node;
}

void hy_ranges_clear(hy_ranges *ranges) {
    free(ranges->at);
    *ranges = (hy_ranges){.root = 0};
}
