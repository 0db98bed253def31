/* SPDX-License-Identifier: MIT
 *
 * fuzz_heap.c - any general-purpose heap of ours, driven by bytes, against the shadow model.
 *
 *   byte 0        which allocator, modulo their number, in the order of `heapyard list`; then some fits of many kinds
 *   byte 1        0: pages from the system; n: a fixed array of n * 8 KiB
 *   then 4 bytes  an operation: kind and exponent, slot, two bytes of size
 *
 * What fails is printed as the sequence of operations that led to it; libFuzzer's -minimize_crash=1 makes it short.
 */
#include "page_doubles.h"
#include "registry.h"
#include "shadow.h"

#include <stdio.h>
#include <stdlib.h>

#define SLOTS 64
#define MOST_OPERATIONS 4096

typedef enum kind { ALLOC, ALLOC_ALIGNED, ALLOC_ZEROED, REALLOC, FREE, FREE_TOO, TRIM, RESET } kind;

typedef struct operation {
    kind kind;
    size_t slot, size, align;
} operation;

static operation decode(const uint8_t *bytes) {
    const unsigned exponent = bytes[0] >> 3;
    const size_t mantissa = 1 + bytes[2] + 256u * (bytes[3] % 16u);
    const operation op = {.kind = (kind)(bytes[0] & 7),
                          .slot = bytes[1] % SLOTS,
                          .size = exponent < 10 ? mantissa << exponent : mantissa,
                          .align = (size_t)1 << (bytes[3] >> 4)};
    return op;
}

static const char *perform(shadow *model, const operation *op) {
    hy_heap *const heap = model->heap;
    switch (op->kind) {
    case ALLOC: return shadow_alloc(model, op->slot, op->size, 16, false);
    case ALLOC_ALIGNED: return shadow_alloc(model, op->slot, op->size, op->align, false);
    case ALLOC_ZEROED: return shadow_alloc(model, op->slot, op->size, op->align, true);
    case REALLOC: return shadow_realloc(model, op->slot, op->size);
    case FREE:
    case FREE_TOO: return shadow_free(model, op->slot);
    case TRIM:
        if (heap->ops->trim)
            heap->ops->trim(heap);
        return NULL;
    case RESET:
        if (!heap->ops->reset || op->size % 8 != 0)
            return NULL;
        heap->ops->reset(heap);
        memset(model->slots, 0, sizeof model->slots);
    }
    return NULL;
}

static void print_operation(const operation *op) {
    static const char *const names[] = {"alloc", "alloc", "alloc_zeroed", "realloc", "free", "free", "trim", "reset"};
    if (op->kind <= ALLOC_ZEROED)
        fprintf(stderr, "  %s slot=%zu size=%zu align=%zu\n", names[op->kind], op->slot, op->size,
                op->kind == ALLOC ? 16 : op->align);
    else if (op->kind == REALLOC)
        fprintf(stderr, "  %s slot=%zu size=%zu\n", names[op->kind], op->slot, op->size);
    else
        fprintf(stderr, "  %s slot=%zu\n", names[op->kind], op->slot);
}

__attribute__((noreturn)) static void give_up(const char *spec, const uint8_t *bytes, size_t count, const char *wrong) {
    fprintf(stderr, "%s: %s, after\n", spec, wrong);
    for (size_t i = 0; i < count; i++) {
        const operation op = decode(bytes + 4 * i);
        print_operation(&op);
    }
    abort();
}

static const char *const fits[] = {"fit:merge=every:3",
                                   "fit:policy=best,merge=quick:2,grain=1",
                                   "fit:policy=good,merge=slice:2",
                                   "fit:policy=next,structure=implicit,metadata=header,merge=onfail",
                                   "fit:policy=next,order=address,merge=count:9",
                                   "fit:policy=best,order=address,merge=ratio:0.5",
                                   "fit:policy=worst,structure=list,order=address,metadata=header,merge=bytes:2K",
                                   "fit:metadata=out-of-band,merge=large:200",
                                   "fit:policy=best,order=address,metadata=out-of-band,grain=1,merge=never",
                                   NULL};

static const char *choose(unsigned number) {
    const char *names[128];
    size_t count = 0;
    for (const hy_listing *e = hy_listings; e->ops; e++)
        if (e->ops->flags == 0 && e->ops->max_align >= 16)
            names[count++] = e->ops->name;
    for (size_t i = 0; fits[i]; i++)
        names[count++] = fits[i];
    return count ? names[number % count] : NULL;
}

static void drive(const char *spec, hy_heap *heap, const uint8_t *bytes, size_t count) {
    shadow model = {.heap = heap};
    for (size_t i = 0; i < count; i++) {
        const operation op = decode(bytes + 4 * i);
        const char *wrong = perform(&model, &op);
        wrong = wrong || i % 8 != 7 ? wrong : shadow_check(&model);
        if (wrong)
            give_up(spec, bytes, i + 1, wrong);
    }
    const char *wrong = shadow_free_all(&model);
    wrong = wrong ? wrong : shadow_check(&model);
    if (wrong)
        give_up(spec, bytes, count, wrong);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char storage[256 * 8192];
    if (size < 2)
        return 0;
    const char *const spec = choose(data[0]);
    array_pages pages = array_pages_of(storage, data[1] * (size_t)8192);
    const hy_open_options options = {.data = data[1] ? &pages.pages : NULL};
    const size_t count = (size - 2) / 4 < MOST_OPERATIONS ? (size - 2) / 4 : MOST_OPERATIONS;
    hy_instance instance;
    hy_error error;
    if (hy_open(&hy_registry, (hy_text){spec, strlen(spec)}, &options, &instance, &error) < 0)
        return 0;
    drive(spec, instance.heap, data + 2, count);
    hy_close(&instance);
    return 0;
}
