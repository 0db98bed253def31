/* SPDX-License-Identifier: MIT
 *
 * log_trace.c - a trace replayed up to a moment (see log_trace.h).
 *
 * Threads of a trace are replayed one event after the other; contents are not written.
 */
#include "command.h"
#include "log_trace.h"

#include "heap.h"
#include "spec.h"
#include "trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What is known of an object, by its birth number. */
typedef struct log_object {
    void *block; /* NULL: dead, or refused */
    uint64_t size;
    size_t align;
} log_object;

typedef struct objects {
    log_object *at;
    size_t room;
} objects;

/* Called for each event; anything but 0 ends the reading. */
typedef int visit_event(void *context, const hy_event *event);

static int read_events(const char *trace, visit_event *visit, void *context, hy_error *error) {
    hy_trace_reader *reader = NULL;
    const hy_event *events = NULL;
    size_t count = 0;
    int r = hy_trace_open(trace, &reader, error);
    if (r < 0)
        return r;
    bool done = false;
    while (!done && (r = hy_trace_next(reader, &events, &count, error)) > 0)
        for (size_t i = 0; i < count && !done; i++)
            done = visit(context, &events[i]) != 0;
    if (r == 0 && !done && hy_trace_warning(reader))
        cmd_warn(hy_trace_warning(reader));
    hy_trace_close(reader);
    return r < 0 ? r : 0;
}

/* Ids are birth numbers, so the table grows by one at a time. */
static log_object *object_of(objects *all, uint64_t id) {
    if (id >= all->room) {
        const size_t room = id < 512 ? 1024 : 2 * (size_t)id;
        log_object *const grown = realloc(all->at, room * sizeof *grown);
        if (!grown)
            abort();
        memset(grown + all->room, 0, (room - all->room) * sizeof *grown);
        all->at = grown;
        all->room = room;
    }
    return &all->at[id];
}

static bool concerns_object(const hy_event *event) {
    return event->kind <= HY_EVENT_FREE;
}

/* ------------------------------------------------------------------------------------------------------- clock ---- */

typedef struct clock_sum {
    objects objects;
    uint64_t clock;
} clock_sum;

/* What an event adds to the clock. */
static uint64_t clock_more(const log_object *object, const hy_event *event) {
    return event->size > object->size ? event->size - object->size : 0; /* a free has size 0 */
}

static int sum_clock(void *context, const hy_event *event) {
    clock_sum *const self = context;
    if (!concerns_object(event))
        return 0;
    log_object *const object = object_of(&self->objects, event->id);
    self->clock += clock_more(object, event);
    object->size = event->size;
    return 0;
}

int hy_log_clock(const char *trace, uint64_t *ret_clock, hy_error *error) {
    clock_sum sum = {.clock = 0};
    if (strcmp(trace, "-") == 0)
        return hy_fail(error, -EINVAL, "the trace is read twice, so it cannot come from standard input");
    const int r = read_events(trace, sum_clock, &sum, error);
    free(sum.objects.at);
    if (r == 0)
        *ret_clock = sum.clock;
    return r;
}

/* -------------------------------------------------------------------------------------------------------- peak ---- */

typedef struct peak_search {
    objects objects;
    uint64_t turn, live, most, moment;
} peak_search;

static int search_peak(void *context, const hy_event *event) {
    peak_search *const self = context;
    self->turn++;
    if (!concerns_object(event))
        return 0;
    log_object *const object = object_of(&self->objects, event->id);
    self->live += event->size - object->size; /* a free has size 0 */
    object->size = event->size;
    if (self->live > self->most) {
        self->most = self->live;
        self->moment = self->turn;
    }
    return 0;
}

static int find_peak(const char *trace, uint64_t *ret_events, hy_error *error) {
    peak_search search = {.turn = 0};
    if (strcmp(trace, "-") == 0)
        return hy_fail(error, -EINVAL, "--at peak reads the trace twice, so it cannot come from standard input");
    const int r = read_events(trace, search_peak, &search, error);
    free(search.objects.at);
    if (r == 0)
        *ret_events = search.moment;
    return r;
}

int hy_log_moment(const char *trace, const char *word, uint64_t *ret_events, hy_error *error) {
    if (word && strcmp(word, "peak") == 0)
        return find_peak(trace, ret_events, error);
    uint64_t events = UINT64_MAX;
    if (word && strcmp(word, "end") != 0 && hy_parse_count(word, &events) < 0)
        return hy_fail(error, -EINVAL, "--at %s: expected an event's number, peak or end", word);
    *ret_events = events;
    return 0;
}

/* ------------------------------------------------------------------------------------------------------ replay ---- */

typedef struct log_replay {
    hy_heap *heap;
    objects objects;
    uint64_t turn, events, refused, clock;
    hy_log_watch *watch; /* or NULL */
    void *context;
} log_replay;

/* malloc's alignment, or the event's; a heap that cannot align gets what it can. */
static size_t align_of(const hy_heap *heap, const hy_event *event) {
    const size_t wanted = event->kind == HY_EVENT_ALIGNED ? (size_t)1 << event->align : HY_MALLOC_ALIGN;
    return wanted < heap->ops->max_align ? wanted : heap->ops->max_align;
}

static void replay_birth(log_replay *self, log_object *object, const hy_event *event) {
    object->align = align_of(self->heap, event);
    object->size = event->size;
    object->block = event->kind == HY_EVENT_CALLOC ? hy_alloc_zeroed(self->heap, event->size, object->align)
                                                   : hy_alloc(self->heap, event->size, object->align);
    self->refused += object->block == NULL;
}

static void replay_realloc(log_replay *self, log_object *object, const hy_event *event) {
    if (!object->block)
        return;
    void *const moved = hy_realloc(self->heap, object->block, object->size, object->align, event->size);
    self->refused += moved == NULL;
    object->block = moved ? moved : object->block;
    object->size = moved ? event->size : object->size;
}

static int replay_event(void *context, const hy_event *event) {
    log_replay *const self = context;
    if (self->turn++ >= self->events)
        return 1;
    if (!concerns_object(event))
        return 0;
    log_object *const object = object_of(&self->objects, event->id);
    self->clock += clock_more(object, event);
    if (hy_event_is_birth(event)) {
        replay_birth(self, object, event);
    } else if (event->kind == HY_EVENT_REALLOC) {
        replay_realloc(self, object, event);
    } else {
        hy_free(self->heap, object->block, object->size);
        object->block = NULL;
    }
    if (self->watch)
        self->watch(self->context, self->clock);
    return 0;
}

int hy_log_replay(const char *trace, hy_heap *heap, uint64_t events, hy_log_watch *watch, void *context,
                  uint64_t *ret_refused, hy_error *error) {
    log_replay replay = {.heap = heap, .events = events, .watch = watch, .context = context};
    const int r = read_events(trace, replay_event, &replay, error);
    free(replay.objects.at);
    if (r == 0)
        *ret_refused = replay.refused;
    return r;
}
