/* SPDX-License-Identifier: MIT
 *
 * mmap.c - pages from the operating system: reserved without access, committed by mprotect.
 *
 * Reserved address space costs nothing (MAP_NORESERVE, PROT_NONE).  Decommit gives memory back with MADV_DONTNEED and
 * takes access away, so that a stray access is a fault and not a silent page.  The source's own instance is one page,
 * and is not counted.
 */
#include "reserve.h"

#include <errno.h>
#include <unistd.h>

#ifdef MADV_POPULATE_WRITE
#define POPULATE_WRITE MADV_POPULATE_WRITE
#else
#define POPULATE_WRITE 23
#endif

typedef struct mmap_params {
    bool huge;
} mmap_params;

typedef struct mmap_pages {
    hy_pages pages;
    bool huge;
} mmap_pages;

extern const hy_pages_ops hy_mmap_pages_ops;

static const hy_param mmap_table[] = {
    {.name = "huge",
     .help = "ask for transparent huge pages",
     .def = "no",
     .type = HY_PARAM_BOOL,
     .offset = offsetof(mmap_params, huge)},
    {.name = NULL},
};

static int mmap_create(const void *params, hy_pages **ret) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    mmap_pages *const self = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (self == MAP_FAILED)
        return -ENOMEM;
    self->huge = ((const mmap_params *)params)->huge;
    self->pages.granule = page;
    self->pages.available = HY_ANY;
    self->pages.zeroed = true;
    self->pages.ops = &hy_mmap_pages_ops;
    *ret = &self->pages;
    return 0;
}

/* What heaps did not release stays mapped: a heap's destroy gives back all that it took. */
static void mmap_destroy(hy_pages *pages) {
    munmap(pages, pages->granule);
}

/* Without `huge`, huge pages are declined where the system would give them unasked: they make small heaps large. */
static void mmap_advise(const mmap_pages *self, void *start, size_t size) {
    madvise(start, size, self->huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
}

static void *mmap_reserve(hy_pages *pages, size_t size, size_t align) {
    hy_count_call(pages);
    const int saved = errno;
    void *const start = reserve_aligned(size, hy_max(align, pages->granule), pages->granule);
    if (start)
        mmap_advise((mmap_pages *)pages, start, size);
    errno = saved;
    if (!start)
        return NULL;
    hy_count_reserved(pages, size, 0);
    return start;
}

static int mmap_decommit(hy_pages *pages, void *start, size_t size) {
    hy_count_call(pages);
    const int saved = errno;
    void *const again = mmap(start, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    const int failed = again == MAP_FAILED ? errno : 0;
    if (!failed)
        mmap_advise((mmap_pages *)pages, start, size);
    errno = saved;
    if (failed)
        return -failed;
    hy_count_committed(pages, 0, size);
    return 0;
}

static int mmap_purge(hy_pages *pages, void *start, size_t size) {
    return reserved_advise(pages, start, size, MADV_DONTNEED);
}

/* A hint; kernels before 5.14 do not know it. */
static void mmap_populate(hy_pages *pages, void *start, size_t size) {
    reserved_advise(pages, start, size, POPULATE_WRITE);
}

static int mmap_resize(hy_pages *pages, void *start, size_t old_size, size_t new_size) {
    hy_count_call(pages);
    const int saved = errno;
    const int failed = mremap(start, old_size, new_size, 0) == MAP_FAILED ? errno : 0;
    errno = saved;
    if (failed)
        return -failed;
    hy_count_reserved(pages, new_size, old_size);
    hy_count_committed(pages, new_size, old_size);
    return 0;
}

static void *mmap_move(hy_pages *pages, void *start, size_t old_size, size_t new_size) {
    hy_count_call(pages);
    const int saved = errno;
    void *const moved = mremap(start, old_size, new_size, MREMAP_MAYMOVE);
    errno = saved;
    if (moved == MAP_FAILED)
        return NULL;
    hy_count_reserved(pages, new_size, old_size);
    hy_count_committed(pages, new_size, old_size);
    return moved;
}

static void mmap_release(hy_pages *pages, void *start, size_t size, size_t committed) {
    hy_count_call(pages);
    const int saved = errno;
    munmap(start, size);
    errno = saved;
    hy_count_reserved(pages, 0, size);
    hy_count_committed(pages, 0, committed);
}

const hy_pages_ops hy_mmap_pages_ops = {
    .name = "mmap",
    .summary = "pages from the operating system, reserved first and committed on demand",
    .params = mmap_table,
    .params_size = sizeof(mmap_params),
    .create = mmap_create,
    .destroy = mmap_destroy,
    .reserve = mmap_reserve,
    .commit = reserved_commit,
    .decommit = mmap_decommit,
    .purge = mmap_purge,
    .resize = mmap_resize,
    .move = mmap_move,
    .populate = mmap_populate,
    .release = mmap_release,
};
