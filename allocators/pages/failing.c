/* SPDX-License-Identifier: MIT
 *
 * failing.c - pages from the operating system, until the request that is told to fail.
 *
 *  1. Requests are the calls that ask for more: reserve, commit, resize to more, move.  They are numbered from 1, and
 *     `calls` counts them and nothing else, so that a run without failures tells how many there are to try.
 *  2. The request with the number `fail` gets nothing; with after=yes, so do all that follow.
 *
 * For tests of what an allocator does when memory is out.
 */
#include "support.h"

#include <errno.h>
#include <sys/mman.h>

typedef struct failing_params {
    uint64_t fail;
    bool after;
} failing_params;

typedef struct failing_pages {
    hy_pages pages;
    hy_pages *inner;
    uint64_t fail;
    bool after;
} failing_pages;

extern const hy_pages_ops hy_mmap_pages_ops, hy_failing_pages_ops;

static const hy_param failing_table[] = {
    {.name = "fail",
     .help = "the number of the request that fails, from 1; 0: none",
     .def = "0",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(failing_params, fail)},
    {.name = "after",
     .help = "every later request fails too",
     .def = "no",
     .type = HY_PARAM_BOOL,
     .offset = offsetof(failing_params, after)},
    {.name = NULL},
};

/* Counts a request.  True: this one fails. */
static bool failing_now(failing_pages *self) {
    const uint64_t turn = __atomic_add_fetch(&self->pages.calls, 1, __ATOMIC_RELAXED);
    return self->fail != 0 && (turn == self->fail || (self->after && turn > self->fail));
}

static int failing_create(const void *given, hy_pages **ret) {
    const failing_params *const params = given;
    const uint64_t plain[8] = {0}; /* the source behind, with its parameters off */
    hy_pages *inner = NULL;
    const int r = hy_mmap_pages_ops.create(plain, &inner);
    if (r < 0)
        return r;
    failing_pages *const self = mmap(NULL, sizeof *self, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (self == MAP_FAILED) {
        inner->ops->destroy(inner);
        return -ENOMEM;
    }
    *self = (failing_pages){.inner = inner, .fail = params->fail, .after = params->after};
    self->pages = (hy_pages){.ops = &hy_failing_pages_ops,
                             .granule = inner->granule,
                             .available = inner->available,
                             .zeroed = inner->zeroed};
    *ret = &self->pages;
    return 0;
}

static void failing_destroy(hy_pages *pages) {
    failing_pages *const self = (failing_pages *)pages;
    self->inner->ops->destroy(self->inner);
    munmap(self, sizeof *self);
}

static void *failing_reserve(hy_pages *pages, size_t size, size_t align) {
    failing_pages *const self = (failing_pages *)pages;
    void *const start = failing_now(self) ? NULL : self->inner->ops->reserve(self->inner, size, align);
    if (start)
        hy_count_reserved(pages, size, 0);
    return start;
}

static int failing_commit(hy_pages *pages, void *start, size_t size) {
    failing_pages *const self = (failing_pages *)pages;
    const int r = failing_now(self) ? -ENOMEM : self->inner->ops->commit(self->inner, start, size);
    if (r == 0)
        hy_count_committed(pages, size, 0);
    return r;
}

static int failing_decommit(hy_pages *pages, void *start, size_t size) {
    failing_pages *const self = (failing_pages *)pages;
    const int r = self->inner->ops->decommit(self->inner, start, size);
    if (r == 0)
        hy_count_committed(pages, 0, size);
    return r;
}

static int failing_purge(hy_pages *pages, void *start, size_t size) {
    failing_pages *const self = (failing_pages *)pages;
    return self->inner->ops->purge(self->inner, start, size);
}

static void failing_count_size(hy_pages *pages, size_t old_size, size_t new_size) {
    hy_count_reserved(pages, new_size, old_size);
    hy_count_committed(pages, new_size, old_size);
}

static int failing_resize(hy_pages *pages, void *start, size_t old_size, size_t new_size) {
    failing_pages *const self = (failing_pages *)pages;
    const bool fails = new_size > old_size && failing_now(self);
    const int r = fails ? -ENOMEM : self->inner->ops->resize(self->inner, start, old_size, new_size);
    if (r == 0)
        failing_count_size(pages, old_size, new_size);
    return r;
}

static void *failing_move(hy_pages *pages, void *start, size_t old_size, size_t new_size) {
    failing_pages *const self = (failing_pages *)pages;
    void *const moved = failing_now(self) ? NULL : self->inner->ops->move(self->inner, start, old_size, new_size);
    if (moved)
        failing_count_size(pages, old_size, new_size);
    return moved;
}

static void failing_release(hy_pages *pages, void *start, size_t size, size_t committed) {
    failing_pages *const self = (failing_pages *)pages;
    self->inner->ops->release(self->inner, start, size, committed);
    hy_count_reserved(pages, 0, size);
    hy_count_committed(pages, 0, committed);
}

const hy_pages_ops hy_failing_pages_ops = {
    .name = "failing",
    .summary = "pages from the operating system, until a chosen request fails",
    .params = failing_table,
    .params_size = sizeof(failing_params),
    .create = failing_create,
    .destroy = failing_destroy,
    .reserve = failing_reserve,
    .commit = failing_commit,
    .decommit = failing_decommit,
    .purge = failing_purge,
    .resize = failing_resize,
    .move = failing_move,
    .release = failing_release,
};
