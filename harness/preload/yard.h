/* SPDX-License-Identifier: MIT
 *
 * yard.h - the one heap that serves a whole process.
 *
 * It is opened by the first call that needs it, which may come from the loader, before any constructor.  Nothing here
 * may call malloc, dlsym or stdio on that way.
 */
#ifndef HY_YARD_H
#define HY_YARD_H

#include "heap.h"

/* What a thread is to the heap. */
typedef enum yard_thread {
    YARD_NEW,    /* has not called yet; perhaps the heap is not open either */
    YARD_LIVING, /* the heap is open, and will be told when this thread ends */
    YARD_ENDING, /* was told; what this thread does from now on must leave no cache behind */
    YARD_FORKING /* holds the heap, to fork */
} yard_thread;

extern __thread yard_thread yard_this_thread __attribute__((tls_model("initial-exec"), visibility("hidden")));

/* The heap of the process as this thread should see it, and the largest request that it may be given. */
extern hy_heap *yard_heap_open __attribute__((visibility("hidden")));
extern hy_heap *yard_heap_direct __attribute__((visibility("hidden"))); /* NULL: it has layers, or is not open yet */
extern size_t yard_limit __attribute__((visibility("hidden")));
__attribute__((visibility("hidden"))) hy_heap *yard_enter(void);

static inline hy_heap *yard_heap(void) {
    if (__builtin_expect(yard_this_thread == YARD_LIVING, 1))
        return yard_heap_open;
    return yard_enter();
}

/* The instance, for questions about it.  The heap is open after yard_heap(). */
__attribute__((visibility("hidden"))) const hy_instance *yard_instance(void);

/* Marks what the library exports. */
#define YARD_EXPORT __attribute__((visibility("default")))

#endif
