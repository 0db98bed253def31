/* SPDX-License-Identifier: MIT
 *
 * packers.h - what the packers share.  A packer sets every offset of a job; some packings are better than others.
 */
#ifndef HY_PACKERS_H
#define HY_PACKERS_H

#include "bound.h"

/* Buffers in the order in which a greedy packer takes them. */
typedef enum hy_pack_order {
    HY_PACK_LIFETIME, /* longest first */
    HY_PACK_AREA,     /* size x lifetime, largest first */
    HY_PACK_SIZE,     /* largest first */
    HY_PACK_ORDERS
} hy_pack_order;

/* "lifetime", "area", "size" */
extern const char *const hy_pack_order_names[HY_PACK_ORDERS];

/* Buffer numbers in that order; ties by start, then by number.  `ret_order` has job->count entries. */
void hy_pack_sort(const hy_job *job, hy_pack_order order, uint32_t *ret_order);

/* pack_skyline.c: on top of everything below.  0 or -ENOMEM. */
int hy_pack_skyline(hy_job *job, const uint32_t *order);

#endif
