/* SPDX-License-Identifier: MIT
 *
 * board.h - what the workload and its pager share: the reference string and what the faults cost.
 *
 *   1. A workload of our own touches the paged range through hy_paged_get and hy_paged_set.  Where the board keeps a
 *      log, each appends the page to it and then touches the page.
 *   2. A fault tells the pager about its last entry only; all before that were hits.  So at each fault the pager reads
 *      what the log has gained since the last and knows every reference in order.
 *   3. The pager says what it served before it lets the workload go on; so the workload knows which kind of fault the
 *      touch held that it has just timed.
 *
 *   4. A policy that lets pages go by time, not by need (the working set), would hear too late that a page's time is
 *      over.  For these the workload goes in lockstep: after each touch it waits until the policy has heard of it.
 *
 * The log is for one thread.  Bad at: long runs - 4 bytes a reference, and a workload that has filled the log stops.
 */
#ifndef HY_BOARD_H
#define HY_BOARD_H

#include "clock.h"
#include "error.h"
#include "histogram.h"
#include "simulate.h"
#include "userfault.h"

/* What a fault was. */
typedef enum hy_served {
    HY_SERVED_CLEAN,  /* a page came in; no other had to go, or one that was not written since it came */
    HY_SERVED_DIRTY,  /* a page came in, and another was written back for it */
    HY_SERVED_WRITE,  /* the first write to a page that came in by a read */
    HY_SERVED_SAMPLE, /* a page that was here, unmapped to see whether it is still referenced */
    HY_SERVED_KINDS
} hy_served;

extern const char *const hy_served_names[HY_SERVED_KINDS];

/* References that a log has room for. */
#define HY_LOG_ROOM ((size_t)1 << 28)

typedef struct hy_board {
    uint64_t faults; /* served so far, of all kinds; of one thread, so the touch in which it moves held that fault */
    uint32_t kind;   /* of the last */
    uint64_t references;
    uint64_t result;                    /* what the workload computed */
    bool finished, right;               /* it came to its end; and the result is what it should be */
    char said[512];                     /* and in words */
    hy_histogram seen[HY_SERVED_KINDS]; /* ticks that a touch with a fault took, seen by the workload */
    hy_page_reference log[] __attribute__((aligned(64))); /* HY_LOG_ROOM, if there is a log */
} hy_board;

/* Shared with children that are forked later.  NULL: no memory. */
hy_board *hy_board_open(bool log);
void hy_board_close(hy_board *board, bool log);

/* The paged range as a workload sees it: `count` numbers. */
typedef struct hy_paged {
    volatile uint64_t *at;
    size_t count;
    hy_board *board;
    bool log, timed;
    int step_fd; /* lockstep, or below 0 */
} hy_paged;

/* The log is full: ends the process. */
_Noreturn void hy_paged_full(hy_paged *paged);
/* Lockstep: waits until the policy has heard the last reference. */
void hy_paged_step(hy_paged *paged);
/* The touch that began at `start` held a fault. */
void hy_paged_count(hy_paged *paged, uint64_t start);

static inline void hy_paged_note(hy_paged *paged, size_t i, bool write) {
    hy_board *const board = paged->board;
    const uint64_t n = board->references;
    if (__builtin_expect(n == HY_LOG_ROOM, 0))
        hy_paged_full(paged);
    board->log[n] = hy_page_refer((uint32_t)(i * sizeof *paged->at >> HY_PAGE_BITS), write);
    __atomic_store_n(&board->references, n + 1, __ATOMIC_RELEASE);
}

/* What a touch does before and after: `before` is the number of faults so far. */
static inline void hy_paged_done(hy_paged *paged, uint64_t before, uint64_t start) {
    if (paged->timed && __builtin_expect(__atomic_load_n(&paged->board->faults, __ATOMIC_RELAXED) != before, 0))
        hy_paged_count(paged, start);
    if (__builtin_expect(paged->step_fd >= 0, 0))
        hy_paged_step(paged);
}

static inline uint64_t hy_paged_get(hy_paged *paged, size_t i) {
    if (paged->log)
        hy_paged_note(paged, i, false);
    const uint64_t before = __atomic_load_n(&paged->board->faults, __ATOMIC_RELAXED);
    const uint64_t start = paged->timed ? hy_ticks() : 0;
    const uint64_t value = paged->at[i];
    hy_paged_done(paged, before, start);
    return value;
}

static inline void hy_paged_set(hy_paged *paged, size_t i, uint64_t value) {
    if (paged->log)
        hy_paged_note(paged, i, true);
    const uint64_t before = __atomic_load_n(&paged->board->faults, __ATOMIC_RELAXED);
    const uint64_t start = paged->timed ? hy_ticks() : 0;
    paged->at[i] = value;
    hy_paged_done(paged, before, start);
}

#endif
