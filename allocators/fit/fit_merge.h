/* SPDX-License-Identifier: MIT
 *
 * fit_merge.h - merge policy: when a range that is freed becomes one with the holes beside it.
 *
 *   immediate   at once, so that no two holes ever touch
 *   never       not at all, but when coalesce is called
 *   others      later: see fit_merge.c
 *
 * Everything that makes a hole comes through here: free, the tail of a shrunk block, and the growth of a run.
 */
#ifndef FIT_MERGE_H
#define FIT_MERGE_H

#include "fit_holes.h"
#include "fit_regret.h"

/* Merging that is put off; fit_merge.c. */

/* A used range becomes a hole, or goes on a quick list. */
void fit_merge_later(fit_heap *self, char *range);
/* Offers all pending ranges to their neighbours.  Whether there were any. */
bool fit_merge_pass(fit_heap *self);
/* Merges all holes that touch, under any policy.  The number of merges. */
size_t fit_merge_all(fit_heap *self);
/* A request for a range comes: makes a pass if one is due.  The range, if a quick list has one, as it was when it was
 * freed; else NULL: search. */
char *fit_merge_before(fit_heap *self, size_t need, size_t align);
/* Forgets what is pending; the marks are cleared with the runs. */
void fit_merge_reset(fit_heap *self);

/* A hole that was pending is cut: the mark goes.  Whether there was one. */
bool fit_pending_take(fit_heap *self, const char *hole);
/* What is left of it is pending. */
void fit_pending_mark(fit_heap *self, const char *hole);
bool fit_pending_test(const fit_heap *self, const char *range);

/* Of the quick lists' table. */
size_t fit_quick_bytes(size_t grain);

/* Makes a used range a hole by itself. */
FIT_FOLDED void merge_alone(fit_heap *self, char *range) {
    const size_t size = range_size(self, range);
    range_set_hole(self, range, size, range_flags(self, range));
    regret_none(self, range, size);
    holes_insert(self, range);
}

/* A range that is no hole of the structure and the holes beside it (NULL: none) become one hole.  `merges`: how many
 * the range is the work of; `passing`: the holes beside it may be the work of this very pass, too. */
FIT_FOLDED char *merge_with(fit_heap *self, char *before, char *range, size_t size, char *behind, bool passing,
                            uint64_t merges) {
    char *const hole = before ? before : range;
    uint64_t flags = 0;
    bool roving = false;
    if (before) {
        const size_t more = (size_t)(range - before);
        merges += 1 + (passing ? regret_merges(self, before, more, 0) : 0);
        flags = range_flags(self, before);
        roving = self->rover == before;
        size += more;
        self->stats.merges++;
    }
    if (behind) {
        const size_t more = range_size(self, behind);
        merges += 1 + (passing ? regret_merges(self, behind, more, 0) : 0);
        roving |= self->rover == behind;
        size += more;
        self->stats.merges++;
    }
    holes_join(self, before, behind, hole, size, flags);
    regret_merged(self, hole, merges);
    if (roving)
        self->rover = hole;
    return hole;
}

/* Makes a used range a hole, one with those beside it.  The whole. */
FIT_FOLDED char *merge_freed(fit_heap *self, char *range) {
    const size_t size = range_size(self, range);
    char *const next = range + size;
    char *const before = holes_touching(self, range);
    char *const behind = range_used(self, next) ? NULL : next;
    if (before || behind)
        return merge_with(self, before, range, size, behind, false, 0);
    merge_alone(self, range);
    return range;
}

/* A run has grown by `range`: its top hole becomes longer, or that is a hole.  The hole. */
static inline char *merge_grown(fit_heap *self, char *range) {
    if (!range_prev_free(self, range)) {
        merge_alone(self, range);
        return range;
    }
    char *const hole = holes_before(self, range);
    const size_t old = range_size(self, hole), size = old + range_size(self, range);
    holes_join(self, hole, NULL, hole, size, range_flags(self, hole));
    if (old < 2 * fit_least(self)) /* it had no stamp */
        regret_none(self, hole, size);
    return hole;
}

#endif
