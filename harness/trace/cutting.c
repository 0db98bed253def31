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
#include <string.h>

typedef struct cutting_thread {
    uint32_t number;          /* new number + 1; 0: not seen yet */
    char phase[HY_MARK_NAME]; /* that it is in */
} cutting_thread;

typedef struct cutting {
    const hy_cut *cut;
    hy_trace_writer *writer;
    hy_cut_counts counts;
    hy_objects alive;        /* `born` is 0 before the cut, then the new number */
    uint64_t number;         /* of the event at hand */
    uint64_t born;           /* births written */
    uint64_t start;          /* the time of the cut */
    cutting_thread *threads; /* by old number */
    size_t capacity;
    uint32_t threads_seen;
    uint32_t site; /* of the event at hand */
    bool inside;
} cutting;

static int cutting_no_memory(const cutting *self, hy_error *error) {
    return hy_fail(error, -ENOMEM, "no memory to note the %zu living objects of a trace", self->alive.count);
}

/* ---- writing ---- */

/* What is known of the thread with the old number; NULL: no memory. */
static cutting_thread *cutting_find_thread(cutting *self, uint32_t old, hy_error *error) {
    if (old >= self->capacity) {
        const size_t capacity = 2 * (size_t)old + 16;
        cutting_thread *const grown =
            capacity * sizeof *grown > hy_ceiling() ? NULL : realloc(self->threads, capacity * sizeof *grown);
        if (!grown) {
            cutting_no_memory(self, error);
            return NULL;
        }
        for (size_t i = self->capacity; i < capacity; i++)
            grown[i] = (cutting_thread){.number = 0};
        self->threads = grown;
        self->capacity = capacity;
    }
    return &self->threads[old];
}

static int cutting_write(cutting *self, hy_event event, uint64_t id, uint32_t site, hy_error *error) {
    cutting_thread *const thread = cutting_find_thread(self, event.thread, error);
    int r = thread ? 0 : -ENOMEM;
    if (r == 0 && thread->number == 0) {
        thread->number = ++self->threads_seen;
        if (thread->phase[0])
            r = hy_trace_mark_phase(self->writer, thread->number - 1, event.time, thread->phase, error);
    }
    if (r < 0)
        return r;
    event.thread = thread->number - 1;
    event.id = id;
    return hy_trace_append_from(self->writer, &event, site, error);
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
                          is->born, is->site, error);
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
    (*ret_object)->kind = event->kind & 15u;
    (*ret_object)->align = event->align & 63u;
    return 1;
}

static int cutting_copy(cutting *self, const hy_event *event, hy_object *object, hy_error *error) {
    hy_event copy = *event;
    copy.time = event->time - self->start;
    if (object && hy_event_is_birth(event))
        object->born = self->born++;
    self->counts.events++;
    return cutting_write(self, copy, object ? object->born : 0, self->site, error);
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
        object->site = (self->site ? self->site : object->site) & (HY_SITES_MAX - 1);
        if (event->kind == HY_EVENT_FREE)
            hy_objects_remove(&self->alive, object);
    }
    return r;
}

static int cutting_mark(cutting *self, const hy_mark *mark, hy_error *error) {
    cutting_thread *const thread = cutting_find_thread(self, mark->thread, error);
    if (!thread)
        return -ENOMEM;
    memcpy(thread->phase, mark->name, sizeof thread->phase);
    if (!self->inside || thread->number == 0)
        return 0;
    const uint64_t time = mark->time > self->start ? mark->time - self->start : 0;
    return hy_trace_mark_phase(self->writer, thread->number - 1, time, mark->name, error);
}

static int cutting_table(const cutting *self, const hy_trace_reader *reader, hy_error *error) {
    size_t size;
    const char *const lines = hy_trace_table(reader, &size);
    return size > 0 ? hy_trace_add_table(self->writer, lines, size, error) : 0;
}

/* 1: the part is over. */
static int cutting_block(cutting *self, const hy_trace_reader *reader, const hy_event *events, size_t count,
                         hy_error *error) {
    const uint32_t *const sites = hy_trace_event_sites(reader);
    size_t marks, next = 0;
    const hy_mark *const mark = hy_trace_marks(reader, &marks);
    int r = cutting_table(self, reader, error);
    for (size_t i = 0; i < count && r == 0; i++, self->number++) {
        if ((self->cut->by_time ? events[i].time : self->number) >= self->cut->to)
            return 1;
        for (; r == 0 && next < marks && mark[next].event == self->number; next++)
            r = cutting_mark(self, &mark[next], error);
        self->site = sites ? sites[i] : 0;
        if (r == 0)
            r = cutting_event(self, &events[i], error);
    }
    for (; r == 0 && next < marks; next++)
        r = cutting_mark(self, &mark[next], error);
    return r;
}

/* The names of sites stand behind all events. */
static int cutting_names(const cutting *self, hy_trace_reader *reader, hy_error *error) {
    const hy_event *events;
    size_t count;
    int r;
    while ((r = hy_trace_next(reader, &events, &count, error)) > 0 && (r = cutting_table(self, reader, error)) == 0)
        ;
    return r < 0 ? r : cutting_table(self, reader, error);
}

static int cutting_read(cutting *self, hy_trace_reader *reader, hy_error *error) {
    const hy_event *events;
    size_t count;
    int r;
    while ((r = hy_trace_next(reader, &events, &count, error)) > 0) {
        r = cutting_block(self, reader, events, count, error);
        if (r > 0)
            return hy_trace_has_notes(reader) ? cutting_names(self, reader, error) : 0;
        if (r < 0)
            return r;
    }
    return r < 0 ? r : cutting_block(self, reader, NULL, 0, error);
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
    r = (hy_trace_has_notes(reader) ? hy_trace_create_noted : hy_trace_create)(to, &meta, &self.writer, error);
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
