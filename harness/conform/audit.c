/* SPDX-License-Identifier: MIT
 *
 * audit.c - the watching page source (see audit.h).
 *
 *  1. Each reservation has a map with a byte a granule: committed or not.
 *  2. A call that the contract forbids is noted (the first one) and refused.
 *  3. Purged memory is scribbled over: its contents do not matter, so nobody may rely on them.
 */
#include "audit.h"

#include "support.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#define AUDIT_RUNS 8192u
#define AUDIT_MOST ((size_t)512 << 20)    /* committed at a time: somebody may fill all of it */
#define AUDIT_SCRIBBLE ((size_t)64 << 20) /* no more than this much is scribbled over at a time */

typedef struct audit_run {
    uintptr_t start;
    size_t size;
    size_t committed;   /* bytes */
    unsigned char *map; /* a byte a granule: 1 is committed */
} audit_run;

typedef struct audit {
    hy_pages pages;
    hy_pages *inner;
    pthread_mutex_t mutex;
    const char *problem;
    uint64_t requests, fail_at;
    bool lasting, dirty;
    size_t limit;
    size_t count;
    audit_run run[AUDIT_RUNS];
} audit;

static audit *audit_enter(hy_pages *pages) {
    audit *const self = (audit *)pages;
    pthread_mutex_lock(&self->mutex);
    self->pages.calls++;
    return self;
}

static void audit_leave(audit *self) {
    pthread_mutex_unlock(&self->mutex);
}

static int audit_blame(audit *self, const char *what) {
    if (!self->problem)
        self->problem = what;
    return -EINVAL;
}

/* Counts a request for memory; whether it is to be refused. */
static bool audit_refuses(audit *self, size_t more) {
    self->requests++;
    const bool due =
        self->fail_at && (self->requests == self->fail_at || (self->lasting && self->requests > self->fail_at));
    return due || more > self->limit - hy_min(self->limit, self->pages.committed);
}

/* ----------------------------------------------------------------------------------------------------- the map ---- */

static audit_run *audit_find(const audit *self, uintptr_t start, size_t size) {
    for (size_t i = 0; i < self->count; i++) {
        const audit_run *const run = &self->run[i];
        if (start >= run->start && start - run->start < run->size && size <= run->size - (start - run->start))
            return (audit_run *)run;
    }
    return NULL;
}

/* Granules of [start, start + size) that are committed. */
static size_t audit_count(const audit *self, const audit_run *run, uintptr_t start, size_t size) {
    if (size == run->size || run->committed == 0)
        return run->committed / self->pages.granule;
    const size_t granule = self->pages.granule, first = (start - run->start) / granule;
    size_t n = 0;
    for (size_t i = 0; i < size / granule; i++)
        n += run->map[first + i];
    return n;
}

/* All of it was the opposite before. */
static void audit_mark(const audit *self, audit_run *run, uintptr_t start, size_t size, bool committed) {
    const size_t granule = self->pages.granule;
    memset(run->map + (start - run->start) / granule, committed, size / granule);
    run->committed += committed ? size : -size;
}

static unsigned char *audit_map(const audit *self, size_t size) {
    void *const map = mmap(NULL, size / self->pages.granule + 1, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return map == MAP_FAILED ? NULL : map;
}

static void audit_unmap(const audit *self, const audit_run *run) {
    munmap(run->map, run->size / self->pages.granule + 1);
}

static bool audit_add(audit *self, void *start, size_t size, bool committed) {
    unsigned char *const map = self->count < AUDIT_RUNS ? audit_map(self, size) : NULL;
    if (!map)
        return false;
    self->run[self->count] = (audit_run){(uintptr_t)start, size, 0, map};
    if (committed)
        audit_mark(self, &self->run[self->count], (uintptr_t)start, size, true);
    self->count++;
    return true;
}

static void audit_drop(audit *self, audit_run *run) {
    audit_unmap(self, run);
    *run = self->run[--self->count];
}

static void audit_commits(audit *self, size_t more, size_t less) {
    self->pages.committed += more - less;
    self->pages.peak_committed = hy_max(self->pages.peak_committed, self->pages.committed);
}

static void audit_scribble(void *start, size_t size) {
    memset(start, 0xdb, hy_min(size, AUDIT_SCRIBBLE));
}

static bool audit_odd(const audit *self, const void *start, size_t size) {
    return size == 0 || ((uintptr_t)start | size) % self->pages.granule != 0;
}

/* ----------------------------------------------------------------------------------------------------- the ops ---- */

static void *audit_do_reserve(audit *self, size_t size, size_t align) {
    if (size == 0 || size % self->pages.granule != 0) {
        audit_blame(self, "reserve: the size is no multiple of the granule");
        return NULL;
    }
    if (!hy_is_pow2(align) || align < self->pages.granule) {
        audit_blame(self, "reserve: the alignment is no power of two, or below the granule");
        return NULL;
    }
    if (audit_refuses(self, 0))
        return NULL;
    void *const start = self->inner->ops->reserve(self->inner, size, align);
    if (start && !audit_add(self, start, size, false)) {
        self->inner->ops->release(self->inner, start, size, 0);
        return NULL;
    }
    self->pages.reserved += start ? size : 0;
    return start;
}

static void *audit_reserve(hy_pages *pages, size_t size, size_t align) {
    audit *const self = audit_enter(pages);
    void *const start = audit_do_reserve(self, size, align);
    audit_leave(self);
    return start;
}

static int audit_do_commit(audit *self, void *start, size_t size) {
    audit_run *const run = audit_find(self, (uintptr_t)start, size);
    if (audit_odd(self, start, size) || !run)
        return audit_blame(self, "commit: not a range of granules inside one reservation");
    if (audit_count(self, run, (uintptr_t)start, size) != 0)
        return audit_blame(self, "commit: a part is committed already");
    if (audit_refuses(self, size))
        return -ENOMEM;
    const int r = self->inner->ops->commit(self->inner, start, size);
    if (r < 0)
        return r;
    audit_mark(self, run, (uintptr_t)start, size, true);
    audit_commits(self, size, 0);
    if (self->dirty)
        audit_scribble(start, size);
    return 0;
}

static int audit_commit(hy_pages *pages, void *start, size_t size) {
    audit *const self = audit_enter(pages);
    const int r = audit_do_commit(self, start, size);
    audit_leave(self);
    return r;
}

/* The run of a wholly committed range, or NULL after noting `what`. */
static audit_run *audit_whole(audit *self, void *start, size_t size, const char *what) {
    audit_run *const run = audit_find(self, (uintptr_t)start, size);
    if (!audit_odd(self, start, size) && run &&
        audit_count(self, run, (uintptr_t)start, size) == size / self->pages.granule)
        return run;
    audit_blame(self, what);
    return NULL;
}

static int audit_decommit(hy_pages *pages, void *start, size_t size) {
    audit *const self = audit_enter(pages);
    audit_run *const run = audit_whole(self, start, size, "decommit: not a committed range of granules");
    const int r = run ? self->inner->ops->decommit(self->inner, start, size) : -EINVAL;
    if (r == 0) {
        audit_mark(self, run, (uintptr_t)start, size, false);
        audit_commits(self, 0, size);
    }
    audit_leave(self);
    return r;
}

static int audit_purge(hy_pages *pages, void *start, size_t size) {
    audit *const self = audit_enter(pages);
    const bool fine = audit_whole(self, start, size, "purge: not a committed range of granules");
    const int r = fine ? self->inner->ops->purge(self->inner, start, size) : -EINVAL;
    if (r == 0)
        audit_scribble(start, size);
    audit_leave(self);
    return r;
}

/* The run that is exactly [start, start + size), wholly committed; or NULL after noting `what`. */
static audit_run *audit_exact(audit *self, void *start, size_t size, const char *what) {
    audit_run *const run = audit_whole(self, start, size, what);
    if (run && run->start == (uintptr_t)start && run->size == size)
        return run;
    audit_blame(self, what);
    return NULL;
}

/* A reservation became another one. */
static bool audit_replace(audit *self, audit_run *run, void *start, size_t new_size) {
    const size_t old_size = run->size;
    if (!audit_add(self, start, new_size, true))
        return false;
    audit_drop(self, run);
    self->pages.reserved += new_size - old_size;
    audit_commits(self, new_size, old_size);
    if (self->dirty && new_size > old_size)
        audit_scribble((char *)start + old_size, new_size - old_size);
    return true;
}

static int audit_resize(hy_pages *pages, void *start, size_t old_size, size_t new_size) {
    audit *const self = audit_enter(pages);
    audit_run *const run = audit_exact(self, start, old_size, "resize: not one whole, committed reservation");
    const bool odd = run && audit_odd(self, start, new_size);
    int r = !run || odd ? -EINVAL : 0;
    if (odd)
        audit_blame(self, "resize: the new size is no multiple of the granule");
    if (r == 0 && new_size > old_size && audit_refuses(self, new_size - old_size))
        r = -ENOMEM;
    if (r == 0)
        r = self->inner->ops->resize(self->inner, start, old_size, new_size);
    if (r == 0 && !audit_replace(self, run, start, new_size))
        audit_blame(self, "(the audit ran out of room)");
    audit_leave(self);
    return r;
}

static void *audit_move(hy_pages *pages, void *start, size_t old_size, size_t new_size) {
    audit *const self = audit_enter(pages);
    audit_run *const run = audit_exact(self, start, old_size, "move: not one whole, committed reservation");
    void *moved = NULL;
    if (run && !audit_refuses(self, new_size > old_size ? new_size - old_size : 0) && self->inner->ops->move)
        moved = self->inner->ops->move(self->inner, start, old_size, new_size);
    if (moved && !audit_replace(self, run, moved, new_size))
        audit_blame(self, "(the audit ran out of room)");
    audit_leave(self);
    return moved;
}

static void audit_release(hy_pages *pages, void *start, size_t size, size_t committed) {
    audit *const self = audit_enter(pages);
    audit_run *const run = audit_find(self, (uintptr_t)start, size);
    if (!run || run->start != (uintptr_t)start || run->size != size) {
        audit_blame(self, "release: not one whole reservation");
    } else if (audit_count(self, run, (uintptr_t)start, size) * pages->granule != committed) {
        audit_blame(self, "release: the committed bytes are said wrongly");
    } else {
        self->inner->ops->release(self->inner, start, size, committed);
        audit_drop(self, run);
        self->pages.reserved -= size;
        audit_commits(self, 0, committed);
    }
    audit_leave(self);
}

static void audit_destroy(hy_pages *pages) {
    munmap(pages, hy_align_up(sizeof(audit), 4096));
}

static const hy_pages_ops audit_ops = {
    .name = "audit",
    .summary = "pages that watch how they are used",
    .destroy = audit_destroy,
    .reserve = audit_reserve,
    .commit = audit_commit,
    .decommit = audit_decommit,
    .purge = audit_purge,
    .resize = audit_resize,
    .release = audit_release,
    .move = audit_move,
};

/* ---------------------------------------------------------------------------------------------------- watching ---- */

hy_pages *audit_wrap(hy_pages *inner) {
    audit *const self =
        mmap(NULL, hy_align_up(sizeof(audit), 4096), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (self == MAP_FAILED)
        return NULL;
    self->pages = (hy_pages){
        .ops = &audit_ops, .granule = inner->granule, .available = inner->available, .zeroed = inner->zeroed};
    self->inner = inner;
    self->limit = AUDIT_MOST;
    pthread_mutex_init(&self->mutex, NULL);
    return &self->pages;
}

void audit_hold(hy_pages *pages) {
    pthread_mutex_lock(&((audit *)pages)->mutex);
}

void audit_let_go(hy_pages *pages) {
    pthread_mutex_unlock(&((audit *)pages)->mutex);
}

void audit_unwrap(hy_pages *pages) {
    pages->ops->destroy(pages);
}

const char *audit_problem(const hy_pages *pages) {
    return ((const audit *)pages)->problem;
}

uint64_t audit_requests(const hy_pages *pages) {
    return ((const audit *)pages)->requests;
}

void audit_fail(hy_pages *pages, uint64_t n, bool lasting) {
    audit *const self = (audit *)pages;
    self->fail_at = n ? self->requests + n : 0;
    self->lasting = lasting;
}

void audit_limit(hy_pages *pages, size_t bytes) {
    ((audit *)pages)->limit = bytes;
}

void audit_dirty(hy_pages *pages) {
    ((audit *)pages)->dirty = true;
    pages->zeroed = false;
}

bool audit_committed(const hy_pages *pages, uintptr_t start, size_t size) {
    const audit *const self = (const audit *)pages;
    const uintptr_t first = hy_align_down(start, pages->granule);
    const size_t whole = hy_align_up(start + size, pages->granule) - first;
    const audit_run *const run = audit_find(self, first, whole);
    return run && audit_count(self, run, first, whole) == whole / pages->granule;
}

bool audit_is_start(const hy_pages *pages, uintptr_t address) {
    const audit *const self = (const audit *)pages;
    for (size_t i = 0; i < self->count; i++)
        if (self->run[i].start == address)
            return true;
    return false;
}
