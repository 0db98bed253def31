/* SPDX-License-Identifier: MIT
 *
 * objects.c - see objects.h.
 */
#include "objects.h"

#include "ceiling.h"

#include <stdlib.h>

static size_t objects_home(const hy_objects *objects, uint64_t key) {
    return (size_t)(key * 0x9e3779b97f4a7c15u >> (64 - objects->bits));
}

static hy_object *objects_slot(const hy_objects *objects, uint64_t key) {
    const size_t mask = ((size_t)1 << objects->bits) - 1;
    size_t at = objects_home(objects, key);
    while (objects->slots[at].key != 0 && objects->slots[at].key != key)
        at = (at + 1) & mask;
    return &objects->slots[at];
}

static int objects_grow(hy_objects *objects) {
    const unsigned bits = objects->bits ? objects->bits + 1 : 8;
    if ((uint64_t)sizeof *objects->slots << bits > hy_ceiling())
        return -1;
    hy_objects grown = {calloc((size_t)1 << bits, sizeof *grown.slots), objects->count, bits};
    if (!grown.slots)
        return -1;
    for (size_t i = 0; objects->slots && i < (size_t)1 << objects->bits; i++) {
        if (objects->slots[i].key != 0)
            *objects_slot(&grown, objects->slots[i].key) = objects->slots[i];
    }
    free(objects->slots);
    *objects = grown;
    return 0;
}

hy_object *hy_objects_add(hy_objects *objects, uint64_t id) {
    if ((!objects->slots || 2 * objects->count >= (size_t)1 << objects->bits) && objects_grow(objects) < 0)
        return NULL;
    hy_object *const slot = objects_slot(objects, id + 1);
    *slot = (hy_object){.key = id + 1};
    objects->count++;
    return slot;
}

hy_object *hy_objects_find(const hy_objects *objects, uint64_t id) {
    if (!objects->slots)
        return NULL;
    hy_object *const slot = objects_slot(objects, id + 1);
    return slot->key ? slot : NULL;
}

/* Those that were pushed past the emptied slot move up. */
void hy_objects_remove(hy_objects *objects, hy_object *object) {
    const size_t mask = ((size_t)1 << objects->bits) - 1;
    size_t hole = (size_t)(object - objects->slots);
    for (size_t at = (hole + 1) & mask; objects->slots[at].key != 0; at = (at + 1) & mask) {
        const size_t home = objects_home(objects, objects->slots[at].key);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            objects->slots[hole] = objects->slots[at];
            hole = at;
        }
    }
    objects->slots[hole].key = 0;
    objects->count--;
}

void hy_objects_clear(hy_objects *objects) {
    free(objects->slots);
    *objects = (hy_objects){NULL, 0, 0};
}
