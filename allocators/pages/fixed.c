/* SPDX-License-Identifier: MIT
 *
 * fixed.c - a region of fixed size, at any address, of any length: a static array.
 *
 *  1. Reservations are placed in the region by first fit; a table in address order, outside the region, lists them.
 *  2. Commit and decommit only count: the region is always there.  Its memory is not zeroed again.
 *
 * The table has room for 4096 reservations.
 */
#include "fixed_pages.h"
#include "support.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#define FIXED_ENTRIES 4096

typedef struct fixed_params {
    size_t size;
    size_t granule;
    size_t shift;
} fixed_params;

typedef struct fixed_entry {
    uintptr_t start;
    size_t size;
} fixed_entry;

typedef struct fixed_pages {
    hy_pages pages;
    pthread_mutex_t lock;
    uintptr_t start, end;
    void *own; /* the region, where it is our own; or NULL */
    size_t own_size;
    size_t count;
    fixed_entry entries[FIXED_ENTRIES]; /* in address order */
} fixed_pages;

extern const hy_pages_ops hy_fixed_pages_ops;

static const hy_param fixed_table[] = {
    {.name = "size",
     .help = "bytes of the region",
     .def = "1M",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(fixed_params, size),
     .min = 1,
     .max = (uint64_t)1 << 40},
    {.name = "granule",
     .help = "addresses and sizes are multiples of this, a power of two",
     .def = "1",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(fixed_params, granule),
     .min = 1,
     .max = 1 << 30},
    {.name = "shift",
     .help = "the region starts this many bytes behind a page's start",
     .def = "0",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(fixed_params, shift),
     .min = 0,
     .max = 4095},
    {.name = NULL},
};

/* ------------------------------------------------------------------------------------------------------- table ---- */

static uintptr_t fixed_entry_end(const fixed_pages *self, size_t i) {
    return self->entries[i].start + self->entries[i].size;
}

/* The index of the reservation that starts at `start`; count: there is none. */
static size_t fixed_find(const fixed_pages *self, uintptr_t start) {
    size_t i = 0;
    while (i < self->count && self->entries[i].start != start)
        i++;
    return i;
}

/* Where entry i could grow to, or the gap in front of it ends. */
static uintptr_t fixed_limit(const fixed_pages *self, size_t i) {
    return i < self->count ? self->entries[i].start : self->end;
}

static void fixed_insert(fixed_pages *self, size_t i, uintptr_t start, size_t size) {
    memmove(&self->entries[i + 1], &self->entries[i], (self->count - i) * sizeof *self->entries);
    self->entries[i] = (fixed_entry){start, size};
    self->count++;
}

static void fixed_remove(fixed_pages *self, size_t i) {
    self->count--;
    memmove(&self->entries[i], &self->entries[i + 1], (self->count - i) * sizeof *self->entries);
}

/* First fit: the gap in front of each entry, then the one behind the last.  0: no room. */
static uintptr_t fixed_place(fixed_pages *self, size_t size, size_t align) {
    uintptr_t gap = self->start;
    for (size_t i = 0;; gap = fixed_entry_end(self, i++)) {
        const uintptr_t start = hy_align_up(gap, align), limit = fixed_limit(self, i);
        if (start >= gap && start <= limit && size <= limit - start) {
            fixed_insert(self, i, start, size);
            return start;
        }
        if (i == self->count)
            return 0;
    }
}

/* ------------------------------------------------------------------------------------------------------ source ---- */

static void *fixed_reserve(hy_pages *pages, size_t size, size_t align) {
    fixed_pages *const self = (fixed_pages *)pages;
    hy_count_call(pages);
    pthread_mutex_lock(&self->lock);
    const uintptr_t start = self->count < FIXED_ENTRIES && size > 0 ? fixed_place(self, size, align) : 0;
    pthread_mutex_unlock(&self->lock);
    if (start)
        hy_count_reserved(pages, size, 0);
    return (void *)start;
}

static int fixed_commit(hy_pages *pages, void *start, size_t size) {
    (void)start;
    hy_count_call(pages);
    hy_count_committed(pages, size, 0);
    return 0;
}

static int fixed_decommit(hy_pages *pages, void *start, size_t size) {
    (void)start;
    hy_count_call(pages);
    hy_count_committed(pages, 0, size);
    return 0;
}

static int fixed_purge(hy_pages *pages, void *start, size_t size) {
    (void)start;
    (void)size;
    hy_count_call(pages);
    return 0;
}

static int fixed_resize(hy_pages *pages, void *start, size_t old_size, size_t new_size) {
    fixed_pages *const self = (fixed_pages *)pages;
    hy_count_call(pages);
    pthread_mutex_lock(&self->lock);
    const size_t i = fixed_find(self, (uintptr_t)start);
    const bool fits = i < self->count && new_size > 0 && new_size <= fixed_limit(self, i + 1) - (uintptr_t)start;
    if (fits)
        self->entries[i].size = new_size;
    pthread_mutex_unlock(&self->lock);
    if (!fits)
        return -ENOMEM;
    hy_count_reserved(pages, new_size, old_size);
    hy_count_committed(pages, new_size, old_size);
    return 0;
}

static void fixed_release(hy_pages *pages, void *start, size_t size, size_t committed) {
    fixed_pages *const self = (fixed_pages *)pages;
    hy_count_call(pages);
    pthread_mutex_lock(&self->lock);
    const size_t i = fixed_find(self, (uintptr_t)start);
    if (i < self->count)
        fixed_remove(self, i);
    pthread_mutex_unlock(&self->lock);
    hy_count_reserved(pages, 0, size);
    hy_count_committed(pages, 0, committed);
}

static void *fixed_map(size_t size) {
    void *const memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

int hy_fixed_pages_over(void *memory, size_t size, size_t granule, hy_pages **ret) {
    if (!hy_is_pow2(granule))
        return -EINVAL;
    fixed_pages *const self = fixed_map(sizeof *self);
    if (!self)
        return -ENOMEM;
    self->start = hy_align_up((uintptr_t)memory, granule);
    self->end = hy_max(self->start, hy_align_down((uintptr_t)memory + size, granule));
    self->pages.ops = &hy_fixed_pages_ops;
    self->pages.granule = granule;
    self->pages.available = self->end - self->start;
    pthread_mutex_init(&self->lock, NULL);
    *ret = &self->pages;
    return 0;
}

static int fixed_create(const void *given, hy_pages **ret) {
    const fixed_params *const params = given;
    const size_t own_size = params->size + params->shift;
    char *const own = fixed_map(own_size);
    if (!own)
        return -ENOMEM;
    const int r = hy_fixed_pages_over(own + params->shift, params->size, params->granule, ret);
    if (r < 0) {
        munmap(own, own_size);
        return r;
    }
    ((fixed_pages *)*ret)->own = own;
    ((fixed_pages *)*ret)->own_size = own_size;
    return 0;
}

static void fixed_destroy(hy_pages *pages) {
    fixed_pages *const self = (fixed_pages *)pages;
    if (self->own)
        munmap(self->own, self->own_size);
    pthread_mutex_destroy(&self->lock);
    munmap(self, sizeof *self);
}

const hy_pages_ops hy_fixed_pages_ops = {
    .name = "fixed",
    .summary = "a region of fixed size at any address: a static array",
    .params = fixed_table,
    .params_size = sizeof(fixed_params),
    .create = fixed_create,
    .destroy = fixed_destroy,
    .reserve = fixed_reserve,
    .commit = fixed_commit,
    .decommit = fixed_decommit,
    .purge = fixed_purge,
    .resize = fixed_resize,
    .release = fixed_release,
};
