/* SPDX-License-Identifier: MIT
 *
 * probes.c - `probes SPEC HOLES`: makes a heap with so many holes of random sizes, then allocates and frees blocks of
 * many sizes through two functions whose instructions callgrind counts, call by call (see instructions.py).
 */
#include "heap.h"
#include "registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *probe_alloc(hy_heap *heap, size_t size);
void probe_free(hy_heap *heap, void *block);

__attribute__((noinline)) void *probe_alloc(hy_heap *heap, size_t size) {
    return heap->ops->alloc(heap, size, 16);
}

__attribute__((noinline)) void probe_free(hy_heap *heap, void *block) {
    heap->ops->free(heap, block, 0);
}

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

/* Every second block of random sizes is freed; and there is room enough at the top for all that follows. */
static int make_holes(hy_heap *heap, size_t holes) {
    void **const blocks = malloc((2 * holes + 1) * sizeof *blocks);
    uint64_t state = 1;
    if (!blocks)
        return 1;
    for (size_t i = 0; i < 2 * holes; i++)
        blocks[i] = hy_alloc(heap, 16 + next_random(&state) % ((size_t)16 << next_random(&state) % 8), 16);
    hy_free(heap, hy_alloc(heap, (size_t)64 << 20, 16), 0);
    for (size_t i = 0; i < 2 * holes; i += 2)
        hy_free(heap, blocks[i], 0);
    free(blocks);
    return 0;
}

int main(int argc, char **argv) {
    hy_instance instance;
    hy_error error;
    if (argc != 3)
        return 2;
    if (hy_open(&hy_registry, (hy_text){argv[1], strlen(argv[1])}, NULL, &instance, &error) < 0) {
        fprintf(stderr, "%s\n", error.text);
        return 2;
    }
    if (make_holes(instance.heap, strtoul(argv[2], NULL, 10)) != 0)
        return 1;
    void *kept[40];
    for (unsigned i = 0; i < 40; i++) /* frees come in another order: some merge with both neighbours, some with none */
        kept[i] = probe_alloc(instance.heap, ((size_t)24 << i / 3) + i % 3 * 8);
    for (unsigned i = 0; i < 40; i++)
        probe_free(instance.heap, kept[i * 7 % 40]);
    hy_close(&instance);
    return 0;
}
