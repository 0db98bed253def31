/* SPDX-License-Identifier: MIT
 *
 * fit_walk.c - walk: every range of every run.
 */
#include "fit_walk.h"

#include "fit_merge.h"

static int walk_meta(const char *start, const char *end, hy_visit *visit, void *context) {
    const hy_range range = {.start = (uintptr_t)start, .size = (size_t)(end - start), .kind = HY_META};
    return range.size ? visit(context, &range) : 0;
}

static int walk_range(const fit_heap *self, const char *at, hy_visit *visit, void *context) {
    hy_range range = {.start = (uintptr_t)range_byte(self, at), .size = range_size(self, at), .kind = HY_FREE};
    range.usable = range.size - fit_header(self);
    if (range_used(self, at) && !(self->quick && fit_pending_test(self, at))) {
        range.kind = HY_USED;
        range.block = (uintptr_t)range_block(self, at);
    }
    return visit(context, &range);
}

static int walk_run(const fit_heap *self, const fit_run *run, hy_visit *visit, void *context) {
    int r = walk_meta(run->start, range_byte(self, run->first), visit, context);
    for (const char *at = run->first; r == 0 && at != run->end_mark;) {
        const char *const next = range_next(self, at);
        r = walk_range(self, at, visit, context);
        at = next;
    }
    return r ? r : walk_meta(range_byte(self, run->end_mark), run->limit, visit, context);
}

int fit_walk(hy_heap *heap, hy_visit *visit, void *context) {
    const fit_heap *const self = (fit_heap *)heap;
    int r = 0;
    for (size_t i = 0; r == 0 && i < self->run_count; i++)
        r = walk_run(self, &self->runs[i], visit, context);
    return r;
}
