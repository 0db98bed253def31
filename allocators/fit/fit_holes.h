/* SPDX-License-Identifier: MIT
 *
 * fit_holes.h - structure: how the holes of a heap are held.  All that the engine asks of a structure stands here.
 *
 *   holes_init           there is no hole
 *   holes_insert         a hole comes; its metadata is written
 *   holes_remove         a hole goes; its metadata is still as it was
 *   holes_replace        the front of a hole went: what is left takes its place
 *   holes_insert_behind  the middle of a hole went: what is left behind it is a hole of its own
 *   holes_resize         a hole begins where it did and has another size
 *   holes_join           neighbouring holes, or a freed range and the holes beside it, have become one
 *   holes_next           the hole that follows in the structure's order: for next fit
 *   holes_before         the hole in front of a range: for those who have no footers
 *
 * The last six write the metadata of what they make themselves (range_set_hole), as a structure may have to go by the
 * old sizes, and as new metadata may overlay old links.  A structure has the bytes of two links in each hole, behind
 * its header.  The searches are in fit_place.h; fit_axes.c says which of them make sense.
 *
 * To add a structure: a case in each of these, searches in fit_place.c, a choice and the reasons for what it cannot do
 * in fit_axes.c, and its check in fit_check.c.
 */
#ifndef FIT_HOLES_H
#define FIT_HOLES_H

#include "fit_bins.h"
#include "fit_implicit.h"
#include "fit_trees.h"

FIT_FOLDED void holes_init(fit_heap *self) {
    self->stats.holes = 0;
    self->rover = NULL;
    switch (self->structure) {
    case FIT_LIST: list_init(self); break;
    case FIT_SIZES: bins_init(self); break;
    case FIT_ADDRESS_TREE:
    case FIT_SIZE_TREE: trees_init(self); break;
    default: break;
    }
}

FIT_FOLDED void holes_insert(fit_heap *self, char *hole) {
    self->stats.holes++;
    switch (self->structure) {
    case FIT_LIST: list_insert(self, hole); break;
    case FIT_SIZES: bins_insert(self, hole); break;
    case FIT_ADDRESS_TREE: by_address_insert(self, hole); break;
    case FIT_SIZE_TREE: by_size_insert(self, hole); break;
    default: break;
    }
}

FIT_FOLDED void holes_remove(fit_heap *self, char *hole) {
    self->stats.holes--;
    switch (self->structure) {
    case FIT_LIST: list_remove(self, hole); break;
    case FIT_SIZES: bins_remove(self, hole); break;
    case FIT_ADDRESS_TREE: by_address_remove(self, hole); break;
    case FIT_SIZE_TREE: by_size_remove(self, hole); break;
    default: break;
    }
}

/* The front of `hole` went: `rest` of `size` bytes is a hole in its place, behind a used range. */
FIT_FOLDED void holes_replace(fit_heap *self, char *hole, char *rest, size_t size) {
    switch (self->structure) {
    case FIT_LIST:
        list_take_place(self, hole, rest);
        range_set_hole(self, rest, size, 0);
        break;
    case FIT_SIZES: bins_replace(self, hole, rest, size); break;
    case FIT_ADDRESS_TREE: by_address_replace(self, hole, rest, size); break;
    case FIT_SIZE_TREE: by_size_replace(self, hole, rest, size); break;
    default: range_set_hole(self, rest, size, 0); break;
    }
}

/* `rest` of `size` bytes is a hole, behind a used range and farther behind `hole`, which stays. */
FIT_FOLDED void holes_insert_behind(fit_heap *self, char *hole, char *rest, size_t size) {
    self->stats.holes++;
    range_set_hole(self, rest, size, 0);
    switch (self->structure) {
    case FIT_LIST: list_insert_after(self, hole, rest); break;
    case FIT_SIZES: bins_insert(self, rest); break;
    case FIT_ADDRESS_TREE: by_address_insert(self, rest); break;
    case FIT_SIZE_TREE: by_size_insert(self, rest); break;
    default: break;
    }
}

FIT_FOLDED void holes_resize(fit_heap *self, char *hole, size_t size, uint64_t flags) {
    switch (self->structure) {
    case FIT_SIZES: bins_resize(self, hole, size, flags); break;
    case FIT_ADDRESS_TREE: by_address_resize(self, hole, size, flags); break;
    case FIT_SIZE_TREE: by_size_resize(self, hole, size, flags); break;
    default: range_set_hole(self, hole, size, flags); break;
    }
}

/* A range that is no hole of the structure became one with the hole in front of it, behind it, or both (NULL: none);
 * `hole` is the whole.  By address it takes their place; else it is the hole freed last. */
FIT_FOLDED void holes_join(fit_heap *self, char *before, char *behind, char *hole, size_t size, uint64_t flags) {
    if (before && behind)
        self->stats.holes--;
    switch (self->structure) {
    case FIT_LIST: list_join(self, before, behind, hole, size, flags); break;
    case FIT_SIZES: bins_join(self, before, behind, hole, size, flags); break;
    case FIT_ADDRESS_TREE: by_address_join(self, before, behind, hole, size, flags); break;
    case FIT_SIZE_TREE: by_size_join(self, before, behind, hole, size, flags); break;
    default: range_set_hole(self, hole, size, flags); break;
    }
}

/* The hole behind this one, or what stands for the first (see rover in fit_heap.h). */
FIT_FOLDED char *holes_next(fit_heap *self, const char *hole) {
    switch (self->structure) {
    case FIT_LIST: return list_next(hole);
    case FIT_IMPLICIT: return implicit_next(self, self->metadata, hole);
    case FIT_ADDRESS_TREE: return by_address_next(self, hole);
    default: return NULL;
    }
}

/* The hole that ends where `range` starts; range_prev_free says that there is one. */
FIT_FOLDED char *holes_before(const fit_heap *self, char *range) {
    if (self->metadata != FIT_HEADERS)
        return range_prev(self, range);
    switch (self->structure) {
    case FIT_LIST: return list_before(self, range);
    case FIT_ADDRESS_TREE: return by_address_before(self, range);
    default: return implicit_before(self, range);
    }
}

/* The same, or NULL if there is none. */
FIT_FOLDED char *holes_touching(const fit_heap *self, char *range) {
    if (self->metadata != FIT_APART)
        return range_prev_free(self, range) ? holes_before(self, range) : NULL;
    char *const before = apart_prev(self, range);
    return before && apart_is_hole(self, before) ? before : NULL;
}

#endif
