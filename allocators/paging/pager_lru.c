/* SPDX-License-Identifier: MIT
 *
 * pager_lru.c - what was not used for the longest time leaves first.
 *
 *  1. Resident pages stand in a list in the order of their last reference.
 *  2. The victim is the last of it.
 *
 * Source: R. L. Mattson, J. Gecsei, D. R. Slutz and I. L. Traiger, Evaluation techniques for storage hierarchies, IBM
 * Systems Journal 9(2), 1970: the pages of n frames are among those of n + 1, so more frames are never worse.
 * Bad at: a loop over one page more than there are frames misses at each reference; and no machine tells its pager of
 * each reference, so it is a yardstick rather than something to be built.
 */
#include "page_list.h"

typedef struct lru_pager {
    hy_pager pager;
    uint32_t head; /* in links, behind the pages */
    page_link *links;
} lru_pager;

static lru_pager *lru_cut(const hy_pager_setup *setup, page_room *room) {
    lru_pager *const self = PAGE_ROOM(room, 1, lru_pager);
    page_link *const links = PAGE_ROOM(room, (size_t)setup->pages + 1, page_link);
    if (self)
        self->links = links;
    return self;
}

static size_t lru_memory(const hy_pager_setup *setup) {
    page_room room = {NULL, 0};
    lru_cut(setup, &room);
    return room.used;
}

static hy_pager *lru_create(const hy_pager_setup *setup, void *memory) {
    page_room room = {memory, 0};
    lru_pager *const self = lru_cut(setup, &room);
    self->head = setup->pages;
    page_list_init(self->links, self->head);
    return &self->pager;
}

static void lru_hit(hy_pager *pager, uint32_t page, bool write) {
    const lru_pager *const self = (const lru_pager *)pager;
    page_list_renew(self->links, self->head, page);
}

static uint32_t lru_victim(hy_pager *pager, uint32_t page) {
    const lru_pager *const self = (const lru_pager *)pager;
    return page_list_pop(self->links, self->head);
}

static void lru_miss(hy_pager *pager, uint32_t page, bool write) {
    const lru_pager *const self = (const lru_pager *)pager;
    page_list_push(self->links, self->head, page);
}

const hy_pager_ops hy_lru_pager_ops = {
    .name = "lru",
    .summary = "the page not used for the longest time leaves first",
    .source =
        "Mattson, Gecsei, Slutz and Traiger, Evaluation techniques for storage hierarchies, IBM Sys. J. 9(2), 1970",
    .flags = HY_PAGER_STACK,
    .memory = lru_memory,
    .create = lru_create,
    .hit = lru_hit,
    .victim = lru_victim,
    .miss = lru_miss,
};
