/* SPDX-License-Identifier: MIT
 *
 * demand.h - memory that is offered and comes when it is touched.
 *
 *   1. Each of N processes is offered a range, of which no page is there.
 *   2. offered: nothing was touched.  read: pages were read only; they all are the kernel's one page of zeros.
 *      touched: pages were written, each in a random place.  grown: twice as many.
 *   3. huge: another range of that size, for which huge pages were asked; pages are written, each in a huge page of
 *      its own.  What is resident beyond the touched pages is the bloat.
 *
 * Each process measures itself at each step: resident bytes of the range (smaps), faults (getrusage), page tables
 * (VmPTE).  All processes stand still at the end together, so that what they are offered is more than there may be.
 */
#ifndef HY_DEMAND_H
#define HY_DEMAND_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>

typedef enum hy_demand_step {
    HY_DEMAND_OFFERED,
    HY_DEMAND_READ,
    HY_DEMAND_TOUCHED,
    HY_DEMAND_GROWN,
    HY_DEMAND_HUGE,
    HY_DEMAND_STEPS
} hy_demand_step;
const char *hy_demand_name(hy_demand_step step);

typedef struct hy_demand {
    size_t offered, touched; /* bytes; of pages touched since the range was offered, written ones */
    size_t resident, huge;   /* bytes of the range; of it in huge pages */
    size_t faults;           /* of this step */
    size_t tables;           /* page tables that this step needed, bytes; of the whole process */
} hy_demand;

typedef struct hy_demand_plan {
    size_t processes, offered; /* bytes */
    size_t pages;              /* to touch, and as many again */
    size_t huge_pages;         /* to touch one page of each */
    uint64_t seed;
} hy_demand_plan;

enum { HY_DEMAND_MOST = 64, HY_HUGE_PAGE = 2 << 20 };

/* plan->processes × HY_DEMAND_STEPS.  0 or -errno with the sentence. */
int hy_demand_measure(const hy_demand_plan *plan, hy_demand (*ret_steps)[HY_DEMAND_STEPS], hy_error *error);

#endif
