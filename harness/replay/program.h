/* SPDX-License-Identifier: MIT
 *
 * program.h - a trace made ready for replay: what the measured child walks through while the clock runs.
 *
 *   1. An object id becomes a slot, an index into a dense table of pointers.  Slots are used again as soon as their
 *      object is dead, so that the table is as small as the program's own working set and stays in the cache.
 *   2. Each trace thread becomes a lane, one list of 16-byte operations; threads that never live at the same time
 *      share a lane.  The serial form has one lane with everything in trace order.
 *   3. Where an operation follows one of another lane on the same slot, the earlier one is marked `signals` and the
 *      later one `waits` for the slot's turn number; so no free overtakes its malloc.  In the free-running form nothing
 *      else is held up.
 *   4. The faithful form also keeps lanes together: of each 4096 events of the trace in a row (an epoch) none is done
 *      before all of those two epochs earlier are.  So nobody runs further ahead than in life, and what is alive at a
 *      time is nearly what was alive then.  PACE operations see to it, one where a lane comes into an epoch.
 *   5. All waiting is for something earlier in the trace, so there is no circle to be caught in.
 *
 * The program lies in one memfd, made by the parent and mapped read-only by every child that replays the trace: a child
 * decodes nothing and allocates nothing of its own.  Of a long trace the memfd holds a window of so many operations at
 * a time.  When all lanes are through with it, the child asks its parent (feed.h) for the next, with the clock stopped;
 * the parent decodes only then.  So memory is that of a window and of what lives, however long the trace is.
 */
#ifndef HY_PROGRAM_H
#define HY_PROGRAM_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum hy_op_kind {
    HY_OP_MALLOC,
    HY_OP_CALLOC,
    HY_OP_ALIGNED,
    HY_OP_REALLOC, /* followed by an operand, whose size is the old size */
    HY_OP_FREE,    /* size: what the object was last asked for with */
    HY_OP_THREAD_EXIT,
    HY_OP_OPERAND,
    HY_OP_PACE /* size: the epoch that the lane comes into; see pace.h */
} hy_op_kind;

typedef struct hy_op {
    uint64_t size : 48; /* asked for; 0 became 1 */
    uint64_t kind : 4;  /* hy_op_kind */
    uint64_t align : 6; /* log2; of realloc and free: that of the object's birth */
    uint64_t waits : 1;
    uint64_t signals : 1;
    uint64_t : 4;
    uint32_t slot;
    uint32_t turn; /* what a waiting operation waits for */
} hy_op;

#define HY_PROGRAM_MAX_SIZE (((uint64_t)1 << 48) - 1)

/* Turns go round: a slot's word has one bit for something else (turn.h), and never are so many outstanding. */
#define HY_TURN_MOST 0x7fffffffu
static inline uint32_t hy_turn_after(uint32_t turn) {
    return (turn + 1) & HY_TURN_MOST;
}
#define HY_PROGRAM_MAX_LANES 256

/* What the trace asks of an allocator. */
typedef struct hy_program_facts {
    uint64_t operations; /* operands and thread ends not counted */
    uint64_t objects;
    uint64_t total_bytes;  /* by births and by what reallocs add: the allocation clock at the end */
    uint64_t peak_bytes;   /* most live bytes */
    uint64_t peak_at;      /* serial form: the number of the entry after which that is so */
    uint64_t region_bytes; /* most bytes given out between two moments with nothing alive */
    uint64_t max_size;
    uint64_t max_align; /* in bytes */
    uint64_t lifo;      /* 1: every free and realloc is of the youngest living object */
    uint64_t threads;   /* of the trace */
} hy_program_facts;

/* The phases that the program says it is in (docs/recording.md), as one thread says them.  What lies in none is row 0,
 * whose name is "". */
#define HY_PROGRAM_PHASES 64u   /* rows; what has another name then is counted in the last, named "…" */
#define HY_PROGRAM_BOUNDS 1024u /* changes of phase; a trace that has more is not told by phases */
#define HY_PROGRAM_PHASE_NAME 128u

typedef struct hy_program_phase {
    char name[HY_PROGRAM_PHASE_NAME];
    uint64_t times;      /* that it began */
    uint64_t operations; /* of all threads, while it lasted */
    uint64_t peak_bytes; /* most live bytes then */
} hy_program_phase;

typedef struct hy_program_bound {
    uint64_t row : 8;
    uint64_t entry : 56; /* of this window: the phase begins before it */
} hy_program_bound;

typedef struct hy_program_phases {
    uint64_t rows;    /* of the whole; 0: the program says none */
    uint64_t threads; /* that say any: with several, phases overlap */
    uint64_t changes; /* of the whole */
    uint64_t bounds;  /* of this window */
    hy_program_phase row[HY_PROGRAM_PHASES];
    hy_program_bound bound[HY_PROGRAM_BOUNDS];
} hy_program_phases;

typedef struct hy_lane {
    uint64_t start;  /* the first operation, as an index */
    uint64_t count;  /* entries, operands included */
    uint64_t before; /* operations of earlier windows */
} hy_lane;

typedef struct hy_program_head {
    uint64_t magic;
    uint64_t slots;
    uint64_t lanes;
    uint64_t entries;       /* of all lanes, in this window */
    uint64_t room;          /* most entries of a window */
    uint64_t passed;        /* entries of earlier windows */
    uint64_t streamed;      /* 1: there are several windows */
    uint64_t timed;         /* 1: behind the room for operations stands the time of each, ns from the trace's start */
    hy_program_facts facts; /* of the whole */
    hy_program_phases phases;
    hy_lane lane[HY_PROGRAM_MAX_LANES];
} hy_program_head;

#define HY_PROGRAM_MAGIC 0x336d6172676f7270u

/* A mapped program. */
typedef struct hy_program {
    const hy_program_head *head;
    const hy_op *ops;
    const uint64_t *times; /* of each operation; NULL: not timed */
    size_t size;           /* of the mapping */
    int feed;              /* where the next window is asked for; read only if head->streamed */
} hy_program;

/* Maps and touches the program that `fd` holds.  0 or -errno with the sentence. */
int hy_program_map(int fd, hy_program *ret_program, hy_error *error);
/* The next window takes the place of this one.  1; 0: this was the last; -errno with the sentence: the trace could not
 * be read on. */
int hy_program_next(const hy_program *program, hy_error *error);
void hy_program_unmap(hy_program *program);

static inline const hy_op *hy_program_lane(const hy_program *program, size_t lane, const hy_op **ret_end) {
    const hy_lane *const l = &program->head->lane[lane];
    *ret_end = program->ops + l->start + l->count;
    return program->ops + l->start;
}

#endif
