/* SPDX-License-Identifier: MIT
 *
 * defrag.c - see defrag.h.
 */
#include "defrag.h"

#include "clock.h"
#include "registry.h"
#include "replay.h"
#include "whose.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define STAMP 8u  /* bytes, of objects that have so many */
#define HEAD 16u  /* of each block, by the heap */
#define OFTEN 16u /* compacted when a 16th of the heap was freed since, or it grew beyond its peak, */
#define WORTH 16u /* and a 16th of it is idle */

typedef struct defrag {
    const hy_defrag_order *order;
    hy_defrag_result *result;
    hy_program program;
    hy_instance instance;
    hy_replay replay;
    hy_whose whose;
    uint64_t *size; /* of each slot's object, as asked */
    uint64_t *stamp;
    uint64_t births;
    uint64_t live;         /* bytes now, as asked */
    uint64_t freed;        /* bytes since it was last compacted */
    size_t passed;         /* the most that was ever committed */
    double footprint_area; /* bytes committed, times bytes allocated meanwhile */
    double live_area;
} defrag;

double hy_defrag_enough(double live, uint64_t budget) {
    return (double)(budget + 1) * live;
}

/* ------------------------------------------------------------------------------------------------------ stamps ---- */

static void stamp_put(defrag *self, uint32_t slot) {
    self->stamp[slot] = ++self->births * 0x9e3779b97f4a7c15u;
    if (self->size[slot] >= STAMP)
        memcpy(self->replay.slot[slot], &self->stamp[slot], STAMP);
}

static bool stamp_holds(const defrag *self, uint32_t slot) {
    return self->size[slot] < STAMP || memcmp(self->replay.slot[slot], &self->stamp[slot], STAMP) == 0;
}

/* -------------------------------------------------------------------------------------------------- compacting ---- */

static void on_moved(void *context, void *from, void *to) {
    defrag *const self = context;
    const uint32_t slot = hy_whose_find(&self->whose, (uintptr_t)from)->slot;
    hy_whose_drop(&self->whose, (uintptr_t)from);
    hy_whose_set(&self->whose, (uintptr_t)to, slot);
    self->replay.slot[slot] = to;
    self->result->moved += self->size[slot];
    self->result->blocks++;
}

/* Committed bytes that no block has. */
static size_t idle_bytes(const defrag *self) {
    hy_stats stats;
    memset(&stats, 0xff, sizeof stats);
    self->instance.heap->ops->stats(self->instance.heap, &stats);
    const size_t used = stats.live_bytes + stats.live_blocks * HEAD, committed = self->instance.data->committed;
    return committed > used ? committed - used : 0;
}

static bool is_due(const defrag *self) {
    const size_t committed = self->instance.data->committed;
    if (self->order->budget == HY_DEFRAG_NEVER || (committed <= self->passed && self->freed < committed / OFTEN))
        return false;
    return idle_bytes(self) > committed / WORTH;
}

static void compact(defrag *self) {
    hy_heap *const heap = self->instance.heap;
    const uint64_t begin = hy_now();
    heap->ops->compact(heap, on_moved, self);
    const uint64_t time = hy_now() - begin;
    self->result->busy += time;
    self->result->longest = time > self->result->longest ? time : self->result->longest;
    self->result->compactions++;
    self->freed = 0;
}

/* After an operation that allocated so many bytes. */
static void note(defrag *self, uint64_t allocated) {
    const size_t committed = self->instance.data->committed;
    const bool due = is_due(self);
    self->passed = committed > self->passed ? committed : self->passed;
    if (due)
        compact(self);
    self->result->allocated += allocated;
    self->footprint_area += (double)self->instance.data->committed * (double)allocated;
    self->live_area += (double)self->live * (double)allocated;
}

/* ----------------------------------------------------------------------------------------------------- a replay ----
 */

static int lost(const hy_op *op, hy_error *error) {
    return hy_fail(error, -EIO, "the object of slot %u lost its contents on the way", op->slot);
}

static int do_free(defrag *self, const hy_op *op, hy_error *error) {
    if (!stamp_holds(self, op->slot))
        return lost(op, error);
    hy_whose_drop(&self->whose, (uintptr_t)self->replay.slot[op->slot]);
    self->instance.heap->ops->free(self->instance.heap, self->replay.slot[op->slot], op->size);
    self->live -= op->size;
    self->freed += op->size;
    note(self, 0);
    return 0;
}

static int do_obtain(defrag *self, const hy_op *op, hy_error *error) {
    const bool again = op->kind == HY_OP_REALLOC;
    if (again && !stamp_holds(self, op->slot))
        return lost(op, error);
    if (again)
        hy_whose_drop(&self->whose, (uintptr_t)self->replay.slot[op->slot]);
    void *const block = hy_op_obtain(&self->replay, op);
    if (!block)
        return hy_fail(error, -ENOMEM, "no room for a block of %llu bytes", (unsigned long long)op->size);
    const uint64_t old = again ? self->size[op->slot] : 0;
    self->live += op->size - old;
    self->replay.slot[op->slot] = block;
    self->size[op->slot] = op->size;
    hy_whose_set(&self->whose, (uintptr_t)block, op->slot);
    stamp_put(self, op->slot);
    note(self, op->size > old ? op->size - old : 0);
    return 0;
}

static int do_all(defrag *self, hy_error *error) {
    const hy_op *end, *op = hy_program_lane(&self->program, 0, &end);
    for (int r; op != end; op++) {
        r = op->kind == HY_OP_FREE      ? do_free(self, op, error)
            : op->kind <= HY_OP_REALLOC ? do_obtain(self, op, error)
                                        : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

static int start_tables(defrag *self, hy_error *error) {
    const size_t slots = self->program.head->slots + 1;
    self->size = calloc(slots, sizeof *self->size);
    self->stamp = calloc(slots, sizeof *self->stamp);
    if (!self->size || !self->stamp || hy_whose_start(&self->whose, slots) < 0)
        return hy_fail(error, -ENOMEM, "no memory for the tables of %zu objects", slots);
    return hy_replay_start(&self->replay, &self->program, &self->instance, HY_TOUCH_NONE, error);
}

static int start_heap(defrag *self, hy_error *error) {
    char spec[HY_TEXT_SIZE];
    const uint64_t budget = self->order->budget;
    snprintf(spec, sizeof spec, budget == 0 || budget == HY_DEFRAG_NEVER ? "%s" : "%s%cpartial=%llu", self->order->spec,
             strchr(self->order->spec, ':') ? ',' : ':', (unsigned long long)budget);
    const int r = hy_open(&hy_registry, (hy_text){spec, strlen(spec)}, NULL, &self->instance, error);
    if (r == 0 && !self->instance.heap->ops->compact)
        return hy_fail(error, -EINVAL, "%s never moves a block; expected a heap with compact, as handles", spec);
    return r;
}

static int run_child(defrag *self, hy_error *error) {
    int r = hy_program_map(self->order->program, &self->program, error);
    if (r == 0)
        r = start_heap(self, error);
    if (r == 0)
        r = start_tables(self, error);
    if (r < 0)
        return r;
    self->result->live = self->program.head->facts.peak_bytes;
    self->result->largest = self->program.head->facts.max_size;
    r = do_all(self, error);
    self->result->footprint = self->passed;
    if (self->result->allocated > 0) {
        self->result->mean_footprint = self->footprint_area / (double)self->result->allocated;
        self->result->mean_live = self->live_area / (double)self->result->allocated;
    }
    return r;
}

int hy_defrag_run(const hy_defrag_order *order, hy_defrag_result *ret_result, hy_error *error) {
    hy_defrag_result *const shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return hy_fail(error, -errno, "no memory for a result: %s", strerror(errno));
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        defrag self = {.order = order, .result = shared};
        hy_error said = {""};
        if (run_child(&self, &said) < 0)
            snprintf(shared->failed, sizeof shared->failed, "%.255s", said.text);
        _exit(0);
    }
    int status = 0;
    const int r = child < 0 ? -errno : 0;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (r == 0 && WIFSIGNALED(status))
        snprintf(shared->failed, sizeof shared->failed, "the replay died of signal %d", WTERMSIG(status));
    else if (r == 0 && WEXITSTATUS(status) != 0)
        snprintf(shared->failed, sizeof shared->failed, "the replay ended with exit code %d", WEXITSTATUS(status));
    *ret_result = *shared;
    munmap(shared, sizeof *shared);
    return r < 0 ? hy_fail(error, r, "no child process: %s", strerror(-r)) : 0;
}
