/* SPDX-License-Identifier: MIT
 *
 * fit_place.c - the searches (see fit_place.h).
 *
 * Each is written once, for any row of holes, and made for each structure by inlining it with constants: how to step
 * from hole to hole, and where a hole's size is.  So the loops hold no test that does not depend on the hole.
 */
#include "fit_place.h"

#include "fit_holes.h"

static const fit_spot nowhere = {NULL, NULL};

/* The hole behind this one, or NULL. */
typedef char *fit_step(fit_heap *self, fit_metadata metadata, const char *hole, const char *end);

/* ----------------------------------------------------------------------------------------------- rows of holes ---- */

/* The first hole from `hole` on and before `end` that will do. */
FIT_FOLDED fit_spot row_first(fit_heap *self, fit_metadata metadata, fit_step *step, char *hole, const char *end,
                              size_t need, size_t align) {
    for (; hole != end; hole = step(self, metadata, hole, end)) {
        self->stats.search_steps++;
        char *const range = place_in(self, metadata, hole, need, align);
        if (range)
            return (fit_spot){hole, range};
    }
    return nowhere;
}

FIT_FOLDED fit_spot row_best(fit_heap *self, fit_metadata metadata, fit_step *step, char *hole, const char *end,
                             size_t need, size_t align) {
    fit_spot best = nowhere;
    size_t least = SIZE_MAX;
    for (; hole != end && least != need; hole = step(self, metadata, hole, end)) {
        self->stats.search_steps++;
        const size_t size = range_size_in(self, metadata, hole);
        if (size >= least)
            continue;
        char *const range = place_in(self, metadata, hole, need, align);
        if (!range)
            continue;
        best = (fit_spot){hole, range};
        least = size;
    }
    return best;
}

FIT_FOLDED fit_spot row_worst(fit_heap *self, fit_metadata metadata, fit_step *step, char *hole, const char *end,
                              size_t need, size_t align) {
    fit_spot worst = nowhere;
    size_t most = 0;
    for (; hole != end; hole = step(self, metadata, hole, end)) {
        self->stats.search_steps++;
        const size_t size = range_size_in(self, metadata, hole);
        if (size <= most)
            continue;
        char *const range = place_in(self, metadata, hole, need, align);
        if (!range)
            continue;
        worst = (fit_spot){hole, range};
        most = size;
    }
    return worst;
}

/* ------------------------------------------------------------------------------------------------------- list ---- */

FIT_FOLDED char *step_list(fit_heap *self, fit_metadata metadata, const char *hole, const char *end) {
    (void)self, (void)metadata, (void)end;
    return list_next(hole);
}

FIT_FOLDED fit_spot list_first_fit(fit_heap *self, fit_metadata metadata, size_t need, size_t align) {
    return row_first(self, metadata, step_list, list_first(self), list_head(self), need, align);
}

FIT_FOLDED fit_spot list_next_fit(fit_heap *self, fit_metadata metadata, size_t need, size_t align) {
    char *const rover = self->rover;
    const fit_spot spot = row_first(self, metadata, step_list, rover, list_head(self), need, align);
    return spot.hole ? spot : row_first(self, metadata, step_list, list_first(self), rover, need, align);
}

FIT_FOLDED fit_spot list_best_fit(fit_heap *self, fit_metadata metadata, size_t need, size_t align) {
    return row_best(self, metadata, step_list, list_first(self), list_head(self), need, align);
}

FIT_FOLDED fit_spot list_worst_fit(fit_heap *self, fit_metadata metadata, size_t need, size_t align) {
    return row_worst(self, metadata, step_list, list_first(self), list_head(self), need, align);
}

/* --------------------------------------------------------------------------------------------------- implicit ---- */

FIT_FOLDED char *step_implicit(fit_heap *self, fit_metadata metadata, const char *hole, const char *end) {
    char *range = implicit_step(self, metadata, hole);
    while (range && range != end && range_used_in(self, metadata, range)) {
        self->stats.search_steps++;
        range = implicit_step(self, metadata, range);
    }
    return range;
}

FIT_FOLDED fit_spot implicit_first_fit(fit_heap *self, fit_metadata metadata, size_t need, size_t align) {
    return row_first(self, metadata, step_implicit, implicit_first(self, metadata), NULL, need, align);
}

FIT_FOLDED fit_spot implicit_next_fit(fit_heap *self, fit_metadata metadata, size_t need, size_t align) {
    char *const rover = self->rover;
    const fit_spot spot = row_first(self, metadata, step_implicit, rover, NULL, need, align);
    return spot.hole ? spot
                     : row_first(self, metadata, step_implicit, implicit_first(self, metadata), rover, need, align);
}

FIT_FOLDED fit_spot implicit_best_fit(fit_heap *self, fit_metadata metadata, size_t need, size_t align) {
    return row_best(self, metadata, step_implicit, implicit_first(self, metadata), NULL, need, align);
}

FIT_FOLDED fit_spot implicit_worst_fit(fit_heap *self, fit_metadata metadata, size_t need, size_t align) {
    return row_worst(self, metadata, step_implicit, implicit_first(self, metadata), NULL, need, align);
}

/* ------------------------------------------------------------------------------------------------------- bins ---- */

FIT_FOLDED fit_spot bin_first(fit_heap *self, fit_metadata metadata, unsigned bin, size_t need, size_t align) {
    char *const head = bin_head(self, bin);
    return row_first(self, metadata, step_list, list_next(head), head, need, align);
}

FIT_FOLDED fit_spot bins_best_fit(fit_heap *self, fit_metadata metadata, size_t need, size_t align) {
    fit_spot spot = nowhere;
    for (unsigned bin = bin_of(need); !spot.hole && (bin = bin_above(self, bin)) < FIT_BINS; bin++) {
        char *const head = bin_head(self, bin);
        spot = bin_is_exact(self, bin) ? bin_first(self, metadata, bin, need, align)
                                       : row_best(self, metadata, step_list, list_next(head), head, need, align);
    }
    return spot;
}

FIT_FOLDED fit_spot bins_worst_fit(fit_heap *self, fit_metadata metadata, size_t need, size_t align) {
    fit_spot spot = nowhere;
    for (unsigned bin = FIT_BINS; !spot.hole && bin-- > bin_of(need);) {
        char *const head = bin_head(self, bin);
        if (hy_bit_get(self->bin_map, bin))
            spot = row_worst(self, metadata, step_list, list_next(head), head, need, align);
    }
    return spot;
}

/* What is aligned beyond the grain surely fits where the most that may be left in front fits too. */
FIT_FOLDED fit_spot bins_good_fit(fit_heap *self, fit_metadata metadata, size_t need, size_t align) {
    const size_t slack = align <= self->grain ? 0 : align + fit_least(self);
    unsigned bin = bin_above(self, bin_above_size(need + slack));
    if (bin < FIT_BINS)
        return bin_first(self, metadata, bin, need, align);
    fit_spot spot = nowhere;
    for (bin = bin_of(need); !spot.hole && (bin = bin_above(self, bin)) < FIT_BINS; bin++)
        spot = bin_first(self, metadata, bin, need, align);
    return spot;
}

/* ------------------------------------------------------------------------------------------------------ trees ---- */

/* The first hole at or above `from` and below `end` (NULL: any) that will do. */
FIT_FOLDED fit_spot address_first_fit_from(fit_heap *self, fit_metadata metadata, const char *from, const char *end,
                                           size_t need, size_t align) {
    char *hole = fit_address_first(&self->tree, from, need);
    for (; hole && (!end || hole < end); hole = fit_address_first(&self->tree, hole + 1, need)) {
        char *const range = place_in(self, metadata, hole, need, align);
        if (range)
            return (fit_spot){hole, range};
    }
    return nowhere;
}

FIT_FOLDED fit_spot address_first_fit(fit_heap *self, fit_metadata metadata, size_t need, size_t align) {
    return address_first_fit_from(self, metadata, NULL, NULL, need, align);
}

FIT_FOLDED fit_spot address_next_fit(fit_heap *self, fit_metadata metadata, size_t need, size_t align) {
    char *const rover = self->rover;
    const fit_spot spot = address_first_fit_from(self, metadata, rover, NULL, need, align);
    return spot.hole || !rover ? spot : address_first_fit_from(self, metadata, NULL, rover, need, align);
}

/* The largest hole will do, if the request is not aligned beyond the grain.  Else one that will do after the other,
 * each larger than the last. */
FIT_FOLDED fit_spot address_worst_fit(fit_heap *self, fit_metadata metadata, size_t need, size_t align) {
    fit_spot worst = nowhere;
    size_t least = align <= self->grain ? hy_max(need, fit_address_largest(&self->tree)) : need;
    for (char *hole = NULL; (hole = fit_address_first(&self->tree, hole ? hole + 1 : NULL, least));) {
        char *const range = place_in(self, metadata, hole, need, align);
        if (!range)
            continue;
        worst = (fit_spot){hole, range};
        least = range_size_in(self, metadata, hole) + 1;
    }
    return worst;
}

FIT_FOLDED fit_spot size_best_fit(fit_heap *self, fit_metadata metadata, size_t need, size_t align) {
    char *hole = fit_size_least(&self->tree, need, NULL);
    for (; hole; hole = fit_size_least(&self->tree, range_size_in(self, metadata, hole), hole + 1)) {
        char *const range = place_in(self, metadata, hole, need, align);
        if (range)
            return (fit_spot){hole, range};
    }
    return nowhere;
}

/* Of all holes of `size` bytes, the first that will do. */
FIT_FOLDED fit_spot size_exact(fit_heap *self, fit_metadata metadata, size_t size, size_t need, size_t align) {
    char *hole = fit_size_least(&self->tree, size, NULL);
    for (; hole && range_size_in(self, metadata, hole) == size; hole = fit_size_least(&self->tree, size, hole + 1)) {
        char *const range = place_in(self, metadata, hole, need, align);
        if (range)
            return (fit_spot){hole, range};
    }
    return nowhere;
}

FIT_FOLDED fit_spot size_worst_fit(fit_heap *self, fit_metadata metadata, size_t need, size_t align) {
    for (size_t size = SIZE_MAX; (size = fit_size_largest(&self->tree, size)) >= need;) {
        const fit_spot spot = size_exact(self, metadata, size, need, align);
        if (spot.hole)
            return spot;
    }
    return nowhere;
}

/* -------------------------------------------------------------------------------------------------- the table ---- */

#define SEARCH(name)                                                                                                   \
    static fit_spot name##_in_band(fit_heap *self, size_t need, size_t align) {                                        \
        return name(self, FIT_TAGS, need, align);                                                                      \
    }                                                                                                                  \
    static fit_spot name##_apart(fit_heap *self, size_t need, size_t align) {                                          \
        return name(self, FIT_APART, need, align);                                                                     \
    }

SEARCH(list_first_fit)
SEARCH(list_next_fit)
SEARCH(list_best_fit)
SEARCH(list_worst_fit)
SEARCH(implicit_first_fit)
SEARCH(implicit_next_fit)
SEARCH(implicit_best_fit)
SEARCH(implicit_worst_fit)
SEARCH(bins_best_fit)
SEARCH(bins_worst_fit)
SEARCH(bins_good_fit)
SEARCH(address_first_fit)
SEARCH(address_next_fit)
SEARCH(address_worst_fit)
SEARCH(size_best_fit)
SEARCH(size_worst_fit)

#define BOTH(name)                                                                                                     \
    { name##_in_band, name##_apart }

static fit_search *const searches[FIT_STRUCTURES][FIT_POLICIES][2] = {
    [FIT_IMPLICIT] = {[FIT_FIRST] = BOTH(implicit_first_fit),
                      [FIT_NEXT] = BOTH(implicit_next_fit),
                      [FIT_BEST] = BOTH(implicit_best_fit),
                      [FIT_WORST] = BOTH(implicit_worst_fit)},
    [FIT_LIST] = {[FIT_FIRST] = BOTH(list_first_fit),
                  [FIT_NEXT] = BOTH(list_next_fit),
                  [FIT_BEST] = BOTH(list_best_fit),
                  [FIT_WORST] = BOTH(list_worst_fit)},
    [FIT_SIZES] =
        {[FIT_BEST] = BOTH(bins_best_fit), [FIT_WORST] = BOTH(bins_worst_fit), [FIT_GOOD] = BOTH(bins_good_fit)},
    [FIT_SIZE_TREE] = {[FIT_BEST] = BOTH(size_best_fit), [FIT_WORST] = BOTH(size_worst_fit)},
    [FIT_ADDRESS_TREE] = {[FIT_FIRST] = BOTH(address_first_fit),
                          [FIT_NEXT] = BOTH(address_next_fit),
                          [FIT_WORST] = BOTH(address_worst_fit)},
};

fit_search *fit_place_search(fit_structure structure, fit_policy policy, fit_metadata metadata) {
    return searches[structure][policy][metadata == FIT_APART];
}
