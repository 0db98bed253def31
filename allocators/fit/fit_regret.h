/* SPDX-License-Identifier: MIT
 *
 * fit_regret.h - was a merge worth its while?  It is wasted if the hole that it made is cut again within `regret`
 * allocs and frees.
 *
 * A hole that is large enough to be the work of a merge, twice the least range, carries a stamp behind its links: when
 * it was last merged, by the heap's clock, and how many merges of that moment made it; 0 if it was not.  So nothing is
 * looked up, and nothing is forgotten.  A hole that was merged on before it was cut was not wasted.
 */
#ifndef FIT_REGRET_H
#define FIT_REGRET_H

#include "fit_range.h"

#define REGRET_COUNT_BITS 16
#define REGRET_MOST (((uint64_t)1 << REGRET_COUNT_BITS) - 1) /* merges that a stamp can count */

FIT_FOLDED char *regret_stamp(const fit_heap *self, char *hole) {
    return hole + FIT_HEADER + FIT_LINKS;
}

/* A hole of `size` bytes is not the work of a merge. */
FIT_FOLDED void regret_none(const fit_heap *self, char *hole, size_t size) {
    if (self->regret && size >= 2 * fit_least(self))
        fit_set_word(regret_stamp(self, hole), 0);
}

/* The merges within the last `window` ticks that made this hole. */
FIT_FOLDED uint64_t regret_merges(const fit_heap *self, char *hole, size_t size, uint64_t window) {
    if (!self->regret || size < 2 * fit_least(self))
        return 0;
    const uint64_t stamp = fit_word(regret_stamp(self, hole));
    return self->clock - (stamp >> REGRET_COUNT_BITS) <= window ? stamp & REGRET_MOST : 0;
}

/* A hole has been made by so many merges just now. */
FIT_FOLDED void regret_merged(const fit_heap *self, char *hole, uint64_t merges) {
    if (self->regret)
        fit_set_word(regret_stamp(self, hole),
                     self->clock << REGRET_COUNT_BITS | (merges < REGRET_MOST ? merges : REGRET_MOST));
}

/* A hole of `size` bytes is cut.  (It may be too small for a stamp, as a block that grows takes any number of bytes.)
 */
FIT_FOLDED void regret_cut(fit_heap *self, char *hole, size_t size) {
    self->stats.merges_wasted += regret_merges(self, hole, size, self->regret);
}

#endif
