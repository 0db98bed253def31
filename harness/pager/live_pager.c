/* SPDX-License-Identifier: MIT
 *
 * live_pager.c - the fault loop of the live pager (see live_pager.h).
 */
#include "live_pager.h"

#include "fault_handover.h"
#include "live_pages.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct hy_live {
    hy_live_plan plan;
    hy_live_pages *pages;
    int faults_fd;
    uintptr_t base;
    uint8_t *resident; /* as the policy sees it */
    uint32_t taken;
    uint64_t heard; /* references of the log that the policy knows */
    bool wrote;     /* a page was written back for the fault that is served */
    int failed;     /* -errno of the first thing that went wrong in a call-back */
    uint32_t hand;  /* the page sampled last */
    hy_live_counts counts;
};

/* Of the frames, so many at most are under test. */
static size_t live_tests(const hy_live_plan *plan) {
    return plan->sample ? (plan->frames + 7) / 8 : 0;
}

int hy_live_open(const hy_live_plan *plan, int memory_fd, hy_live **ret_live, hy_error *error) {
    hy_live *const live = calloc(1, sizeof *live);
    uint8_t *const resident = calloc(plan->pages, 1);
    int r = live && resident ? 0 : hy_fail(error, -ENOMEM, "no memory for the pager");
    if (r == 0)
        r = hy_live_pages_open(plan->pages, live_tests(plan), plan->folder, memory_fd, &live->pages, error);
    if (r < 0) {
        free(resident);
        free(live);
        return r;
    }
    live->plan = *plan;
    live->resident = resident;
    live->faults_fd = -1;
    for (int kind = 0; kind < HY_SERVED_KINDS; kind++)
        hy_histogram_clear(&live->counts.took[kind]);
    *ret_live = live;
    return 0;
}

void hy_live_close(hy_live *live) {
    if (!live)
        return;
    hy_live_pages_close(live->pages);
    free(live->resident);
    free(live);
}

void hy_live_attach(hy_live *live, int faults_fd, uintptr_t base) {
    live->faults_fd = faults_fd;
    live->base = base;
    hy_live_pages_attach(live->pages, faults_fd, base);
}

const hy_live_counts *hy_live_counted(const hy_live *live) {
    return &live->counts;
}

/* ------------------------------------------------------------------------------------------------- references ---- */

/* The policy has let a page go. */
static void live_let_go(void *context, uint32_t page) {
    hy_live *const live = context;
    bool written = false;
    const int r = live->failed < 0 ? live->failed : hy_live_page_go(live->pages, page, &written);
    live->failed = r;
    live->wrote |= written;
}

/* True: it was a miss. */
static bool live_refer(hy_live *live, uint32_t page, bool write) {
    return hy_pager_reference(live->plan.pager, (uint32_t)live->plan.frames, live->resident, &live->taken, page, write,
                              live_let_go, live);
}

/* The policy hears the log up to a reference; they were all hits, or else the workload would sleep. */
static void live_hear(hy_live *live, uint64_t end) {
    const hy_page_reference *const log = live->plan.board->log;
    for (; live->heard < end; live->heard++) {
        const uint32_t page = log[live->heard] >> 1;
        if (!live->resident[page])
            live->failed = -EPROTO;
        if (live->failed < 0)
            return;
        live_refer(live, page, log[live->heard] & 1);
    }
}

static uint64_t live_logged(const hy_live *live) {
    return __atomic_load_n(&live->plan.board->references, __ATOMIC_ACQUIRE);
}

/* The page of a missing fault is the last of the log; the policy hears of it as a miss. */
static void live_miss(hy_live *live, uint32_t page, bool write) {
    if (live->plan.hear) {
        const uint64_t end = live_logged(live);
        if (end == 0 || live->plan.board->log[end - 1] >> 1 != page) {
            live->failed = -EPROTO;
            return;
        }
        live_hear(live, end - 1);
        live->heard = end;
    }
    if (live->failed == 0 && !live_refer(live, page, write) && live->plan.hear)
        live->failed = -EPROTO; /* without the log: forgotten by the program, but not by the policy */
}

/* Unmaps the next pages that are here, in the order of their numbers, but not the one that just came. */
static int live_sample(hy_live *live, uint32_t came) {
    const size_t pages = live->plan.pages;
    int r = 0;
    for (size_t n = live->plan.sample, steps = pages; r == 0 && n > 0 && steps > 0; steps--) {
        live->hand = (uint32_t)((live->hand + 1) % pages);
        if (live->hand == came || !hy_live_page_is_mapped(live->pages, live->hand))
            continue;
        r = hy_live_page_test(live->pages, live->hand);
        n--;
    }
    return r;
}

/* ----------------------------------------------------------------------------------------------------- faults ---- */

/* Says which kind it was, before the workload goes on. */
static void live_report(hy_live *live, hy_served kind) {
    hy_board *const board = live->plan.board;
    if (!board)
        return;
    __atomic_store_n(&board->kind, (uint32_t)kind, __ATOMIC_RELAXED);
    __atomic_store_n(&board->faults, board->faults + 1, __ATOMIC_RELEASE);
}

static int live_serve_missing(hy_live *live, uint32_t page, bool write, hy_served *ret_kind) {
    const bool tested = hy_live_page_is_tested(live->pages, page);
    live->wrote = false;
    if (tested)
        live_refer(live, page, write);
    else
        live_miss(live, page, write);
    if (live->failed < 0)
        return live->failed;
    *ret_kind = tested ? HY_SERVED_SAMPLE : live->wrote ? HY_SERVED_DIRTY : HY_SERVED_CLEAN;
    live->counts.missing += !tested;
    live->counts.sampled += tested;
    live_report(live, *ret_kind);
    const int r = hy_live_page_come(live->pages, page, write);
    return r == 0 && !tested ? live_sample(live, page) : r;
}

static int live_serve_write(hy_live *live, uint32_t page, hy_served *ret_kind) {
    *ret_kind = HY_SERVED_WRITE;
    live->counts.first_write++;
    live_report(live, *ret_kind);
    if (!live->plan.hear)
        live_refer(live, page, true); /* with a policy that goes by time, pages may leave */
    return live->failed < 0 ? live->failed : hy_live_page_write(live->pages, page);
}

static int live_serve_one(hy_live *live, const hy_fault *fault) {
    const uint64_t start = hy_ticks();
    const uint32_t page = (uint32_t)((fault->address - live->base) >> HY_PAGE_BITS);
    const bool mapped = hy_live_page_is_mapped(live->pages, page);
    hy_served kind = HY_SERVED_CLEAN;
    int r;
    if (mapped != (fault->kind == HY_FAULT_WRITE)) {
        live->counts.nothing++;
        return hy_live_page_retry(live->pages, page);
    }
    if (mapped)
        r = live_serve_write(live, page, &kind);
    else
        r = live_serve_missing(live, page, fault->write, &kind);
    hy_histogram_record(&live->counts.took[kind], hy_ticks() - start);
    return r;
}

/* One at a time: to look whether there is another would cost most faults a system call for nothing. */
static int live_serve_waiting(hy_live *live) {
    hy_fault fault;
    const int r = hy_faults_read(live->faults_fd, &fault);
    return r < 0 || fault.kind == HY_FAULT_NONE ? r : live_serve_one(live, &fault);
}

/* ------------------------------------------------------------------------------------------------------- loop ---- */

/* A program throws pages away, and waits until that is done.  The policy goes on to count them. */
static int live_forget(hy_live *live, int fd) {
    hy_forget what;
    const char byte = 0;
    if (read(fd, &what, sizeof what) != sizeof what)
        return -ENOTCONN; /* it has closed the socket, or has gone */
    const uint64_t first = (what.start - live->base) >> HY_PAGE_BITS, count = what.size >> HY_PAGE_BITS;
    if (what.start < live->base || first > live->plan.pages || count > live->plan.pages - first)
        return -EPROTO;
    const int r = hy_live_pages_forget(live->pages, (uint32_t)first, count);
    return r == 0 && write(fd, &byte, 1) != 1 ? -EPIPE : r;
}

static int live_answer_step(hy_live *live, int step_fd) {
    char byte = 0;
    if (!live->plan.hear)
        return live_forget(live, step_fd);
    if (read(step_fd, &byte, 1) != 1)
        return 0;
    live_hear(live, live_logged(live));
    if (live->failed == 0 && write(step_fd, &byte, 1) != 1)
        return -EPIPE;
    return live->failed;
}

static int live_explain(int r, hy_error *error) {
    if (r == -EPROTO)
        return hy_fail(error, r, "the paged memory was touched past the log of references");
    if (r == -ENOSPC || r == -EIO)
        return hy_fail(error, r, "the backing file: %s", strerror(-r));
    return hy_fail(error, r, "serving a page fault: %s", strerror(-r));
}

/* A workload that dies is not found where it was; the news of its end may come a little later. */
static bool live_has_ended(int end_fd) {
    struct pollfd end = {end_fd, POLLIN, 0};
    return poll(&end, 1, 2000) == 1;
}

int hy_live_serve(hy_live *live, int end_fd, int step_fd, hy_error *error) {
    struct pollfd polled[] = {{live->faults_fd, POLLIN, 0}, {end_fd, POLLIN, 0}, {step_fd, POLLIN, 0}};
    int r = 0;
    while (r == 0) {
        if (poll(polled, 3, -1) < 0) {
            r = errno == EINTR ? 0 : -errno;
            continue;
        }
        if (polled[1].revents)
            break;
        if (polled[0].revents & POLLIN)
            r = live_serve_waiting(live);
        if (r == 0 && polled[2].revents & POLLIN)
            r = live_answer_step(live, step_fd);
        if (r == -ENOTCONN) { /* it may go on without: it then makes zeros itself */
            polled[2].fd = -1;
            r = 0;
        }
    }
    if ((r == -ESRCH || r == -ENOENT || r == -EPIPE) && live_has_ended(end_fd))
        r = 0;
    if (r == 0 && live->plan.hear)
        live_hear(live, live_logged(live));
    const hy_live_moves *const moves = hy_live_pages_moved(live->pages);
    live->counts.evictions = moves->evictions;
    live->counts.write_backs = moves->write_backs;
    live->counts.reads = moves->reads;
    live->counts.most_frames = moves->most_frames;
    live->counts.most_held = moves->most_held;
    return r < 0 ? live_explain(r, error) : 0;
}
