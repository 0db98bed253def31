/* SPDX-License-Identifier: MIT
 *
 * fit_trees.h - structure=address-tree and structure=size-tree: what fit_holes.h asks, said to the trees of fit_tree.h.
 *
 * By address, a hole whose front goes or that grows keeps its place in the tree; only the maxima above it change.  By
 * size, it is taken out and comes in again.
 */
#ifndef FIT_TREES_H
#define FIT_TREES_H

#include "fit_range.h"
#include "fit_tree.h"

static size_t trees_measure(const void *context, const char *hole) {
    return range_size(context, hole);
}

static inline void trees_init(fit_heap *self) {
    fit_tree_init(&self->tree, self->grain, FIT_HEADER, &self->stats.search_steps);
    if (self->metadata == FIT_APART) {
        self->tree.measure = trees_measure;
        self->tree.context = self;
    }
}

/* ------------------------------------------------------------------------------------------------- by address ---- */

static inline void by_address_insert(fit_heap *self, char *hole) {
    fit_address_insert(&self->tree, hole, range_size(self, hole));
}

static inline void by_address_remove(fit_heap *self, char *hole) {
    fit_address_remove(&self->tree, hole);
}

static inline void by_address_replace(fit_heap *self, char *hole, char *rest, size_t size) {
    fit_address_replace(&self->tree, hole, rest, size);
    range_set_hole(self, rest, size, 0);
}

static inline void by_address_resize(fit_heap *self, char *hole, size_t size, uint64_t flags) {
    range_set_hole(self, hole, size, flags);
    fit_address_resized(&self->tree, hole, size);
}

static inline void by_address_join(fit_heap *self, char *before, char *behind, char *hole, size_t size,
                                   uint64_t flags) {
    if (before && behind)
        fit_address_remove(&self->tree, behind);
    else if (behind)
        fit_address_replace(&self->tree, behind, hole, size);
    range_set_hole(self, hole, size, flags);
    if (before)
        fit_address_resized(&self->tree, hole, size);
}

/* The hole behind this one, or NULL. */
static inline char *by_address_next(const fit_heap *self, const char *hole) {
    return fit_address_after(&self->tree, hole + 1);
}

static inline char *by_address_before(const fit_heap *self, const char *range) {
    return fit_address_before(&self->tree, range);
}

/* ---------------------------------------------------------------------------------------------------- by size ---- */

static inline void by_size_insert(fit_heap *self, char *hole) {
    fit_size_insert(&self->tree, hole, range_size(self, hole));
}

static inline void by_size_remove(fit_heap *self, char *hole) {
    fit_size_remove(&self->tree, hole);
}

static inline void by_size_replace(fit_heap *self, char *hole, char *rest, size_t size) {
    by_size_remove(self, hole);
    range_set_hole(self, rest, size, 0);
    by_size_insert(self, rest);
}

static inline void by_size_resize(fit_heap *self, char *hole, size_t size, uint64_t flags) {
    by_size_remove(self, hole);
    range_set_hole(self, hole, size, flags);
    by_size_insert(self, hole);
}

static inline void by_size_join(fit_heap *self, char *before, char *behind, char *hole, size_t size, uint64_t flags) {
    if (before)
        by_size_remove(self, before);
    if (behind)
        by_size_remove(self, behind);
    range_set_hole(self, hole, size, flags);
    by_size_insert(self, hole);
}

#endif
