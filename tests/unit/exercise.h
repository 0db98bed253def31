/* SPDX-License-Identifier: MIT
 *
 * exercise.h - what the allocators' unit tests share: opening a spec, a seeded random run with filled blocks, and a
 * list of what walk saw.
 */
#ifndef HY_EXERCISE_H
#define HY_EXERCISE_H

#include "registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static inline void exercise_open_with(const char *spec, const hy_open_options *options, hy_instance *instance) {
    hy_error error = {""};
    const int r = hy_open(&hy_registry, (hy_text){spec, strlen(spec)}, options, instance, &error);
    if (r < 0)
        fail_msg("%s: %s", spec, error.text);
}

static inline void exercise_open(const char *spec, hy_instance *instance) {
    exercise_open_with(spec, NULL, instance);
}

static inline void exercise_check(hy_heap *heap) {
    const char *const wrong = heap->ops->check ? heap->ops->check(heap) : NULL;
    if (wrong)
        fail_msg("%s", wrong);
}

/* A small generator, so that runs repeat. */
static inline uint64_t exercise_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

#define EXERCISE_RANGES 4096

typedef struct exercise_map {
    hy_range range[EXERCISE_RANGES];
    size_t count;
} exercise_map;

static inline int exercise_note(void *context, const hy_range *range) {
    exercise_map *const map = context;
    assert_true(map->count < EXERCISE_RANGES);
    if (map->count > 0)
        assert_true(map->range[map->count - 1].start + map->range[map->count - 1].size <= range->start);
    map->range[map->count++] = *range;
    return 0;
}

static inline void exercise_walk(hy_heap *heap, exercise_map *ret_map) {
    ret_map->count = 0;
    assert_int_equal(heap->ops->walk(heap, exercise_note, ret_map), 0);
}

static inline size_t exercise_count(hy_heap *heap, hy_kind kind) {
    exercise_map map;
    size_t count = 0;
    exercise_walk(heap, &map);
    for (size_t i = 0; i < map.count; i++)
        count += map.range[i].kind == kind;
    return count;
}

/* The bytes of all ranges of one kind. */
static inline size_t exercise_bytes(hy_heap *heap, hy_kind kind) {
    exercise_map map;
    size_t bytes = 0;
    exercise_walk(heap, &map);
    for (size_t i = 0; i < map.count; i++)
        bytes += map.range[i].kind == kind ? map.range[i].size : 0;
    return bytes;
}

#define EXERCISE_SLOTS 64

typedef struct exercise_slot {
    unsigned char *block;
    size_t size;
    size_t align;
    unsigned char fill;
} exercise_slot;

static inline void exercise_verify(const exercise_slot *slot) {
    for (size_t i = 0; i < slot->size; i++)
        if (slot->block[i] != slot->fill)
            fail_msg("byte %zu of a block of %zu changed", i, slot->size);
}

static inline void exercise_fill(exercise_slot *slot, unsigned char fill) {
    slot->fill = fill;
    memset(slot->block, fill, slot->size);
}

/* Whatever may come: allocations up to `most` bytes, reallocs, frees; NULL is accepted.  Contents are kept, alignments
 * are right, check is silent throughout, and nothing lives at the end. */
static inline void exercise_run(hy_heap *heap, size_t most, size_t most_align, unsigned steps, uint64_t seed) {
    exercise_slot slots[EXERCISE_SLOTS] = {0};
    uint64_t state = seed * 2 + 1;
    for (unsigned step = 0; step < steps; step++) {
        exercise_slot *const slot = &slots[exercise_random(&state) % EXERCISE_SLOTS];
        const size_t size = 1 + exercise_random(&state) % most;
        const unsigned char fill = (unsigned char)exercise_random(&state);
        if (slot->block && exercise_random(&state) % 3 == 0) {
            unsigned char *const moved = hy_realloc(heap, slot->block, slot->size, slot->align, size);
            if (moved) {
                const exercise_slot kept = {moved, size < slot->size ? size : slot->size, 1, slot->fill};
                exercise_verify(&kept);
                slot->block = moved;
                slot->size = size;
                exercise_fill(slot, fill);
            }
        } else if (slot->block) {
            exercise_verify(slot);
            hy_free(heap, slot->block, slot->size);
            slot->block = NULL;
        } else {
            slot->size = size;
            slot->align = (size_t)1 << exercise_random(&state) % 13;
            while (slot->align > most_align)
                slot->align /= 2;
            slot->block = hy_alloc(heap, slot->size, slot->align);
            if (slot->block)
                exercise_fill(slot, fill);
        }
        if (slot->block && heap->ops->usable_size)
            assert_true(heap->ops->usable_size(heap, slot->block) >= slot->size);
        assert_true((uintptr_t)slot->block % (slot->align ? slot->align : 1) == 0);
        exercise_check(heap);
    }
    for (size_t i = 0; i < EXERCISE_SLOTS; i++) {
        if (!slots[i].block)
            continue;
        exercise_verify(&slots[i]);
        hy_free(heap, slots[i].block, slots[i].size);
        exercise_check(heap);
    }
}

#endif
