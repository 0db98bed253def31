/* SPDX-License-Identifier: MIT
 *
 * loop.c - the throughput pass: the operations of a program, one after the other, and one clock around them.
 *
 *   1. The loop reads an operation, calls through the heap's table, keeps the pointer, and touches the block.  What
 *      that costs by itself is the row of `null`; it is never subtracted.
 *   2. How blocks are touched, and whether lanes wait for each other, is folded into copies of the loop.
 *   3. Where the program says phases, the loop is left and entered again where one ends, and the clock is read there.
 *
 * Bad at: what the program did between its calls.  Its own cache traffic is not there, so an allocator's tables stay
 * warmer than they would in life.  And threads in the free-running form: nothing but their objects holds them together,
 * so a producer may run further ahead of its consumer than it did in life, and have more alive.  The faithful form
 * bounds that; exact is the serial form only, from which the footprint of the pass of that name comes.
 */
#include "phase_meter.h"
#include "replay.h"
#include "turn.h"

#include <string.h>

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* NULL, or the operation that found no room, or at which a thread ends. */
ALWAYS_INLINE const hy_op *loop(hy_replay *const replay, const hy_op *op, const hy_op *const end, const hy_touch touch,
                                const bool lanes) {
    hy_heap *const heap = replay->heap;
    const hy_heap_ops *const ops = heap->ops;
    void **const slot = replay->slot;
    const size_t known_sizes = replay->known_sizes;
    for (; op != end; op++) {
        if (lanes && !hy_turn_wait(replay, op))
            return NULL;
        if (touch >= HY_TOUCH_READ)
            hy_op_read(replay, op, touch);
        if (op->kind == HY_OP_FREE) {
            ops->free(heap, slot[op->slot], op->size & known_sizes);
        } else if (op->kind <= HY_OP_REALLOC) {
            void *const block = op->kind == HY_OP_MALLOC ? ops->alloc(heap, op->size, hy_op_align(replay, op))
                                                         : hy_op_obtain(replay, op);
            if (__builtin_expect(!block, 0))
                return op;
            slot[op->slot] = block;
            hy_touch_block(block, op->size, touch);
        } else if (op->kind == HY_OP_THREAD_EXIT) {
            return op;
        } else if (lanes && op->kind == HY_OP_PACE && !hy_pace(replay, op)) {
            return NULL;
        }
        if (lanes)
            hy_turn_signal(replay, op);
    }
    return NULL;
}

typedef const hy_op *loop_copy(hy_replay *replay, const hy_op *op, const hy_op *end);

#define COPY(name, touch, lanes)                                                                                       \
    static const hy_op *name(hy_replay *replay, const hy_op *op, const hy_op *end) {                                   \
        return loop(replay, op, end, touch, lanes);                                                                    \
    }

COPY(loop_none, HY_TOUCH_NONE, false)
COPY(loop_first, HY_TOUCH_FIRST, false)
COPY(loop_page, HY_TOUCH_PAGE, false)
COPY(loop_all, HY_TOUCH_ALL, false)
COPY(loop_none_read, HY_TOUCH_NONE + HY_TOUCH_READ, false)
COPY(loop_first_read, HY_TOUCH_FIRST + HY_TOUCH_READ, false)
COPY(loop_page_read, HY_TOUCH_PAGE + HY_TOUCH_READ, false)
COPY(loop_all_read, HY_TOUCH_ALL + HY_TOUCH_READ, false)
COPY(lanes_none, HY_TOUCH_NONE, true)
COPY(lanes_first, HY_TOUCH_FIRST, true)
COPY(lanes_page, HY_TOUCH_PAGE, true)
COPY(lanes_all, HY_TOUCH_ALL, true)
COPY(lanes_none_read, HY_TOUCH_NONE + HY_TOUCH_READ, true)
COPY(lanes_first_read, HY_TOUCH_FIRST + HY_TOUCH_READ, true)
COPY(lanes_page_read, HY_TOUCH_PAGE + HY_TOUCH_READ, true)
COPY(lanes_all_read, HY_TOUCH_ALL + HY_TOUCH_READ, true)

static loop_copy *const copies[2][HY_TOUCHES] = {
    {loop_none, loop_first, loop_page, loop_all, loop_none_read, loop_first_read, loop_page_read, loop_all_read},
    {lanes_none, lanes_first, lanes_page, lanes_all, lanes_none_read, lanes_first_read, lanes_page_read,
     lanes_all_read}};

const hy_op *hy_lane_loop(hy_replay *replay, hy_touch touch, const hy_op *from, const hy_op *end) {
    return copies[replay->program->head->lanes > 1][touch](replay, from, end);
}

static const hy_op *run_lane(hy_replay *replay, size_t lane, const hy_op *from, void *context) {
    (void)context;
    const hy_op *end;
    hy_program_lane(replay->program, lane, &end);
    return hy_lane_left(replay, hy_lane_loop(replay, replay->touch, from, end));
}

/* The same from bound to bound, with one clock stamp at each, and one where a window begins and ends. */
static const hy_op *run_phases(hy_replay *replay, size_t lane, const hy_op *from, void *context) {
    hy_phase_meter *const meter = context;
    const hy_op *end, *const start = hy_program_lane(replay->program, lane, &end);
    if (from == start && meter->next == 0)
        meter->since = hy_now();
    const hy_op *const stop = hy_phase_meter_stop(meter, start, end);
    const hy_op *const left = hy_lane_left(replay, copies[0][replay->touch](replay, from, stop));
    if (left)
        return left;
    hy_phase_meter_stamp(meter);
    return !replay->failed && hy_phase_meter_turn(meter) ? stop : NULL;
}

static void end_window(hy_replay *replay, void *context) {
    (void)replay;
    hy_phase_meter_window(context);
}

static uint64_t run_timed(hy_replay *replay, hy_phase_meter *meter, hy_error *error) {
    hy_phase_meter_start(meter, replay->program);
    if (!meter->timed)
        return hy_run_lanes(replay, run_lane, NULL, error);
    replay->after_window = end_window;
    return hy_run_lanes(replay, run_phases, meter, error);
}

void hy_pass_throughput(hy_replay *replay, FILE *out, hy_ending *ret_ending) {
    static hy_phase_meter meter;
    hy_error error = {""};
    const hy_program_head *const head = replay->program->head;
    const uint64_t busy_before = hy_now_busy(), time = run_timed(replay, &meter, &error);
    const uint64_t busy = hy_now_busy() - busy_before;
    const double operations = head->facts.operations > 0 ? (double)head->facts.operations : 1;
    hy_replay_ending(replay, ret_ending);
    if (error.text[0]) {
        strcpy(ret_ending->outcome, "failed");
        snprintf(ret_ending->detail, sizeof ret_ending->detail, "%s", error.text);
    }
    if (strcmp(ret_ending->outcome, "ok") != 0)
        return;
    fprintf(out, "metric ns_per_op %.9g ns\nmetric ops %.17g count\nmetric seconds %.9g s\n", (double)time / operations,
            (double)head->facts.operations, (double)time * 1e-9);
    if (head->lanes == 1)
        fprintf(out, "metric cpu_per_op %.9g ns\n", (double)busy / operations);
    hy_phase_meter_say(out, &meter, false);
}
