/* SPDX-License-Identifier: MIT
 *
 * raw.c - the throughput pass as somebody would write it by hand for one malloc: no table of functions, no alignment to
 * cut, no threads.  How much longer the replayer takes on the allocator `system` is its observer effect.
 *
 * Both walk through the same operations, keep the same pointers and touch the same bytes: without these there is no
 * replay.  What both of them cost beside the allocator is the row of `null`.
 */
#include "self.h"

#include <stdlib.h>
#include <string.h>

static void *raw_aligned(const hy_op *op) {
    void *block = NULL;
    return posix_memalign(&block, (size_t)1 << op->align, op->size) == 0 ? block : NULL;
}

static void *raw_obtain(void **slot, const hy_op *op) {
    switch (op->kind) {
    case HY_OP_CALLOC: return calloc(1, op->size);
    case HY_OP_ALIGNED: return (size_t)1 << op->align > HY_MALLOC_ALIGN ? raw_aligned(op) : malloc(op->size);
    default: return realloc(slot[op->slot], op->size);
    }
}

/* NULL, or the operation that found no room. */
static const hy_op *raw_loop(void **slot, const hy_op *op, const hy_op *end) {
    for (; op != end; op++) {
        if (op->kind == HY_OP_FREE) {
            free(slot[op->slot]);
        } else if (op->kind <= HY_OP_REALLOC) {
            char *const block = op->kind == HY_OP_MALLOC ? malloc(op->size) : raw_obtain(slot, op);
            if (!block)
                return op;
            slot[op->slot] = block;
            *(volatile char *)block = 1;
        }
    }
    return NULL;
}

void hy_self_raw(hy_replay *replay, FILE *out, hy_ending *ret_ending) {
    const hy_op *end, *const start = hy_program_lane(replay->program, 0, &end);
    const uint64_t count = replay->program->head->facts.operations;
    const uint64_t begin = hy_now_busy();
    replay->failed = raw_loop(replay->slot, start, end);
    const uint64_t time = hy_now_busy() - begin;
    hy_replay_ending(replay, ret_ending);
    if (!replay->failed)
        fprintf(out, "metric cpu_per_op %.9g ns\n", (double)time / (double)(count > 0 ? count : 1));
}
