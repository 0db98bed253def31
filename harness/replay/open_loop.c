/* SPDX-License-Identifier: MIT
 *
 * open_loop.c - the latency pass with the pace of the recorded program.
 *
 *   1. Each operation is due at its recorded time, divided by the speed.  A thread that has nothing due waits: it
 * sleeps until shortly before, then looks at the clock.  What is due already is done at once, one after the other.
 *   2. Latency is from the time that an operation was due to its end.  One that comes late because those before it took
 *      long counts its waiting, as whoever waits for it would.  To begin counting when an operation begins would leave
 *      that out: Gil Tene's "coordinated omission" ("How NOT to Measure Latency", 2013).  The time from start to end is
 *      kept beside it, as the kind `service`.
 *   3. A start is late if it comes more than a microsecond after it was due.  So many there were, the latest by how
 * much.
 *   4. Each thread of the trace keeps its own times, and waits for objects that are handed over.  Of a long trace the
 *      time stands still between windows: who was late at the end of one is late in the next.
 *
 * Bad at: programs that waited for their allocator: what was recorded is when they asked, not when they wanted to. More
 * threads than processors: who is not running starts late, whatever the allocator does.  And whatever is later than
 * 2^32 ticks (a second or more), which counts as 2^32.
 */
#include "histogram.h"
#include "replay.h"
#include "turn.h"

#include <string.h>
#include <sys/mman.h>

#define KINDS HY_LATENCY_KINDS
#define KIND_ALL KINDS           /* of all, from when they were due */
#define KIND_SERVICE (KINDS + 1) /* of all, from when they began */
#define LATE 1000u               /* ns */
#define NAP 200000u              /* ns; who has less to wait does not sleep */
#define NAP_EARLY 100000u        /* ns before the time */
#define NAP_MOST 100000000u      /* ns; then a look whether all is over */

/* From when it was due to its end, from when it began to its end; ticks. */
typedef struct stamps {
    uint32_t response, service;
} stamps;

typedef struct open_loop {
    stamps *stamp;  /* of each entry of a window */
    double tick;    /* ns */
    double scale;   /* ticks for a recorded nanosecond */
    uint64_t first; /* the recorded time of the trace's first operation */
    uint64_t start; /* when that would be due, had time not stood still; ticks.  0: nobody has begun this window */
    uint64_t last;  /* when the last thread so far was through with this window */
    uint64_t start_before, last_before; /* of the window before; 0: there is none */
    hy_histogram h[KIND_SERVICE + 1];
    uint64_t late, latest; /* latest: ticks */
} open_loop;

static uint32_t ticks32(uint64_t ticks) {
    return ticks < UINT32_MAX ? (uint32_t)ticks : UINT32_MAX;
}

/* ------------------------------------------------------------------------------------------------------ the loop ----
 */

static void sleep_ns(uint64_t time) {
    const struct timespec t = {(time_t)(time / 1000000000u), (long)(time % 1000000000u)};
    nanosleep(&t, NULL);
}

/* Until the tick.  False: the replay was stopped. */
static bool wait_until(const hy_replay *replay, const open_loop *self, uint64_t due) {
    for (uint64_t now = hy_ticks(); now < due; now = hy_ticks()) {
        const double left = (double)(due - now) * self->tick;
        if (left > NAP)
            sleep_ns(left < NAP_MOST ? (uint64_t)left - NAP_EARLY : NAP_MOST);
        if (__atomic_load_n(&replay->stop, __ATOMIC_ACQUIRE))
            return false;
    }
    return true;
}

/* The recorded time of the window's first operation. */
static uint64_t window_first(const hy_program *program) {
    uint64_t first = UINT64_MAX;
    for (uint64_t i = 0; i < program->head->lanes; i++) {
        const hy_lane *const lane = &program->head->lane[i];
        if (lane->count > 0 && program->times[lane->start] < first)
            first = program->times[lane->start];
    }
    return first;
}

/* NULL, or the operation that found no room, or at which a thread ends. */
static const hy_op *lane_loop(hy_replay *replay, const open_loop *self, const hy_op *op, const hy_op *end) {
    const uint64_t *const times = replay->program->times;
    const uint64_t start = __atomic_load_n(&self->start, __ATOMIC_ACQUIRE);
    for (; op != end; op++) {
        const size_t at = (size_t)(op - replay->program->ops);
        if (op->kind > HY_OP_THREAD_EXIT)
            continue;
        const uint64_t due = start + (uint64_t)((double)(times[at] - self->first) * self->scale);
        if (!wait_until(replay, self, due) || !hy_turn_wait(replay, op))
            return NULL;
        if (op->kind == HY_OP_THREAD_EXIT)
            return op;
        const uint64_t begin = hy_ticks();
        if (!hy_op_do(replay, replay->heap, op))
            return op;
        const uint64_t now = hy_ticks();
        self->stamp[at] = (stamps){ticks32(now - due), ticks32(now - begin)};
        hy_turn_signal(replay, op);
    }
    return NULL;
}

/* The first thread to begin a window says for all when that was. */
static void begin_window(open_loop *self) {
    const uint64_t now = hy_ticks();
    const uint64_t start = self->last_before ? self->start_before + (now - self->last_before) : now;
    uint64_t nobody = 0;
    __atomic_compare_exchange_n(&self->start, &nobody, start, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* And the last one when it was over. */
static void end_window(open_loop *self) {
    const uint64_t now = hy_ticks();
    uint64_t last = __atomic_load_n(&self->last, __ATOMIC_SEQ_CST);
    while (last < now &&
           !__atomic_compare_exchange_n(&self->last, &last, now, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        continue;
}

static const hy_op *run_lane(hy_replay *replay, size_t lane, const hy_op *from, void *context) {
    open_loop *const self = context;
    const hy_op *end;
    hy_program_lane(replay->program, lane, &end);
    begin_window(self);
    const hy_op *const left = lane_loop(replay, self, from, end);
    end_window(self);
    return hy_lane_left(replay, left);
}

/* ------------------------------------------------------------------------------------------------------ figures ----
 */

static void note_lane(const hy_replay *replay, open_loop *self, size_t lane) {
    const hy_op *end, *op = hy_program_lane(replay->program, lane, &end);
    const uint64_t late = (uint64_t)(LATE / self->tick);
    for (; op != end; op++) {
        if (op->kind >= KINDS)
            continue;
        const stamps *const s = &self->stamp[op - replay->program->ops];
        const uint64_t waited = s->response - s->service;
        hy_histogram_record(&self->h[op->kind], s->response);
        hy_histogram_record(&self->h[KIND_SERVICE], s->service);
        self->late += waited > late;
        self->latest = waited > self->latest ? waited : self->latest;
    }
}

/* Between windows. */
static void note_window(hy_replay *replay, void *context) {
    open_loop *const self = context;
    for (size_t lane = 0; !replay->stop && lane < replay->program->head->lanes; lane++)
        note_lane(replay, self, lane);
    self->start_before = self->start;
    self->last_before = self->last;
    self->start = self->last = 0;
}

static void say(FILE *out, open_loop *self, const hy_replay *replay) {
    for (int i = 0; i < KINDS; i++)
        if (self->h[i].total)
            hy_histogram_add(&self->h[KIND_ALL], &self->h[i]);
    const double all = (double)self->h[KIND_ALL].total;
    fprintf(out, "metric speed %.9g ratio\nmetric late_starts %llu count\n", replay->speed,
            (unsigned long long)self->late);
    fprintf(out, "metric late_share %.9g ratio\nmetric latest_start %.9g ns\n", all > 0 ? (double)self->late / all : 0,
            (double)self->latest * self->tick);
    for (int i = 0; i <= KIND_SERVICE; i++)
        if (self->h[i].total)
            hy_latency_say(out, &self->h[i], i == KIND_SERVICE ? "service" : hy_latency_kinds[i], self->tick);
}

void hy_pass_open_loop(hy_replay *replay, FILE *out, hy_ending *ret_ending) {
    static open_loop self;
    const size_t size = replay->program->head->room * sizeof(stamps) + 1;
    hy_error error = {""};
    self.stamp = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (self.stamp == MAP_FAILED || !replay->program->times) {
        *ret_ending = (hy_ending){"failed", "no memory for the time stamps"};
        return;
    }
    self.first = window_first(replay->program);
    self.tick = hy_tick_length(20);
    self.scale = 1 / (replay->speed * self.tick);
    for (int i = 0; i <= KIND_SERVICE; i++)
        hy_histogram_clear(&self.h[i]);
    const double overhead = hy_tick_overhead() * self.tick, step = (double)hy_tick_step() * self.tick;
    replay->after_window = note_window;
    hy_run_lanes(replay, run_lane, &self, &error);
    hy_replay_ending(replay, ret_ending);
    if (error.text[0]) {
        strcpy(ret_ending->outcome, "failed");
        snprintf(ret_ending->detail, sizeof ret_ending->detail, "%s", error.text);
    }
    if (strcmp(ret_ending->outcome, "ok") == 0) {
        fprintf(out, "metric stamp_overhead %.9g ns\nmetric clock_step %.9g ns\n", overhead, step);
        say(out, &self, replay);
    }
    munmap(self.stamp, size);
}
