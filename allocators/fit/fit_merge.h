/* SPDX-License-Identifier: MIT
 *
 * fit_merge.h - merge policy: what becomes of a range that is freed.
 *
 * Immediate merging: it becomes one with the holes beside it at once, so that no two holes ever touch.
 * Everything that makes a hole comes through here: free, the tail of a shrunk block, and the growth of a run.
 */
#ifndef FIT_MERGE_H
#define FIT_MERGE_H

#include "fit_list.h"

/* Makes a used range a hole and gives it to the structure.  The hole that it is now part of. */
static inline char *merge_freed(fit_heap *self, char *range) {
    size_t size = range_size(self, range);
    char *hole = range, *const next = range_next(self, range);
    char *const before = range_prev_free(self, range) ? range_prev(self, range) : NULL;
    char *const behind = range_used(self, next) ? NULL : next;
    if (before) {
        hole = before;
        size += range_size(self, before);
        self->stats.merges++;
    }
    if (behind) {
        size += range_size(self, behind);
        self->stats.merges++;
    }
    range_set_hole(self, hole, size, 0);
    if (before || behind)
        list_joined(self, before, behind, hole);
    else
        list_insert(self, hole);
    return hole;
}

/* Does what merging was put off.  The number of merges. */
static inline size_t merge_all(fit_heap *self) {
    (void)self;
    return 0;
}

#endif
