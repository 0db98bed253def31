/* SPDX-License-Identifier: MIT
 *
 * sweep.c - `heapyard sweep`: allocators with every combination of settings on traces, as one campaign.
 */
#include "sweep.h"

#include "measure.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int read_flag(void *context, int columns, const char *const *text) {
    *(bool *)context = columns == 1 && text[0] && strcmp(text[0], "0") != 0;
    return 0;
}

/* Settings that are refused or too slow are what a sweep looks for; a crash, or contents that are lost, are not. */
static bool something_broke(hy_store *store, int64_t campaign) {
    char id[24];
    bool broke = false;
    hy_error error;
    snprintf(id, sizeof id, "%" PRId64, campaign);
    const char *const arguments[] = {id, NULL};
    hy_store_query(store, "SELECT count(*) FROM cell WHERE campaign = ?1 AND outcome IN ('failed', 'crash')", arguments,
                   read_flag, &broke, &error);
    return broke;
}

static int tell(void *context, hy_store *store, const hy_campaign_end *end) {
    const hy_sweep *const sweep = context;
    const bool own = sweep->named && sweep->named->tell;
    const int r = own ? sweep->named->tell(sweep, store, end) : sweep_tell(sweep, store, end);
    return r == 0 && something_broke(store, end->campaign) ? HY_EXIT_MEASURED : r;
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
