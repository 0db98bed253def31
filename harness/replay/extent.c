/* SPDX-License-Identifier: MIT
 *
 * extent.c - see extent.h.
 */
#include "extent.h"

double hy_extent_sample(hy_extent *extent, const hy_instance *instance) {
    hy_placement *const placement = &extent->placement;
    if (!hy_placement_measure(instance, placement))
        return 0;
    const double ratio = hy_placement_ratio(placement);
    if (placement->extent > extent->most) {
        extent->most = placement->extent;
        extent->ratio = ratio;
    }
    return ratio;
}

/* False: no room, which the first replay had. */
static bool replay_one(const hy_replay *replay, const hy_op *op) {
    if (op->kind == HY_OP_FREE)
        replay->heap->ops->free(replay->heap, replay->slot[op->slot], op->size & replay->known_sizes);
    if (op->kind >= HY_OP_FREE)
        return true;
    void *const block = hy_op_obtain(replay, op);
    replay->slot[op->slot] = block;
    return block != NULL;
}

bool hy_extent_replay(hy_extent *extent, hy_replay *replay) {
    hy_error error;
    const hy_op *const last = extent->at_highest > extent->at_committed ? extent->at_highest : extent->at_committed;
    const hy_op *end, *op = hy_program_lane(replay->program, 0, &end);
    if (!last || extent->most == 0 || hy_replay_renew(replay, &error) < 0)
        return false;
    const size_t sampled_most = extent->most;
    const double sampled_ratio = extent->ratio;
    extent->placement.runs = 0; /* they lay elsewhere */
    extent->most = 0;
    for (; op <= last; op++) {
        if (!replay_one(replay, op))
            return false;
        if (op == extent->at_highest || op == extent->at_committed)
            hy_extent_sample(extent, replay->instance);
    }
    if (extent->most < sampled_most) { /* as large: then the samples came later */
        extent->most = sampled_most;
        extent->ratio = sampled_ratio;
    }
    return true;
}
