/* SPDX-License-Identifier: MIT
 *
 * order.h - merges the records of several threads by their stamps.
 *
 * Each source is in order by itself; a binary heap holds the sources by their next stamp.  Records with the same stamp
 * come in the order of the sources: two threads that pass a block between them are further apart than a tick.
 *
 * A stamp may be a little too early (record_layout.h).  Whoever finds that a record cannot be next, because of what it
 * is about, puts it back: it comes again HY_RAW_LOOK_AHEAD later, its thread's other records after it.
 */
#ifndef HY_ORDER_H
#define HY_ORDER_H

#include "backlog.h"
#include "slots.h"

#include <stdbool.h>

typedef struct hy_order_source {
    hy_raw_ring ring;
    uint64_t tail, head; /* unread slots of it; the caller moves head, merging moves tail */
    hy_piece *piece;     /* that is the ring, with others behind it; NULL: it is a ring */
    uint64_t read;       /* slots in all */
    uint64_t now;        /* ticks; the head was read after that */
    uint32_t number;
    hy_raw_record next; /* the one at tail, once added */
    unsigned put_back;  /* how often it was */
} hy_order_source;

typedef struct hy_order {
    hy_order_source **heap;
    size_t count, room;
} hy_order;

/* Goes on to the first piece with unread slots.  false: there is none. */
bool hy_order_turn(hy_order_source *source);
/* Starts a round of merging.  */
void hy_order_reset(hy_order *order);
/* Adds a source, which has unread records.  0 or -ENOMEM. */
int hy_order_add(hy_order *order, hy_order_source *source);
/* The next record that is not stamped after `horizon`, or NULL.  It stays the next until one of these: */
const hy_raw_record *hy_order_next(hy_order *order, uint64_t horizon, hy_order_source **ret_source);
/* It is done with.  Its slots are valid until its piece is freed, or its ring's tail published. */
void hy_order_advance(hy_order *order);
/* It comes too early. */
void hy_order_put_back(hy_order *order);
void hy_order_free(hy_order *order);

#endif
