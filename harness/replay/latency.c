/* SPDX-License-Identifier: MIT
 *
 * latency.c - the latency pass: how long each single operation takes.
 *
 *   1. One time stamp an operation: the end of one is the start of the next.  The stamp's own cost is in every figure,
 *      and is reported beside them.
 *   2. While the clock runs, the length of each operation goes into one array, four bytes each and written in order;
 *      histograms, whose half a megabyte would push the allocator out of the cache, are filled afterwards: of a long
 *      trace after each window.
 *   3. One lane, trace order: a thread that waits for another would measure the scheduler.
 *   4. Then a second replay, untimed, finds out which operations held a merge pass or a growth (attribute.h).  It is
 *      left out where the timed one took long, so that the cell does not come to its timeout for it, and of a long
 *      trace, whose operations are not all there.
 *
 * Bad at: operations shorter than a step of the clock (10 ns on an AMD EPYC, whose TSC goes up by 26 at once): single
 * figures come in such steps, the mean is right.  The step is reported with them.  And operations longer than 2^32
 * ticks (a second or more), which count as 2^32.
 */
#include "attribute.h"
#include "histogram.h"
#include "replay.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#define KINDS HY_LATENCY_KINDS

const char *const hy_latency_kinds[KINDS + 1] = {"malloc", "calloc", "aligned", "realloc", "free", "all"};

#define LONG_LOOP 8000000000u /* ns of processor time */

/* NULL, or the operation that found no room. */
static const hy_op *latency_loop(hy_replay *replay, const hy_op *op, const hy_op *end, uint32_t *length) {
    hy_heap *const heap = replay->heap;
    uint64_t before = hy_ticks();
    for (; op != end; op++) {
        if (op->kind > HY_OP_FREE)
            continue;
        if (!hy_op_do(replay, heap, op))
            return op;
        const uint64_t now = hy_ticks(), ticks = now - before;
        *length++ = ticks < UINT32_MAX ? (uint32_t)ticks : UINT32_MAX;
        before = now;
    }
    return NULL;
}

/* ----------------------------------------------------------------------------------------------------- figures ---- */

static void say_figures(FILE *out, const hy_histogram *h, const char *kind, double tick) {
    static const struct {
        const char *name;
        double fraction;
    } wanted[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}, {"p9999", 0.9999}};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        fprintf(out, "metric %s_%s %.9g ns\n", kind, wanted[i].name,
                (double)hy_histogram_percentile(h, wanted[i].fraction) * tick);
    fprintf(out, "metric %s_max %.9g ns\nmetric %s_mean %.9g ns\nmetric %s_deviation %.9g ns\n", kind,
            (double)h->max * tick, kind, hy_histogram_mean(h) * tick, kind, hy_histogram_deviation(h) * tick);
}

static void say_buckets(FILE *out, const hy_histogram *h, const char *kind, double tick) {
    for (unsigned i = 0; i < HY_HISTOGRAM_BUCKETS; i++)
        if (h->count[i])
            fprintf(out, "bucket %s %.9g %.9g %llu\n", kind, (double)hy_histogram_low(i) * tick,
                    (double)hy_histogram_high(i) * tick, (unsigned long long)h->count[i]);
}

static hy_histogram kinds[KINDS + 1];

static void note_kinds(const hy_replay *replay, const uint32_t *length) {
    const hy_op *end, *op = hy_program_lane(replay->program, 0, &end);
    for (; op != end; op++)
        if (op->kind < KINDS)
            hy_histogram_record(&kinds[op->kind], *length++);
}

void hy_latency_say(FILE *out, const hy_histogram *histogram, const char *kind, double tick) {
    say_figures(out, histogram, kind, tick);
    say_buckets(out, histogram, kind, tick);
}

static void say_kinds(FILE *out, double tick) {
    for (int i = 0; i < KINDS; i++)
        if (kinds[i].total)
            hy_histogram_add(&kinds[KINDS], &kinds[i]);
    for (int i = 0; i <= KINDS; i++) {
        if (kinds[i].total)
            hy_latency_say(out, &kinds[i], hy_latency_kinds[i], tick);
    }
}

/* Operations with `mark` (0: with none), as a kind of their own. */
static void say_marked(FILE *out, const uint32_t *length, const uint8_t *marks, size_t count, uint8_t mark,
                       const char *kind, double tick) {
    static hy_histogram h;
    hy_histogram_clear(&h);
    for (size_t i = 0; i < count; i++)
        if (mark ? marks[i] & mark : !marks[i])
            hy_histogram_record(&h, length[i]);
    fprintf(out, "metric %s_ops %llu count\n", kind, (unsigned long long)h.total);
    if (h.total == 0)
        return;
    say_figures(out, &h, kind, tick);
    if (mark)
        say_buckets(out, &h, kind, tick);
}

static void say_attributed(FILE *out, hy_replay *replay, const uint32_t *length, size_t count, double tick) {
    const hy_stats timed = hy_counters_read(replay->heap);
    uint8_t *const marks = mmap(NULL, count + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (marks == MAP_FAILED)
        return;
    if (hy_attribute(replay, &timed, marks)) {
        say_marked(out, length, marks, count, 0, "plain", tick);
        if (timed.grows != HY_UNKNOWN)
            say_marked(out, length, marks, count, HY_MARK_GROW, "grow", tick);
        if (timed.merge_passes != HY_UNKNOWN) {
            say_marked(out, length, marks, count, HY_MARK_MERGE, "merge", tick);
            fprintf(out, "metric slowest_merge_share %.9g ratio\n",
                    hy_slowest_share(length, marks, count, HY_MARK_MERGE));
        }
    }
    munmap(marks, count + 1);
}

/* -------------------------------------------------------------------------------------------------------- pass ---- */

/* The timed loop of all windows, and what the kernel counted meanwhile. */
typedef struct timed {
    uint64_t time; /* of the processor, ns */
    long faults, preemptions;
} timed;

static void run_timed(hy_replay *replay, uint32_t *length, timed *self) {
    struct rusage before, after;
    const hy_op *end, *const start = hy_program_lane(replay->program, 0, &end);
    getrusage(RUSAGE_SELF, &before);
    const uint64_t begin = hy_now_busy();
    replay->failed = latency_loop(replay, start, end, length);
    self->time += hy_now_busy() - begin;
    getrusage(RUSAGE_SELF, &after);
    self->faults += after.ru_minflt - before.ru_minflt;
    self->preemptions += after.ru_nivcsw - before.ru_nivcsw;
}

static timed run_windows(hy_replay *replay, uint32_t *length) {
    timed self = {.time = 0};
    for (int i = 0; i <= KINDS; i++)
        hy_histogram_clear(&kinds[i]);
    if (replay->program->head->lanes == 0)
        return self;
    do {
        run_timed(replay, length, &self);
        if (!replay->failed)
            note_kinds(replay, length);
    } while (hy_replay_next(replay));
    return self;
}

void hy_pass_latency(hy_replay *replay, FILE *out, hy_ending *ret_ending) {
    const hy_program_head *const head = replay->program->head;
    const size_t size = head->room * sizeof(uint32_t) + 1;
    uint32_t *const length =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (length == MAP_FAILED) {
        *ret_ending = (hy_ending){"failed", "no memory for the time stamps"};
        return;
    }
    const double tick = hy_tick_length(20);
    const double overhead = hy_tick_overhead() * tick, step = (double)hy_tick_step() * tick;
    const timed all = run_windows(replay, length);
    hy_replay_ending(replay, ret_ending);
    if (strcmp(ret_ending->outcome, "ok") == 0) {
        fprintf(out, "metric stamp_overhead %.9g ns\nmetric clock_step %.9g ns\n", overhead, step);
        fprintf(out, "metric cpu_per_op %.9g ns\n",
                (double)all.time / (double)(head->facts.operations > 0 ? head->facts.operations : 1));
        fprintf(out, "metric page_faults %ld count\nmetric preemptions %ld count\n", all.faults, all.preemptions);
        say_kinds(out, tick);
        if (all.time < LONG_LOOP && !head->streamed)
            say_attributed(out, replay, length, head->facts.operations, tick);
    }
    munmap(length, size);
}
