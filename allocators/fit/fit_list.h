/* SPDX-License-Identifier: MIT
 *
 * fit_list.h - the structure that holds the holes: one doubly linked list through their bodies.
 *
 * The order is a parameter: by address, last freed first (lifo) or first freed first (fifo).  Or there are many such
 * lists, bins by size (fit_bins.h), the last freed first in each.  What a heap may ask of a structure:
 *   insert, remove   a hole comes or goes               replace   the front of a hole went; the rest takes its place
 *   joined           holes were merged                  shrunk    a hole became smaller where it is
 *   first, next      for searches
 *
 * In address order an isolated hole must find its place.  Two searches take turns, and the first that gets there wins:
 *  1. range by range upwards, until a hole comes: short when many holes lie about (Knuth's fifty-percent rule);
 *  2. hole by hole from where the last one was inserted: short when frees go through memory in some order.
 */
#ifndef FIT_LIST_H
#define FIT_LIST_H

#include "fit_bins.h"
#include "fit_runs.h"

static inline char *list_head(const fit_heap *self) {
    return (char *)&self->head;
}

static inline char *list_next(const char *hole) {
    char *next;
    memcpy(&next, hole + FIT_HEADER, sizeof next);
    return next;
}

static inline char *list_prev(const char *hole) {
    char *prev;
    memcpy(&prev, hole + FIT_HEADER + sizeof prev, sizeof prev);
    return prev;
}

static inline void list_set_next(char *hole, char *next) {
    memcpy(hole + FIT_HEADER, &next, sizeof next);
}

static inline void list_set_prev(char *hole, char *prev) {
    memcpy(hole + FIT_HEADER + sizeof prev, &prev, sizeof prev);
}

static inline char *list_first(const fit_heap *self) {
    return list_next(list_head(self));
}

static inline void list_set_empty(char *head) {
    list_set_next(head, head);
    list_set_prev(head, head);
}

static inline void list_init(fit_heap *self) {
    char *const head = list_head(self);
    list_set_empty(head);
    for (unsigned bin = 0; bin < FIT_BINS; bin++)
        list_set_empty(bin_head(self, bin));
    memset(self->bin_map, 0, sizeof self->bin_map);
    self->rover = self->finger = head;
    self->stats.holes = 0;
}

static inline void list_insert_after(fit_heap *self, char *after, char *hole) {
    char *const next = list_next(after);
    list_set_next(hole, next);
    list_set_prev(hole, after);
    list_set_prev(next, hole);
    list_set_next(after, hole);
    self->finger = hole;
    self->stats.holes++;
}

/* Cursors that point at a hole which goes away move on to `heir`. */
static inline void list_forget(fit_heap *self, const char *hole, char *heir) {
    if (self->rover == hole)
        self->rover = heir;
    if (self->finger == hole)
        self->finger = heir;
}

static inline void list_remove(fit_heap *self, char *hole) {
    char *const next = list_next(hole), *const prev = list_prev(hole);
    list_set_prev(next, prev);
    list_set_next(prev, next);
    list_forget(self, hole, next);
    if (next == prev)
        bin_emptied(self, next);
    self->stats.holes--;
}

/* `heir` takes the place of `hole`.  They may overlap, with `heir` before `hole` or behind it. */
static inline void list_take_place(fit_heap *self, char *hole, char *heir) {
    char *const next = list_next(hole), *const prev = list_prev(hole);
    list_set_next(heir, next);
    list_set_prev(heir, prev);
    list_set_prev(next, heir);
    list_set_next(prev, heir);
    list_forget(self, hole, heir);
}

/* One step of search 1, from *range upwards.  The hole that comes next, the head if none does, or NULL: go on. */
static inline char *list_step_ranges(const fit_heap *self, char **range) {
    if (range_is_end(self, *range)) {
        const fit_run *const run = fit_runs_after(self, *range);
        if (!run)
            return list_head(self);
        *range = run->first;
    } else {
        *range = range_next(self, *range);
    }
    return range_used(self, *range) ? NULL : *range;
}

/* One step of search 2, along the list towards `range`. */
static inline char *list_step_holes(const fit_heap *self, char **finger, const char *range) {
    char *const head = list_head(self);
    if (*finger == head || *finger < range) {
        *finger = list_next(*finger);
        return *finger == head || *finger > range ? *finger : NULL;
    }
    char *const prev = list_prev(*finger);
    if (prev == head || prev < range)
        return *finger;
    *finger = prev;
    return NULL;
}

/* The hole that follows `range` in address order, or the head. */
static inline char *list_successor(const fit_heap *self, char *range) {
    char *above = range, *finger = self->finger, *found = NULL;
    do {
        found = list_step_ranges(self, &above);
        if (!found)
            found = list_step_holes(self, &finger, range);
    } while (!found);
    return found;
}

static inline void list_insert_bin(fit_heap *self, char *hole) {
    const unsigned bin = bin_of(range_size(self, hole));
    list_insert_after(self, bin_head(self, bin), hole);
    hy_bit_set(self->bin_map, bin);
}

static inline void list_insert(fit_heap *self, char *hole) {
    char *const head = list_head(self);
    if (self->binned) {
        list_insert_bin(self, hole);
        return;
    }
    switch (self->order) {
    case FIT_ADDRESS: list_insert_after(self, list_prev(list_successor(self, hole)), hole); break;
    case FIT_LIFO: list_insert_after(self, head, hole); break;
    case FIT_FIFO: list_insert_after(self, list_prev(head), hole); break;
    }
}

/* `rest` of `size` bytes is a hole behind `hole`, which stays. */
static inline void list_insert_behind(fit_heap *self, char *hole, char *rest, size_t size) {
    range_set_hole(self, rest, size, 0);
    if (self->binned)
        list_insert_bin(self, rest);
    else
        list_insert_after(self, hole, rest);
}

/* The front of `hole` went: `rest` of `size` bytes is a hole in its place.  Its tags may overlay the old links. */
static inline void list_replace(fit_heap *self, char *hole, char *rest, size_t size) {
    if (self->binned) {
        list_remove(self, hole);
        range_set_hole(self, rest, size, 0);
        list_insert_bin(self, rest);
    } else {
        list_take_place(self, hole, rest);
        range_set_hole(self, rest, size, 0);
    }
}

/* A hole is smaller than it was when it was inserted. */
static inline void list_shrunk(fit_heap *self, char *hole) {
    if (!self->binned)
        return;
    list_remove(self, hole);
    list_insert_bin(self, hole);
}

/* A freed range became one with the hole in front of it, behind it, or both (NULL: none); `hole` is the whole.
 * In address order it takes their place; else it is the hole freed last. */
static inline void list_joined(fit_heap *self, char *before, char *behind, char *hole) {
    if (self->order == FIT_ADDRESS && !self->binned) {
        if (before && behind) {
            list_forget(self, behind, before);
            list_remove(self, behind);
        } else if (behind) {
            list_take_place(self, behind, hole);
        }
        return;
    }
    const bool roving = self->rover == before || self->rover == behind;
    if (before)
        list_remove(self, before);
    if (behind)
        list_remove(self, behind);
    list_insert(self, hole);
    if (roving && (before || behind))
        self->rover = hole;
}

#endif
