/* SPDX-License-Identifier: MIT
 *
 * nothing.c - a malloc that does nothing, for heapyard-micro only: what the loops themselves cost (the row `null`).
 *
 * malloc gives each thread the same bytes every time: the benchmarks write no more than the first of a block, but for
 * those of memory, which are not run with it.  What the C library needs for threads it asks of calloc: that is real,
 * and never given back.
 */
#include <errno.h>
#include <stddef.h>

#define EXPORT __attribute__((visibility("default")))

void *malloc(size_t size);
void free(void *block);
void *calloc(size_t count, size_t size);
void *realloc(void *block, size_t size);

enum { BLOCK = 64, ROOM = 1 << 24 };

static __thread _Alignas(64) char block_of_thread[BLOCK];
static char room[ROOM] __attribute__((aligned(64)));
static size_t taken;

EXPORT void *malloc(size_t size) {
    (void)size;
    return block_of_thread;
}

EXPORT void free(void *block) {
    (void)block;
}

EXPORT void *calloc(size_t count, size_t size) {
    const size_t bytes = (count * size + 63) & ~(size_t)63;
    const size_t at = __atomic_fetch_add(&taken, bytes, __ATOMIC_RELAXED);
    if (bytes <= ROOM && at <= ROOM - bytes)
        return room + at;
    errno = ENOMEM;
    return NULL;
}

EXPORT void *realloc(void *block, size_t size) {
    (void)block;
    return calloc(1, size);
}
