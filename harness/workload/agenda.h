/* SPDX-License-Identifier: MIT
 *
 * agenda.h - what is still to happen to the objects and threads of a generated trace, the earliest first (a binary
 * heap: Williams, "Algorithm 232: Heapsort", CACM 7, 1964).
 *
 * Time is counted in births: what happens after the n-th birth and before the next lies in gap n, there in the order of
 * places, and of equal places in the order of scheduling.
 */
#ifndef HY_AGENDA_H
#define HY_AGENDA_H

#include "script.h"

typedef struct hy_due {
    uint64_t gap;
    int64_t place;
    uint64_t number; /* set by hy_agenda_add */
    uint64_t id;
    uint64_t old_size, size; /* of the object, before and after */
    uint32_t thread;
    uint8_t kind; /* hy_event_kind, no birth */
} hy_due;

typedef struct hy_agenda {
    hy_due *heap;
    size_t count, room;
    uint64_t scheduled;
} hy_agenda;

/* All zero is empty.  0 or -ENOMEM with the sentence. */
int hy_agenda_add(hy_agenda *agenda, hy_due due, hy_error *error);
/* Lets all happen that lies in gaps up to this one. */
int hy_agenda_play(hy_agenda *agenda, uint64_t gap, hy_script *script, hy_error *error);
void hy_agenda_clear(hy_agenda *agenda);

#endif
