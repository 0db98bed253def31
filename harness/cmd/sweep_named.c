/* SPDX-License-Identifier: MIT
 *
 * sweep_named.c - the ready-made sweeps.
 */
#include "sweep.h"
#include "sweep_merge.h"

static int tell_merge(const hy_sweep *sweep, hy_store *store, const hy_campaign_end *end) {
    return sweep_merge_answer(sweep->replay.database, end->campaign, sweep->replay.format);
}

const hy_sweep_named hy_sweeps[] = {
    {.name = "merge",
     .summary = "every fit with every frequency of merging",
     .full = {.specs = "fit", .vary = {"policy=first,next,best,worst", "chunk=4K..1M", NULL}},
     .quick = {.specs = "fit",
               .vary = {"policy=first,best", "chunk=4K..1M", NULL},
               .traces = {"jq", "perl", "python", NULL},
               .repetitions = 5,
               .timeout = 5000000000u},
     .tell = tell_merge},
    {.name = NULL},
};
