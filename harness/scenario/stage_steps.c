/* SPDX-License-Identifier: MIT
 *
 * stage_steps.c - what a scenario does to the heap: blocks come and go, get what they are granted, are moved.
 */
#include "grant.h"
#include "stage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int stage_refuse(const stage *self, const hy_step *step, const char *words, hy_error *error) {
    return hy_fail(error, -EINVAL, "%.100s:%u: %.*s %s", self->scenario->name, step->line, HY_SCENARIO_NAME, step->name,
                   words);
}

/* What is asked of the heap, so that the range has whole units. */
static size_t request_of(const stage *self, uint64_t units) {
    const uint64_t bytes = units * self->unit;
    return bytes > self->header ? (size_t)(bytes - self->header) : 0;
}

/* The classic heap gives nothing for nothing; the core would ask it for one byte. */
static bool wants_nothing(const stage *self, size_t size) {
    return size == 0 && strcmp(self->heap.base->name, "simple") == 0;
}

/* NULL: that name is taken, which was said. */
static stage_block *new_block(stage *self, const hy_step *step, hy_error *error) {
    stage_block *block = stage_find(self, step->name);
    if (block && block->block) {
        stage_refuse(self, step, "is allocated already; free it first", error);
        return NULL;
    }
    if (!block)
        block = &self->blocks[self->block_count++];
    *block = (stage_block){.name = step->name,
                           .size = request_of(self, step->number),
                           .units = step->number,
                           .align = (size_t)step->align,
                           .line = step->line};
    return block;
}

static int step_alloc(stage *self, const hy_step *step, hy_error *error) {
    stage_block *const block = new_block(self, step, error);
    if (!block)
        return -EINVAL;
    block->block = wants_nothing(self, block->size) ? NULL : hy_alloc(self->heap.heap, block->size, block->align);
    block->refused = block->unexpected = !block->block;
    return 0;
}

/* The most that one request can get, in bytes with the header. */
static uint64_t largest_grant(stage *self) {
    uint64_t largest = 0;
    hy_heapmap_take(&self->map, self->heap.heap);
    for (size_t i = 0; i < self->map.count; i++) {
        const hy_range *const range = &self->map.ranges[i];
        if (range->kind == HY_FREE && range->usable > largest)
            largest = range->usable;
    }
    return largest ? largest + self->header : 0;
}

/* The operating system says no before the allocator is asked. */
static int step_refused(stage *self, const hy_step *step, hy_error *error) {
    stage_block *const block = new_block(self, step, error);
    if (!block)
        return -EINVAL;
    block->refused = block->unexpected = true;
    return 0;
}

/* A program that has said what it needs and what it would like: the request is for what it is granted. */
static int step_grant(stage *self, const hy_step *step, hy_error *error) {
    hy_step request = *step;
    request.align = 1;
    request.number = hy_size_grant(step->number * self->unit, step->preferred * self->unit, largest_grant(self));
    const bool refused = request.number == 0;
    request.number = refused ? step->number : request.number / self->unit;
    return refused ? step_refused(self, &request, error) : step_alloc(self, &request, error);
}

static int step_realloc(stage *self, const hy_step *step, hy_error *error) {
    stage_block *const block = stage_find(self, step->name);
    if (!block || !block->block)
        return stage_refuse(self, step, "is not allocated here", error);
    const size_t size = request_of(self, step->number);
    void *const moved = hy_realloc(self->heap.heap, block->block, block->size, block->align, size);
    block->line = step->line;
    block->units = step->number;
    block->refused = block->unexpected = !moved;
    if (moved) {
        block->block = moved;
        block->size = size;
    }
    return 0;
}

static int step_free(stage *self, const hy_step *step, hy_error *error) {
    stage_block *const block = stage_find(self, step->name);
    if (!block || (!block->block && !block->refused))
        return stage_refuse(self, step, "is not allocated here", error);
    hy_free(self->heap.heap, block->block, block->size);
    block->block = NULL;
    block->refused = false;
    return 0;
}

static int step_merge(stage *self, const hy_step *step, hy_error *error) {
    hy_heap *const heap = self->heap.heap;
    if (!heap->ops->coalesce)
        return hy_fail(error, -ENOTSUP, "%.100s:%u: %s cannot merge", self->scenario->name, step->line,
                       self->heap.base->name);
    heap->ops->coalesce(heap);
    return 0;
}

/* A block has moved: its name goes with it, and its range's bytes are counted. */
static void on_moved(void *context, void *from, void *to) {
    stage *const self = context;
    const hy_range *const range = stage_range(self, from); /* as it was before compaction */
    self->moved += range ? range->size : 0;
    for (size_t i = 0; i < self->block_count; i++)
        if (self->blocks[i].block == from) {
            self->blocks[i].block = to;
            return; /* blocks slide down in order: `to` is nobody else's any more */
        }
}

static int step_compact(stage *self, const hy_step *step, hy_error *error) {
    hy_heap *const heap = self->heap.heap;
    if (!heap->ops->compact)
        return hy_fail(error, -ENOTSUP, "%.100s:%u: %s moves no blocks", self->scenario->name, step->line,
                       self->heap.base->name);
    hy_heapmap_take(&self->map, heap);
    heap->ops->compact(heap, on_moved, self);
    return 0;
}

#define MAP_UNITS ((uint64_t)1 << 20)

static int step_map(stage *self, const hy_step *step, hy_error *error) {
    if (self->storage_size / self->unit > MAP_UNITS)
        return hy_fail(error, -EINVAL, "%.100s:%u: a map of %llu units; expected at most %llu, so a larger unit",
                       self->scenario->name, step->line, (unsigned long long)(self->storage_size / self->unit),
                       (unsigned long long)MAP_UNITS);
    hy_heapmap_take(&self->map, self->heap.heap);
    stage_print_map(self, step->number);
    return 0;
}

int stage_act(stage *self, const hy_step *step, hy_error *error) {
    switch (step->kind) {
    case HY_STEP_ALLOC: return step_alloc(self, step, error);
    case HY_STEP_REALLOC: return step_realloc(self, step, error);
    case HY_STEP_GRANT: return step_grant(self, step, error);
    case HY_STEP_FREE: return step_free(self, step, error);
    case HY_STEP_MERGE: return step_merge(self, step, error);
    case HY_STEP_COMPACT: return step_compact(self, step, error);
    default: return step_map(self, step, error);
    }
}
