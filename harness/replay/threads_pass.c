/* SPDX-License-Identifier: MIT
 *
 * threads_pass.c - the threads pass: the footprint of a heap that the trace's threads use side by side.
 *
 *   1. The lanes run as in the throughput pass, and every page of every block is touched, as in the footprint pass.
 *   2. All threads are started, have used some of their stacks, and wait for each other; then the baseline is taken
 *      and the kernel's peak begun anew.  What comes since is the heap's: its arenas and caches of threads, too.
 *   3. One figure, the kernel's peak less the baseline, and what opening the heap took: the yardstick of footprint.c.
 *
 * Bad at: being the same each time.  Threads are held together by epochs only (pacer.h), so how much lives at once
 * differs from run to run, and from the recorded order.  Therefore it is run in every round, and judged like a time.
 */
#include "replay.h"
#include "resident.h"
#include "turn.h"

#include <alloca.h>
#include <pthread.h>
#include <string.h>

#define STACK_USED (32u << 10) /* by an allocator, at most; so it is the harness's from the start */

typedef struct gathering {
    size_t lanes;
    bool begun[HY_PROGRAM_MAX_LANES];
    pthread_barrier_t all;
    size_t baseline;
} gathering;

static __attribute__((noinline)) void use_stack(void) {
    volatile char *const room = alloca(STACK_USED);
    for (size_t i = 0; i < STACK_USED; i += HY_TOUCH_STEP)
        room[i] = 0;
}

/* The first time for each lane: nobody has asked the heap for anything, and nobody does before the baseline is known.
 */
static void gather(gathering *self, size_t lane) {
    self->begun[lane] = true;
    use_stack();
    if (pthread_barrier_wait(&self->all) == PTHREAD_BARRIER_SERIAL_THREAD) {
        hy_resident_reset_peak();
        self->baseline = hy_resident_now();
    }
    pthread_barrier_wait(&self->all);
}

static const hy_op *run_lane(hy_replay *replay, size_t lane, const hy_op *from, void *context) {
    gathering *const self = context;
    const hy_op *end;
    hy_program_lane(replay->program, lane, &end);
    if (!self->begun[lane])
        gather(self, lane);
    return hy_lane_left(replay, hy_lane_loop(replay, HY_TOUCH_PAGE, from, end));
}

static size_t above(size_t now, size_t baseline) {
    return now > baseline ? now - baseline : 0;
}

void hy_pass_threads(hy_replay *replay, FILE *out, hy_ending *ret_ending) {
    static gathering self;
    const hy_program_head *const head = replay->program->head;
    hy_error error = {""};
    memset(&self, 1, sizeof self); /* its pages are the harness's, and here before the baseline is taken */
    memset(&self, 0, sizeof self);
    self.lanes = head->lanes;
    pthread_barrier_init(&self.all, NULL, (unsigned)self.lanes);
    hy_run_lanes(replay, run_lane, &self, &error);
    const size_t most = above(hy_resident_peak(), self.baseline + hy_resident_shared());
    const size_t last = above(hy_resident_now(), self.baseline);
    hy_replay_ending(replay, ret_ending);
    if (error.text[0]) {
        strcpy(ret_ending->outcome, "failed");
        snprintf(ret_ending->detail, sizeof ret_ending->detail, "%s", error.text);
    }
    if (strcmp(ret_ending->outcome, "ok") != 0)
        return;
    fprintf(out, "metric threads_resident %zu B\nmetric threads_lanes %zu count\n",
            replay->opened_bytes + (most > last ? most : last), self.lanes);
}
