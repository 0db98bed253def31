/* SPDX-License-Identifier: MIT
 *
 * order.h - merges the records of several threads by their stamps.
 *
 * Each source is in order by itself; a binary heap holds the sources by their next stamp.  Records with the same stamp
 * come in the order of the sources: two threads that pass a block between them are further apart than a tick.
 */
#ifndef HY_ORDER_H
#define HY_ORDER_H

#include "record_layout.h"

#include <stdbool.h>

typedef struct hy_order_source {
    const hy_raw_record *slots; /* HY_RECORD_SLOTS of them, used as a ring */
    uint64_t tail, head;        /* unread records; the caller moves head, merging moves tail */
    uint32_t number;
} hy_order_source;

typedef struct hy_order {
    hy_order_source **heap;
    size_t count, room;
} hy_order;

/* Starts a round of merging.  */
void hy_order_reset(hy_order *order);
/* Adds a source, which has unread records.  0 or -ENOMEM. */
int hy_order_add(hy_order *order, hy_order_source *source);
/* The next record that is not stamped after `horizon`, or NULL.  The record is valid until its ring's tail is
 * published. */
const hy_raw_record *hy_order_next(hy_order *order, uint64_t horizon, hy_order_source **ret_source);
void hy_order_free(hy_order *order);

#endif
