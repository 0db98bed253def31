/* SPDX-License-Identifier: MIT */
#include "record_arena.h"

#include "support.h"

record_arena arena;

void *arena_alloc(size_t size, size_t align) {
    if (size > sizeof arena.bytes || align > ARENA_ALIGN)
        return NULL;
    const size_t offset = hy_align_up(arena.used + sizeof(size_t), hy_max(align, HY_MALLOC_ALIGN));
    if (offset + size > sizeof arena.bytes)
        return NULL;
    arena.used = offset + size;
    ((size_t *)(void *)(arena.bytes + offset))[-1] = size;
    return arena.bytes + offset;
}
