/* SPDX-License-Identifier: MIT
 *
 * sweep.c - `heapyard sweep`: allocators with every combination of settings on traces, as one campaign.
 */
#include "sweep.h"
#include "measure.h"

static int tell(void *context, hy_store *store, const hy_campaign_end *end) {
    const hy_sweep *const sweep = context;
    const bool own = sweep->named && sweep->named->tell;
    return own ? sweep->named->tell(sweep, store, end) : sweep_tell(sweep, store, end);
}

static int run(int argc, char **argv) {
    hy_sweep sweep;
    int r = sweep_read(argc, argv, &sweep);
    if (r == 0 && sweep.dry_run)
        r = sweep_print_plan(&sweep);
    else if (r == 0 && (sweep.replay.plan.resume || (r = sweep_announce(&sweep)) == 0))
        r = cmd_measure(&sweep.replay, tell, &sweep);
    sweep_free(&sweep);
    return r;
}

const hy_command cmd_sweep = {
    .name = "sweep",
    .family = "measure",
    .usage = "sweep -a SPEC,… --vary KEY=VALUE,… TRACE…",
    .summary = "settings of allocators: every combination, measured",
    .examples = {"heapyard sweep -a fit --vary merge=never,immediate,every:1..65536 --vary policy=first,best -t t.hyt",
                 "heapyard sweep -a jemalloc --vary dirty_decay_ms=0,1000,10000 traces/*.hyt --dry-run",
                 "heapyard sweep merge --quick", NULL},
    .run = run,
};
