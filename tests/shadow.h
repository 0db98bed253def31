/* SPDX-License-Identifier: MIT
 *
 * shadow.h - a model of what a heap should do: numbered slots, each empty or a block whose contents are known.
 *
 * Each step does one operation on the heap and on the model, and returns NULL, or what went wrong as text.
 * A heap that has no room is never wrong: the slot stays as it was.
 */
#ifndef SHADOW_H
#define SHADOW_H

#include "heap.h"

#include <string.h>

#define SHADOW_SLOTS 256

typedef struct shadow_slot {
    unsigned char *block; /* NULL: empty */
    size_t size, align;
    unsigned char fill;
} shadow_slot;

typedef struct shadow {
    hy_heap *heap;
    shadow_slot slots[SHADOW_SLOTS];
    size_t top; /* slots from here on were never filled */
    unsigned turn;
    size_t refused; /* requests that found no room */
} shadow;

static inline bool shadow_is_filled(const unsigned char *block, size_t size, unsigned char fill) {
    return size == 0 || (block[0] == fill && memcmp(block, block + 1, size - 1) == 0);
}

static inline const char *shadow_overlap(const shadow *self, const shadow_slot *slot) {
    for (const shadow_slot *other = self->slots; other < self->slots + self->top; other++)
        if (other != slot && other->block && other->block < slot->block + slot->size &&
            slot->block < other->block + other->size)
            return "two blocks overlap";
    return NULL;
}

/* A slot got a block: `kept` bytes of it must hold `fill`. */
static inline const char *shadow_got(shadow *self, shadow_slot *slot, size_t kept, unsigned char fill) {
    const hy_heap_ops *const ops = self->heap->ops;
    if ((size_t)slot->block % slot->align != 0)
        return "a block is not aligned";
    if (ops->usable_size && ops->usable_size(self->heap, slot->block) < slot->size)
        return "fewer bytes are usable than were asked for";
    if (ops->owns && !ops->owns(self->heap, slot->block))
        return "the heap does not own its block";
    const char *const wrong = shadow_overlap(self, slot);
    if (wrong)
        return wrong;
    if (!shadow_is_filled(slot->block, kept, fill))
        return "contents were not kept, or a block that should be zero is not";
    slot->fill = (unsigned char)(++self->turn % 255 + 1);
    memset(slot->block, slot->fill, slot->size);
    return NULL;
}

static inline const char *shadow_free(shadow *self, size_t i) {
    shadow_slot *const slot = &self->slots[i];
    if (!slot->block)
        return NULL;
    if (!shadow_is_filled(slot->block, slot->size, slot->fill))
        return "a block's contents were changed by somebody else";
    hy_free(self->heap, slot->block, self->turn % 2 ? slot->size : 0);
    slot->block = NULL;
    return NULL;
}

/* Frees what the slot has first. */
static inline const char *shadow_alloc(shadow *self, size_t i, size_t size, size_t align, bool zeroed) {
    shadow_slot *const slot = &self->slots[i];
    const char *const wrong = shadow_free(self, i);
    if (wrong)
        return wrong;
    unsigned char *const block = zeroed ? hy_alloc_zeroed(self->heap, size, align) : hy_alloc(self->heap, size, align);
    if (!block) {
        self->refused++;
        return NULL;
    }
    *slot = (shadow_slot){.block = block, .size = size, .align = align};
    self->top = i < self->top ? self->top : i + 1;
    return shadow_got(self, slot, zeroed ? size : 0, 0);
}

/* An empty slot stays empty. */
static inline const char *shadow_realloc(shadow *self, size_t i, size_t size) {
    shadow_slot *const slot = &self->slots[i];
    if (!slot->block)
        return NULL;
    if (!shadow_is_filled(slot->block, slot->size, slot->fill))
        return "a block's contents were changed by somebody else";
    const size_t known = self->turn % 2 ? slot->size : 0;
    unsigned char *const block = hy_realloc(self->heap, slot->block, known, slot->align, size);
    if (!block) {
        self->refused++;
        return shadow_is_filled(slot->block, slot->size, slot->fill) ? NULL : "a refused realloc spoilt the block";
    }
    const size_t kept = size < slot->size ? size : slot->size;
    slot->block = block;
    slot->size = size;
    return shadow_got(self, slot, kept, slot->fill);
}

static inline const char *shadow_free_all(shadow *self) {
    const char *wrong = NULL;
    for (size_t i = 0; !wrong && i < self->top; i++)
        wrong = shadow_free(self, i);
    return wrong;
}

/* What the heap finds wrong with itself. */
static inline const char *shadow_check(const shadow *self) {
    return self->heap->ops->check ? self->heap->ops->check(self->heap) : NULL;
}

/* xorshift64*: small, seeded, good enough to choose operations. */
static inline uint64_t shadow_random(uint64_t *state) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1du;
}

/* Sizes as programs ask for them: most small, few large; at most 2^`bits`. */
static inline size_t shadow_random_size(uint64_t *state, unsigned bits) {
    const unsigned width = (unsigned)(shadow_random(state) % (bits + 1));
    return 1 + shadow_random(state) % ((size_t)1 << width);
}

/* One random operation on a random slot of the first `slots`. */
static inline const char *shadow_step(shadow *self, uint64_t *state, size_t slots, unsigned bits) {
    const size_t i = shadow_random(state) % slots;
    const size_t size = shadow_random_size(state, bits);
    const unsigned what = (unsigned)(shadow_random(state) % 16);
    if (what < 6)
        return shadow_alloc(self, i, size, 16, what == 0);
    if (what < 7)
        return shadow_alloc(self, i, size, (size_t)1 << shadow_random(state) % 16, false);
    if (what < 11)
        return shadow_realloc(self, i, size);
    return shadow_free(self, i);
}

#endif
