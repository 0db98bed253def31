/* SPDX-License-Identifier: MIT */
#include "order.h"

#include <errno.h>
#include <stdlib.h>

static const hy_raw_record *order_first(const hy_order_source *source) {
    return &source->slots[source->tail % HY_RECORD_SLOTS];
}

static bool order_before(const hy_order_source *a, const hy_order_source *b) {
    const uint64_t x = order_first(a)->ticks, y = order_first(b)->ticks;
    return x != y ? x < y : a->number < b->number;
}

/* Moves the source at `i` down to where no child is before it. */
static void order_sink(hy_order *order, size_t i) {
    hy_order_source *const source = order->heap[i];
    for (size_t child; (child = 2 * i + 1) < order->count; i = child) {
        if (child + 1 < order->count && order_before(order->heap[child + 1], order->heap[child]))
            child++;
        if (!order_before(order->heap[child], source))
            break;
        order->heap[i] = order->heap[child];
    }
    order->heap[i] = source;
}

void hy_order_reset(hy_order *order) {
    order->count = 0;
}

int hy_order_add(hy_order *order, hy_order_source *source) {
    if (order->count == order->room) {
        const size_t room = order->room ? 2 * order->room : 64;
        hy_order_source **const heap = realloc(order->heap, room * sizeof *heap);
        if (!heap)
            return -ENOMEM;
        order->heap = heap;
        order->room = room;
    }
    size_t i = order->count++;
    for (; i > 0 && order_before(source, order->heap[(i - 1) / 2]); i = (i - 1) / 2)
        order->heap[i] = order->heap[(i - 1) / 2];
    order->heap[i] = source;
    return 0;
}

const hy_raw_record *hy_order_next(hy_order *order, uint64_t horizon, hy_order_source **ret_source) {
    if (order->count == 0)
        return NULL;
    hy_order_source *const source = order->heap[0];
    const hy_raw_record *const record = order_first(source);
    if (record->ticks > horizon)
        return NULL;
    source->tail++;
    if (source->tail == source->head)
        order->heap[0] = order->heap[--order->count];
    if (order->count > 0)
        order_sink(order, 0);
    *ret_source = source;
    return record;
}

void hy_order_free(hy_order *order) {
    free(order->heap);
    *order = (hy_order){NULL, 0, 0};
}
