/* SPDX-License-Identifier: MIT
 *
 * record_calls.h - what all intercepted functions share: the real ones, and the way in and out.
 */
#ifndef HY_RECORD_CALLS_H
#define HY_RECORD_CALLS_H

#include "record_link.h"

#include <pthread.h>

#define RECORD_EXPORT __attribute__((visibility("default")))

typedef struct record_functions {
    _Alignas(64) void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void *(*reallocarray)(void *, size_t, size_t);
    void (*free)(void *);
    void *(*aligned_alloc)(size_t, size_t);
    void *(*memalign)(size_t, size_t);
    int (*posix_memalign)(void **, size_t, size_t);
    void *(*valloc)(size_t);
    void *(*pvalloc)(size_t);
    size_t (*usable_size)(void *);
    int (*dlclose)(void *);
    int (*pthread_getattr_np)(pthread_t, pthread_attr_t *);
    void (*free_sized)(void *, size_t);
    void (*free_aligned_sized)(void *, size_t, size_t);
    bool ready;
} record_functions;

extern record_functions real;

extern uint32_t record_passed; /* calls of malloc that were passed on untold */

void record_resolve(void);

/* The first call of all, the first after a fork, and all calls once recording is over. */
bool record_enter_slowly(link_thread *self);

/* Whether the call that begins is to be told; then record_leave must follow. */
static inline bool record_enter(link_thread *self) {
    if (self->depth > 0)
        return false;
    if (!HY_LIKELY(link_get_mode() == LINK_RECORDING))
        return record_enter_slowly(self);
    self->depth = 1;
    return true;
}

static inline void record_leave(link_thread *self) {
    self->depth = 0;
}

#endif
