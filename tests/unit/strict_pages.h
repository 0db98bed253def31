/* SPDX-License-Identifier: MIT
 *
 * strict_pages.h - pages that look closely at what is asked of them; include after cmocka.h.
 */
#ifndef STRICT_PAGES_H
#define STRICT_PAGES_H

#include "heapyard.h"

#include <errno.h>
#include <string.h>

#define STRICT_RUNS 64

/* Passes calls on, after looking at them closely: whole granules, inside one reservation.  Its memory is dirty. */
typedef struct strict_pages {
    hy_pages pages;
    hy_pages *inner;
    char *start[STRICT_RUNS];
    size_t size[STRICT_RUNS], count;
} strict_pages;

static inline void strict_expect(const hy_pages *pages, const char *start, size_t size) {
    const strict_pages *const self = (const strict_pages *)pages;
    bool inside = false;
    assert_int_equal(((uintptr_t)start | size) % pages->granule, 0);
    for (size_t i = 0; i < self->count; i++)
        inside |= start >= self->start[i] && start + size <= self->start[i] + self->size[i];
    assert_true(inside);
}

static inline void *strict_reserve(hy_pages *pages, size_t size, size_t align) {
    strict_pages *const self = (strict_pages *)pages;
    assert_true(self->count < STRICT_RUNS);
    assert_true(align >= pages->granule);
    assert_int_equal(size % pages->granule, 0);
    char *const start = self->inner->ops->reserve(self->inner, size, align);
    self->start[self->count] = start;
    self->size[self->count] = size;
    self->count += start != NULL;
    return start;
}

static inline int strict_commit(hy_pages *pages, void *start, size_t size) {
    hy_pages *const inner = ((strict_pages *)pages)->inner;
    strict_expect(pages, start, size);
    const int r = inner->ops->commit(inner, start, size);
    if (r == 0)
        memset(start, 0xff, size);
    return r;
}

static inline int strict_decommit(hy_pages *pages, void *start, size_t size) {
    hy_pages *const inner = ((strict_pages *)pages)->inner;
    strict_expect(pages, start, size);
    return inner->ops->decommit(inner, start, size);
}

static inline int strict_resize(hy_pages *pages, void *start, size_t old_size, size_t new_size) {
    (void)pages, (void)start, (void)old_size, (void)new_size;
    return -ENOMEM;
}

static inline void strict_release(hy_pages *pages, void *start, size_t size, size_t committed) {
    strict_pages *const self = (strict_pages *)pages;
    size_t i = 0;
    while (i < self->count && (self->start[i] != start || self->size[i] != size))
        i++;
    assert_true(i < self->count);
    self->count--;
    self->start[i] = self->start[self->count];
    self->size[i] = self->size[self->count];
    self->inner->ops->release(self->inner, start, size, committed);
}

static inline strict_pages strict_pages_of(hy_pages *inner, size_t granule) {
    static const hy_pages_ops ops = {.name = "strict",
                                     .reserve = strict_reserve,
                                     .commit = strict_commit,
                                     .decommit = strict_decommit,
                                     .resize = strict_resize,
                                     .release = strict_release};
    return (strict_pages){.pages = {.ops = &ops, .granule = granule, .available = HY_ANY}, .inner = inner};
}

#endif
