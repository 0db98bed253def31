/* SPDX-License-Identifier: MIT
 *
 * handover.c - what it costs that objects go from one thread to another (see self.h).
 *
 *   1. The first lane makes all objects; when it is through, the second, on another processor, frees them.  So nobody
 *      ever waits, but every free has to see that its object is there, and finds its slot in the other's cache.
 *   2. The same with all marks taken off the operations: what is left is no hand-over any more, but the same work on
 *      the same memory.  The difference is what a hand-over costs both sides together.
 *   3. Rounds of both in turn, the lanes' threads being the same all the time.
 */
#include "self.h"
#include "turn.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>

#define ROUNDS 21

typedef struct relay {
    hy_replay *replay;
    hy_op *plain; /* the operations without marks */
    pthread_barrier_t barrier;
    uint64_t time[2]; /* of the lanes in this round */
    double marked[ROUNDS], unmarked[ROUNDS];
} relay;

typedef struct runner {
    relay *relay;
    size_t lane;
} runner;

/* As in loop.c, of what this program has. */
static uint64_t run_lane(hy_replay *replay, const hy_op *op, const hy_op *end) {
    hy_heap *const heap = replay->heap;
    const hy_heap_ops *const ops = heap->ops;
    const uint64_t start = hy_now();
    for (; op != end; op++) {
        if (!hy_turn_wait(replay, op))
            break;
        if (op->kind == HY_OP_FREE)
            ops->free(heap, replay->slot[op->slot], 0);
        else
            replay->slot[op->slot] = ops->alloc(heap, op->size, HY_MALLOC_ALIGN);
        hy_turn_signal(replay, op);
    }
    return hy_now() - start;
}

/* Each on a processor of its own, if there are two. */
static void spread(size_t lane) {
    cpu_set_t set, one;
    size_t seen = 0;
    if (sched_getaffinity(0, sizeof set, &set) < 0 || CPU_COUNT(&set) < 2)
        return;
    for (size_t i = 0; i < CPU_SETSIZE; i++) {
        if (!CPU_ISSET(i, &set) || seen++ != lane)
            continue;
        CPU_ZERO(&one);
        CPU_SET(i, &one);
        sched_setaffinity(0, sizeof one, &one);
    }
}

static void *runner_run(void *argument) {
    const runner *const self = argument;
    relay *const r = self->relay;
    const hy_op *end, *const start = hy_program_lane(r->replay->program, self->lane, &end);
    const size_t at = (size_t)(start - r->replay->program->ops), count = (size_t)(end - start);
    spread(self->lane);
    for (size_t round = 0; round < 2 * ROUNDS; round++) {
        pthread_barrier_wait(&r->barrier);
        for (size_t turn = 0; turn < 2; turn++) {
            if (turn == self->lane)
                r->time[turn] = round % 2 ? run_lane(r->replay, r->plain + at, r->plain + at + count)
                                          : run_lane(r->replay, start, end);
            pthread_barrier_wait(&r->barrier);
        }
    }
    return NULL;
}

/* Between rounds nobody else runs. */
static void run_rounds(relay *r) {
    const uint64_t slots = r->replay->program->head->slots;
    const double objects = (double)r->replay->program->head->facts.objects;
    for (size_t round = 0; round < 2 * ROUNDS; round++) {
        memset(r->replay->turn, 0, slots * sizeof *r->replay->turn);
        for (size_t i = 0; i < 3; i++)
            pthread_barrier_wait(&r->barrier);
        (round % 2 ? r->unmarked : r->marked)[round / 2] = (double)(r->time[0] + r->time[1]) / objects;
    }
}

static double median(double *values) {
    for (size_t i = 1; i < ROUNDS; i++)
        for (size_t k = i; k > 0 && values[k - 1] > values[k]; k--) {
            const double kept = values[k];
            values[k] = values[k - 1];
            values[k - 1] = kept;
        }
    return values[ROUNDS / 2];
}

static void take_marks_off(relay *r, size_t entries) {
    memcpy(r->plain, r->replay->program->ops, entries * sizeof *r->plain);
    for (size_t i = 0; i < entries; i++)
        r->plain[i].waits = r->plain[i].signals = 0;
}

void hy_self_handover(hy_replay *replay, FILE *out, hy_ending *ret_ending) {
    static relay r;
    pthread_t thread[2];
    runner runners[2] = {{&r, 0}, {&r, 1}};
    const size_t entries = replay->program->head->entries, size = entries * sizeof(hy_op) + 1;
    r = (relay){.replay = replay};
    *ret_ending = (hy_ending){"failed", "no memory or no threads for hand-overs"};
    r.plain = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (r.plain == MAP_FAILED || replay->program->head->lanes != 2)
        return;
    take_marks_off(&r, entries);
    pthread_barrier_init(&r.barrier, NULL, 3);
    for (size_t i = 0; i < 2; i++)
        if (pthread_create(&thread[i], NULL, runner_run, &runners[i]) != 0)
            return; /* the process ends, and takes whoever waits at the barrier with it */
    run_rounds(&r);
    for (size_t i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    pthread_barrier_destroy(&r.barrier);
    munmap(r.plain, size);
    const double with = median(r.marked), without = median(r.unmarked);
    *ret_ending = (hy_ending){"ok", ""};
    fprintf(out, "metric handover_object %.9g ns\nmetric handover %.9g ns\n", with, with - without);
}
