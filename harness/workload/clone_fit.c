/* SPDX-License-Identifier: MIT
 *
 * clone_fit.c - see clone_fit.h.
 */
#include "clone_fit.h"

#include <errno.h>
#include <stdlib.h>

#define NEAR 32u /* events between the frees of kin, at most */

typedef struct fitting {
    hy_clone_fit *fit;
    hy_clone_later *in_order; /* of all objects, as they came */
    size_t births_room, laters_room, threads_room;
    uint32_t place;
    hy_error *error;
} fitting;

static int fitting_no_memory(const fitting *self) {
    return hy_fail(self->error, -ENOMEM, "no memory to fit %zu births and %zu later events", self->fit->count,
                   self->fit->laters);
}

/* Room for one more; NULL: none. */
static void *fitting_room(void *array, size_t used, size_t *room, size_t size) {
    if (used < *room)
        return array;
    const size_t more = *room ? 2 * *room : 4096;
    void *const grown = realloc(array, more * size);
    if (grown)
        *room = more;
    return grown;
}

/* ---- reading ---- */

static int fitting_birth(fitting *self, const hy_event *event) {
    hy_clone_fit *const fit = self->fit;
    hy_clone_birth *const grown = fitting_room(fit->births, fit->count + 1, &self->births_room, sizeof *fit->births);
    if (!grown)
        return fitting_no_memory(self);
    fit->births = grown;
    if (fit->count == UINT32_MAX)
        return hy_fail(self->error, -EFBIG, "more than 2^32 births: cut a part of the trace");
    grown[fit->count++] =
        (hy_clone_birth){.size = event->size, .thread = event->thread, .kind = event->kind, .align = event->align};
    self->place = 0;
    return 0;
}

static hy_clone_later fitting_later(fitting *self, const hy_event *event) {
    return (hy_clone_later){.size = event->size,
                            .object = event->kind <= HY_EVENT_FREE ? event->id : event->kind,
                            .number = self->fit->events,
                            .gap = (uint32_t)self->fit->count,
                            .place = self->place++,
                            .thread = event->thread};
}

static int fitting_event(fitting *self, const hy_event *event) {
    hy_clone_fit *const fit = self->fit;
    fit->events++;
    if (hy_event_is_birth(event))
        return fitting_birth(self, event);
    if (event->kind > HY_EVENT_FREE) {
        hy_clone_later *const grown =
            fitting_room(fit->threads, fit->thread_events, &self->threads_room, sizeof *grown);
        if (!grown)
            return fitting_no_memory(self);
        fit->threads = grown;
        grown[fit->thread_events++] = fitting_later(self, event);
        return 0;
    }
    hy_clone_later *const grown = fitting_room(self->in_order, fit->laters, &self->laters_room, sizeof *grown);
    if (!grown)
        return fitting_no_memory(self);
    self->in_order = grown;
    grown[fit->laters++] = fitting_later(self, event);
    return 0;
}

static int fitting_read(fitting *self, hy_trace_reader *reader) {
    const hy_event *events;
    size_t count;
    int r;
    while ((r = hy_trace_next(reader, &events, &count, self->error)) > 0)
        for (size_t i = 0; i < count; i++) {
            r = fitting_event(self, &events[i]);
            if (r < 0)
                return r;
        }
    return r;
}

/* ---- by object ---- */

static void fitting_bursts(const fitting *self) {
    const size_t count = self->fit->laters;
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from; to < count && self->in_order[to].gap == self->in_order[from].gap;)
            to++;
        for (size_t i = from; i < to; i++)
            self->in_order[i].burst = (uint32_t)(to - from);
    }
}

/* A counting sort, which keeps the order of each object's events. */
static int fitting_sort(fitting *self) {
    hy_clone_fit *const fit = self->fit;
    fit->later = malloc((fit->laters + 1) * sizeof *fit->later);
    if (!fit->later)
        return fitting_no_memory(self);
    for (size_t i = 0; i < fit->laters; i++)
        fit->births[self->in_order[i].object].later++;
    uint64_t at = 0;
    for (size_t p = 0; p < fit->count; p++) {
        const uint64_t own = fit->births[p].later;
        fit->births[p].later = at;
        at += own;
    }
    for (size_t i = 0; i < fit->laters; i++)
        fit->later[fit->births[self->in_order[i].object].later++] = self->in_order[i];
    for (size_t p = fit->count; p > 0; p--)
        fit->births[p].later = fit->births[p - 1].later;
    fit->births[0].later = 0;
    return 0;
}

/* ---- what looks alike ---- */

static unsigned octave(uint64_t value) {
    return value ? 64u - (unsigned)__builtin_clzll(value) : 0;
}

static uint64_t mix(uint64_t a, uint64_t b) {
    uint64_t x = (a ^ b * 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
    return x ^ (x >> 31);
}

/* The free of a birth; NULL: it is never freed. */
static const hy_clone_later *fit_free(const hy_clone_fit *fit, size_t p) {
    const hy_clone_birth *const birth = &fit->births[p];
    if (birth[1].later == birth[0].later)
        return NULL;
    const hy_clone_later *const last = &fit->later[birth[1].later - 1];
    return last->size == 0 ? last : NULL;
}

static void fitting_symbol(const hy_clone_fit *fit, size_t p) {
    hy_clone_birth *const birth = &fit->births[p];
    const hy_clone_later *const end = fit_free(fit, p);
    const unsigned life = end ? octave(end->gap - (p + 1)) : 64;
    uint64_t key = mix(birth->size, (uint64_t)birth->kind << 8 | birth->align);
    key = mix(key, (uint64_t)birth->thread << 8 | life);
    birth->symbol = (uint32_t)(key >> 32);
}

/* Of the births before it, the one whose free is nearest. */
static void fitting_kin(const hy_clone_fit *fit, size_t p) {
    hy_clone_birth *const birth = &fit->births[p];
    const hy_clone_later *const own = fit_free(fit, p);
    uint64_t nearest = NEAR;
    for (size_t k = 1; own && k <= HY_CLONE_KIN && k <= p; k++) {
        const hy_clone_later *const other = fit_free(fit, p - k);
        if (!other)
            continue;
        const uint64_t apart = own->number > other->number ? own->number - other->number : other->number - own->number;
        if (apart >= nearest)
            continue;
        nearest = apart;
        birth->kin = (uint8_t)k;
        birth->kin_gaps = (int32_t)((int64_t)own->gap - other->gap);
        birth->kin_places = (int32_t)((int64_t)own->place - other->place);
    }
}

typedef struct asked_size {
    uint64_t size;
    bool *rare;
} asked_size;

static int compare_sizes(const void *a, const void *b) {
    const asked_size *const x = a, *const y = b;
    return x->size < y->size ? -1 : x->size > y->size;
}

static int fitting_rare(fitting *self, uint64_t rare) {
    hy_clone_fit *const fit = self->fit;
    asked_size *const asked = malloc((fit->count + fit->laters) * sizeof *asked);
    size_t count = 0;
    if (!asked)
        return fitting_no_memory(self);
    for (size_t p = 0; p < fit->count; p++)
        asked[count++] = (asked_size){fit->births[p].size, &fit->births[p].rare};
    for (size_t i = 0; i < fit->laters; i++)
        if (fit->later[i].size)
            asked[count++] = (asked_size){fit->later[i].size, &fit->later[i].rare};
    qsort(asked, count, sizeof *asked, compare_sizes);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from; to < count && asked[to].size == asked[from].size;)
            to++;
        for (size_t i = from; i < to; i++)
            *asked[i].rare = to - from < rare;
    }
    free(asked);
    return 0;
}

int hy_clone_fit_trace(const char *path, uint64_t rare, hy_clone_fit *ret, hy_error *ret_warning, hy_error *error) {
    hy_trace_reader *reader;
    hy_clone_fit fit = {.count = 0};
    fitting self = {.fit = &fit, .error = error};
    int r = hy_trace_open(path, &reader, error);
    if (r < 0)
        return r;
    r = fitting_read(&self, reader);
    fit.hash = hy_trace_hash(reader);
    if (r == 0 && hy_trace_warning(reader))
        hy_fail(ret_warning, 0, "%s", hy_trace_warning(reader));
    hy_trace_close(reader);
    if (r == 0 && fit.count == 0)
        r = hy_fail(error, -EINVAL, "%s: a trace without births cannot be cloned", path);
    fitting_bursts(&self);
    if (r == 0)
        r = fitting_sort(&self);
    if (r == 0)
        r = fitting_rare(&self, rare);
    for (size_t p = 0; p < fit.count && r == 0; p++) {
        fitting_symbol(&fit, p);
        fitting_kin(&fit, p);
    }
    free(self.in_order);
    if (r < 0)
        hy_clone_fit_clear(&fit);
    else
        *ret = fit;
    return r;
}

/* ---- what is large ---- */

/* The largest size that it ever has. */
static uint64_t fit_weight(const hy_clone_fit *fit, size_t p) {
    uint64_t most = fit->births[p].size;
    for (uint64_t i = fit->births[p].later; i < fit->births[p + 1].later; i++)
        most = fit->later[i].size > most ? fit->later[i].size : most;
    return most;
}

static int compare_weights(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

int hy_clone_fit_weigh(hy_clone_fit *fit, size_t most, hy_error *error) {
    uint64_t *const sorted = malloc(fit->count * sizeof *sorted);
    if (!sorted)
        return hy_fail(error, -ENOMEM, "no memory to weigh %zu births", fit->count);
    for (size_t p = 0; p < fit->count; p++)
        sorted[p] = fit_weight(fit, p);
    qsort(sorted, fit->count, sizeof *sorted, compare_weights);
    const uint64_t limit = sorted[fit->count - 1 - (most < fit->count ? most : fit->count - 1)];
    for (size_t p = 0; p < fit->count; p++)
        fit->births[p].heavy = fit_weight(fit, p) > limit;
    free(sorted);
    return 0;
}

void hy_clone_fit_clear(hy_clone_fit *fit) {
    free(fit->births);
    free(fit->later);
    free(fit->threads);
    *fit = (hy_clone_fit){.count = 0};
}
