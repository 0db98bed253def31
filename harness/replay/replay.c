/* SPDX-License-Identifier: MIT
 *
 * replay.c - what all passes share: the tables, the lanes' threads, waiting, and how a pass ended.
 */
#include "replay.h"

#include "turn.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LOOKS 300          /* before a waiter goes to sleep */
#define LONG_THREAD 10000u /* operations; starting a thread takes as long as a thousand of them */

/* -------------------------------------------------------------------------------------------------- start, end ---- */

/* Blocks that overlap have a first byte, and may have no more. */
static hy_touch touch_of_fake(hy_touch touch) {
    const hy_touch what = touch % HY_TOUCH_READ;
    return (what > HY_TOUCH_FIRST ? HY_TOUCH_FIRST : what) + (touch - what);
}

int hy_replay_start(hy_replay *replay, const hy_program *program, hy_instance *instance, hy_touch touch,
                    hy_error *error) {
    const size_t slots = program->head->slots;
    const size_t size = slots * (sizeof(void *) + sizeof(uint32_t)) + 1;
    void *const tables = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (tables == MAP_FAILED)
        return hy_fail(error, -ENOMEM, "no memory for a table of %zu objects", slots);
    hy_heap *const heap = instance->heap;
    *replay = (hy_replay){.program = program,
                          .instance = instance,
                          .heap = heap,
                          .slot = tables,
                          .turn = (uint32_t *)((void **)tables + slots),
                          .touch = heap->ops->flags & HY_FAKE ? touch_of_fake(touch) : touch,
                          .most_align = heap->ops->max_align,
                          .known_sizes = heap->ops->usable_size ? 0 : (size_t)-1,
                          .map_size = size};
    return 0;
}

void hy_replay_end(hy_replay *replay) {
    munmap(replay->slot, replay->map_size);
}

int hy_replay_renew(hy_replay *replay, hy_error *error) {
    const hy_opening *const o = replay->opening;
    if (!o)
        return hy_fail(error, -ENOTSUP, "this heap cannot be opened again");
    hy_close(replay->instance);
    const int r = hy_open(o->catalog, o->spec, &o->options, replay->instance, error);
    replay->heap = r == 0 ? replay->instance->heap : NULL;
    return r;
}

bool hy_replay_next(hy_replay *replay) {
    replay->windows++;
    return !replay->failed && !replay->stop && hy_program_next(replay->program, &replay->lost) > 0;
}

/* ------------------------------------------------------------------------------------------------------ waiting ----
 */

static inline void look_away(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static uint32_t turn_of(const hy_replay *replay, const hy_op *op) {
    return __atomic_load_n(&replay->turn[op->slot], __ATOMIC_ACQUIRE) & ~HY_TURN_SLEEPER;
}

/* Sleeps unless the slot's word is no longer what was `seen`. */
static void turn_sleep(uint32_t *word, uint32_t seen) {
    static const struct timespec nap = {0, 10000000};
    const uint32_t marked = seen | HY_TURN_SLEEPER;
    if (seen == marked || __atomic_compare_exchange_n(word, &seen, marked, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, marked, &nap, NULL, 0);
}

bool hy_turn_wait_long(hy_replay *replay, const hy_op *op) {
    for (int i = 0; i < LOOKS; i++) {
        if (turn_of(replay, op) == op->turn)
            return true;
        look_away();
    }
    uint32_t *const word = &replay->turn[op->slot];
    while (!__atomic_load_n(&replay->stop, __ATOMIC_ACQUIRE)) {
        const uint32_t seen = __atomic_load_n(word, __ATOMIC_SEQ_CST);
        if ((seen & ~HY_TURN_SLEEPER) == op->turn)
            return true;
        turn_sleep(word, seen);
    }
    return false;
}

/* The bit goes first: who sets it again after that is woken for nothing, but nobody sleeps on. */
void hy_turn_wake(hy_replay *replay, const hy_op *op) {
    uint32_t *const word = &replay->turn[op->slot];
    __atomic_fetch_and(word, ~HY_TURN_SLEEPER, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

static bool has_left(const hy_epoch_word *word, uint32_t due) {
    return (int32_t)(__atomic_load_n(&word->left, __ATOMIC_SEQ_CST) - due) >= 0;
}

/* False: the replay was stopped. */
static bool epoch_wait(hy_replay *replay, hy_epoch_word *word, uint32_t due) {
    static const struct timespec nap = {0, 10000000};
    for (int i = 0; i < LOOKS; i++) {
        if (has_left(word, due))
            return true;
        look_away();
    }
    __atomic_fetch_add(&word->sleepers, 1, __ATOMIC_SEQ_CST);
    while (!has_left(word, due) && !__atomic_load_n(&replay->stop, __ATOMIC_ACQUIRE)) {
        const uint32_t seen = __atomic_load_n(&word->left, __ATOMIC_SEQ_CST);
        if ((int32_t)(seen - due) < 0)
            syscall(SYS_futex, &word->left, FUTEX_WAIT_PRIVATE, seen, &nap, NULL, 0);
    }
    __atomic_fetch_sub(&word->sleepers, 1, __ATOMIC_SEQ_CST);
    return has_left(word, due);
}

bool hy_pace(hy_replay *replay, const hy_op *op) {
    if (op->align != HY_EPOCH_NONE) {
        hy_epoch_word *const left = &replay->epoch[op->align % HY_EPOCH_WORDS];
        __atomic_fetch_add(&left->left, 1, __ATOMIC_SEQ_CST);
        if (__atomic_load_n(&left->sleepers, __ATOMIC_SEQ_CST))
            syscall(SYS_futex, &left->left, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
    }
    return epoch_wait(replay, &replay->epoch[(op->size - 2) % HY_EPOCH_WORDS], op->turn) &&
           epoch_wait(replay, &replay->epoch[(op->size - 3) % HY_EPOCH_WORDS], op->slot);
}

/* -------------------------------------------------------------------------------------------------------- lanes ----
 */

/* All lanes' threads, and what they do. */
typedef struct crew {
    hy_replay *replay;
    hy_lane_run *lane_run;
    void *context;
    bool over;
    pthread_barrier_t start, end; /* of a window */
} crew;

typedef struct member {
    crew *crew;
    size_t lane;
    pthread_t thread, before; /* before: who had the lane until it ended */
    const hy_op *rest;        /* for the next thread of the lane */
    uint64_t start, end;      /* by its own clock: whoever starts them may itself be late */
} member;

const hy_op *hy_lane_left(hy_replay *replay, const hy_op *op) {
    if (op && op->kind == HY_OP_THREAD_EXIT) {
        if (replay->heap->ops->thread_exit)
            replay->heap->ops->thread_exit(replay->heap);
        return op + 1;
    }
    const hy_op *nobody = NULL;
    if (op) {
        __atomic_compare_exchange_n(&replay->failed, &nobody, op, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
        __atomic_store_n(&replay->stop, 1, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

/* Is there anything to do for another thread of the trace, and are threads so long that starting them is little? */
static bool is_for_another(const crew *c, size_t lane, const hy_op *op) {
    const hy_op *end;
    const hy_program_facts *const facts = &c->replay->program->head->facts;
    if (facts->operations / LONG_THREAD < facts->threads)
        return false;
    hy_program_lane(c->replay->program, lane, &end);
    while (op != end && op->kind > HY_OP_FREE)
        op++;
    return op != end;
}

static void *member_successor(void *argument);

/* A thread that cannot be had may leave its name behind all the same (glibc), and this one is the one to be joined
 * then. Nobody reads `thread` before this one has ended: the new thread joins it first. */
static bool member_hand_over(member *self) {
    pthread_t successor;
    if (pthread_create(&successor, NULL, member_successor, self) != 0)
        return false;
    self->thread = successor;
    return true;
}

/* The lane from `op` to the end of the window.  False: a new thread does the rest, and this one is to end. */
static bool member_walk(member *self, const hy_op *op) {
    crew *const c = self->crew;
    while ((op = c->lane_run(c->replay, self->lane, op, c->context))) {
        self->rest = op;
        self->before = pthread_self();
        if (is_for_another(c, self->lane, op) && member_hand_over(self))
            return false;
    }
    self->end = hy_now();
    pthread_barrier_wait(&c->end);
    return true;
}

static void *member_run(void *argument) {
    member *const self = argument;
    crew *const c = self->crew;
    for (;;) {
        const hy_op *end;
        pthread_barrier_wait(&c->start);
        if (c->over)
            return NULL;
        self->start = hy_now();
        if (!member_walk(self, hy_program_lane(c->replay->program, self->lane, &end)))
            return NULL;
    }
}

/* In the trace, too, a thread of the same lane began only when the one before had ended: its caches are given back. */
static void *member_successor(void *argument) {
    member *const self = argument;
    pthread_join(self->before, NULL);
    return member_walk(self, self->rest) ? member_run(self) : NULL;
}

static void end_window(hy_replay *replay, void *context) {
    if (replay->after_window)
        replay->after_window(replay, context);
}

/* From the first start to the last end. */
static uint64_t run_window(crew *c, const member *members, size_t lanes) {
    uint64_t start = UINT64_MAX, end = 0;
    memset(c->replay->epoch, 0, sizeof c->replay->epoch);
    pthread_barrier_wait(&c->start);
    pthread_barrier_wait(&c->end);
    for (size_t i = 0; i < lanes; i++) {
        start = members[i].start < start ? members[i].start : start;
        end = members[i].end > end ? members[i].end : end;
    }
    return end - start;
}

/* Each thread waits at the barriers, this one too. */
static uint64_t run_crew(crew *c, member *members, size_t lanes, hy_error *error) {
    uint64_t time = 0;
    pthread_barrier_init(&c->start, NULL, (unsigned)lanes + 1);
    pthread_barrier_init(&c->end, NULL, (unsigned)lanes + 1);
    for (size_t i = 0; i < lanes; i++) {
        members[i].crew = c;
        members[i].lane = i;
        const int r = pthread_create(&members[i].thread, NULL, member_run, &members[i]);
        if (r != 0) {
            hy_fail(error, -r, "thread %zu of %zu could not be started: %s", i + 1, lanes, strerror(r));
            return 0;
        }
    }
    do {
        time += run_window(c, members, lanes);
        end_window(c->replay, c->context);
    } while (hy_replay_next(c->replay));
    c->over = true;
    pthread_barrier_wait(&c->start);
    for (size_t i = 0; i < lanes; i++)
        pthread_join(members[i].thread, NULL);
    pthread_barrier_destroy(&c->start);
    pthread_barrier_destroy(&c->end);
    return time;
}

static uint64_t run_alone(hy_replay *replay, hy_lane_run *lane_run, void *context) {
    uint64_t time = 0;
    do {
        const hy_op *end, *op = hy_program_lane(replay->program, 0, &end);
        const uint64_t start = hy_now();
        while ((op = lane_run(replay, 0, op, context)))
            continue;
        time += hy_now() - start;
        end_window(replay, context);
    } while (hy_replay_next(replay));
    return time;
}

uint64_t hy_run_lanes(hy_replay *replay, hy_lane_run *lane_run, void *context, hy_error *error) {
    const size_t lanes = replay->program->head->lanes;
    if (lanes > 1) {
        static member members[HY_PROGRAM_MAX_LANES];
        crew c = {.replay = replay, .lane_run = lane_run, .context = context};
        return run_crew(&c, members, lanes, error);
    }
    return lanes == 1 ? run_alone(replay, lane_run, context) : 0;
}

/* ------------------------------------------------------------------------------------------------------- ending ----
 */

/* Operations of a lane before `op`. */
static uint64_t operations_before(const hy_op *at, const hy_op *op) {
    uint64_t count = 0;
    for (; at < op; at++)
        count += at->kind <= HY_OP_FREE;
    return count;
}

/* "operation 17 of 100", of a thread if there are several; of a long trace only what came before is known of a thread.
 */
static void say_where(const hy_replay *replay, size_t lane, const hy_op *start, const hy_op *end, char *ret,
                      size_t size) {
    const hy_program_head *const head = replay->program->head;
    const uint64_t at = head->lane[lane].before + operations_before(start, replay->failed) + 1;
    const uint64_t all = head->lanes > 1 ? operations_before(start, end) : head->facts.operations;
    int n = snprintf(ret, size, "operation %llu", (unsigned long long)at);
    if (head->lanes == 1 || !head->streamed)
        n += snprintf(ret + n, size - (size_t)n, " of %llu", (unsigned long long)all);
    if (head->lanes > 1)
        snprintf(ret + n, size - (size_t)n, " of thread %zu", lane);
}

void hy_replay_ending(const hy_replay *replay, hy_ending *ret_ending) {
    char where[80];
    *ret_ending = (hy_ending){"ok", ""};
    const hy_program_head *const head = replay->program->head;
    if (replay->lost.text[0]) {
        strcpy(ret_ending->outcome, "failed");
        snprintf(ret_ending->detail, sizeof ret_ending->detail, "%s", replay->lost.text);
    }
    for (size_t lane = 0; replay->failed && lane < head->lanes; lane++) {
        const hy_op *end, *const start = hy_program_lane(replay->program, lane, &end);
        if (replay->failed < start || replay->failed >= end)
            continue;
        say_where(replay, lane, start, end, where, sizeof where);
        strcpy(ret_ending->outcome, "no-room");
        snprintf(ret_ending->detail, sizeof ret_ending->detail, "no room for %llu bytes at %s",
                 (unsigned long long)replay->failed->size, where);
    }
}
