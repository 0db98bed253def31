/* SPDX-License-Identifier: MIT
 *
 * memfd.c - pages of a nameless file in memory, mapped shared.
 *
 *  1. Each reservation is a stretch of the file that was never used before, laid over address space of its own; the
 * file is sparse and only grows.
 *  2. Commit gives access, decommit punches the stretch out of the file and takes access away.
 *  3. A reservation can shrink in place, but not grow: the next stretch of the file belongs to another.
 *
 * Memory of a file can be mapped twice and into other processes, which private memory cannot; and it is charged as
 * shared memory.
 */
#include "reserve.h"

#include <errno.h>
#include <unistd.h>

#define MEMFD_MOST ((size_t)1 << 46) /* the file's size; it holds only what was touched */

typedef struct memfd_pages {
    hy_pages pages;
    int fd;
    size_t end; /* bytes of the file given out so far */
} memfd_pages;

extern const hy_pages_ops hy_memfd_pages_ops;

static int memfd_create_pages(const void *params, hy_pages **ret) {
    (void)params;
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    memfd_pages *const self = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (self == MAP_FAILED)
        return -ENOMEM;
    self->fd = memfd_create("heapyard", MFD_CLOEXEC);
    if (self->fd < 0 || ftruncate(self->fd, (off_t)MEMFD_MOST) != 0) {
        const int failed = errno;
        if (self->fd >= 0)
            close(self->fd);
        munmap(self, page);
        return -failed;
    }
    self->pages.ops = &hy_memfd_pages_ops;
    self->pages.granule = page;
    self->pages.available = HY_ANY;
    self->pages.zeroed = true;
    *ret = &self->pages;
    return 0;
}

static void memfd_destroy(hy_pages *pages) {
    close(((memfd_pages *)pages)->fd);
    munmap(pages, pages->granule);
}

/* The next stretch of the file, at `start`.  False: the file cannot be that large. */
static bool memfd_lay(memfd_pages *self, void *start, size_t size) {
    const size_t offset = __atomic_fetch_add(&self->end, size, __ATOMIC_RELAXED);
    const int flags = MAP_SHARED | MAP_FIXED | MAP_NORESERVE;
    return offset + size <= MEMFD_MOST && mmap(start, size, PROT_NONE, flags, self->fd, (off_t)offset) != MAP_FAILED;
}

static void *memfd_reserve(hy_pages *pages, size_t size, size_t align) {
    memfd_pages *const self = (memfd_pages *)pages;
    hy_count_call(pages);
    const int saved = errno;
    void *start = reserve_aligned(size, hy_max(align, pages->granule), pages->granule);
    if (start && !memfd_lay(self, start, size)) {
        munmap(start, size);
        start = NULL;
    }
    errno = saved;
    if (start)
        hy_count_reserved(pages, size, 0);
    return start;
}

static int memfd_purge(hy_pages *pages, void *start, size_t size) {
    return reserved_advise(pages, start, size, MADV_REMOVE);
}

static int memfd_decommit(hy_pages *pages, void *start, size_t size) {
    const int r = memfd_purge(pages, start, size);
    const int saved = errno;
    const int failed = r == 0 && mprotect(start, size, PROT_NONE) ? errno : 0;
    errno = saved;
    if (r < 0 || failed)
        return r < 0 ? r : -failed;
    hy_count_committed(pages, 0, size);
    return 0;
}

/* Access is given first: holes can only be punched through a mapping that may be written. */
static void memfd_drop(void *start, size_t size) {
    const int saved = errno;
    if (mprotect(start, size, PROT_READ | PROT_WRITE) == 0)
        madvise(start, size, MADV_REMOVE);
    munmap(start, size);
    errno = saved;
}

static int memfd_resize(hy_pages *pages, void *start, size_t old_size, size_t new_size) {
    hy_count_call(pages);
    if (new_size > old_size)
        return -ENOMEM;
    if (new_size < old_size)
        memfd_drop((char *)start + new_size, old_size - new_size);
    hy_count_reserved(pages, new_size, old_size);
    hy_count_committed(pages, new_size, old_size);
    return 0;
}

static void memfd_release(hy_pages *pages, void *start, size_t size, size_t committed) {
    hy_count_call(pages);
    memfd_drop(start, size);
    hy_count_reserved(pages, 0, size);
    hy_count_committed(pages, 0, committed);
}

const hy_pages_ops hy_memfd_pages_ops = {
    .name = "memfd",
    .summary = "pages of a nameless file in memory, shareable",
    .create = memfd_create_pages,
    .destroy = memfd_destroy,
    .reserve = memfd_reserve,
    .commit = reserved_commit,
    .decommit = memfd_decommit,
    .purge = memfd_purge,
    .resize = memfd_resize,
    .release = memfd_release,
};
