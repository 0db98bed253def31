/* SPDX-License-Identifier: MIT
 *
 * clone_fit.h - what a clone is made from: the births of a trace in order, and what becomes of each.
 *
 * Time is counted in births: what happens after the n-th birth and before the next lies in gap n, at a place counted
 * from 0.
 */
#ifndef HY_CLONE_FIT_H
#define HY_CLONE_FIT_H

#include "trace.h"

#define HY_CLONE_KIN 8u /* births back in which a kin is looked for */

typedef struct hy_clone_birth {
    uint64_t size;
    uint64_t later; /* where its later events begin */
    uint32_t thread;
    uint32_t symbol; /* births that look alike (size, kind, alignment, thread, octave of the lifetime) have the same */
    uint8_t kind, align;
    bool rare;          /* few births and reallocs ask for that size */
    bool heavy;         /* of the largest */
    uint8_t kin;        /* its free is near that of the birth so many before it; 0: of none */
    int32_t kin_gaps;   /* so many gaps behind that, which may be negative; */
    int32_t kin_places; /* and if it is in the same gap, so many places */
} hy_clone_birth;

/* A realloc, or size 0: the free; of thread events the object is the kind. */
typedef struct hy_clone_later {
    uint64_t size;
    uint64_t object;
    uint64_t number; /* of the event */
    uint32_t gap, place;
    uint32_t thread;
    uint32_t burst; /* so many happen between the same two births */
    bool rare;
} hy_clone_later;

typedef struct hy_clone_fit {
    hy_clone_birth *births; /* one more than count, for `later` */
    size_t count;
    hy_clone_later *later; /* by object, in order */
    size_t laters;
    hy_clone_later *threads; /* starts and ends */
    size_t thread_events;
    uint64_t events;
    uint64_t hash; /* of all events; who has not the original does not know it */
} hy_clone_fit;

/* `rare`: so many births and reallocs of one size make it a popular one.  0 or -errno with the sentence; of a file
 * that is cut short the warning says so. */
int hy_clone_fit_trace(const char *path, uint64_t rare, hy_clone_fit *ret, hy_error *ret_warning, hy_error *error);
/* Makes the largest blocks heavy, `most` of them at most; those of one size all or none.  0 or -ENOMEM. */
int hy_clone_fit_weigh(hy_clone_fit *fit, size_t most, hy_error *error);
void hy_clone_fit_clear(hy_clone_fit *fit);

#endif
