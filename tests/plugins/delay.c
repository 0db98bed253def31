/* SPDX-License-Identifier: MIT
 *
 * delay.c - a plug-in that is as much slower as one likes: the C library's malloc, and time lost on purpose.
 *
 *     delay.so:loops=200,every=64     a loop of 200 turns in every 64th call
 *
 * With `every` the same, two of them differ in nothing but the turns; with loops=0 there are none.  How much slower so
 * many turns make an operation has to be measured: results/reference/verdicts/planted.py does.
 */
#include "heapyard.h"

#include <errno.h>
#include <stdlib.h>

typedef struct delay_params {
    uint64_t loops, every;
} delay_params;

static const hy_param table[] = {{.name = "loops",
                                  .help = "turns of a loop that does nothing",
                                  .def = "0",
                                  .type = HY_PARAM_COUNT,
                                  .offset = offsetof(delay_params, loops),
                                  .max = 1000000000},
                                 {.name = "every",
                                  .help = "calls, of which one does them",
                                  .def = "64",
                                  .type = HY_PARAM_COUNT,
                                  .offset = offsetof(delay_params, every),
                                  .min = 1,
                                  .max = 1000000000},
                                 {.name = NULL}};

typedef struct delay {
    hy_heap heap;
    delay_params params;
    uint64_t calls;
} delay;

static int delay_create(const hy_setup *setup, hy_heap **ret) {
    delay *const self = calloc(1, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->params = *(const delay_params *)setup->params;
    *ret = &self->heap;
    return 0;
}

static void delay_destroy(hy_heap *heap) {
    free(heap);
}

static void delay_lose_time(hy_heap *heap) {
    delay *const self = (delay *)heap;
    if (++self->calls < self->params.every)
        return;
    self->calls = 0;
    for (uint64_t i = 0; i < self->params.loops; i++)
        __asm__ volatile("" : "+r"(i));
}

static void *delay_alloc(hy_heap *heap, size_t size, size_t align) {
    delay_lose_time(heap);
    return align <= HY_MALLOC_ALIGN ? malloc(size) : aligned_alloc(align, (size + align - 1) / align * align);
}

static void delay_free(hy_heap *heap, void *block, size_t size) {
    (void)size;
    delay_lose_time(heap);
    free(block);
}

static const hy_heap_ops delay_ops = {.name = "delay",
                                      .summary = "the C library's malloc, and time lost on purpose",
                                      .source = "heapyard's tests",
                                      .threads = HY_THREADS_NONE,
                                      .max_align = HY_ANY,
                                      .max_size = HY_ANY,
                                      .params = table,
                                      .params_size = sizeof(delay_params),
                                      .create = delay_create,
                                      .destroy = delay_destroy,
                                      .alloc = delay_alloc,
                                      .free = delay_free};

HY_PLUGIN(delay_ops);
