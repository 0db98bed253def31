/* SPDX-License-Identifier: MIT
 *
 * pager_fifo.c - what came first leaves first.
 *
 *  1. Resident pages stand in a ring in the order in which they came.
 *  2. The victim is the first of them.  References change nothing.
 *
 * Source: known to all; L. A. Belady, R. A. Nelson and G. S. Shedler, An anomaly in space-time characteristics of
 * certain programs running in a paging machine, CACM 12(6), 1969: with more frames there may be more misses.
 * Bad at: a page that is always in use leaves as soon as one that was needed once.
 */
#include "page_list.h"

typedef struct fifo_pager {
    hy_pager pager;
    uint32_t frames, first, count;
    uint32_t *ring;
} fifo_pager;

static fifo_pager *fifo_cut(const hy_pager_setup *setup, page_room *room) {
    fifo_pager *const self = PAGE_ROOM(room, 1, fifo_pager);
    uint32_t *const ring = PAGE_ROOM(room, setup->frames, uint32_t);
    if (self)
        self->ring = ring;
    return self;
}

static size_t fifo_memory(const hy_pager_setup *setup) {
    page_room room = {NULL, 0};
    fifo_cut(setup, &room);
    return room.used;
}

static hy_pager *fifo_create(const hy_pager_setup *setup, void *memory) {
    page_room room = {memory, 0};
    fifo_pager *const self = fifo_cut(setup, &room);
    self->frames = setup->frames;
    return &self->pager;
}

static void fifo_hit(hy_pager *pager, uint32_t page, bool write) {
}

static uint32_t fifo_victim(hy_pager *pager, uint32_t page) {
    fifo_pager *const self = (fifo_pager *)pager;
    const uint32_t victim = self->ring[self->first];
    self->first = self->first + 1 == self->frames ? 0 : self->first + 1;
    self->count--;
    return victim;
}

static void fifo_miss(hy_pager *pager, uint32_t page, bool write) {
    fifo_pager *const self = (fifo_pager *)pager;
    const uint64_t last = (uint64_t)self->first + self->count++;
    self->ring[last < self->frames ? last : last - self->frames] = page;
}

const hy_pager_ops hy_fifo_pager_ops = {
    .name = "fifo",
    .summary = "the page that came first leaves first",
    .source = "Belady, Nelson and Shedler, An anomaly in space-time characteristics, CACM 12(6), 1969",
    .memory = fifo_memory,
    .create = fifo_create,
    .hit = fifo_hit,
    .victim = fifo_victim,
    .miss = fifo_miss,
};
