/* SPDX-License-Identifier: MIT */
#include "order.h"

#include <errno.h>
#include <stdlib.h>

static void order_read(hy_order_source *source) {
    source->next = hy_slots_read(source->ring, source->tail, source->head, source->now);
    source->next.ticks += source->put_back * HY_RAW_LOOK_AHEAD;
}

bool hy_order_turn(hy_order_source *source) {
    while (source->tail == source->head && source->piece && source->piece->next) {
        source->piece = source->piece->next;
        source->ring = (hy_raw_ring){source->piece->slots, UINT64_MAX};
        source->tail = 0;
        source->head = source->piece->count;
    }
    return source->tail < source->head;
}

static bool order_before(const hy_order_source *a, const hy_order_source *b) {
    const uint64_t x = a->next.ticks, y = b->next.ticks;
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
    order_read(source);
    size_t i = order->count++;
    for (; i > 0 && order_before(source, order->heap[(i - 1) / 2]); i = (i - 1) / 2)
        order->heap[i] = order->heap[(i - 1) / 2];
    order->heap[i] = source;
    return 0;
}

const hy_raw_record *hy_order_next(hy_order *order, uint64_t horizon, hy_order_source **ret_source) {
    if (order->count == 0 || order->heap[0]->next.ticks > horizon)
        return NULL;
    *ret_source = order->heap[0];
    return &order->heap[0]->next;
}

void hy_order_advance(hy_order *order) {
    hy_order_source *const source = order->heap[0];
    source->tail += source->next.slots;
    source->read += source->next.slots;
    source->put_back = 0;
    if (hy_order_turn(source))
        order_read(source);
    else
        order->heap[0] = order->heap[--order->count];
    if (order->count > 0)
        order_sink(order, 0);
}

void hy_order_put_back(hy_order *order) {
    hy_order_source *const source = order->heap[0];
    source->put_back++;
    source->next.ticks += HY_RAW_LOOK_AHEAD;
    order_sink(order, 0);
}

void hy_order_free(hy_order *order) {
    free(order->heap);
    *order = (hy_order){.heap = NULL};
}
