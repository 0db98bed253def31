/* SPDX-License-Identifier: MIT
 *
 * cell_order.h - which cell comes when.
 *
 * Each repetition is a block of all its cells, shuffled; so whatever drifts on the machine drifts over all of them
 * alike. The order of a round follows from the seed and its number alone: more rounds
 * leave those before them as they are.
 */
#ifndef HY_CELL_ORDER_H
#define HY_CELL_ORDER_H

#include "campaign.h"

typedef struct hy_slot_in_time {
    size_t trace, spec;
    hy_pass pass;
    unsigned repetition;
} hy_slot_in_time;

/* To be freed; NULL: no memory. */
hy_slot_in_time *hy_order_make(const hy_campaign_plan *plan, uint64_t seed, size_t *ret_count);

#endif
