/* SPDX-License-Identifier: MIT
 *
 * cutting.c - see cutting.h.
 */
#include "cutting.h"

#include "ceiling.h"
#include "objects.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

typedef struct cutting {
    const hy_cut *cut;
    hy_trace_writer *writer;
    hy_cut_counts counts;
    hy_objects alive;  /* `born` is 0 before the cut, then the new number */
    uint64_t number;   /* of the event at hand */
    uint64_t born;     /* births written */
    uint64_t start;    /* the time of the cut */
    uint32_t *threads; /* new number + 1 by old number; 0: not seen yet */
    size_t capacity;
    uint32_t threads_seen;
    bool inside;
} cutting;

static int cutting_no_memory(const cutting *self, hy_error *error) {
    return hy_fail(error, -ENOMEM, "no memory to note the %zu living objects of a trace", self->alive.count);
}

/* ---- writing ---- */

static int cutting_thread(cutting *self, uint32_t old, uint32_t *ret_new, hy_error *error) {
    if (old >= self->capacity) {
        const size_t capacity = 2 * (size_t)old + 16;
        uint32_t *const grown =
            capacity * sizeof *grown > hy_ceiling() ? NULL : realloc(self->threads, capacity * sizeof *grown);
        if (!grown)
            return cutting_no_memory(self, error);
        for (size_t i = self->capacity; i < capacity; i++)
            grown[i] = 0;
        self->threads = grown;
        self->capacity = capacity;
    }
    if (self->threads[old] == 0)
        self->threads[old] = ++self->threads_seen;
    *ret_new = self->threads[old] - 1;
    return 0;
}

static int cutting_write(cutting *self, hy_event event, uint64_t id, hy_error *error) {
    const int r = cutting_thread(self, event.thread, &event.thread, error);
    event.id = id;
    return r < 0 ? r : hy_trace_append(self->writer, &event, error);
}

static int compare_keys(const void *a, const void *b) {
    const hy_object *const x = *(const hy_object *const *)a, *const y = *(const hy_object *const *)b;
    return x->key < y->key ? -1 : x->key > y->key;
}

/* Births for all that lives now, the oldest first. */
static int cutting_prologue(cutting *self, hy_error *error) {
    const size_t slots = self->alive.slots ? (size_t)1 << self->alive.bits : 0;
    hy_object **const sorted = malloc((self->alive.count + 1) * sizeof *sorted);
    size_t count = 0;
    int r = 0;
    if (!sorted)
        return cutting_no_memory(self, error);
    for (size_t i = 0; i < slots; i++)
        if (self->alive.slots[i].key != 0)
            sorted[count++] = &self->alive.slots[i];
    qsort(sorted, count, sizeof *sorted, compare_keys);
    for (size_t i = 0; i < count && r == 0; i++) {
        const hy_object *const is = sorted[i];
        sorted[i]->born = self->born++;
        r = cutting_write(self,
                          (hy_event){.kind = is->kind, .align = is->align, .size = is->size, .thread = is->thread},
                          is->born, error);
    }
    self->counts.prologue = count;
    free(sorted);
    return r;
}

/* ---- events ---- */

/* Keeps book of what lives; 0: the event touches nothing of the part.  *ret_object is NULL for a thread's event. */
static int cutting_book(cutting *self, const hy_event *event, hy_object **ret_object, hy_error *error) {
    const bool all = self->cut->thread == HY_CUT_ALL_THREADS;
    const bool own = all || event->thread == self->cut->thread;
    *ret_object = NULL;
    if (event->kind > HY_EVENT_FREE)
        return own;
    if (!hy_event_is_birth(event)) {
        *ret_object = hy_objects_find(&self->alive, event->id);
        return *ret_object != NULL;
    }
    if (!own)
        return 0;
    *ret_object = hy_objects_add(&self->alive, event->id);
    if (!*ret_object)
        return cutting_no_memory(self, error);
    (*ret_object)->kind = event->kind;
    (*ret_object)->align = event->align;
    return 1;
}

static int cutting_copy(cutting *self, const hy_event *event, hy_object *object, hy_error *error) {
    hy_event copy = *event;
    copy.time = event->time - self->start;
    if (object && hy_event_is_birth(event))
        object->born = self->born++;
    self->counts.events++;
    return cutting_write(self, copy, object ? object->born : 0, error);
}

static int cutting_event(cutting *self, const hy_event *event, hy_error *error) {
    hy_object *object = NULL;
    int r = 0;
    if (!self->inside && (self->cut->by_time ? event->time : self->number) >= self->cut->from) {
        self->inside = true;
        self->start = self->cut->by_time ? self->cut->from : event->time;
        r = cutting_prologue(self, error);
    }
    if (r == 0)
        r = cutting_book(self, event, &object, error);
    if (r < 0)
        return r;
    if (r == 0) {
        self->counts.left_out += self->inside;
        return 0;
    }
    r = self->inside ? cutting_copy(self, event, object, error) : 0;
    if (object) {
        object->thread = event->thread;
        object->size = event->size;
        if (event->kind == HY_EVENT_FREE)
            hy_objects_remove(&self->alive, object);
    }
    return r;
}

static int cutting_read(cutting *self, hy_trace_reader *reader, hy_error *error) {
    const hy_event *events;
    size_t count;
    int r;
    while ((r = hy_trace_next(reader, &events, &count, error)) > 0)
        for (size_t i = 0; i < count; i++, self->number++) {
            if ((self->cut->by_time ? events[i].time : self->number) >= self->cut->to)
                return 0;
            r = cutting_event(self, &events[i], error);
            if (r < 0)
                return r;
        }
    return r;
}

static int cutting_do(cutting *self, hy_trace_reader *reader, hy_error *error) {
    int r = cutting_read(self, reader, error);
    const char *const warning = hy_trace_warning(reader);
    if (r == 0 && !self->inside)
        r = hy_fail(error, -EINVAL, "the trace ends before the cut begins: it has %" PRIu64 " events%s%s", self->number,
                    warning ? "; " : "", warning ? warning : "");
    return r;
}

int hy_trace_cut(const char *from, const char *to, const hy_cut *cut, hy_cut_counts *ret, hy_error *error) {
    hy_trace_reader *reader;
    cutting self = {.cut = cut};
    int r = hy_trace_open(from, &reader, error);
    if (r < 0)
        return r;
    hy_trace_meta meta = *hy_trace_get_meta(reader);
    meta.dropped = 0;
    r = hy_trace_create(to, &meta, &self.writer, error);
    if (r == 0) {
        r = cutting_do(&self, reader, error);
        const int end = hy_trace_finish(self.writer, r < 0 ? NULL : error);
        r = r < 0 ? r : end;
        if (r < 0)
            hy_trace_drop(to);
    }
    if (r == 0) {
        const char *const warning = hy_trace_warning(reader);
        hy_fail(&self.counts.warning, 0, "%s", warning ? warning : "");
        *ret = self.counts;
    }
    hy_objects_clear(&self.alive);
    free(self.threads);
    hy_trace_close(reader);
    return r;
}
