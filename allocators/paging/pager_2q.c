/* SPDX-License-Identifier: MIT
 *
 * pager_2q.c - a page must be asked for twice before it is kept like the others.
 *
 *  1. New pages enter a queue (first in, first out) that is meant to have `in` of the frames; references to pages in it
 *     change nothing, as they are most likely the first reference gone on.
 *  2. What leaves the queue is remembered for a while, by its number only: as many as `out` of the frames.
 *  3. A page that is missed while it is remembered enters the main list, which is least recently used.
 *  4. The victim is the end of the queue if that is longer than it is meant to be, else the end of the main list.
 *
 * Source: T. Johnson and D. Shasha, 2Q: a low overhead high performance buffer management replacement algorithm, VLDB
 * 1994, the full version.
 * Bad at: its two shares are fixed; each page of a working set is missed twice.
 */
#include "page_list.h"
#include "support.h"

enum { TWOQ_GONE, TWOQ_QUEUE, TWOQ_REMEMBERED, TWOQ_MAIN, TWOQ_LISTS };

typedef struct twoq_params {
    uint64_t in, out; /* millionths of the frames */
} twoq_params;

typedef struct twoq_pager {
    hy_pager pager;
    uint32_t pages;
    uint32_t most[TWOQ_LISTS]; /* of the queue and the remembered */
    uint32_t count[TWOQ_LISTS];
    page_link *links; /* list i has its head at pages + i */
    uint8_t *list;    /* that a page is in */
} twoq_pager;

static twoq_pager *twoq_cut(const hy_pager_setup *setup, page_room *room) {
    twoq_pager *const self = PAGE_ROOM(room, 1, twoq_pager);
    page_link *const links = PAGE_ROOM(room, (size_t)setup->pages + TWOQ_LISTS, page_link);
    uint8_t *const list = PAGE_ROOM(room, setup->pages, uint8_t);
    if (self) {
        self->links = links;
        self->list = list;
    }
    return self;
}

static size_t twoq_memory(const hy_pager_setup *setup) {
    page_room room = {NULL, 0};
    twoq_cut(setup, &room);
    return room.used;
}

static uint32_t twoq_share(const hy_pager_setup *setup, uint64_t millionths) {
    return (uint32_t)hy_max(1, (size_t)(setup->frames * millionths / HY_RULE_REAL));
}

static hy_pager *twoq_create(const hy_pager_setup *setup, void *memory) {
    const twoq_params *const params = setup->params;
    page_room room = {memory, 0};
    twoq_pager *const self = twoq_cut(setup, &room);
    self->pages = setup->pages;
    self->most[TWOQ_QUEUE] = twoq_share(setup, params->in);
    self->most[TWOQ_REMEMBERED] = twoq_share(setup, params->out);
    for (uint32_t i = 0; i < TWOQ_LISTS; i++)
        page_list_init(self->links, self->pages + i);
    return &self->pager;
}

static void twoq_put(twoq_pager *self, unsigned list, uint32_t page) {
    page_list_push(self->links, self->pages + list, page);
    self->list[page] = (uint8_t)list;
    self->count[list]++;
}

static uint32_t twoq_take_last(twoq_pager *self, unsigned list) {
    const uint32_t page = page_list_pop(self->links, self->pages + list);
    self->list[page] = TWOQ_GONE;
    self->count[list]--;
    return page;
}

static void twoq_hit(hy_pager *pager, uint32_t page, bool write) {
    const twoq_pager *const self = (const twoq_pager *)pager;
    if (self->list[page] == TWOQ_MAIN)
        page_list_renew(self->links, self->pages + TWOQ_MAIN, page);
}

/* Rule 2.  The page that is about to come in is not forgotten on its way. */
static void twoq_remember(twoq_pager *self, uint32_t page, uint32_t coming) {
    twoq_put(self, TWOQ_REMEMBERED, page);
    if (self->count[TWOQ_REMEMBERED] <= self->most[TWOQ_REMEMBERED])
        return;
    const uint32_t forgotten = twoq_take_last(self, TWOQ_REMEMBERED);
    if (forgotten == coming)
        twoq_put(self, TWOQ_REMEMBERED, coming); /* for miss to find; it leaves at once */
}

static uint32_t twoq_victim(hy_pager *pager, uint32_t page) {
    twoq_pager *const self = (twoq_pager *)pager;
    if (self->count[TWOQ_QUEUE] <= self->most[TWOQ_QUEUE] && self->count[TWOQ_MAIN] > 0)
        return twoq_take_last(self, TWOQ_MAIN);
    const uint32_t victim = twoq_take_last(self, TWOQ_QUEUE);
    twoq_remember(self, victim, page);
    return victim;
}

static void twoq_miss(hy_pager *pager, uint32_t page, bool write) {
    twoq_pager *const self = (twoq_pager *)pager;
    const bool remembered = self->list[page] == TWOQ_REMEMBERED;
    if (remembered) {
        page_list_remove(self->links, page);
        self->count[TWOQ_REMEMBERED]--;
    }
    twoq_put(self, remembered ? TWOQ_MAIN : TWOQ_QUEUE, page);
}

static const hy_param twoq_table[] = {
    {.name = "in",
     .help = "of the frames that new pages are meant to have",
     .def = "25%",
     .type = HY_PARAM_SHARE,
     .offset = offsetof(twoq_params, in),
     .min = 0,
     .max = HY_RULE_REAL},
    {.name = "out",
     .help = "of the frames: as many pages are remembered after they left",
     .def = "50%",
     .type = HY_PARAM_SHARE,
     .offset = offsetof(twoq_params, out),
     .min = 0,
     .max = 100 * HY_RULE_REAL},
    {.name = NULL},
};

const hy_pager_ops hy_2q_pager_ops = {
    .name = "2q",
    .summary = "a queue for new pages, and least recently used for those that came back",
    .source =
        "Johnson and Shasha, 2Q: a low overhead high performance buffer management replacement algorithm, VLDB 1994",
    .params = twoq_table,
    .params_size = sizeof(twoq_params),
    .memory = twoq_memory,
    .create = twoq_create,
    .hit = twoq_hit,
    .victim = twoq_victim,
    .miss = twoq_miss,
};
