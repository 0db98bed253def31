/* SPDX-License-Identifier: MIT
 *
 * yard_pass.c - the yard pass: how a heap gets along with memory of a fixed size.
 *
 *   1. The whole heap, blocks and metadata, lies in one fixed region (the cell opens it so).
 *   2. A request that gets NULL is a failure.  A new object is then absent: what the trace does with it later is left
 *      out.  A realloc that fails leaves the object as it was.
 *   3. A failure is external if the free bytes would have been enough, but not in one piece: those of all holes by a
 *      walk, and those of the yard that the heap has not taken.  Only so many failures are walked for.
 *   4. It can end with the first failure: who only asks whether the yard is enough knows then.
 *
 * Bad at: what a program would have done about it.  Later failures follow from earlier ones: objects that are absent
 * make room for others.  The first failure is exact.
 */
#include "fragmentation.h"
#include "replay.h"

#include <string.h>
#include <sys/mman.h>

#define MOST_WALKS 1000u

typedef struct yard_pass {
    hy_replay *replay;
    size_t *size;        /* of the object in each slot, as asked for; 0: none, or absent */
    uint64_t operations; /* so far */
    uint64_t failures, walked, external, skipped;
    uint64_t failed_bytes;
    uint64_t first; /* the operation, counted from 1; 0: none */
} yard_pass;

static size_t bytes_free(const hy_instance *instance, const hy_fragmentation *sums) {
    const size_t available = instance->data->available, taken = hy_instance_committed(instance);
    return sums->free + (available > taken ? available - taken : 0);
}

static void note_failure(yard_pass *self, size_t size) {
    hy_fragmentation sums;
    self->failures++;
    self->failed_bytes += size;
    self->first = self->first ? self->first : self->operations;
    if (self->walked < MOST_WALKS && hy_fragmentation_measure(self->replay->instance, &sums)) {
        self->walked++;
        self->external += bytes_free(self->replay->instance, &sums) >= size;
    }
}

static void yard_free(yard_pass *self, const hy_op *op) {
    hy_replay *const replay = self->replay;
    size_t *const size = &self->size[op->slot];
    if (*size)
        replay->heap->ops->free(replay->heap, replay->slot[op->slot], *size & replay->known_sizes);
    else
        self->skipped++;
    *size = 0;
}

/* The new place of a block that may have failed to reach the size that the trace thinks it has. */
static void *yard_resize(const yard_pass *self, const hy_op *op) {
    hy_heap *const heap = self->replay->heap;
    return heap->ops->realloc(heap, self->replay->slot[op->slot], self->size[op->slot] & self->replay->known_sizes,
                              hy_op_align(self->replay, op), op->size);
}

static void yard_obtain(yard_pass *self, const hy_op *op) {
    hy_replay *const replay = self->replay;
    const bool resize = op->kind == HY_OP_REALLOC;
    if (resize && self->size[op->slot] == 0) {
        self->skipped++;
        return;
    }
    void *const block = op->size > replay->heap->max_size ? NULL
                        : resize                          ? yard_resize(self, op)
                                                          : hy_op_obtain(replay, op);
    if (!block) {
        note_failure(self, op->size);
        return;
    }
    replay->slot[op->slot] = block;
    self->size[op->slot] = op->size;
    hy_touch_block(block, op->size, replay->touch);
}

static bool has_enough(const yard_pass *self) {
    return self->replay->most_failures > 0 && self->failures >= self->replay->most_failures;
}

static void yard_loop(yard_pass *self) {
    const hy_op *end, *op = hy_program_lane(self->replay->program, 0, &end);
    for (; op != end && !has_enough(self); op++) {
        self->operations += op->kind <= HY_OP_FREE;
        if (op->kind == HY_OP_FREE)
            yard_free(self, op);
        else if (op->kind <= HY_OP_REALLOC)
            yard_obtain(self, op);
    }
}

void hy_pass_yard(hy_replay *replay, FILE *out, hy_ending *ret_ending) {
    const size_t size = (replay->program->head->slots + 1) * sizeof(size_t);
    yard_pass self = {.replay = replay};
    self.size = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (self.size == MAP_FAILED) {
        *ret_ending = (hy_ending){"failed", "no memory for the sizes of all objects"};
        return;
    }
    do
        yard_loop(&self);
    while (!has_enough(&self) && hy_replay_next(replay));
    hy_replay_ending(replay, ret_ending);
    fprintf(out, "metric yard %zu B\nmetric failures %llu count\nmetric failed_bytes %llu B\n",
            replay->instance->data->available, (unsigned long long)self.failures,
            (unsigned long long)self.failed_bytes);
    fprintf(out, "metric skipped_ops %llu count\n", (unsigned long long)self.skipped);
    if (self.first)
        fprintf(out, "metric first_failure %llu count\n", (unsigned long long)self.first);
    if (replay->heap->ops->walk)
        fprintf(out, "metric failures_walked %llu count\nmetric external_failures %llu count\n",
                (unsigned long long)self.walked, (unsigned long long)self.external);
    munmap(self.size, size);
}
