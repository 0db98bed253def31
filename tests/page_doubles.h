/* SPDX-License-Identifier: MIT
 *
 * page_doubles.h - page sources for tests: a fixed array, and one that fails at a chosen call.
 */
#ifndef PAGE_DOUBLES_H
#define PAGE_DOUBLES_H

#include "heapyard.h"

#include <errno.h>

/* ----------------------------------------------------------------------------------------------- a fixed array ---- */

typedef struct array_pages {
    hy_pages pages;
    char *at;
    bool taken;
} array_pages;

static inline void *array_reserve(hy_pages *pages, size_t size, size_t align) {
    array_pages *const self = (array_pages *)pages;
    if (self->taken || size > pages->available || (size_t)self->at % align != 0)
        return NULL;
    self->taken = true;
    pages->reserved = size;
    return self->at;
}

static inline int array_commit(hy_pages *pages, void *start, size_t size) {
    (void)start;
    pages->committed += size;
    return 0;
}

static inline int array_decommit(hy_pages *pages, void *start, size_t size) {
    (void)start;
    pages->committed -= size;
    return 0;
}

static inline int array_purge(hy_pages *pages, void *start, size_t size) {
    (void)pages, (void)start, (void)size;
    return 0;
}

static inline int array_resize(hy_pages *pages, void *start, size_t old_size, size_t new_size) {
    (void)pages, (void)start, (void)old_size, (void)new_size;
    return -ENOMEM;
}

static inline void array_release(hy_pages *pages, void *start, size_t size, size_t committed) {
    (void)start, (void)size;
    ((array_pages *)pages)->taken = false;
    pages->reserved = 0;
    pages->committed -= committed;
}

static inline array_pages array_pages_of(char *at, size_t size) {
    static const hy_pages_ops ops = {.name = "array",
                                     .reserve = array_reserve,
                                     .commit = array_commit,
                                     .decommit = array_decommit,
                                     .purge = array_purge,
                                     .resize = array_resize,
                                     .release = array_release};
    return (array_pages){.pages = {.ops = &ops, .granule = 1, .available = size}, .at = at};
}

/* ------------------------------------------------------------------------------------------- a failing source ---- */

/* Passes calls on to `inner`; what can fail does so at the call number `fail_at` (from 1; 0: never), or from it on. */
typedef struct failing_pages {
    hy_pages pages;
    hy_pages *inner;
    uint64_t turn, fail_at;
    bool forever;
} failing_pages;

static inline bool failing_now(hy_pages *pages) {
    failing_pages *const self = (failing_pages *)pages;
    self->turn++;
    return self->fail_at && (self->forever ? self->turn >= self->fail_at : self->turn == self->fail_at);
}

static inline hy_pages *failing_inner(hy_pages *pages) {
    return ((failing_pages *)pages)->inner;
}

static inline void *failing_reserve(hy_pages *pages, size_t size, size_t align) {
    hy_pages *const inner = failing_inner(pages);
    return failing_now(pages) ? NULL : inner->ops->reserve(inner, size, align);
}

static inline int failing_commit(hy_pages *pages, void *start, size_t size) {
    hy_pages *const inner = failing_inner(pages);
    return failing_now(pages) ? -ENOMEM : inner->ops->commit(inner, start, size);
}

static inline int failing_decommit(hy_pages *pages, void *start, size_t size) {
    hy_pages *const inner = failing_inner(pages);
    return failing_now(pages) ? -ENOMEM : inner->ops->decommit(inner, start, size);
}

static inline int failing_purge(hy_pages *pages, void *start, size_t size) {
    hy_pages *const inner = failing_inner(pages);
    return failing_now(pages) ? -ENOMEM : inner->ops->purge(inner, start, size);
}

static inline int failing_resize(hy_pages *pages, void *start, size_t old_size, size_t new_size) {
    hy_pages *const inner = failing_inner(pages);
    return failing_now(pages) ? -ENOMEM : inner->ops->resize(inner, start, old_size, new_size);
}

static inline void *failing_move(hy_pages *pages, void *start, size_t old_size, size_t new_size) {
    hy_pages *const inner = failing_inner(pages);
    return failing_now(pages) ? NULL : inner->ops->move(inner, start, old_size, new_size);
}

static inline void failing_release(hy_pages *pages, void *start, size_t size, size_t committed) {
    hy_pages *const inner = failing_inner(pages);
    inner->ops->release(inner, start, size, committed);
}

static inline failing_pages failing_pages_of(hy_pages *inner, uint64_t fail_at, bool forever) {
    static const hy_pages_ops ops = {.name = "failing-double",
                                     .reserve = failing_reserve,
                                     .commit = failing_commit,
                                     .decommit = failing_decommit,
                                     .purge = failing_purge,
                                     .resize = failing_resize,
                                     .move = failing_move,
                                     .release = failing_release};
    return (failing_pages){
        .pages = {.ops = &ops, .granule = inner->granule, .available = inner->available, .zeroed = inner->zeroed},
        .inner = inner,
        .fail_at = fail_at,
        .forever = forever};
}

#endif
