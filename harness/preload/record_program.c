/* SPDX-License-Identifier: MIT
 *
 * record_program.c - the recorder around the family: the real functions, and what else of a program is intercepted.
 *
 *   1. The real functions come from dlsym, which may allocate.
 *   2. Before modules are closed, and at the end, the collector looks up the sites in them.
 */
#include "record_calls.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

record_functions real;
uint32_t record_passed;

void record_resolve(void) {
    const struct {
        void *to;
        const char *name;
    } wanted[] = {{&real.calloc, "calloc"},
                  {&real.realloc, "realloc"},
                  {&real.reallocarray, "reallocarray"},
                  {&real.free, "free"},
                  {&real.aligned_alloc, "aligned_alloc"},
                  {&real.memalign, "memalign"},
                  {&real.posix_memalign, "posix_memalign"},
                  {&real.valloc, "valloc"},
                  {&real.pvalloc, "pvalloc"},
                  {&real.usable_size, "malloc_usable_size"},
                  {&real.dlclose, "dlclose"},
                  {&real.pthread_getattr_np, "pthread_getattr_np"},
                  {&real.free_sized, "free_sized"},
                  {&real.free_aligned_sized, "free_aligned_sized"},
                  {&real.malloc, "malloc"}};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        void *const symbol = dlsym(RTLD_NEXT, wanted[i].name);
        memcpy(wanted[i].to, &symbol, sizeof symbol);
    }
    __atomic_store_n(&real.ready, true, __ATOMIC_RELEASE);
}

bool record_enter_slowly(link_thread *self) {
    self->depth = 1;
    if (!real.ready)
        record_resolve();
    if (link_get_mode() == LINK_UNKNOWN)
        link_start();
    self->depth = link_get_mode() == LINK_RECORDING;
    return self->depth;
}

/* --------------------------------------------------------------------------------------------- phases and sites --- */

RECORD_EXPORT void heapyard_phase(const char *name);
RECORD_EXPORT void heapyard_phase(const char *name) {
    link_thread *const self = &link_self;
    if (!record_enter(self))
        return;
    link_put_phase(self, name ? name : "");
    record_leave(self);
}

/* The modules that calls came from must be there until the collector has looked for them; afterwards their addresses
 * may be those of other modules. */
RECORD_EXPORT int dlclose(void *module) {
    link_thread *const self = &link_self;
    if (!real.ready)
        record_resolve();
    if (link_state.frames > 0 && self->depth == 0 && link_get_mode() == LINK_RECORDING)
        link_drain(self);
    const int r = real.dlclose(module);
    if (link_state.frames > 0 && record_enter(self)) {
        link_put(self, HY_RAW_UNLOAD, 0, 0, 0, NULL);
        record_leave(self);
    }
    return r;
}

/* It allocates under a lock that the claim of a ring takes, too, to know the thread's stack: so that comes first. */
RECORD_EXPORT int pthread_getattr_np(pthread_t thread, pthread_attr_t *ret) {
    link_thread *const self = &link_self;
    if (!real.ready)
        record_resolve();
    if (!self->ring && link_state.frames > 1 && record_enter(self)) {
        link_room(self);
        record_leave(self);
    }
    return real.pthread_getattr_np(thread, ret);
}

/* ---------------------------------------------------------------------------------------------------- process ---- */

/* Whether the program's calls come here.  An executable that takes malloc's address without being position independent
 * has an entry of its own for it that leads here, so addresses do not tell: a call does. */
static bool record_serves(void) {
    void *(*global)(size_t) = NULL;
    void *const symbol = dlsym(RTLD_DEFAULT, "malloc");
    memcpy(&global, &symbol, sizeof global);
    if (global == malloc)
        return true;
    link_self.depth++;
    const uint32_t before = record_passed;
    void *const block = global(1);
    const bool serves = record_passed != before;
    if (serves)
        real.free(block);
    link_self.depth--;
    return serves;
}

/* Runs before main. */
__attribute__((constructor)) static void record_begin(void) {
    link_thread *const self = &link_self;
    if (record_enter(self))
        record_leave(self);
    if (!record_serves())
        link_refuse();
    pthread_atfork(link_before_fork, link_after_fork, link_after_fork);
    if (link_state.frames > 0 && link_get_mode() == LINK_RECORDING)
        link_meet();
}

/* Runs after main, and the modules are still there. */
__attribute__((destructor)) static void record_end(void) {
    if (link_state.frames > 0 && link_get_mode() == LINK_RECORDING)
        link_drain(&link_self);
}
