/* SPDX-License-Identifier: MIT
 *
 * export_minimalloc.c - lifetimes of buffers, as a packing problem (see import_minimalloc.c and problem.h).
 *
 *   1. Moments are the numbers of events, from 0.  A buffer lives from its birth until just before its death.
 *   2. A realloc ends one buffer and begins another at that moment.
 *   3. Blocks of size 0 take nothing, and are left out.
 *   4. What is alive at the end dies one moment after the last event.
 *
 * Buffers are named by the events that began them, and written when they die.  Memory: the living objects.
 */
#include "exporters.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static void begin(const hy_export *export) {
    fputs("id,lower,upper,size\n", export->to);
}

static void say_buffer(const hy_export *export, const hy_object *object) {
    if (object->size > 0)
        fprintf(export->to, "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n", object->born, object->born,
                export->event, object->size);
}

static int say(hy_export *export, const hy_event *event, hy_error *error) {
    if (event->kind > HY_EVENT_FREE)
        return 0;
    hy_object *object = hy_event_is_birth(event) ? hy_objects_add(&export->objects, event->id)
                                                 : hy_objects_find(&export->objects, event->id);
    if (!object)
        return hy_fail(error, -ENOMEM, "no memory for one more living object");
    if (!hy_event_is_birth(event))
        say_buffer(export, object);
    object->born = export->event;
    object->size = event->size;
    if (event->kind == HY_EVENT_FREE)
        hy_objects_remove(&export->objects, object);
    return 0;
}

static int compare(const void *a, const void *b) {
    const hy_object *const x = a, *const y = b;
    return (x->born > y->born) - (x->born < y->born);
}

/* In order of birth, the empty slots last; the table is not used after this. */
static void end(const hy_export *export) {
    const hy_objects *const objects = &export->objects;
    const size_t slots = objects->slots ? (size_t)1 << objects->bits : 0;
    size_t count = 0;
    for (size_t i = 0; i < slots; i++)
        if (objects->slots[i].key != 0)
            objects->slots[count++] = objects->slots[i];
    if (count > 0)
        qsort(objects->slots, count, sizeof *objects->slots, compare);
    for (size_t i = 0; i < count; i++)
        say_buffer(export, &objects->slots[i]);
}

const hy_exporter hy_export_minimalloc = {
    .name = "minimalloc",
    .what = "solvers of packing problems, and `heapyard bound`: id,lower,upper,size",
    .lost = "threads, times, alignments, calloc, blocks of size 0; a realloc is a free and a birth, and all is freed "
            "at the end",
    .begin = begin,
    .event = say,
    .end = end,
};
