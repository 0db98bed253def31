/* SPDX-License-Identifier: MIT
 *
 * record.c - libheapyard-record.so: the malloc family, passed on to whatever allocator the program uses, and told.
 *
 *   1. Each call is stamped and written as 16 bytes to the thread's ring (record_layout.h); the collecting process does
 *      the rest.  A free is written before the real call, a malloc after it, a realloc on both sides.
 *   2. Calls that the real allocator makes to the family from inside (realloc by malloc and free) are not told again.
 *   3. The real functions come from dlsym, which may allocate: such blocks are cut from a small static arena, are never
 *      told, and are known again when they come back.
 *   4. With --sites, births and reallocs tell where they were called from: the return address, and those of the frames
 *      around it by frame pointers.  The collector looks up what lies there while the process lives: so the process
 *      waits for it before modules are closed and at its end.
 *   5. operator new and delete of libstdc++ come through malloc and free, so they are recorded as such.
 *
 * Bad at: a program whose C++ operators belong to another allocator than its malloc (linked with tcmalloc, say): blocks
 * of operator new are not seen then.
 */
#include "record_arena.h"
#include "record_link.h"

#include "support.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RECORD_EXPORT __attribute__((visibility("default")))

/* Of the function that the program called, which has to be the one that says so: its caller's frame, and to where it
 * returns. */
#define RECORD_FRAME ((void *const *)__builtin_frame_address(0))

/* ------------------------------------------------------------------------------------------- the real functions --- */

static struct {
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
} real;

static uint32_t record_passed; /* calls of malloc that were passed on untold */

static void record_resolve(void) {
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

/* ------------------------------------------------------------------------------------------------ in and out ---- */

/* The first call of all, the first after a fork, and all calls once recording is over. */
__attribute__((noinline)) static bool record_enter_slowly(link_thread *self) {
    self->depth = 1;
    if (!real.ready)
        record_resolve();
    if (link_get_mode() == LINK_UNKNOWN)
        link_start();
    self->depth = link_get_mode() == LINK_RECORDING;
    return self->depth;
}

/* Whether the call that begins is to be told; then record_leave must follow. */
static inline bool record_enter(link_thread *self) {
    if (self->depth > 0)
        return false;
    if (!HY_LIKELY(link_get_mode() == LINK_RECORDING))
        return record_enter_slowly(self);
    self->depth = 1;
    return true;
}

static void record_leave(link_thread *self) {
    self->depth = 0;
}

static bool record_can_pass(void) {
    return HY_LIKELY(__atomic_load_n(&real.ready, __ATOMIC_ACQUIRE));
}

static void record_birth(link_thread *self, hy_raw_kind kind, const void *block, size_t size, size_t align,
                         void *const *frame) {
    if (block)
        link_put(self, kind, (uintptr_t)block, size, align ? hy_log2_ceil(align) : 0, frame);
    else
        link_drop(self);
}

/* ----------------------------------------------------------------------------------------------------- births ---- */

RECORD_EXPORT void *malloc(size_t size) {
    link_thread *const self = &link_self;
    if (!record_enter(self)) {
        __atomic_store_n(&record_passed, record_passed + 1, __ATOMIC_RELAXED);
        return record_can_pass() ? real.malloc(size) : arena_alloc(size, 1);
    }
    void *const block = real.malloc(size);
    record_birth(self, HY_RAW_MALLOC, block, size, 0, RECORD_FRAME);
    record_leave(self);
    return block;
}

RECORD_EXPORT void *calloc(size_t count, size_t size) {
    link_thread *const self = &link_self;
    size_t bytes;
    if (!record_enter(self)) {
        if (record_can_pass())
            return real.calloc(count, size);
        return __builtin_mul_overflow(count, size, &bytes) ? NULL : arena_alloc(bytes, 1);
    }
    void *const block = real.calloc(count, size);
    record_birth(self, HY_RAW_CALLOC, block, count * size, 0, RECORD_FRAME);
    record_leave(self);
    return block;
}

RECORD_EXPORT void *aligned_alloc(size_t align, size_t size) {
    link_thread *const self = &link_self;
    if (!record_enter(self))
        return record_can_pass() ? real.aligned_alloc(align, size) : arena_alloc(size, align);
    void *const block = real.aligned_alloc(align, size);
    record_birth(self, HY_RAW_ALIGNED, block, size, align, RECORD_FRAME);
    record_leave(self);
    return block;
}

RECORD_EXPORT void *memalign(size_t align, size_t size) {
    link_thread *const self = &link_self;
    if (!record_enter(self))
        return record_can_pass() ? real.memalign(align, size) : arena_alloc(size, align);
    void *const block = real.memalign(align, size);
    record_birth(self, HY_RAW_ALIGNED, block, size, align, RECORD_FRAME);
    record_leave(self);
    return block;
}

RECORD_EXPORT int posix_memalign(void **ret, size_t align, size_t size) {
    link_thread *const self = &link_self;
    if (!record_enter(self)) {
        if (record_can_pass())
            return real.posix_memalign(ret, align, size);
        *ret = arena_alloc(size, align);
        return *ret ? 0 : ENOMEM;
    }
    const int r = real.posix_memalign(ret, align, size);
    record_birth(self, HY_RAW_ALIGNED, r == 0 ? *ret : NULL, size, align, RECORD_FRAME);
    record_leave(self);
    return r;
}

static size_t record_page(void) {
    return (size_t)sysconf(_SC_PAGESIZE);
}

RECORD_EXPORT void *valloc(size_t size) {
    link_thread *const self = &link_self;
    if (!record_enter(self))
        return record_can_pass() ? real.valloc(size) : arena_alloc(size, record_page());
    void *const block = real.valloc(size);
    record_birth(self, HY_RAW_ALIGNED, block, size, record_page(), RECORD_FRAME);
    record_leave(self);
    return block;
}

/* All of the last page belongs to the caller. */
RECORD_EXPORT void *pvalloc(size_t size) {
    link_thread *const self = &link_self;
    const size_t whole = hy_align_up(size, record_page());
    if (!record_enter(self))
        return record_can_pass() ? real.pvalloc(size) : arena_alloc(whole, record_page());
    void *const block = real.pvalloc(size);
    record_birth(self, HY_RAW_ALIGNED, block, whole, record_page(), RECORD_FRAME);
    record_leave(self);
    return block;
}

/* ----------------------------------------------------------------------------------------------------- deaths ---- */

RECORD_EXPORT void free(void *block) {
    link_thread *const self = &link_self;
    if (!block || arena_owns(block))
        return;
    if (!record_enter(self)) {
        if (record_can_pass())
            real.free(block);
        return;
    }
    link_put(self, HY_RAW_FREE, (uintptr_t)block, 0, 0, NULL);
    real.free(block);
    record_leave(self);
}

RECORD_EXPORT void cfree(void *block);
RECORD_EXPORT void cfree(void *block) {
    free(block);
}

RECORD_EXPORT void free_sized(void *block, size_t size);
RECORD_EXPORT void free_sized(void *block, size_t size) {
    link_thread *const self = &link_self;
    if (!real.free_sized || !block || arena_owns(block) || !record_enter(self)) {
        free(block);
        return;
    }
    link_put(self, HY_RAW_FREE, (uintptr_t)block, 0, 0, NULL);
    real.free_sized(block, size);
    record_leave(self);
}

RECORD_EXPORT void free_aligned_sized(void *block, size_t align, size_t size);
RECORD_EXPORT void free_aligned_sized(void *block, size_t align, size_t size) {
    link_thread *const self = &link_self;
    if (!real.free_aligned_sized || !block || arena_owns(block) || !record_enter(self)) {
        free(block);
        return;
    }
    link_put(self, HY_RAW_FREE, (uintptr_t)block, 0, 0, NULL);
    real.free_aligned_sized(block, align, size);
    record_leave(self);
}

/* ---------------------------------------------------------------------------------------------------- realloc ---- */

/* A block of the arena moves to the real heap and is told as a birth. */
static void *record_adopt(void *block, size_t size) {
    void *const moved = malloc(size);
    if (moved)
        memcpy(moved, block, hy_min(size, arena_size(block)));
    return moved;
}

/* 0 as the address says that the call failed, or, for size 0, that the block is gone. */
static void *record_realloc(link_thread *self, void *block, size_t count, size_t size, bool array, void *const *frame) {
    const size_t bytes = count * size;
    if (block)
        link_put(self, HY_RAW_REALLOC_OUT, (uintptr_t)block, bytes, 0, NULL);
    void *const moved = array ? real.reallocarray(block, count, size) : real.realloc(block, size);
    if (block)
        link_put(self, HY_RAW_REALLOC_IN, (uintptr_t)moved, bytes, 0, frame);
    else
        record_birth(self, HY_RAW_MALLOC, moved, bytes, 0, frame);
    record_leave(self);
    return moved;
}

RECORD_EXPORT void *realloc(void *block, size_t size) {
    link_thread *const self = &link_self;
    if (block && arena_owns(block))
        return record_adopt(block, size);
    if (record_enter(self))
        return record_realloc(self, block, 1, size, false, RECORD_FRAME);
    if (record_can_pass())
        return real.realloc(block, size);
    return arena_alloc(size, 1);
}

RECORD_EXPORT void *reallocarray(void *block, size_t count, size_t size) {
    link_thread *const self = &link_self;
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    if ((block && arena_owns(block)) || !real.reallocarray)
        return realloc(block, bytes);
    if (record_enter(self))
        return record_realloc(self, block, count, size, true, RECORD_FRAME);
    return real.reallocarray(block, count, size);
}

RECORD_EXPORT size_t malloc_usable_size(void *block) {
    if (!block)
        return 0;
    if (arena_owns(block))
        return arena_size(block);
    return real.usable_size ? real.usable_size(block) : 0;
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
