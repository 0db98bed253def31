/* SPDX-License-Identifier: MIT
 *
 * shared_list.c - see shared_list.h.
 */
#include "shared_list.h"

#include "random.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct list_node {
    uint64_t next; /* by kind: an address, an offset from the base plus 1, a distance; 0: the last */
    uint64_t value;
} list_node;

/* At the beginning of the memory; the first node's index is known to all. */
typedef struct list_yard {
    uint64_t first;
    list_node node[];
} list_yard;

/* What the second process says; in memory of its own that survives its crash. */
typedef struct list_note {
    volatile size_t inside, reached;
    volatile uint64_t sum;
    volatile int error;
} list_note;

typedef struct list_case {
    int memory; /* the memfd */
    size_t nodes, size;
    list_yard *first, *second; /* the two bases: reserved, nothing there */
    list_note *note;
} list_case;

const char *hy_link_name(hy_link link) {
    static const char *const names[] = {"address", "offset", "distance"};
    return names[link];
}

const char *hy_there_name(hy_there there) {
    static const char *const names[] = {"the list itself", "nothing", "an old copy"};
    return names[there];
}

/* ------------------------------------------------------------------------------------------------------- links ---- */

static uint64_t link_make(hy_link link, list_yard *base, list_node *from, const list_node *to) {
    switch (link) {
    case HY_LINK_ADDRESS: return (uintptr_t)to;
    case HY_LINK_OFFSET: return (uintptr_t)to - (uintptr_t)base;
    default: return (uintptr_t)to - (uintptr_t)from;
    }
}

static list_node *link_follow(hy_link link, list_yard *base, list_node *from) {
    const uint64_t next = from->next;
    if (next == 0)
        return NULL;
    switch (link) {
    case HY_LINK_ADDRESS: return (list_node *)(uintptr_t)next;
    case HY_LINK_OFFSET: return (list_node *)(uintptr_t)((uintptr_t)base + next);
    default: return (list_node *)(uintptr_t)((uintptr_t)from + next);
    }
}

static uint64_t list_value(uint64_t seed, size_t i) {
    return hy_random(seed, i) >> 32;
}

static uint64_t list_sum(uint64_t seed, size_t nodes) {
    uint64_t sum = 0;
    for (size_t i = 0; i < nodes; i++)
        sum += list_value(seed, i);
    return sum;
}

/* A list through all nodes in random order (Fisher and Yates's shuffle). */
static void list_build(list_yard *yard, hy_link link, size_t nodes, uint64_t seed, size_t *order) {
    for (size_t i = 0; i < nodes; i++)
        order[i] = i;
    for (size_t i = nodes; i > 1; i--) {
        const size_t other = hy_random_below(seed ^ 1, i, i), kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
    yard->first = order[0];
    for (size_t i = 0; i < nodes; i++) {
        list_node *const node = &yard->node[order[i]];
        node->value = list_value(seed, order[i]);
        node->next = i + 1 < nodes ? link_make(link, yard, node, &yard->node[order[i + 1]]) : 0;
    }
}

/* --------------------------------------------------------------------------------------------------- processes ---- */

static bool list_map(const list_case *c, list_yard *at) {
    return mmap(at, c->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, c->memory, 0) == (void *)at;
}

/* What lies at the first base in the second process.  The old copy is the list with other values. */
static bool list_prepare(const list_case *c, hy_there there) {
    if (there == HY_THERE_SAME)
        return list_map(c, c->first);
    if (munmap(c->first, c->size) < 0)
        return false;
    if (there == HY_THERE_NOTHING)
        return true;
    if (mmap(c->first, c->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, c->memory, 0) != (void *)c->first)
        return false;
    for (size_t i = 0; i < c->nodes; i++)
        c->first->node[i].value++;
    return true;
}

static void list_count(const list_case *c, hy_link link, list_yard *base) {
    size_t inside = 0;
    for (size_t i = 0; i < c->nodes; i++) {
        const uintptr_t to = (uintptr_t)link_follow(link, base, &base->node[i]);
        inside += to >= (uintptr_t)base && to < (uintptr_t)base + c->size;
    }
    c->note->inside = inside;
}

/* In the second process: the list as it is there. */
static void list_walk(const list_case *c, hy_link link, list_yard *base) {
    for (list_node *node = &base->node[base->first]; node && c->note->reached < c->nodes;
         node = link_follow(link, base, node)) {
        c->note->sum += node->value;
        c->note->reached++;
    }
}

static void list_quiet_crash(void) {
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    signal(SIGSEGV, SIG_DFL); /* a sanitizer's handler would turn the signal into an exit code */
    signal(SIGBUS, SIG_DFL);
}

static _Noreturn void list_second(const list_case *c, hy_link link, hy_there there) {
    list_yard *const base = there == HY_THERE_SAME ? c->first : c->second;
    list_quiet_crash();
    if (!list_prepare(c, there) || !list_map(c, base)) {
        c->note->error = errno;
        _exit(1);
    }
    list_count(c, link, base);
    list_walk(c, link, base);
    _exit(0);
}

/* Writes the list at the first base, in a process of its own. */
static _Noreturn void list_first(const list_case *c, hy_link link, uint64_t seed) {
    size_t *const order = calloc(c->nodes, sizeof *order);
    if (!order || !list_map(c, c->first)) {
        c->note->error = errno;
        _exit(1);
    }
    list_build(c->first, link, c->nodes, seed, order);
    _exit(0);
}

static int list_wait(const list_case *c, pid_t child, int *ret_signal, hy_error *error) {
    int status;
    if (child < 0)
        return hy_fail(error, -errno, "cannot start a process: %s", strerror(errno));
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return hy_fail(error, -errno, "waiting for a process: %s", strerror(errno));
    if (c->note->error)
        return hy_fail(error, -c->note->error, "cannot map shared memory at a chosen address: %s",
                       strerror(c->note->error));
    *ret_signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return 0;
}

/* -------------------------------------------------------------------------------------------------------- runs ---- */

static int list_open(size_t nodes, list_case *ret, hy_error *error) {
    list_case c = {.nodes = nodes, .size = sizeof(list_yard) + nodes * sizeof(list_node)};
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    c.size = (c.size + page - 1) / page * page;
    c.memory = memfd_create("heapyard-list", MFD_CLOEXEC);
    if (c.memory < 0 || ftruncate(c.memory, (off_t)c.size) < 0)
        return hy_fail(error, -errno, "no shared memory: %s", strerror(errno));
    c.first = mmap(NULL, c.size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    c.second = mmap(NULL, c.size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    c.note = mmap(NULL, sizeof *c.note, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (c.first == MAP_FAILED || c.second == MAP_FAILED || c.note == MAP_FAILED)
        return hy_fail(error, -errno, "no memory for two bases: %s", strerror(errno));
    *ret = c;
    return 0;
}

static void list_close(list_case *c) {
    munmap(c->first, c->size);
    munmap(c->second, c->size);
    munmap(c->note, sizeof *c->note);
    close(c->memory);
}

static int list_run(const list_case *c, hy_link link, hy_there there, uint64_t seed, hy_list_run *ret,
                    hy_error *error) {
    int signal = 0;
    memset(c->note, 0, sizeof *c->note);
    const pid_t writer = fork();
    if (writer == 0)
        list_first(c, link, seed);
    int r = list_wait(c, writer, &signal, error);
    if (r < 0)
        return r;
    const pid_t reader = fork();
    if (reader == 0)
        list_second(c, link, there);
    r = list_wait(c, reader, &signal, error);
    if (r < 0)
        return r;
    *ret = (hy_list_run){.link = link,
                         .there = there,
                         .first_base = (uintptr_t)c->first,
                         .second_base = (uintptr_t)(there == HY_THERE_SAME ? c->first : c->second),
                         .nodes = c->nodes,
                         .inside = c->note->inside,
                         .reached = c->note->reached,
                         .signal = signal,
                         .sum = c->note->sum,
                         .right_sum = list_sum(seed, c->nodes)};
    return 0;
}

int hy_list_try(size_t nodes, uint64_t seed, hy_list_run ret_runs[HY_LIST_RUNS], hy_error *error) {
    list_case c;
    int r = list_open(nodes, &c, error);
    if (r < 0)
        return r;
    for (int i = 0; i < HY_LIST_RUNS && r == 0; i++)
        r = list_run(&c, (hy_link)(i / HY_THERES), (hy_there)(i % HY_THERES), seed, &ret_runs[i], error);
    list_close(&c);
    return r;
}

int hy_list_write(size_t nodes, uint64_t seed, uint64_t *ret_seen, uint64_t *ret_right, hy_error *error) {
    list_case c;
    int signal, r = list_open(nodes, &c, error);
    if (r < 0)
        return r;
    const pid_t writer = fork();
    if (writer == 0)
        list_first(&c, HY_LINK_OFFSET, seed);
    r = list_wait(&c, writer, &signal, error);
    const pid_t changer = r == 0 ? fork() : -1;
    if (changer == 0) {
        if (!list_map(&c, c.second))
            _exit(1);
        for (list_node *n = &c.second->node[c.second->first]; n; n = link_follow(HY_LINK_OFFSET, c.second, n))
            n->value++;
        _exit(0);
    }
    if (r == 0)
        r = list_wait(&c, changer, &signal, error);
    if (r == 0 && !list_map(&c, c.first))
        r = hy_fail(error, -errno, "cannot map shared memory at a chosen address: %s", strerror(errno));
    if (r == 0) {
        uint64_t seen = 0;
        for (size_t i = 0; i < nodes; i++)
            seen += c.first->node[i].value;
        *ret_seen = seen;
        *ret_right = list_sum(seed, nodes) + nodes;
    }
    list_close(&c);
    return r;
}
