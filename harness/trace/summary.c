/* SPDX-License-Identifier: MIT
 *
 * summary.c - one pass over a trace (see summary.h).
 *
 * What must be remembered is one entry for each living object, and the stack of the living while the trace may still
 * be LIFO.
 */
#include "summary.h"

#include "objects.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct survey {
    hy_trace_summary *sum;
    hy_trace_curve *curve; /* or NULL */
    hy_profile *profile;   /* or NULL */
    hy_objects objects;
    uint64_t *stack; /* the living by age, youngest last, while sum->lifo */
    size_t depth, capacity;
} survey;

static unsigned octave(uint64_t value) {
    return value ? 64u - (unsigned)__builtin_clzll(value) : 0;
}

/* ---- LIFO ---- */

static int survey_push(survey *s, uint64_t id) {
    if (s->depth == s->capacity) {
        const size_t capacity = s->capacity ? 2 * s->capacity : 256;
        uint64_t *const grown = realloc(s->stack, capacity * sizeof *grown);
        if (!grown)
            return -ENOMEM;
        s->stack = grown;
        s->capacity = capacity;
    }
    s->stack[s->depth++] = id;
    return 0;
}

static void survey_touch_top(survey *s, const hy_event *event) {
    if (s->stack[s->depth - 1] != event->id) {
        s->sum->lifo = false;
        free(s->stack);
        s->stack = NULL;
    } else if (event->kind == HY_EVENT_FREE) {
        s->depth--;
    }
}

/* ---- threads ---- */

static hy_thread_summary *survey_thread(survey *s, uint32_t thread) {
    return &s->sum->by_thread[thread < HY_SUMMARY_THREADS ? thread : HY_SUMMARY_THREADS - 1];
}

static void survey_touch_thread(survey *s, const hy_event *event, const hy_object *object) {
    const bool handed = object->thread != event->thread;
    s->sum->handovers += handed;
    survey_thread(s, event->thread)->frees++;
    survey_thread(s, event->thread)->received += handed;
    survey_thread(s, object->thread)->given += handed;
}

/* ---- events ---- */

static void survey_grow(survey *s, uint64_t bytes) {
    hy_trace_summary *const sum = s->sum;
    sum->total_bytes += bytes;
    sum->end_bytes += bytes;
    if (sum->end_bytes > sum->peak_bytes) {
        sum->peak_bytes = sum->end_bytes;
        sum->peak_event = sum->events;
    }
}

static void survey_request(survey *s, const hy_event *event) {
    hy_trace_summary *const sum = s->sum;
    sum->sizes[octave(event->size)]++;
    sum->max_size = event->size > sum->max_size ? event->size : sum->max_size;
    sum->max_align = event->align > sum->max_align ? event->align : sum->max_align;
}

static int survey_birth(survey *s, const hy_event *event) {
    hy_trace_summary *const sum = s->sum;
    hy_object *const object = hy_objects_add(&s->objects, event->id);
    if (!object || (sum->lifo && survey_push(s, event->id) < 0))
        return -ENOMEM;
    sum->objects++;
    survey_thread(s, event->thread)->births++;
    survey_thread(s, event->thread)->bytes += event->size;
    survey_request(s, event);
    survey_grow(s, event->size);
    object->size = event->size;
    object->born = sum->total_bytes;
    object->thread = event->thread;
    if (s->objects.count > sum->peak_objects)
        sum->peak_objects = s->objects.count;
    return 0;
}

static void survey_resize(survey *s, const hy_event *event, hy_object *object) {
    survey_request(s, event);
    if (event->size > object->size)
        survey_grow(s, event->size - object->size);
    else
        s->sum->end_bytes -= object->size - event->size;
    object->size = event->size;
    object->thread = event->thread;
}

static void survey_death(survey *s, hy_object *object) {
    s->sum->lifetimes[octave(s->sum->total_bytes - object->born)]++;
    s->sum->end_bytes -= object->size;
    hy_objects_remove(&s->objects, object);
}

static void survey_touch(survey *s, const hy_event *event) {
    hy_object *const object = hy_objects_find(&s->objects, event->id);
    survey_touch_thread(s, event, object);
    if (s->sum->lifo)
        survey_touch_top(s, event);
    if (event->kind == HY_EVENT_REALLOC)
        survey_resize(s, event, object);
    else
        survey_death(s, object);
}

/* Stretches double when there is no room for more of them. */
static void survey_plot(survey *s) {
    hy_trace_curve *const curve = s->curve;
    if (s->sum->events >= curve->step * HY_CURVE_POINTS) {
        for (size_t i = 0; i < HY_CURVE_POINTS / 2; i++) {
            const uint64_t a = curve->bytes[2 * i], b = curve->bytes[2 * i + 1];
            curve->bytes[i] = a > b ? a : b;
        }
        memset(&curve->bytes[HY_CURVE_POINTS / 2], 0, sizeof curve->bytes / 2);
        curve->step *= 2;
    }
    const size_t at = (size_t)(s->sum->events / curve->step);
    curve->count = at + 1;
    if (s->sum->end_bytes > curve->bytes[at] || s->sum->events % curve->step == 0)
        curve->bytes[at] = s->sum->end_bytes;
}

static int survey_event(survey *s, const hy_event *event) {
    hy_trace_summary *const sum = s->sum;
    int r = 0;
    sum->by_kind[event->kind]++;
    survey_thread(s, event->thread)->events++;
    if (hy_event_is_birth(event))
        r = survey_birth(s, event);
    else if (event->kind <= HY_EVENT_FREE)
        survey_touch(s, event);
    if (s->curve)
        survey_plot(s);
    if (event->thread >= sum->threads)
        sum->threads = (uint64_t)event->thread + 1;
    sum->duration = event->time;
    sum->events++;
    return r;
}

/* ---- the file ---- */

static int survey_no_memory(const survey *s, hy_error *error) {
    return hy_fail(error, -ENOMEM, "no memory to note the %zu living objects of a trace", s->objects.count);
}

static int survey_read(survey *s, hy_trace_reader *reader, hy_error *error) {
    const hy_event *events;
    size_t count;
    int r;
    const bool noted = s->profile && hy_trace_has_notes(reader);
    while ((r = hy_trace_next(reader, &events, &count, error)) > 0) {
        for (size_t i = 0; i < count && r >= 0; i++)
            r = survey_event(s, &events[i]);
        if (r >= 0 && noted)
            r = hy_profile_take(s->profile, reader, events, count);
        if (r < 0)
            return survey_no_memory(s, error);
    }
    return r == 0 && noted && hy_profile_end(s->profile, reader) < 0 ? survey_no_memory(s, error) : r;
}

int hy_trace_summarise_profile(const char *path, hy_trace_summary *ret_summary, hy_trace_curve *ret_curve,
                               hy_profile *ret_profile, hy_error *error) {
    hy_trace_reader *reader;
    int r = hy_trace_open(path, &reader, error);
    if (r < 0)
        return r;
    hy_trace_summary sum = {.lifo = true};
    survey s = {.sum = &sum, .curve = ret_curve, .profile = ret_profile};
    if (ret_profile)
        *ret_profile = (hy_profile){.site_count = 0};
    if (ret_curve)
        *ret_curve = (hy_trace_curve){.step = 1};
    r = survey_read(&s, reader, error);
    if (r == 0) {
        const char *const warning = hy_trace_warning(reader);
        snprintf(sum.warning, sizeof sum.warning, "%s", warning ? warning : "");
        sum.end_objects = s.objects.count;
        sum.meta = *hy_trace_get_meta(reader);
        sum.hash = hy_trace_hash(reader);
        sum.file_bytes = hy_trace_position(reader);
        *ret_summary = sum;
    }
    if (r < 0 && ret_profile)
        hy_profile_clear(ret_profile);
    hy_objects_clear(&s.objects);
    free(s.stack);
    hy_trace_close(reader);
    return r;
}

int hy_trace_summarise_curve(const char *path, hy_trace_summary *ret_summary, hy_trace_curve *ret_curve,
                             hy_error *error) {
    return hy_trace_summarise_profile(path, ret_summary, ret_curve, NULL, error);
}

int hy_trace_summarise(const char *path, hy_trace_summary *ret_summary, hy_error *error) {
    return hy_trace_summarise_curve(path, ret_summary, NULL, error);
}
