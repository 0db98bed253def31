/* SPDX-License-Identifier: MIT
 *
 * live_pager.h - the fault loop of the live pager: F frames under a range of P pages, the rest in a backing file.
 *
 * The range is shared memory of P pages, of which never more than F hold memory: these are the frames.  The pager is
 * another process than the workload; it has the descriptor of the workload's faults, the memory's file and the backing
 * file.
 *
 *   1. A page is away, or here and clean (as it is in the backing file, and write-protected), or here and dirty.
 *   2. Missing fault: if all frames are taken, the policy names a victim, and the victim goes.  Then the page comes,
 * from the backing file or, if it was never written, as zeros: unprotected and dirty if the fault was a write,
 * protected and clean if it was a read.
 *   3. Write fault: the page is dirty from now on, and no longer protected.
 *   4. A dirty victim is first write-protected, then copied to the backing file, then punched out of the shared memory,
 *      which takes it from all address spaces.  A clean victim is only punched out.
 *
 * Why no write is lost, however many threads there are: between 4's protection and the end of the copy nobody can write
 * to the page, since the kernel has flushed the old translation from all cores before the call returns; who tries
 * sleeps in a write fault.  His store has not happened.  The fault is read after the victim has gone; its page is away
 * then, so the pager only wakes him, he tries again, and now it is a missing fault, which brings the written-back page.
 * A clean page has been protected all the time that it was here. Faults are read one at a time: whoever is read about
 * sleeps still, so each missing fault is counted once.
 *
 * What the policy hears of references: with a log all of them, in order (board.h).  Without, faults only; then `sample`
 * pages at each fault are unmapped for a test: their bytes go to a frame of the pager's, and the next touch is a cheap
 * fault that tells that the page is in use (the free list of VAX/VMS did this: Levy and Lipman, "Virtual memory
 * management in the VAX/VMS operating system", Computer 15(3), 1982).
 *
 * Bad at: one fault at a time, one page a fault: no read-ahead, no clustering, no write-behind.
 */
#ifndef HY_LIVE_PAGER_H
#define HY_LIVE_PAGER_H

#include "board.h"
#include "pager.h"

typedef struct hy_live hy_live;

typedef struct hy_live_plan {
    size_t pages, frames;
    hy_pager *pager;    /* the policy, made for these; the caller's */
    size_t sample;      /* pages unmapped for a test at each fault */
    const char *folder; /* of the backing file; NULL: the usual */
    hy_board *board;    /* NULL: the workload does not know of us */
    bool hear;          /* the board's log says every reference, and the policy hears them all */
} hy_live_plan;

typedef struct hy_live_counts {
    uint64_t missing;     /* faults in the sense of the textbooks: the page was away */
    uint64_t first_write; /* faults for the dirty mark */
    uint64_t sampled;     /* faults of pages unmapped for a test */
    uint64_t nothing;     /* a thread was woken to try again */
    uint64_t evictions, write_backs, reads;
    uint64_t most_frames, most_held;    /* taken at any time */
    hy_histogram took[HY_SERVED_KINDS]; /* ticks from the message to the wake-up, in the pager */
} hy_live_counts;

/* Opens the backing file and takes the memory's file, which stays the caller's.  0 or -errno with the sentence. */
int hy_live_open(const hy_live_plan *plan, int memory_fd, hy_live **ret_live, hy_error *error);
void hy_live_close(hy_live *live);

/* The workload has its range at `base` and these are its faults; the descriptor stays the caller's. */
void hy_live_attach(hy_live *live, int faults_fd, uintptr_t base);

/* Serves faults until `end_fd` becomes readable: the workload has ended.  Each byte that `step_fd` gives is answered by
 * one, when the policy has heard all references so far (lockstep, board.h); without a log, it gives pages to forget
 * (fault_handover.h); below 0: there is none.  0 or -errno with the sentence. */
int hy_live_serve(hy_live *live, int end_fd, int step_fd, hy_error *error);

const hy_live_counts *hy_live_counted(const hy_live *live);

#endif
