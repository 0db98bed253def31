/* SPDX-License-Identifier: MIT
 *
 * memory_heap.c - contiguous memory: the machine is a heap of ours, and a program is one block of it.
 *
 *  1. The heap lies in a range that is only reserved: no program is there, so nothing is ever written to its memory but
 *     the links that `fit` keeps in holes.  A machine of 1 TiB costs address space.
 *  2. Holes are what lies between the used ranges that the heap's own walk shows, and behind the last.
 *  3. Tidying up: the heap is emptied and filled again with the same blocks in the order of their addresses, so that
 *     they come to lie side by side at the front.  What lies elsewhere then has moved.
 */
#include "memory_model.h"

#include "fixed_pages.h"
#include "registry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define BEHIND ((size_t)1) /* a byte that `fit` keeps for its end */

typedef struct heap_memory {
    hy_memory memory;
    uint64_t machine;
    void *range;
    hy_pages *pages;
    hy_instance heap;
    bool opened;
    void **block;   /* of each program; NULL: not there */
    size_t *asked;  /* and what its block was asked for */
    size_t *sorted; /* room for as many numbers */
    size_t programs;
} heap_memory;

static void heap_destroy(hy_memory *memory) {
    heap_memory *const self = (heap_memory *)memory;
    if (self->opened)
        hy_close(&self->heap);
    if (self->pages)
        self->pages->ops->destroy(self->pages);
    if (self->range)
        munmap(self->range, self->machine + BEHIND);
    free(self->block);
    free(self->asked);
    free(self->sorted);
    free(self);
}

static int heap_open(heap_memory *self, const hy_model *model, hy_error *error) {
    if (self->machine == 0)
        return hy_fail(error, -EINVAL, "model %s: a machine smaller than one block", model->name);
    void *const range =
        mmap(NULL, self->machine + BEHIND, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (range == MAP_FAILED)
        return hy_fail(error, -errno, "no address space for a machine of %zu bytes: %s", (size_t)self->machine,
                       strerror(errno));
    self->range = range;
    int r = hy_fixed_pages_over(range, self->machine + (model->kind == HY_MODEL_DYNAMIC ? BEHIND : 0), 1, &self->pages);
    if (r < 0)
        return hy_fail(error, r, "no memory for a model");
    r = hy_open(&hy_registry, (hy_text){model->spec, strlen(model->spec)}, &(hy_open_options){.data = self->pages},
                &self->heap, error);
    self->opened = r == 0;
    return r;
}

static int heap_create(const hy_model *model, uint64_t machine, size_t programs, hy_memory **ret, hy_error *error) {
    heap_memory *const self = calloc(1, sizeof *self);
    if (!self)
        return hy_fail(error, -ENOMEM, "no memory for a model");
    self->memory.ops = &hy_heap_memory_ops;
    self->memory.most = self->machine = machine / model->unit * model->unit; /* whole blocks */
    self->programs = programs;
    self->block = calloc(programs + 1, sizeof *self->block);
    self->asked = calloc(programs + 1, sizeof *self->asked);
    self->sorted = calloc(programs + 1, sizeof *self->sorted);
    const bool room = self->block && self->asked && self->sorted;
    const int r = room ? heap_open(self, model, error) : hy_fail(error, -ENOMEM, "no memory for a model");
    if (r < 0)
        heap_destroy(&self->memory);
    else
        *ret = &self->memory;
    return r;
}

/* ----------------------------------------------------------------------------------------------------------- holes
 * ---- */

typedef struct gaps {
    uintptr_t at; /* the end of the last used range */
    uint64_t free, largest;
} gaps;

static void gap_until(gaps *found, uintptr_t start) {
    const uint64_t gap = start > found->at ? start - found->at : 0;
    found->free += gap;
    found->largest = gap > found->largest ? gap : found->largest;
}

static int visit_range(void *context, const hy_range *range) {
    gaps *const found = context;
    if (range->kind != HY_USED)
        return 0;
    gap_until(found, range->start);
    found->at = range->start + range->size;
    return 0;
}

static void heap_holes(const hy_memory *memory, uint64_t *ret_free, uint64_t *ret_largest) {
    const heap_memory *const self = (const heap_memory *)memory;
    gaps found = {.at = (uintptr_t)self->range};
    self->heap.heap->ops->walk(self->heap.heap, visit_range, &found);
    gap_until(&found, (uintptr_t)self->range + self->machine);
    *ret_free = found.free;
    *ret_largest = found.largest;
}

/* -------------------------------------------------------------------------------------------------- come and leave
 * ---- */

static uint64_t heap_place(heap_memory *self, size_t program, uint64_t size) {
    if (size > self->machine)
        return 0;
    void *const block = hy_alloc(self->heap.heap, size, 1);
    if (!block)
        return 0;
    self->block[program] = block;
    self->asked[program] = size;
    return self->heap.heap->ops->usable_size(self->heap.heap, block);
}

static uint64_t heap_take(hy_memory *memory, size_t program, uint64_t minimum, uint64_t preferred) {
    heap_memory *const self = (heap_memory *)memory;
    uint64_t all, largest, got = heap_place(self, program, preferred);
    if (got > 0 || minimum >= preferred)
        return got;
    heap_holes(memory, &all, &largest);
    const uint64_t less = largest < preferred ? largest : preferred;
    return less >= minimum && less > 0 ? heap_place(self, program, less) : 0;
}

static void heap_leave(hy_memory *memory, size_t program) {
    heap_memory *const self = (heap_memory *)memory;
    hy_free(self->heap.heap, self->block[program], self->asked[program]);
    self->block[program] = NULL;
}

static int by_address(const void *a, const void *b, void *context) {
    const heap_memory *const self = context;
    const uintptr_t x = (uintptr_t)self->block[*(const size_t *)a], y = (uintptr_t)self->block[*(const size_t *)b];
    return x < y ? -1 : x > y;
}

static bool heap_tidy(hy_memory *memory) {
    heap_memory *const self = (heap_memory *)memory;
    size_t count = 0;
    for (size_t i = 0; i < self->programs; i++)
        if (self->block[i])
            self->sorted[count++] = i;
    qsort_r(self->sorted, count, sizeof *self->sorted, by_address, self);
    self->heap.heap->ops->reset(self->heap.heap);
    for (size_t i = 0; i < count; i++) {
        const size_t program = self->sorted[i];
        const void *const before = self->block[program];
        const uint64_t got = heap_place(self, program, self->asked[program]);
        if (got == 0)
            abort(); /* they lay in this memory before, with holes between them */
        memory->counts.moved += self->block[program] != before ? got : 0;
    }
    memory->counts.tidied++;
    return true;
}

const hy_memory_ops hy_heap_memory_ops = {.create = heap_create,
                                          .destroy = heap_destroy,
                                          .take = heap_take,
                                          .leave = heap_leave,
                                          .holes = heap_holes,
                                          .tidy = heap_tidy};
