/* SPDX-License-Identifier: MIT
 *
 * demand.c - see demand.h.
 */
#include "demand.h"

#include "random.h"
#include "smaps.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEMAND_PAGE 4096u
/* A sanitizer would touch memory of its own at each access. */
#define DEMAND_PLAIN __attribute__((no_sanitize("address"), no_sanitize("thread")))

/* One process's part. */
typedef struct demand_child {
    const hy_demand_plan *plan;
    hy_demand *step; /* shared with the parent */
    char *range;
    uint64_t *order; /* pages of the range to touch, all different */
    size_t faults, tables;
} demand_child;

const char *hy_demand_name(hy_demand_step step) {
    static const char *const names[] = {"offered", "read", "touched", "grown", "huge pages"};
    return names[step];
}

/* --------------------------------------------------------------------------------------------------- measuring ---- */

static size_t demand_faults(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (size_t)usage.ru_minflt + (size_t)usage.ru_majflt;
}

static size_t demand_tables(void) {
    char line[256];
    unsigned long kilobytes = 0;
    FILE *const in = fopen("/proc/self/status", "re");
    while (in && fgets(line, sizeof line, in))
        if (sscanf(line, "VmPTE: %lu", &kilobytes) == 1)
            break;
    if (in)
        fclose(in);
    return kilobytes * 1024;
}

static void demand_start(demand_child *c) {
    c->tables = demand_tables();
    c->faults = demand_faults();
}

/* The range may be several mappings, and lie in one with others: so it has pages without access around it. */
static void demand_stop(demand_child *c, hy_demand_step step, size_t touched) {
    const size_t faults = demand_faults() - c->faults, tables = demand_tables();
    hy_demand *const d = &c->step[step];
    hy_smaps smaps;
    *d = (hy_demand){.offered = c->plan->offered, .touched = touched * DEMAND_PAGE, .faults = faults};
    d->tables = tables > c->tables ? tables - c->tables : 0;
    if (hy_smaps_read(getpid(), &smaps, NULL) < 0)
        _exit(1);
    for (size_t i = 0; i < smaps.count; i++) {
        const hy_mapping *const m = &smaps.mapping[i];
        if (m->from >= (uintptr_t)c->range && m->to <= (uintptr_t)c->range + c->plan->offered) {
            d->resident += m->rss;
            d->huge += m->huge;
        }
    }
    hy_smaps_free(&smaps);
}

/* ------------------------------------------------------------------------------------------------------ touching ----
 */

/* A range at a multiple of a huge page, with nothing beside it. */
static char *demand_offer(size_t size, int advice) {
    const size_t around = 2 * (size_t)HY_HUGE_PAGE;
    char *const all = mmap(NULL, size + around, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (all == MAP_FAILED)
        return NULL;
    char *const range = (char *)(((uintptr_t)all / HY_HUGE_PAGE + 1) * HY_HUGE_PAGE);
    if (mprotect(range, size, PROT_READ | PROT_WRITE) < 0)
        return NULL;
    madvise(range, size, advice); /* refused where the kernel has no huge pages: then there are none */
    return range;
}

/* The k-th of `count` pages of a range of `pages`: one in each of as many equal parts, so all are different. */
static size_t demand_page(uint64_t seed, size_t k, size_t count, size_t pages) {
    const size_t part = pages / count;
    return k * part + hy_random_below(seed, k, part);
}

static void demand_order(const demand_child *c, size_t count) {
    for (size_t k = 0; k < count; k++)
        c->order[k] = demand_page(c->plan->seed, k, count, c->plan->offered / DEMAND_PAGE);
    for (size_t k = count; k > 1; k--) {
        const size_t other = hy_random_below(~c->plan->seed, k, k);
        const uint64_t kept = c->order[k - 1];
        c->order[k - 1] = c->order[other];
        c->order[other] = kept;
    }
}

DEMAND_PLAIN static void demand_write(const demand_child *c, size_t from, size_t to) {
    for (size_t k = from; k < to; k++)
        ((volatile char *)c->range)[c->order[k] * DEMAND_PAGE] = (char)k;
}

DEMAND_PLAIN static void demand_read(const demand_child *c, size_t from, size_t to) {
    for (size_t k = from; k < to; k++)
        (void)((volatile char *)c->range)[c->order[k] * DEMAND_PAGE];
}

/* Small pages.  Of 3 × pages places the last third is only read. */
static void demand_small(demand_child *c) {
    const size_t pages = c->plan->pages;
    c->range = demand_offer(c->plan->offered, MADV_NOHUGEPAGE);
    if (!c->range)
        _exit(1);
    demand_order(c, 3 * pages);
    demand_start(c);
    demand_stop(c, HY_DEMAND_OFFERED, 0);
    demand_start(c);
    demand_read(c, 2 * pages, 3 * pages);
    demand_stop(c, HY_DEMAND_READ, 0);
    demand_start(c);
    demand_write(c, 0, pages);
    demand_stop(c, HY_DEMAND_TOUCHED, pages);
    demand_start(c);
    demand_write(c, pages, 2 * pages);
    demand_stop(c, HY_DEMAND_GROWN, 2 * pages);
}

static void demand_huge(demand_child *c) {
    const size_t per_huge = HY_HUGE_PAGE / DEMAND_PAGE;
    c->range = demand_offer(c->plan->offered, MADV_HUGEPAGE);
    if (!c->range)
        _exit(1);
    for (size_t k = 0; k < c->plan->huge_pages; k++)
        c->order[k] = k * per_huge + hy_random_below(c->plan->seed, k, per_huge);
    demand_start(c);
    demand_write(c, 0, c->plan->huge_pages);
    demand_stop(c, HY_DEMAND_HUGE, c->plan->huge_pages);
}

/* ---------------------------------------------------------------------------------------------------- processes ----
 */

/* On a range of its own, unheard: pages of the code, the stack and the buffers come now, not while faults count. */
static void demand_rehearse(const demand_child *c) {
    hy_demand unheard[HY_DEMAND_STEPS];
    const hy_demand_plan plan = {.offered = HY_HUGE_PAGE, .pages = 1, .huge_pages = 1, .seed = c->plan->seed};
    demand_child rehearsal = {.plan = &plan, .step = unheard, .order = c->order};
    demand_small(&rehearsal);
    demand_huge(&rehearsal);
}

static _Noreturn void demand_child_run(const hy_demand_plan *plan, hy_demand *step, int ready, int wait) {
    demand_child c = {.plan = plan, .step = step};
    const size_t most = 3 * plan->pages > plan->huge_pages ? 3 * plan->pages : plan->huge_pages;
    char byte = 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    c.order = calloc(most, sizeof *c.order);
    if (!c.order)
        _exit(1);
    memset(c.order, 1, most * sizeof *c.order); /* its own faults come now */
    demand_rehearse(&c);
    demand_small(&c);
    demand_huge(&c);
    if (write(ready, &byte, 1) != 1 || read(wait, &byte, 1) > 0)
        _exit(1);
    _exit(0);
}

/* A pipe of its own for each: the end of one that is ended by the kernel is seen, whatever the others wait for. */
static int demand_gather(const pid_t *child, const int *ready, size_t count, int wait, hy_error *error) {
    char byte;
    int r = 0;
    for (size_t i = 0; i < count; i++) {
        if (r == 0 && read(ready[i], &byte, 1) != 1)
            r = hy_fail(error, -EIO, "a process ended before it had touched its memory");
        close(ready[i]);
    }
    close(wait);
    for (size_t i = 0; i < count; i++) {
        int status = 0;
        while (waitpid(child[i], &status, 0) < 0 && errno == EINTR)
            ;
        if (r == 0 && status != 0)
            r = hy_fail(error, -ENOMEM, "a process could not be offered its memory, or was ended by the kernel");
    }
    return r;
}

/* 0 or -errno.  *ret_ready: it says there when it has touched its memory. */
static int demand_start_child(const hy_demand_plan *plan, hy_demand *step, const int wait[2], pid_t *ret_child,
                              int *ret_ready) {
    int ready[2];
    if (pipe(ready) < 0)
        return -errno;
    *ret_child = fork();
    if (*ret_child == 0) {
        close(ready[0]);
        close(wait[1]);
        demand_child_run(plan, step, ready[1], wait[0]);
    }
    const int code = *ret_child < 0 ? -errno : 0;
    close(ready[1]);
    if (code < 0)
        close(ready[0]);
    *ret_ready = ready[0];
    return code;
}

static int demand_all(const hy_demand_plan *plan, hy_demand (*step)[HY_DEMAND_STEPS], hy_error *error) {
    pid_t child[HY_DEMAND_MOST];
    int ready[HY_DEMAND_MOST], wait[2], code = 0;
    size_t started = 0;
    if (pipe(wait) < 0)
        return hy_fail(error, -errno, "no pipe: %s", strerror(errno));
    while (started < plan->processes &&
           (code = demand_start_child(plan, step[started], wait, &child[started], &ready[started])) == 0)
        started++;
    close(wait[0]);
    const int r = demand_gather(child, ready, started, wait[1], error);
    return code < 0 ? hy_fail(error, code, "cannot start a process: %s", strerror(-code)) : r;
}

int hy_demand_measure(const hy_demand_plan *plan, hy_demand (*ret_steps)[HY_DEMAND_STEPS], hy_error *error) {
    const size_t size = plan->processes * sizeof *ret_steps;
    hy_demand(*const step)[HY_DEMAND_STEPS] =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (step == MAP_FAILED)
        return hy_fail(error, -errno, "no shared memory: %s", strerror(errno));
    const int r = demand_all(plan, step, error);
    if (r == 0)
        memcpy(ret_steps, step, size);
    munmap(step, size);
    return r;
}
