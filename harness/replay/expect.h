/* SPDX-License-Identifier: MIT
 *
 * expect.h - how long a campaign will take, before it is run.
 */
#ifndef HY_EXPECT_H
#define HY_EXPECT_H

#include "campaign.h"

/* What the time of a cell is reckoned from, the best first. */
typedef enum hy_basis {
    HY_BASIS_SAME,    /* this setting, trace and pass were measured before */
    HY_BASIS_ALIKE,   /* other settings on this trace and pass were: their median */
    HY_BASIS_SCALED,  /* this pass on other traces was: their time for an event, times this trace's events */
    HY_BASIS_TRIED,   /* nothing was: three settings are tried now, on the trace with the fewest events; their median */
    HY_BASIS_NONE,    /* it cannot be opened, so it takes none */
    HY_BASIS_UNKNOWN, /* nothing was tried, or it did not end well */
    HY_BASES
} hy_basis;

typedef struct hy_expectation {
    size_t cells;           /* of the whole plan */
    size_t basis[HY_BASES]; /* cells, by what their time is reckoned from */
    double seconds;         /* of all but the unknown ones */
    uint64_t *events;       /* of each trace; to be freed */
} hy_expectation;

/* Reads every trace once, and earlier cells from `store` (NULL: there are none).  `try_cells`: as HY_BASIS_TRIED says.
 * 0 or -errno with the sentence. */
int hy_campaign_expect(const hy_campaign_plan *plan, hy_store *store, bool try_cells, hy_expectation *ret_expectation,
                       hy_error *error);

#endif
