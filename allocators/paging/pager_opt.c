/* SPDX-License-Identifier: MIT
 *
 * pager_opt.c - what will not be used for the longest time leaves first: no policy has fewer misses.
 *
 *  1. For each reference it is known beforehand when its page is referenced next.
 *  2. The victim is the page whose next reference is farthest away, or that has none.
 *
 * Source: L. A. Belady, A study of replacement algorithms for a virtual-storage computer, IBM Systems Journal 5(2),
 * 1966 (MIN); that it is optimal: Mattson and others, 1970.
 * Bad at: it needs the future, so it is a limit and no policy; and it counts misses only, not what is written back.
 */
#include "page_heap.h"

typedef struct opt_pager {
    hy_pager pager;
    uint64_t now, uses;
    const uint32_t *next_use;
    page_heap heap; /* key: how near the next use is, so that the farthest comes first */
} opt_pager;

static opt_pager *opt_cut(const hy_pager_setup *setup, page_room *room) {
    opt_pager *const self = PAGE_ROOM(room, 1, opt_pager);
    const page_heap heap = page_heap_cut(setup, room);
    if (self)
        self->heap = heap;
    return self;
}

static size_t opt_memory(const hy_pager_setup *setup) {
    page_room room = {NULL, 0};
    opt_cut(setup, &room);
    return room.used;
}

static hy_pager *opt_create(const hy_pager_setup *setup, void *memory) {
    page_room room = {memory, 0};
    opt_pager *const self = opt_cut(setup, &room);
    self->next_use = setup->next_use;
    self->uses = setup->next_uses;
    return &self->pager;
}

static uint64_t opt_key(opt_pager *self) {
    const uint64_t now = self->now++;
    return UINT32_MAX - (now < self->uses ? self->next_use[now] : HY_NO_PAGE);
}

static void opt_hit(hy_pager *pager, uint32_t page, bool write) {
    opt_pager *const self = (opt_pager *)pager;
    page_heap_change(&self->heap, page, opt_key(self));
}

static uint32_t opt_victim(hy_pager *pager, uint32_t page) {
    return page_heap_take(&((opt_pager *)pager)->heap);
}

static void opt_miss(hy_pager *pager, uint32_t page, bool write) {
    opt_pager *const self = (opt_pager *)pager;
    page_heap_add(&self->heap, page, opt_key(self));
}

const hy_pager_ops hy_opt_pager_ops = {
    .name = "opt",
    .summary = "the page not needed for the longest time leaves first: the limit, known only afterwards",
    .source = "Belady, A study of replacement algorithms for a virtual-storage computer, IBM Sys. J. 5(2), 1966",
    .flags = HY_PAGER_OFFLINE | HY_PAGER_STACK,
    .memory = opt_memory,
    .create = opt_create,
    .hit = opt_hit,
    .victim = opt_victim,
    .miss = opt_miss,
};
