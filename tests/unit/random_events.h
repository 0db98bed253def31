/* SPDX-License-Identifier: MIT
 *
 * random_events.h - random streams of events that obey the rules of event.h, for tests.
 */
#ifndef HY_RANDOM_EVENTS_H
#define HY_RANDOM_EVENTS_H

#include "event.h"

#include <stdlib.h>
#include <string.h>

typedef struct random_events {
    uint64_t state;
    uint64_t time, born;
    uint32_t threads;
    uint64_t *alive;
    size_t alive_size, alive_room;
} random_events;

/* splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014) */
static inline uint64_t random_next(random_events *r) {
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Of every order of magnitude. */
static inline uint64_t random_wide(random_events *r, unsigned bits) {
    const unsigned width = (unsigned)(random_next(r) % (bits + 1));
    return width ? random_next(r) >> (64 - width) : 0;
}

static inline void random_birth(random_events *r, hy_event *event) {
    event->id = r->born++;
    event->size = random_next(r) % 4 ? random_next(r) % 64 * 8 : random_wide(r, 40);
    event->align = event->kind == HY_EVENT_ALIGNED ? (uint8_t)(random_next(r) % 13) : 0;
    if (r->alive_size == r->alive_room) {
        r->alive_room = r->alive_room ? 2 * r->alive_room : 64;
        r->alive = realloc(r->alive, r->alive_room * sizeof *r->alive);
        if (!r->alive)
            abort();
    }
    r->alive[r->alive_size++] = event->id;
}

static inline void random_touch(random_events *r, hy_event *event) {
    const size_t which = random_next(r) % 3 ? r->alive_size - 1 : random_next(r) % r->alive_size;
    event->id = r->alive[which];
    if (event->kind == HY_EVENT_REALLOC)
        event->size = 1 + random_wide(r, 30);
    else
        r->alive[which] = r->alive[--r->alive_size];
}

static inline hy_event random_event(random_events *r) {
    hy_event event = {.kind = (uint8_t)(random_next(r) % HY_EVENT_KINDS)};
    if (!hy_event_is_birth(&event) && event.kind <= HY_EVENT_FREE && r->alive_size == 0)
        event.kind = HY_EVENT_MALLOC;
    r->time += random_next(r) % 3 ? random_next(r) % 1000 : random_wide(r, 45);
    event.time = r->time;
    event.thread = (uint32_t)(random_next(r) % 4 ? 0 : random_next(r) % (r->threads + 1));
    event.thread = r->threads == 0 ? 0 : event.thread;
    r->threads += event.thread == r->threads;
    if (hy_event_is_birth(&event))
        random_birth(r, &event);
    else if (event.kind <= HY_EVENT_FREE)
        random_touch(r, &event);
    return event;
}

/* `count` events; to be freed. */
static inline hy_event *random_stream(uint64_t seed, size_t count) {
    random_events r = {.state = seed};
    hy_event *const events = malloc((count + 1) * sizeof *events);
    if (!events)
        abort();
    for (size_t i = 0; i < count; i++)
        events[i] = random_event(&r);
    free(r.alive);
    return events;
}

#endif
