/* SPDX-License-Identifier: MIT
 *
 * fit_list.h - structure=list: the holes in one doubly linked list through their bodies.
 *
 * The order is a parameter: last freed first (lifo), first freed first (fifo), or by address.
 *
 * In address order an isolated hole must find its place.  Two searches take turns, and the first that gets there wins:
 *  1. range by range upwards, until a hole comes: short when many holes lie about (Knuth's fifty-percent rule);
 *  2. hole by hole from where the last one was inserted: short when frees go through memory in some order.
 */
#ifndef FIT_LIST_H
#define FIT_LIST_H

#include "fit_range.h"
#include "fit_runs.h"

FIT_FOLDED char *list_head(const fit_heap *self) {
    return (char *)&self->head;
}

typedef struct __attribute__((packed)) fit_links {
    char *next, *prev;
} fit_links;

static inline fit_links *list_links(const char *hole) {
    return (fit_links *)(void *)(uintptr_t)(hole + FIT_HEADER);
}

FIT_FOLDED char *list_next(const char *hole) {
    return list_links(hole)->next;
}

FIT_FOLDED char *list_prev(const char *hole) {
    return list_links(hole)->prev;
}

FIT_FOLDED void list_set_next(char *hole, char *next) {
    list_links(hole)->next = next;
}

FIT_FOLDED void list_set_prev(char *hole, char *prev) {
    list_links(hole)->prev = prev;
}

FIT_FOLDED char *list_first(const fit_heap *self) {
    return list_next(list_head(self));
}

FIT_FOLDED void list_set_empty(char *head) {
    list_set_next(head, head);
    list_set_prev(head, head);
}

FIT_FOLDED void list_init(fit_heap *self) {
    char *const head = list_head(self);
    list_set_empty(head);
    self->rover = self->finger = head;
}

/* Between `after` and the one that follows it. */
FIT_FOLDED void list_link(char *after, char *hole) {
    char *const next = list_next(after);
    list_set_next(hole, next);
    list_set_prev(hole, after);
    list_set_prev(next, hole);
    list_set_next(after, hole);
}

FIT_FOLDED void list_unlink(const char *hole) {
    char *const next = list_next(hole), *const prev = list_prev(hole);
    list_set_prev(next, prev);
    list_set_next(prev, next);
}

FIT_FOLDED void list_insert_after(fit_heap *self, char *after, char *hole) {
    list_link(after, hole);
    self->finger = hole;
}

FIT_FOLDED void list_remove(fit_heap *self, char *hole) {
    if (self->finger == hole)
        self->finger = list_next(hole);
    list_unlink(hole);
}

/* `heir` takes the place of `hole`.  They may overlap, with `heir` before `hole` or behind it. */
FIT_FOLDED void list_take_place(fit_heap *self, char *hole, char *heir) {
    char *const next = list_next(hole), *const prev = list_prev(hole);
    list_set_next(heir, next);
    list_set_prev(heir, prev);
    list_set_prev(next, heir);
    list_set_next(prev, heir);
    if (self->finger == hole)
        self->finger = heir;
}

/* One step of search 1, from *range upwards.  The hole that comes next, the head if none does, or NULL: go on. */
FIT_FOLDED char *list_step_ranges(const fit_heap *self, char **range) {
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
FIT_FOLDED char *list_step_holes(const fit_heap *self, char **finger, const char *range) {
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

/* The hole that follows `range`, which is not in the list, in address order; or the head. */
FIT_FOLDED char *list_successor(const fit_heap *self, char *range) {
    char *above = range, *finger = self->finger, *found = NULL;
    do {
        found = list_step_ranges(self, &above);
        if (!found)
            found = list_step_holes(self, &finger, range);
    } while (!found);
    return found;
}

FIT_FOLDED void list_insert(fit_heap *self, char *hole) {
    char *const head = list_head(self);
    switch (self->order) {
    case FIT_ADDRESS: list_insert_after(self, list_prev(list_successor(self, hole)), hole); break;
    case FIT_FIFO: list_insert_after(self, list_prev(head), hole); break;
    default: list_insert_after(self, head, hole); break;
    }
}

/* The last hole below `range`, in a list by address. */
FIT_FOLDED char *list_before(const fit_heap *self, char *range) {
    return list_prev(range_used(self, range) ? list_successor(self, range) : range);
}

/* See holes_join. */
FIT_FOLDED void list_join(fit_heap *self, char *before, char *behind, char *hole, size_t size, uint64_t flags) {
    if (self->order == FIT_ADDRESS) {
        if (before && behind)
            list_remove(self, behind);
        else if (behind)
            list_take_place(self, behind, hole);
        range_set_hole(self, hole, size, flags);
        return;
    }
    if (before)
        list_remove(self, before);
    if (behind)
        list_remove(self, behind);
    range_set_hole(self, hole, size, flags);
    list_insert(self, hole);
}

#endif
