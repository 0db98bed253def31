/* SPDX-License-Identifier: MIT
 *
 * intake.h - what all importers do with what they read: blocks, which the source names by addresses or numbers, become
 * objects; threads get small numbers; times count from the first; events go to the trace.
 *
 * Sources have flaws, and a trace has none.  One rule for all:
 *   1. A line that is not of the format, or a number that no trace can hold, ends the import with a sentence.
 *   2. What a program or its recorder did wrong is passed over or mended, and counted: hy_flaw has the list.
 * The text that `heapyard info --events` prints is ours, so it has no flaws that could be passed over.
 *
 * Names of blocks: an address, or hy_intake_id of a number.  0 is no block (NULL).
 * Memory: what hy_addresses takes for the living blocks.
 */
#ifndef HY_INTAKE_H
#define HY_INTAKE_H

#include "addresses.h"
#include "lines.h"
#include "trace.h"

/* What is passed over, then what is mended. */
typedef enum hy_flaw {
    HY_FLAW_NO_BLOCK, /* free or realloc of a block that does not live: freed twice, or never born */
    HY_FLAW_FAILED,   /* the call failed */
    HY_FLAW_FOREIGN,  /* of another process */
    HY_FLAW_CUT,      /* the last line, in which the file stops */
    HY_FLAW_TWICE,    /* birth where a block lives: that one is freed first, for it must have died */
    HY_FLAW_NEW,      /* realloc of a block that does not live: a birth, if it gave a block */
    HY_FLAW_ROUNDED,  /* an alignment that is no power of two: the next one that is, as memalign takes it */
    HY_FLAW_EMPTIED,  /* realloc to size 0 that gave a block: a free and a birth */
    HY_FLAW_TIME,     /* a time before the one before: the same time again */
    HY_FLAWS
} hy_flaw;

#define HY_FLAW_MENDED HY_FLAW_TWICE /* from here on */

/* "free or realloc of a block that does not live" */
const char *hy_flaw_what(hy_flaw flaw);

typedef struct hy_intake {
    hy_lines *lines;
    const char *trace; /* the path to write to */
    hy_trace_meta meta;
    hy_trace_writer *writer; /* from the first event on */
    hy_addresses blocks, threads;
    uint64_t events, born;
    uint64_t time;      /* of the next event */
    uint64_t time_told; /* and what the source says it is */
    bool timed;         /* the source tells times; else an event's is its number */
    uint64_t teller;    /* whose calls these are, as hy_intake_id */
    uint64_t told;      /* and whose number `thread` is; 0: nobody's */
    uint32_t thread, thread_count;
    uint64_t process; /* whose calls are taken; 0: that of the first */
    struct {
        uint64_t count, line; /* where it was first */
    } flaws[HY_FLAWS];
} hy_intake;

/* The name of the block that the source calls by a number (below 2^63).  Turned, so that neighbours spread well. */
static inline uint64_t hy_intake_id(uint64_t number) {
    return (number + 1) << 4 | (number + 1) >> 60;
}

void hy_intake_flaw(hy_intake *intake, hy_flaw flaw);

/* What follows is of this thread, at this time in ns.  The first time that is told is the trace's start. */
void hy_intake_thread(hy_intake *intake, uint64_t thread);
void hy_intake_time(hy_intake *intake, uint64_t time);
/* False, and counted: the call is of another process than the one that is taken. */
bool hy_intake_is_ours(hy_intake *intake, uint64_t process);

/* What calloc is asked for.  0, or -EINVAL with a part of a sentence. */
int hy_intake_product(uint64_t count, uint64_t size, uint64_t *ret_product, hy_error *error);

/* All: 0 or -errno with a part of a sentence.  `align` in bytes, 0 for a birth of another kind than aligned. */
int hy_intake_birth(hy_intake *intake, hy_event_kind kind, uint64_t block, uint64_t size, uint64_t align,
                    hy_error *error);
int hy_intake_free(hy_intake *intake, uint64_t block, hy_error *error);
/* realloc of `old` gave `block`: 0 if it failed, or if size is 0. */
int hy_intake_realloc(hy_intake *intake, uint64_t old, uint64_t block, uint64_t size, hy_error *error);
/* The thread starts or ends. */
int hy_intake_thread_event(hy_intake *intake, hy_event_kind kind, hy_error *error);
/* Should its number come again, then for another thread. */
void hy_intake_thread_gone(hy_intake *intake);
/* An event as it is, from a site of the table or 0. */
int hy_intake_append(hy_intake *intake, const hy_event *event, uint32_t site, hy_error *error);
/* The trace is written to from here on; `noted`: with notes. */
int hy_intake_open(hy_intake *intake, bool noted, hy_error *error);

#endif
