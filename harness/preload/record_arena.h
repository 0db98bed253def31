/* SPDX-License-Identifier: MIT
 *
 * record_arena.h - a small static heap: it serves calls made while the real functions are being looked up.
 *
 * Each block is preceded by its size; none is ever reused.
 */
#ifndef HY_RECORD_ARENA_H
#define HY_RECORD_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ARENA_BYTES = 65536, ARENA_ALIGN = 4096 };

typedef struct record_arena {
    _Alignas(ARENA_ALIGN) char bytes[ARENA_BYTES];
    size_t used;
} record_arena;

extern record_arena arena;

static inline bool arena_owns(const void *block) {
    return (uintptr_t)block - (uintptr_t)arena.bytes < sizeof arena.bytes;
}

static inline size_t arena_size(const void *block) {
    return ((const size_t *)block)[-1];
}

/* NULL: it is used up, or the alignment is more than a page. */
void *arena_alloc(size_t size, size_t align);

#endif
