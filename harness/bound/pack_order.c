/* SPDX-License-Identifier: MIT
 *
 * pack_order.c - the orders in which greedy packers take buffers.
 */
#include "packers.h"

#include <stdlib.h>

const char *const hy_pack_order_names[HY_PACK_ORDERS] = {"lifetime", "area", "size"};

typedef struct sorting {
    const hy_buffer *buffers;
    hy_pack_order order;
} sorting;

static unsigned __int128 sorting_key(const sorting *s, uint32_t which) {
    const hy_buffer *const b = &s->buffers[which];
    const uint64_t life = b->end - b->start;
    switch (s->order) {
    case HY_PACK_LIFETIME: return life;
    case HY_PACK_AREA: return (unsigned __int128)life * b->size;
    default: return b->size;
    }
}

static int sorting_compare(const void *left, const void *right, void *context) {
    const sorting *const s = context;
    const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    const unsigned __int128 key_a = sorting_key(s, a), key_b = sorting_key(s, b);
    if (key_a != key_b)
        return key_a > key_b ? -1 : 1;
    const uint32_t start_a = s->buffers[a].start, start_b = s->buffers[b].start;
    return start_a != start_b ? (start_a > start_b) - (start_a < start_b) : (a > b) - (a < b);
}

void hy_pack_sort(const hy_job *job, hy_pack_order order, uint32_t *ret_order) {
    sorting s = {job->buffers, order};
    for (size_t i = 0; i < job->count; i++)
        ret_order[i] = (uint32_t)i;
    qsort_r(ret_order, job->count, sizeof *ret_order, sorting_compare, &s);
}
