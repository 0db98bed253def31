/* SPDX-License-Identifier: MIT
 *
 * job_trace.c - from a trace to a packing job.
 *
 *   1. A birth begins a buffer, a death ends it, a realloc does both.
 *   2. The clock ticks before the first birth that follows a death.
 *   3. What is alive at the end of the trace ends one tick after all else began.
 *
 * Memory: the buffers, and four bytes for each object.
 */
#include "bound.h"
#include "trace.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

typedef struct reading {
    hy_job *job;
    uint32_t *buffer_of; /* by object */
    size_t born, capacity;
    uint32_t now;
    bool died; /* something, since the last birth */
} reading;

#define READING_ALIVE UINT32_MAX /* the end of a buffer that has not ended */

static int reading_name(reading *r) {
    if (r->born == r->capacity) {
        const size_t capacity = r->capacity ? r->capacity + r->capacity / 2 : 1024;
        uint32_t *const grown = realloc(r->buffer_of, capacity * sizeof *grown);
        if (!grown)
            return -ENOMEM;
        r->buffer_of = grown;
        r->capacity = capacity;
    }
    r->born++;
    return 0;
}

static int reading_begin(reading *r, const hy_event *event, uint32_t align, hy_error *error) {
    if (r->died && r->now == UINT32_MAX - 2)
        return hy_fail(error, -EOVERFLOW, "a trace of more than %u ticks cannot be packed", UINT32_MAX - 2);
    r->now += r->died;
    r->died = false;
    r->buffer_of[event->id] = (uint32_t)r->job->count;
    return hy_job_add(r->job, event->size, r->now, READING_ALIVE, align, error);
}

static void reading_end(reading *r, const hy_event *event) {
    r->job->buffers[r->buffer_of[event->id]].end = r->now + 1;
    r->died = true;
}

static int reading_event(reading *r, const hy_event *event, hy_error *error) {
    if (hy_event_is_birth(event)) {
        if (reading_name(r) < 0)
            return hy_fail(error, -ENOMEM, "no memory for %zu objects", r->born + 1);
        return reading_begin(r, event, event->align, error);
    }
    if (event->kind == HY_EVENT_FREE)
        reading_end(r, event);
    if (event->kind != HY_EVENT_REALLOC)
        return 0;
    reading_end(r, event);
    return reading_begin(r, event, 0, error); /* what realloc gives has no alignment of its own */
}

static int reading_all(reading *r, hy_trace_reader *reader, hy_error *error) {
    const hy_event *events;
    size_t count;
    int got;
    while ((got = hy_trace_next(reader, &events, &count, error)) > 0)
        for (size_t i = 0; i < count; i++) {
            const int result = reading_event(r, &events[i], error);
            if (result < 0)
                return result;
        }
    return got;
}

static void reading_close(reading *r) {
    hy_job *const job = r->job;
    job->clock = job->count ? r->now + 1 : 0;
    for (size_t i = 0; i < job->count; i++)
        if (job->buffers[i].end == READING_ALIVE)
            job->buffers[i].end = job->clock;
}

int hy_job_read(const char *path, uint64_t align, hy_job *ret_job, hy_error *error) {
    hy_trace_reader *reader;
    hy_job job = {.align = align};
    reading r = {.job = &job};
    int result = hy_trace_open(path, &reader, error);
    if (result < 0)
        return result;
    result = reading_all(&r, reader, error);
    hy_trace_close(reader);
    free(r.buffer_of);
    if (result < 0) {
        hy_job_clear(&job);
        return result;
    }
    reading_close(&r);
    *ret_job = job;
    return 0;
}
