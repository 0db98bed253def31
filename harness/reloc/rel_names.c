/* SPDX-License-Identifier: MIT
 *
 * rel_names.c - see rel_names.h.
 */
#include "rel_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint32_t hash_of(const char *name) {
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (; *name; name++)
        hash = (hash ^ (uint8_t)*name) * 16777619u;
    return hash;
}

static struct hy_rel_name *slot_of(const hy_rel_names *names, const char *name, uint32_t hash) {
    for (size_t i = hash & (names->room - 1);; i = (i + 1) & (names->room - 1)) {
        struct hy_rel_name *const slot = &names->slots[i];
        if (!slot->name || (slot->hash == hash && strcmp(slot->name, name) == 0))
            return slot;
    }
}

static int grow(hy_rel_names *names) {
    hy_rel_names larger = {.room = names->room ? names->room * 2 : 64, .count = names->count};
    larger.slots = calloc(larger.room, sizeof *larger.slots);
    if (!larger.slots)
        return -ENOMEM;
    for (size_t i = 0; i < names->room; i++)
        if (names->slots[i].name)
            *slot_of(&larger, names->slots[i].name, names->slots[i].hash) = names->slots[i];
    free(names->slots);
    *names = larger;
    return 0;
}

uint32_t hy_rel_names_find(const hy_rel_names *names, const char *name) {
    if (names->room == 0)
        return HY_REL_NO_NUMBER;
    const struct hy_rel_name *const slot = slot_of(names, name, hash_of(name));
    return slot->name ? slot->number : HY_REL_NO_NUMBER;
}

int hy_rel_names_put(hy_rel_names *names, const char *name, uint32_t number) {
    if (names->count * 2 >= names->room && grow(names) < 0)
        return -ENOMEM;
    const uint32_t hash = hash_of(name);
    struct hy_rel_name *const slot = slot_of(names, name, hash);
    names->count += !slot->name;
    *slot = (struct hy_rel_name){name, hash, number};
    return 0;
}

void hy_rel_names_free(hy_rel_names *names) {
    free(names->slots);
    *names = (hy_rel_names){0};
}
