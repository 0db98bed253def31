/* SPDX-License-Identifier: MIT
 *
 * micro.c - `heapyard-micro NAME[/N] [THREADS [MILLISECONDS]]`: one micro benchmark of malloc and free as any program
 * calls them, in a process of its own; LD_PRELOAD says whose they are.  `heapyard-micro --list` names them all.
 *
 * So every allocator is called through the same symbol, directly, which no table of functions could give them.  An
 * iteration is a malloc and a free:
 *
 *   pair/SIZE         one block allocated and freed again: the hot path
 *   batch_lifo/N      N blocks of 64 bytes, freed youngest first
 *   batch_fifo/N      ... oldest first
 *   batch_random/N    ... in random order
 *   working_set/N     N live blocks of log-normal sizes (median 64 B), a random one replaced each iteration; N have
 *                     been replaced before anything is timed
 *   ring              one thread allocates, the other frees: a ring of 1024 pointers between them
 *   batches           ... batches of 256 blocks, four under way at most
 *   shared_set/N      as working_set, but all threads replace blocks of one set
 *   larson            1000 blocks of 8 to 1000 bytes, random ones replaced by a thread that ends after 10 000 turns;
 * the next one takes over its blocks (P. Larson, M. Krishnan, Memory allocation for long-running server applications,
 * ISMM 1998) threads/N         an iteration starts a thread that allocates N blocks, frees them and ends latency/N as
 * working_set, each call timed (micro_latency.c) resident/N        memory for N blocks of log-normal sizes
 * (micro_resident.c)
 *
 * Answer: a line for each figure, "time ns 8.25".  Where several threads do the same, it is the mean of their times,
 * each for its own iterations: twice that of one thread is no gain at all.
 * Thread i runs on the i-th processor that the process may use.
 */
#include "micro.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct entry {
    const char *name;
    micro_body *body;
    unsigned least_threads, most_threads;
    bool memory;         /* what it tells is bytes, no time */
    size_t arguments[4]; /* ends with 0 */
} entry;

static const entry entries[] = {
    {"pair", micro_pair, 1, 2, false, {16, 64, 1024}},
    {"batch_lifo", micro_batch_lifo, 1, 2, false, {1024}},
    {"batch_lifo", micro_batch_lifo, 1, 1, false, {65536}},
    {"batch_fifo", micro_batch_fifo, 1, 2, false, {1024}},
    {"batch_fifo", micro_batch_fifo, 1, 1, false, {65536}},
    {"batch_random", micro_batch_random, 1, 2, false, {1024}},
    {"batch_random", micro_batch_random, 1, 1, false, {65536}},
    {"working_set", micro_working_set, 1, 2, false, {10000, 1000000}},
    {"ring", micro_ring, 2, 2, false, {0}},
    {"batches", micro_batches, 2, 2, false, {0}},
    {"shared_set", micro_shared_set, 1, 2, false, {10000}},
    {"larson", micro_larson, 1, 2, false, {0}},
    {"threads", micro_threads, 1, 2, false, {64}},
    {"latency", micro_latency, 1, 1, false, {1000000}},
    {"resident", micro_resident, 1, 1, true, {10000, 1000000}},
};

/* ----------------------------------------------------------------------------------------------------- phases ---- */

void *micro_map(size_t size) {
    void *const memory =
        mmap(NULL, size + !size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED)
        abort();
    return memory;
}

void micro_begin(micro_share *share) {
    pthread_barrier_wait(share->job->barrier);
    share->from = hy_now();
    share->until = share->from + share->job->time / 4;
}

bool micro_next_phase(micro_share *share, uint64_t now) {
    if (share->warm) {
        share->cost = (double)(now - share->from) / (double)share->done;
        return false;
    }
    share->warm = true;
    share->done = 0;
    share->from = now;
    share->until = now + share->job->time;
    return true;
}

void micro_fill(micro_share *share, size_t n) {
    for (size_t i = 0; i < n; i++)
        share->blocks[i] = micro_take(hy_draws_size(share->job->draws, i));
}

size_t micro_settle(micro_share *share, size_t n) {
    micro_fill(share, n);
    for (size_t turn = n; turn < 2 * n; turn++)
        micro_replace(share, turn, n);
    return 2 * n;
}

void micro_say(const char *metric, const char *unit, double value) {
    char line[128];
    const int size = snprintf(line, sizeof line, "%s %s %.6g\n", metric, unit, value);
    if (write(STDOUT_FILENO, line, (size_t)size) != size)
        _exit(1);
}

/* ----------------------------------------------------------------------------------------------------- threads ---- */

static void pin(unsigned thread) {
    cpu_set_t allowed, one;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) == 0)
        return;
    unsigned place = thread % (unsigned)CPU_COUNT(&allowed);
    size_t cpu = 0;
    while (!CPU_ISSET(cpu, &allowed) || place-- > 0)
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
}

typedef struct start {
    micro_body *body;
    micro_share *share;
} start;

static void *run_share(void *context) {
    const start *const s = context;
    pin(s->share->thread);
    s->body(s->share);
    return NULL;
}

/* The other threads start first: each chooses among all the processors that the process may use. */
static void run_job(const entry *e, micro_job *job) {
    pthread_t threads[MICRO_THREADS];
    start starts[MICRO_THREADS];
    double cost = 0;
    unsigned timed = 0;
    for (unsigned i = job->threads; i-- > 0;) {
        starts[i] = (start){e->body, &job->shares[i]};
        if (i == 0)
            run_share(&starts[0]);
        else if (pthread_create(&threads[i], NULL, run_share, &starts[i]) != 0)
            abort();
    }
    for (unsigned i = 1; i < job->threads; i++)
        pthread_join(threads[i], NULL);
    for (unsigned i = 0; i < job->threads; i++) {
        cost += job->shares[i].cost;
        timed += job->shares[i].cost > 0;
    }
    if (timed > 0)
        micro_say("time", "ns", cost / timed);
}

static void run_entry(const entry *e, size_t n, unsigned threads, uint64_t time) {
    static micro_share shares[MICRO_THREADS];
    static pthread_barrier_t barrier;
    hy_draws *const draws = micro_map(sizeof *draws);
    micro_job job = {.n = n, .threads = threads, .time = time, .table = n > 1024 ? n : 1024};
    job.draws = draws;
    job.barrier = &barrier;
    job.shares = shares;
    hy_draws_make(draws);
    pthread_barrier_init(&barrier, NULL, threads);
    for (unsigned i = 0; i < threads; i++)
        shares[i] = (micro_share){.job = &job, .thread = i, .blocks = micro_map(job.table * sizeof(void *))};
    run_job(e, &job);
}

/* ------------------------------------------------------------------------------------------------ command line ---- */

/* "pair/16 1 time": a benchmark, its threads, and what it tells. */
static void list_entry(const entry *e, size_t n) {
    char argument[24] = "";
    if (n > 0)
        snprintf(argument, sizeof argument, "/%zu", n);
    for (unsigned threads = e->least_threads; threads <= e->most_threads; threads++)
        printf("%s%s %u %s\n", e->name, argument, threads, e->memory ? "memory" : "time");
}

static int list(void) {
    for (const entry *e = entries; e < entries + sizeof entries / sizeof *entries; e++)
        for (size_t i = 0; i == 0 || e->arguments[i] > 0; i++)
            list_entry(e, e->arguments[i]);
    return 0;
}

/* The first of the name that is for so many threads; `size` bytes of name. */
static const entry *find(const char *name, size_t size, unsigned threads) {
    for (const entry *e = entries; e < entries + sizeof entries / sizeof *entries; e++)
        if (strlen(e->name) == size && memcmp(e->name, name, size) == 0 && threads <= e->most_threads)
            return e;
    return NULL;
}

/* 0, or 2: not understood. */
static int run_named(const char *name, unsigned threads, uint64_t milliseconds) {
    const char *const slash = strchr(name, '/');
    const entry *const e = find(name, slash ? (size_t)(slash - name) : strlen(name), threads);
    const size_t n = slash ? strtoul(slash + 1, NULL, 10) : 0;
    if (!e || milliseconds == 0 || (e->arguments[0] != 0) != (n != 0))
        return 2;
    threads = threads ? threads : e->least_threads;
    if (threads < e->least_threads)
        return 2;
    run_entry(e, n, threads, milliseconds * 1000000u);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--list") == 0)
        return list();
    const unsigned threads = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
    const uint64_t milliseconds = argc > 3 ? strtoul(argv[3], NULL, 10) : 60;
    if (argc >= 2 && argc <= 4 && run_named(argv[1], threads, milliseconds) == 0)
        return 0;
    fprintf(stderr, "usage: heapyard-micro NAME[/N] [THREADS [MILLISECONDS]], as heapyard-micro --list says\n");
    return 2;
}
