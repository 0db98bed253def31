/* SPDX-License-Identifier: MIT
 *
 * deep.c - `deep SPEC HOLES`: allocates and frees in a heap with so many holes, so that each search goes deep
 * (holes.h).
 *
 * Callgrind counts what deep_pair does, and nothing else: it is switched on when the heap is made, so that making a
 * million holes does not take minutes; the first pairs only fill the caches that it simulates.
 */
#include "heap.h"
#include "holes.h"
#include "random.h"
#include "registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/callgrind.h>

bool deep_pair(hy_heap *heap, void **block, size_t size);

/* A free and a malloc.  False: no room. */
__attribute__((noinline)) bool deep_pair(hy_heap *heap, void **block, size_t size) {
    if (*block)
        heap->ops->free(heap, *block, 0);
    *block = heap->ops->alloc(heap, size, 16);
    return *block;
}

static bool pairs(hy_holes *holes, uint64_t seed, size_t count) {
    bool room = true;
    for (size_t i = 0; room && i < count; i++)
        room = deep_pair(holes->heap, hy_holes_next(holes), hy_holes_request((uint32_t)hy_random(seed, i)));
    return room;
}

int main(int argc, char **argv) {
    hy_instance instance;
    hy_error error;
    static hy_holes holes;
    if (argc != 4)
        return 2;
    if (hy_open(&hy_registry, (hy_text){argv[1], strlen(argv[1])}, NULL, &instance, &error) < 0) {
        fprintf(stderr, "%s\n", error.text);
        return 2;
    }
    const size_t count = strtoul(argv[2], NULL, 10), some = strtoul(argv[3], NULL, 10);
    void **const blocks = calloc(2 * count, sizeof *blocks);
    if (!blocks || !hy_holes_make(instance.heap, count, blocks, &holes))
        return 1;
    bool room = pairs(&holes, 1, 5 * some);
    CALLGRIND_START_INSTRUMENTATION;
    room = room && pairs(&holes, 2, some);
    CALLGRIND_ZERO_STATS;
    room = room && pairs(&holes, 3, some);
    CALLGRIND_STOP_INSTRUMENTATION;
    hy_holes_end(&holes);
    free(blocks);
    hy_close(&instance);
    return room ? 0 : 1;
}
