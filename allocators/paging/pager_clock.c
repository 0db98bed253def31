/* SPDX-License-Identifier: MIT
 *
 * pager_clock.c - first in, first out, with a second chance for what was used.
 *
 *  1. Resident pages stand in a circle, each with a bit that a reference sets; a page comes in with the bit set.
 *  2. For a victim the hand goes round: a page whose bit is set loses it and stays, the first without it leaves.
 *  3. The new page takes its place, and the hand stands behind it.
 *
 * Source: F. J. Corbató, A paging experiment with the Multics system, 1968 (in: In honor of P. M. Morse, MIT Press,
 * 1969).
 * Bad at: where all bits are set a whole round is walked and what leaves is the oldest, as with fifo; a long scan
 * throws everything else out.
 */
#include "page_list.h"

typedef struct clock_pager {
    hy_pager pager;
    uint32_t frames, count, hand, free; /* free: the place of the last victim, or the last place */
    uint32_t *ring;
    uint8_t *used; /* by page */
} clock_pager;

static clock_pager *clock_cut(const hy_pager_setup *setup, page_room *room) {
    clock_pager *const self = PAGE_ROOM(room, 1, clock_pager);
    uint32_t *const ring = PAGE_ROOM(room, setup->frames, uint32_t);
    uint8_t *const used = PAGE_ROOM(room, setup->pages, uint8_t);
    if (self) {
        self->ring = ring;
        self->used = used;
    }
    return self;
}

static size_t clock_memory(const hy_pager_setup *setup) {
    page_room room = {NULL, 0};
    clock_cut(setup, &room);
    return room.used;
}

static hy_pager *clock_create(const hy_pager_setup *setup, void *memory) {
    page_room room = {memory, 0};
    clock_pager *const self = clock_cut(setup, &room);
    self->frames = setup->frames;
    self->free = setup->frames - 1;
    return &self->pager;
}

static void clock_hit(hy_pager *pager, uint32_t page, bool write) {
    ((clock_pager *)pager)->used[page] = 1;
}

static void clock_advance(clock_pager *self) {
    self->hand = self->hand + 1 == self->frames ? 0 : self->hand + 1;
}

static uint32_t clock_victim(hy_pager *pager, uint32_t page) {
    clock_pager *const self = (clock_pager *)pager;
    while (self->used[self->ring[self->hand]]) {
        self->used[self->ring[self->hand]] = 0;
        clock_advance(self);
    }
    self->free = self->hand;
    self->count--;
    clock_advance(self);
    return self->ring[self->free];
}

static void clock_miss(hy_pager *pager, uint32_t page, bool write) {
    clock_pager *const self = (clock_pager *)pager;
    self->ring[self->count + 1 == self->frames ? self->free : self->count] = page;
    self->count++;
    self->used[page] = 1;
}

const hy_pager_ops hy_clock_pager_ops = {
    .name = "clock",
    .summary = "first in, first out, with a second chance for pages used since",
    .source = "Corbató, A paging experiment with the Multics system, 1968",
    .memory = clock_memory,
    .create = clock_create,
    .hit = clock_hit,
    .victim = clock_victim,
    .miss = clock_miss,
};
