/* SPDX-License-Identifier: MIT
 *
 * sweep_named.c - the ready-made sweeps.
 */
#include "merge_answer.h"
#include "sweep.h"

#include <inttypes.h>
#include <stdio.h>

static int tell_merge(const hy_sweep *sweep, hy_store *store, const hy_campaign_end *end) {
    char campaign[24];
    snprintf(campaign, sizeof campaign, "%" PRId64, end->campaign);
    return merge_answer(sweep->replay.database, campaign, NULL, sweep->replay.format);
}

const hy_sweep_named hy_sweeps[] = {
    {.name = "merge",
     .summary = "every fit with every frequency of merging",
     .full = {.specs = "first-fit:order=address,first-fit,next-fit:order=address,best-fit,worst-fit:order=address,"
                       "fit:policy=good",
              .beside = "bump-wrap",
              .vary = {"merge=immediate,every:4..65536*16,onfail,never,bytes:64K,count:256,large:4K,quick:8,slice:4,"
                       "ratio:0.25",
                       NULL},
              .repetitions = 5,
              .most_latency = 3,
              .timeout = 6000000000u,
              .yard = 1.25},
     .quick = {.specs = "first-fit:order=address,next-fit:order=address,best-fit,fit:policy=good",
               .beside = "bump-wrap",
               .vary = {"merge=immediate,every:4..16384*16,onfail,never,quick:8", NULL},
               .traces = {"cc1", "python", "sqlite", NULL},
               .repetitions = 5,
               .most_latency = 3,
               .timeout = 5000000000u,
               .yard = 1.25},
     .tell = tell_merge},
    {.name = NULL},
};
