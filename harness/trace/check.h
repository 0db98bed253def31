/* SPDX-License-Identifier: MIT
 *
 * check.h - whether events obey the rules of event.h.  Reader and writer hold every event against the same rules.
 */
#ifndef HY_CHECK_H
#define HY_CHECK_H

#include "error.h"
#include "event.h"
#include "live.h"

/* All zero is the state before the first event. */
typedef struct hy_check {
    hy_live live;
    uint64_t time;    /* of the last event */
    uint64_t total;   /* bytes asked for so far */
    uint64_t threads; /* numbers given out */
} hy_check;

/* 0, or -EINVAL or -ENOMEM with a part of a sentence ("free of object 7, which is dead"). */
int hy_check_event(hy_check *check, const hy_event *event, hy_error *error);
void hy_check_clear(hy_check *check);

#endif
