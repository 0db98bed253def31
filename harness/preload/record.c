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
#include "record_calls.h"

#include "support.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of the function that the program called, which has to be the one that says so: its caller's frame, and to where it
 * returns. */
#define RECORD_FRAME ((void *const *)__builtin_frame_address(0))

static bool record_can_pass(void) {
    return HY_LIKELY(__atomic_load_n(&real.ready, __ATOMIC_ACQUIRE));
}

__attribute__((noinline)) static void record_birth(link_thread *self, hy_raw_kind kind, const void *block, size_t size,
                                                   size_t align, void *const *frame) {
    if (block)
        link_put(self, kind, (uintptr_t)block, size, align ? hy_log2_ceil(align) : 0, frame);
    else
        link_drop(self);
}

/* The commonest calls are told in a line or two, if nothing is special.  If something is, another function takes over
 * by a jump, in whose frame all is as if it had been called itself. */
static inline bool record_enter_quickly(link_thread *self) {
    if (!HY_LIKELY(self->depth == 0 && link_is_quick()))
        return false;
    self->depth = 1;
    return true;
}

static inline void record_birth_quickly(link_thread *self, hy_raw_kind kind, const void *block, size_t size) {
    if (HY_LIKELY(block != NULL))
        link_put_quickly(self, kind, (uintptr_t)block, size);
    else
        link_drop(self);
}

/* ----------------------------------------------------------------------------------------------------- births ---- */

__attribute__((noinline)) static void *record_malloc(size_t size) {
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

RECORD_EXPORT void *malloc(size_t size) {
    link_thread *const self = &link_self;
    if (!record_enter_quickly(self))
        return record_malloc(size);
    void *const block = real.malloc(size);
    record_birth_quickly(self, HY_RAW_MALLOC, block, size);
    record_leave(self);
    return block;
}

__attribute__((noinline)) static void *record_calloc(size_t count, size_t size) {
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

RECORD_EXPORT void *calloc(size_t count, size_t size) {
    link_thread *const self = &link_self;
    if (!record_enter_quickly(self))
        return record_calloc(count, size);
    void *const block = real.calloc(count, size);
    record_birth_quickly(self, HY_RAW_CALLOC, block, count * size);
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

__attribute__((noinline)) static void record_free(void *block) {
    link_thread *const self = &link_self;
    if (!record_enter(self)) {
        if (record_can_pass())
            real.free(block);
        return;
    }
    link_put(self, HY_RAW_FREE, (uintptr_t)block, 0, 0, NULL);
    real.free(block);
    record_leave(self);
}

RECORD_EXPORT void free(void *block) {
    link_thread *const self = &link_self;
    if (!block || arena_owns(block))
        return;
    if (!record_enter_quickly(self)) {
        record_free(block);
        return;
    }
    link_put_quickly(self, HY_RAW_FREE, (uintptr_t)block, 0);
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

__attribute__((noinline)) static void *record_realloc_any(void *block, size_t size) {
    link_thread *const self = &link_self;
    if (block && arena_owns(block))
        return record_adopt(block, size);
    if (record_enter(self))
        return record_realloc(self, block, 1, size, false, RECORD_FRAME);
    if (record_can_pass())
        return real.realloc(block, size);
    return arena_alloc(size, 1);
}

RECORD_EXPORT void *realloc(void *block, size_t size) {
    link_thread *const self = &link_self;
    if (!block || arena_owns(block) || !record_enter_quickly(self))
        return record_realloc_any(block, size);
    link_put_quickly(self, HY_RAW_REALLOC_OUT, (uintptr_t)block, size);
    void *const moved = real.realloc(block, size);
    link_put_quickly(self, HY_RAW_REALLOC_IN, (uintptr_t)moved, size);
    record_leave(self);
    return moved;
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
