/* SPDX-License-Identifier: MIT
 *
 * replay.h - a program against a heap: the passes, as they run in the measured child.
 *
 * Nothing here allocates by malloc before or while a pass runs: the heap under test may be malloc itself.
 */
#ifndef HY_REPLAY_H
#define HY_REPLAY_H

#include "clock.h"
#include "heap.h"
#include "histogram.h"
#include "pacer.h"
#include "program.h"

#include <stdio.h>

/* What is written into a block as soon as it is there: its first byte (so does nearly every program), one byte of each
 * page, or all of it.  With HY_TOUCH_READ as much of it is read again before it is freed or resized, but at least its
 * first byte: a living object, after all that came since its birth, wherever the allocator put it. */
typedef enum hy_touch {
    HY_TOUCH_NONE,
    HY_TOUCH_FIRST,
    HY_TOUCH_PAGE,
    HY_TOUCH_ALL,
    HY_TOUCH_READ, /* may be added to each */
    HY_TOUCHES = 2 * HY_TOUCH_READ
} hy_touch;

/* How a heap was opened, so that a pass can have a fresh one. */
typedef struct hy_opening {
    const hy_catalog *catalog;
    hy_text spec;
    hy_open_options options; /* with no page sources: each heap has its own */
} hy_opening;

/* Departures from epochs (pacer.h), on a cache line of their own. */
typedef struct hy_epoch_word {
    _Alignas(64) uint32_t left;
    uint32_t sleepers;
} hy_epoch_word;

typedef struct hy_replay {
    const hy_program *program;
    hy_instance *instance;
    const hy_opening *opening; /* NULL: no fresh heap is to be had */
    hy_heap *heap;
    void **slot;    /* blocks of the living objects */
    uint32_t *turn; /* of each slot: see program.h */
    hy_epoch_word epoch[HY_EPOCH_WORDS];
    hy_touch touch;
    size_t most_align;   /* larger alignments are cut to this: 16 nearly always */
    size_t known_sizes;  /* all ones: the heap is told old sizes; 0: it finds them out by itself, as free() must */
    uint32_t waiting;    /* threads that sleep until a turn comes */
    uint32_t stop;       /* one thread found no room: the others end too */
    const hy_op *failed; /* the operation that got NULL */
    size_t map_size;
    uint64_t most_failures; /* the pass yard ends with so many; 0: at the end */
    size_t opened_bytes;    /* resident memory that opening the heap took; 0 outside the passes footprint and threads */
    void (*after_window)(struct hy_replay *replay,
                         void *context); /* in hy_run_lanes, with the clock stopped; or NULL */
    double speed;     /* of the open loop: how many times as fast as it was recorded; 0: there is none */
    uint64_t windows; /* done */
    hy_error lost;    /* why the rest of a long trace could not be read */
} hy_replay;

/* How a pass ended. */
typedef struct hy_ending {
    char outcome[16]; /* ok, no-room, failed */
    char detail[512]; /* "" if ok */
} hy_ending;

/* Maps and touches the tables.  0 or -errno with the sentence. */
int hy_replay_start(hy_replay *replay, const hy_program *program, hy_instance *instance, hy_touch touch,
                    hy_error *error);
void hy_replay_end(hy_replay *replay);

/* Closes the heap, with all that lives in it, and opens a fresh one.  0 or -errno with the sentence: then there is none
 * any more. */
int hy_replay_renew(hy_replay *replay, hy_error *error);

/* The next window of a long trace takes the place of this one.  False: there is none, or it is lost, or the replay was
 * stopped.  Nothing of the heap is touched, and whoever calls this has stopped the clock. */
bool hy_replay_next(hy_replay *replay);

/* The passes write their figures as lines to `out` (see harness/cell/cell.c) after they ran. */
void hy_pass_throughput(hy_replay *replay, FILE *out, hy_ending *ret_ending);
void hy_pass_latency(hy_replay *replay, FILE *out, hy_ending *ret_ending);
/* The latency pass where each operation is due at its recorded time: the program's operations are timed. */
void hy_pass_open_loop(hy_replay *replay, FILE *out, hy_ending *ret_ending);
void hy_pass_footprint(hy_replay *replay, FILE *out, hy_ending *ret_ending);
/* How much memory the heap takes where the lanes use it side by side. */
void hy_pass_threads(hy_replay *replay, FILE *out, hy_ending *ret_ending);
void hy_pass_verify(hy_replay *replay, FILE *out, hy_ending *ret_ending);
/* The heap's data and meta pages are one source of limited size. */
void hy_pass_yard(hy_replay *replay, FILE *out, hy_ending *ret_ending);
/* Where every block lies, over the allocation clock. */
void hy_pass_map(hy_replay *replay, FILE *out, hy_ending *ret_ending);

/* Runs `lane_run` for each lane, from its start on, on a thread of its own if there are several; all start together.
 * Where it returns an operation, a thread of the trace has ended, and another one goes on from there: so does a thread
 * of ours (unless they are short), and whatever the allocator does when a thread ends is done.  Of a long trace, all
 * that for each window. Returns the nanoseconds from the start to the end of the last, summed over the windows. */
typedef const hy_op *hy_lane_run(hy_replay *replay, size_t lane, const hy_op *from, void *context);
uint64_t hy_run_lanes(hy_replay *replay, hy_lane_run *lane_run, void *context, hy_error *error);

/* One lane's operations from `from` to `end`, blocks touched like that; what is left is for hy_lane_left. */
const hy_op *hy_lane_loop(hy_replay *replay, hy_touch touch, const hy_op *from, const hy_op *end);

/* The kinds of operations whose latencies are told apart: the first of hy_op_kind, then all together. */
#define HY_LATENCY_KINDS 5
extern const char *const hy_latency_kinds[HY_LATENCY_KINDS + 1];

/* The figures and the histogram of one kind of operation, as lines; `tick` is in ns. */
void hy_latency_say(FILE *out, const hy_histogram *histogram, const char *kind, double tick);

/* Fills in the ending if some operation got NULL, or the trace could not be read on; else "ok". */
void hy_replay_ending(const hy_replay *replay, hy_ending *ret_ending);

/* ----------------------------------------------------------------------------------------------------- touching ----
 */

#define HY_TOUCH_STEP 4096u

static inline void hy_touch_block(void *block, size_t size, hy_touch touch) {
    volatile char *const bytes = block;
    const unsigned what = touch % HY_TOUCH_READ;
    if (what == HY_TOUCH_FIRST)
        bytes[0] = 1;
    else if (what == HY_TOUCH_ALL)
        __builtin_memset(block, 1, size);
    else if (what == HY_TOUCH_PAGE) {
        const uintptr_t start = (uintptr_t)block;
        bytes[0] = 1;
        for (uintptr_t at = (start | (HY_TOUCH_STEP - 1)) + 1; at < start + size; at += HY_TOUCH_STEP)
            *(volatile char *)at = 1;
    }
}

/* Eight bytes of whatever a block holds, wherever it lies. */
typedef uint64_t hy_any_word __attribute__((may_alias, aligned(1)));

static inline void hy_read_block(const void *block, size_t size, hy_touch touch) {
    const volatile char *const bytes = block;
    const unsigned what = touch % HY_TOUCH_READ;
    if (touch < HY_TOUCH_READ)
        return;
    (void)bytes[0];
    if (what == HY_TOUCH_ALL)
        for (size_t i = 8; i <= size; i += 8)
            (void)*(const volatile hy_any_word *)(bytes + i - 8);
    else if (what == HY_TOUCH_PAGE) {
        const uintptr_t start = (uintptr_t)block;
        for (uintptr_t at = (start | (HY_TOUCH_STEP - 1)) + 1; at < start + size; at += HY_TOUCH_STEP)
            (void)*(const volatile char *)at;
    }
}

/* Before a free or a realloc. */
static inline void hy_op_read(const hy_replay *replay, const hy_op *op, hy_touch touch) {
    if (op->kind == HY_OP_FREE)
        hy_read_block(replay->slot[op->slot], op->size, touch);
    else if (op->kind == HY_OP_REALLOC)
        hy_read_block(replay->slot[op->slot], op[1].size, touch);
}

/* ----------------------------------------------------------------------------------------------------- one call ----
 */

static inline size_t hy_op_align(const hy_replay *replay, const hy_op *op) {
    const size_t align = (size_t)1 << op->align;
    return align < replay->most_align ? align : replay->most_align;
}

/* Does what a birth or a realloc says; the block, or NULL. */
static inline void *hy_op_obtain(const hy_replay *replay, const hy_op *op) {
    hy_heap *const heap = replay->heap;
    switch (op->kind) {
    case HY_OP_CALLOC: return heap->ops->alloc_zeroed(heap, op->size, hy_op_align(replay, op));
    case HY_OP_REALLOC:
        return heap->ops->realloc(heap, replay->slot[op->slot], op[1].size & replay->known_sizes,
                                  hy_op_align(replay, op), op->size);
    default: return heap->ops->alloc(heap, op->size, hy_op_align(replay, op));
    }
}

/* A birth, a realloc or a free, with what is read before and written after it.  False: no room. */
static inline bool hy_op_do(hy_replay *replay, hy_heap *heap, const hy_op *op) {
    hy_op_read(replay, op, replay->touch);
    if (op->kind == HY_OP_FREE) {
        heap->ops->free(heap, replay->slot[op->slot], op->size & replay->known_sizes);
        return true;
    }
    void *const block = hy_op_obtain(replay, op);
    if (__builtin_expect(!block, 0))
        return false;
    replay->slot[op->slot] = block;
    hy_touch_block(block, op->size, replay->touch);
    return true;
}

#endif
