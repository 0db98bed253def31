/* SPDX-License-Identifier: MIT
 *
 * twins.h - two births at one address whose stamps have changed places.
 *
 * One thread takes a block and gives it back, at once another one gets it, whose stamp was taken too early, before the
 * first one's birth (record_layout.h says how).  By the stamps the second lives there already when the first is born,
 * and no death is in sight that could come between.  So the newborn is the one that dies next, and the one that was
 * born by mistake before it is put aside until then.  That it was born within a processor's looking ahead tells this
 * from a block whose death nobody saw.
 */
#ifndef HY_TWINS_H
#define HY_TWINS_H

#include "addresses.h"

enum { HY_TWINS_BIRTHS = 64, HY_TWINS_ASIDE = 16 };

typedef struct hy_twins {
    struct hy_twins_birth {
        uint64_t address, ticks;
    } births[HY_TWINS_BIRTHS]; /* the latest */
    unsigned next;
    unsigned count; /* of those that are put aside */
    hy_block aside[HY_TWINS_ASIDE];
} hy_twins;

static inline void hy_twins_note(hy_twins *twins, uint64_t address, uint64_t ticks) {
    twins->births[twins->next++ % HY_TWINS_BIRTHS] = (struct hy_twins_birth){address, ticks};
}

/* Whether there was a birth at `address` at or after `since`. */
bool hy_twins_find(const hy_twins *twins, uint64_t address, uint64_t since);

/* false: too many are put aside. */
bool hy_twins_put_aside(hy_twins *twins, hy_block block);

/* The one at `address`; false: there is none. */
bool hy_twins_take(hy_twins *twins, uint64_t address, hy_block *ret);

#endif
