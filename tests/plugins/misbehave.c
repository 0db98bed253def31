/* SPDX-License-Identifier: MIT
 *
 * misbehave.c - a plug-in that does on purpose what a heap under test may do by accident, at its 100th block.
 */
#include "heapyard.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef enum how { NOTHING, CRASH, SHOUT, HANG, REFUSE, LEAVE, HUNGER, KEEP_QUIET, WHERE } how;

static const char *const hows[] = {"nothing", "crash",  "shout",  "hang",  "refuse",
                                   "leave",   "hunger", "create", "where", NULL};

typedef struct misbehave_params {
    uint32_t how;
} misbehave_params;

static const hy_param table[] = {{.name = "how",
                                  .help = "what goes wrong",
                                  .def = "nothing",
                                  .type = HY_PARAM_CHOICE,
                                  .offset = offsetof(misbehave_params, how),
                                  .choices = hows},
                                 {.name = NULL}};

typedef struct misbehave {
    hy_heap heap;
    how how;
    int blocks;
} misbehave;

static int misbehave_create(const hy_setup *setup, hy_heap **ret) {
    const misbehave_params *const params = setup->params;
    misbehave *const self = calloc(1, sizeof *self);
    if (!self || params->how == KEEP_QUIET)
        return -ENOMEM;
    self->how = (how)params->how;
    *ret = &self->heap;
    return 0;
}

static void misbehave_destroy(hy_heap *heap) {
    free(heap);
}

static void eat_for_ever(void) {
    for (;;) {
        volatile char *const food = malloc(1 << 20);
        for (size_t i = 0; food && i < 1 << 20; i += 4096)
            food[i] = 1;
    }
}

/* Where its stack is, and how much environment it got. */
static void tell_where(void) {
    const volatile char here = 0;
    size_t environment = 0;
    for (char **entry = environ; *entry; entry++)
        environment += strlen(*entry) + 1;
    fprintf(stderr, "stack %llu environment %zu\n", (unsigned long long)(uintptr_t)&here, environment);
    abort();
}

/* False: no room. */
static bool act(how what) {
    switch (what) {
    case CRASH: raise(SIGSEGV); break;
    case SHOUT: fputs("first words\nthe list is broken\n", stderr); abort();
    case HANG:
        for (;;)
            pause();
    case LEAVE: _exit(3);
    case WHERE: tell_where(); break;
    case HUNGER: eat_for_ever(); break;
    default: break;
    }
    return what != REFUSE;
}

static void *misbehave_alloc(hy_heap *heap, size_t size, size_t align) {
    misbehave *const self = (misbehave *)heap;
    if (++self->blocks >= 100 && !act(self->how))
        return NULL;
    return aligned_alloc(align, (size + align - 1) / align * align);
}

static void misbehave_free(hy_heap *heap, void *block, size_t size) {
    (void)heap;
    (void)size;
    free(block);
}

static const hy_heap_ops misbehave_ops = {.name = "misbehave",
                                          .summary = "goes wrong on purpose",
                                          .source = "heapyard's tests",
                                          .threads = HY_THREADS_NONE,
                                          .max_align = HY_ANY,
                                          .max_size = HY_ANY,
                                          .params = table,
                                          .params_size = sizeof(misbehave_params),
                                          .create = misbehave_create,
                                          .destroy = misbehave_destroy,
                                          .alloc = misbehave_alloc,
                                          .free = misbehave_free};

HY_PLUGIN(misbehave_ops);
