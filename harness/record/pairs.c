/* SPDX-License-Identifier: MIT */
#include "pairs.h"

#include <stdlib.h>

static hy_pair *pairs_slot(const hy_pairs *pairs, uint64_t a, uint64_t b) {
    const uint64_t mixed = (a ^ (b * 0x9e3779b97f4a7c15u)) * 0xbf58476d1ce4e5b9u;
    size_t at = (size_t)(mixed >> 20) & (pairs->room - 1);
    while (pairs->slots[at].number != 0 && (pairs->slots[at].a != a || pairs->slots[at].b != b))
        at = (at + 1) & (pairs->room - 1);
    return &pairs->slots[at];
}

static int pairs_grow(hy_pairs *pairs) {
    hy_pairs grown = {.room = pairs->room ? 2 * pairs->room : 1024, .count = pairs->count};
    grown.slots = calloc(grown.room, sizeof *grown.slots);
    if (!grown.slots)
        return -1;
    for (size_t i = 0; i < pairs->room; i++)
        if (pairs->slots[i].number != 0)
            *pairs_slot(&grown, pairs->slots[i].a, pairs->slots[i].b) = pairs->slots[i];
    free(pairs->slots);
    *pairs = grown;
    return 0;
}

hy_pair *hy_pairs_find(hy_pairs *pairs, uint64_t a, uint64_t b) {
    if (2 * pairs->count >= pairs->room && pairs_grow(pairs) < 0)
        return NULL;
    hy_pair *const slot = pairs_slot(pairs, a, b);
    if (slot->number == 0) {
        slot->a = a;
        slot->b = b;
        pairs->count++;
    }
    return slot;
}

void hy_pairs_clear(hy_pairs *pairs) {
    free(pairs->slots);
    *pairs = (hy_pairs){.slots = NULL};
}
