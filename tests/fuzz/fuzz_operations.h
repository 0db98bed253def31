/* SPDX-License-Identifier: MIT
 *
 * fuzz_operations.h - for fuzz targets: a heap driven by bytes, against the shadow model.
 *
 * What fails is printed as the sequence of operations that led to it; libFuzzer's -minimize_crash=1 makes it short.
 */
#ifndef FUZZ_OPERATIONS_H
#define FUZZ_OPERATIONS_H

#include "shadow.h"

#include <stdio.h>
#include <stdlib.h>

#define SLOTS 64
#define MOST_OPERATIONS 4096

/* An operation is four bytes: kind and exponent, slot, two bytes of size. */
typedef enum kind { ALLOC, ALLOC_ALIGNED, ALLOC_ZEROED, REALLOC, FREE, FREE_TOO, TRIM, RESET } kind;

typedef struct operation {
    kind kind;
    size_t slot, size, align;
} operation;

static inline operation decode(const uint8_t *bytes) {
    const unsigned exponent = bytes[0] >> 3;
    const size_t mantissa = 1 + bytes[2] + 256u * (bytes[3] % 16u);
    const operation op = {.kind = (kind)(bytes[0] & 7),
                          .slot = bytes[1] % SLOTS,
                          .size = exponent < 10 ? mantissa << exponent : mantissa,
                          .align = (size_t)1 << (bytes[3] >> 4)};
    return op;
}

static inline const char *perform(shadow *model, const operation *op) {
    hy_heap *const heap = model->heap;
    switch (op->kind) {
    case ALLOC: return shadow_alloc(model, op->slot, op->size, 16, false);
    case ALLOC_ALIGNED: return shadow_alloc(model, op->slot, op->size, op->align, false);
    case ALLOC_ZEROED: return shadow_alloc(model, op->slot, op->size, op->align, true);
    case REALLOC: return shadow_realloc(model, op->slot, op->size);
    case FREE:
    case FREE_TOO: return shadow_free(model, op->slot);
    case TRIM:
        if (op->slot % 2 == 0 && heap->ops->trim)
            heap->ops->trim(heap);
        if (op->slot % 2 != 0 && heap->ops->coalesce)
            heap->ops->coalesce(heap);
        return NULL;
    case RESET:
        if (!heap->ops->reset || op->size % 8 != 0)
            return NULL;
        heap->ops->reset(heap);
        memset(model->slots, 0, sizeof model->slots);
    }
    return NULL;
}

static inline void print_operation(const operation *op) {
    static const char *const names[] = {"alloc", "alloc", "alloc_zeroed", "realloc", "free", "free", "trim", "reset"};
    if (op->kind <= ALLOC_ZEROED)
        fprintf(stderr, "  %s slot=%zu size=%zu align=%zu\n", names[op->kind], op->slot, op->size,
                op->kind == ALLOC ? 16 : op->align);
    else if (op->kind == REALLOC)
        fprintf(stderr, "  %s slot=%zu size=%zu\n", names[op->kind], op->slot, op->size);
    else
        fprintf(stderr, "  %s slot=%zu\n", names[op->kind], op->slot);
}

__attribute__((noreturn)) static inline void give_up(const char *spec, const uint8_t *bytes, size_t count,
                                                     const char *wrong) {
    fprintf(stderr, "%s: %s, after\n", spec, wrong);
    for (size_t i = 0; i < count; i++) {
        const operation op = decode(bytes + 4 * i);
        print_operation(&op);
    }
    abort();
}

/* Does the operations that the bytes say; checks after each `often`-th. */
static inline void drive(const char *spec, hy_heap *heap, size_t often, const uint8_t *bytes, size_t size) {
    const size_t count = size / 4 < MOST_OPERATIONS ? size / 4 : MOST_OPERATIONS;
    shadow model = {.heap = heap};
    for (size_t i = 0; i < count; i++) {
        const operation op = decode(bytes + 4 * i);
        const char *wrong = perform(&model, &op);
        wrong = wrong || (i + 1) % often != 0 ? wrong : shadow_check(&model);
        if (wrong)
            give_up(spec, bytes, i + 1, wrong);
    }
    const char *wrong = shadow_free_all(&model);
    wrong = wrong ? wrong : shadow_check(&model);
    if (wrong)
        give_up(spec, bytes, count, wrong);
}

#endif
