/* SPDX-License-Identifier: MIT
 *
 * victim_probe.c - what can be foretold about an allocator's addresses: figures for the parent, in the shared page.
 *
 *   +address  number[0], number[1]: addresses of the first small (32 bytes) and the first large (1 MiB) block
 *   +reuse    number[0]: after how many pairs of alloc and free a freed block of 32 bytes is given out again, at the
 *             first percentile of ROUNDS rounds; MOST: never within so many.  number[1], the same for 4096 bytes.
 *             Who gives none back in the first rounds is not asked further.
 *   +price    see victim_price.c
 */
#include "victim.h"

#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 100, FIRST = 3, MOST = 10000 };

static void probe_address(hy_victim *v) {
    v->page->number[0] = (uintptr_t)victim_alloc(v, 32);
    v->page->number[1] = (uintptr_t)victim_alloc(v, (size_t)1 << 20);
}

static uint64_t reuse_distance(hy_victim *v, size_t size) {
    void *const gone = victim_alloc(v, size);
    uint64_t pairs = 0;
    victim_free(v, gone);
    for (bool same = false; !same && pairs < MOST; pairs++) {
        void *const block = victim_alloc(v, size);
        same = block == gone;
        victim_free(v, block);
    }
    return pairs;
}

static int by_number(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static uint64_t first_percentile(hy_victim *v, size_t size) {
    static uint64_t distance[ROUNDS];
    bool any = false;
    for (size_t i = 0; i < ROUNDS; i++) {
        distance[i] = reuse_distance(v, size);
        any = any || distance[i] < MOST;
        if (i + 1 == FIRST && !any)
            return MOST;
    }
    qsort(distance, ROUNDS, sizeof *distance, by_number);
    return distance[ROUNDS / 100];
}

static void probe_reuse(hy_victim *v) {
    v->page->number[0] = first_percentile(v, 32);
    v->page->number[1] = first_percentile(v, 4096);
}

bool victim_probe(hy_victim *v, const char *name) {
    if (strcmp(name, "address") == 0)
        probe_address(v);
    else if (strcmp(name, "reuse") == 0)
        probe_reuse(v);
    else if (strcmp(name, "price") == 0)
        victim_price(v);
    else
        return false;
    return true;
}
