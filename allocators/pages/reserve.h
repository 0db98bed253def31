/* SPDX-License-Identifier: MIT
 *
 * reserve.h - address space from the operating system, without access: what mmap.c and memfd.c have in common.
 */
#ifndef HY_RESERVE_H
#define HY_RESERVE_H

#include "support.h"

#include <sys/mman.h>

/* Aligned to `align`, at least a page: maps too much and cuts off both ends.  NULL: no room. */
static inline void *reserve_aligned(size_t size, size_t align, size_t page) {
    size_t wide = 0;
    if (__builtin_add_overflow(size, align - page, &wide))
        return NULL;
    char *const start = mmap(NULL, wide, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED)
        return NULL;
    char *const aligned = (char *)hy_align_up((size_t)start, align);
    const size_t before = (size_t)(aligned - start), after = wide - before - size;
    if (before)
        munmap(start, before);
    if (after)
        munmap(aligned + size, after);
    return aligned;
}

#endif
