/* SPDX-License-Identifier: MIT
 *
 * fit_implicit.h - structure=implicit: no structure at all; a search walks over every range, used ones too.
 *
 * So a hole costs nothing to keep, and its order is that of addresses.  Bad at: time; a request costs what the heap
 * holds, and so does finding the hole in front where there are no footers (metadata=header).
 */
#ifndef FIT_IMPLICIT_H
#define FIT_IMPLICIT_H

#include "fit_range.h"
#include "fit_runs.h"

/* The range behind `range`, in the next run too, or NULL. */
static inline char *implicit_step(const fit_heap *self, fit_metadata metadata, const char *range) {
    char *const next = (char *)range + range_size_in(self, metadata, range);
    if (range_size_in(self, metadata, next) != 0)
        return next;
    const fit_run *const run = fit_runs_after(self, next);
    return run ? run->first : NULL;
}

/* The first hole at or above `range`, or NULL; counts the used ranges that it passes. */
static inline char *implicit_hole_from(fit_heap *self, fit_metadata metadata, char *range) {
    while (range && range_used_in(self, metadata, range)) {
        self->stats.search_steps++;
        range = implicit_step(self, metadata, range);
    }
    return range;
}

/* The first hole of all, or NULL. */
static inline char *implicit_first(fit_heap *self, fit_metadata metadata) {
    return self->run_count ? implicit_hole_from(self, metadata, self->runs[0].first) : NULL;
}

/* The hole behind this one, or NULL. */
static inline char *implicit_next(fit_heap *self, fit_metadata metadata, const char *hole) {
    return implicit_hole_from(self, metadata, implicit_step(self, metadata, hole));
}

/* The hole in front of `range`; there is one.  Walks there from the start of the run. */
static inline char *implicit_before(const fit_heap *self, const char *range) {
    char *at = fit_runs_holding(self, range)->first;
    while (range_next(self, at) != range)
        at = range_next(self, at);
    return at;
}

#endif
