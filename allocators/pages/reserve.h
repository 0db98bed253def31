/* SPDX-License-Identifier: MIT
 *
 * reserve.h - address space from the operating system, reserved without access and committed by mprotect: what mmap.c
 * and memfd.c have in common.
 */
#ifndef HY_RESERVE_H
#define HY_RESERVE_H

#include "support.h"

#include <errno.h>
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

/* Gives access. */
static inline int reserved_commit(hy_pages *pages, void *start, size_t size) {
    hy_count_call(pages);
    const int saved = errno;
    const int failed = mprotect(start, size, PROT_READ | PROT_WRITE) ? errno : 0;
    errno = saved;
    if (failed)
        return -failed;
    hy_count_committed(pages, size, 0);
    return 0;
}

/* madvise, counted as a call; 0 or -errno. */
static inline int reserved_advise(hy_pages *pages, void *start, size_t size, int advice) {
    hy_count_call(pages);
    const int saved = errno;
    const int failed = madvise(start, size, advice) ? errno : 0;
    errno = saved;
    return -failed;
}

#endif
