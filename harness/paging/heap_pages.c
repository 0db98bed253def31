/* SPDX-License-Identifier: MIT
 *
 * heap_pages.c - from allocations to page references (see heap_pages.h).
 */
#include "heap_pages.h"

#include "registry.h"
#include "trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct placed {
    void *block; /* NULL: dead, or refused */
    uint64_t size;
    size_t align;
} placed;

typedef struct placing {
    hy_heap *heap;
    hy_page_trace *pages;
    hy_error *error;
    placed *at; /* by birth number */
    size_t room;
    uint64_t refused;
} placing;

static placed *placed_of(placing *self, uint64_t id) {
    if (id >= self->room) {
        const size_t room = id < 512 ? 1024 : 2 * (size_t)id;
        placed *const grown = realloc(self->at, room * sizeof *grown);
        if (!grown)
            return NULL;
        memset(grown + self->room, 0, (room - self->room) * sizeof *grown);
        self->at = grown;
        self->room = room;
    }
    return &self->at[id];
}

static int touch(const placing *self, const void *block, uint64_t from, uint64_t to, hy_page_kind kind) {
    return to <= from ? 0 : hy_page_trace_touch(self->pages, 0, (uintptr_t)block + from, to - from, kind, self->error);
}

static int place_birth(placing *self, placed *object, const hy_event *event) {
    const size_t wanted = event->kind == HY_EVENT_ALIGNED ? (size_t)1 << event->align : HY_MALLOC_ALIGN;
    object->align = wanted < self->heap->ops->max_align ? wanted : self->heap->ops->max_align;
    object->size = event->size;
    object->block = hy_alloc(self->heap, event->size, object->align);
    self->refused += object->block == NULL;
    return object->block ? touch(self, object->block, 0, event->size, HY_PAGE_WRITE) : 0;
}

static int place_again(placing *self, placed *object, const hy_event *event) {
    const void *const old = object->block;
    const uint64_t old_size = object->size, kept = old_size < event->size ? old_size : event->size;
    void *const moved = old ? hy_realloc(self->heap, object->block, old_size, object->align, event->size) : NULL;
    self->refused += old && !moved;
    if (!moved)
        return 0;
    object->block = moved;
    object->size = event->size;
    const bool stays = moved == old;
    const int r = stays ? 0 : touch(self, old, 0, kept, HY_PAGE_READ);
    return r != 0 ? r : touch(self, moved, stays ? kept : 0, event->size, HY_PAGE_WRITE);
}

static int place_event(placing *self, const hy_event *event) {
    if (event->kind > HY_EVENT_FREE)
        return 0;
    placed *const object = placed_of(self, event->id);
    if (!object)
        return hy_fail(self->error, -ENOMEM, "no memory for %llu objects", (unsigned long long)event->id);
    if (hy_event_is_birth(event))
        return place_birth(self, object, event);
    if (event->kind == HY_EVENT_REALLOC)
        return place_again(self, object, event);
    const int r = object->block ? touch(self, object->block, 0, object->size, HY_PAGE_READ) : 0;
    hy_free(self->heap, object->block, object->size);
    object->block = NULL;
    return r;
}

static int place_all(placing *self, const char *path) {
    hy_trace_reader *reader = NULL;
    const hy_event *events;
    size_t count;
    hy_error why = {""}, *const error = self->error;
    int r = hy_trace_open(path, &reader, error), more = 0;
    if (r < 0)
        return r;
    while (r == 0 && (more = hy_trace_next(reader, &events, &count, error)) > 0) {
        self->error = &why;
        for (size_t i = 0; i < count && r == 0; i++)
            r = place_event(self, &events[i]);
        self->error = error;
    }
    hy_trace_close(reader);
    if (r < 0)
        return hy_fail(error, r, "%s: %s", path, why.text);
    return more < 0 ? more : 0;
}

int hy_heap_pages(const char *path, const char *spec, hy_page_trace *trace, uint64_t *ret_refused, hy_error *error) {
    const hy_open_options options = {.seed = 0};
    hy_instance *const instance = malloc(sizeof *instance);
    if (!instance)
        return hy_fail(error, -ENOMEM, "no memory");
    int r = hy_open(&hy_registry, (hy_text){spec, strlen(spec)}, &options, instance, error);
    if (r == 0) {
        placing self = {.heap = instance->heap, .pages = trace, .error = error};
        r = place_all(&self, path);
        *ret_refused = self.refused;
        free(self.at);
        hy_close(instance);
    }
    free(instance);
    return r;
}
