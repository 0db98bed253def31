/* SPDX-License-Identifier: MIT
 *
 * pager_nru.c - not recently used: what a machine with two bits a page knows.
 *
 *  1. A page is used (referenced since the last tick) or not, and written to (since it came in) or not: four classes.
 *     From the worst to the best: neither; written; used; both.
 *  2. At every tick, `period` references, all pages become not used.
 *  3. The victim is drawn from the worst class that has any: a page written to long ago rather than a clean one that is
 *     in use.
 *
 * Source: A. S. Tanenbaum, Operating systems: design and implementation, 1987.
 * Bad at: between two ticks it knows no order; a period that is long for the frames makes it random.
 */
#include "page_list.h"

enum { NRU_WRITTEN = 1, NRU_USED = 2, NRU_CLASSES = 4 };

typedef struct nru_params {
    uint64_t period, seed;
} nru_params;

typedef struct nru_pager {
    hy_pager pager;
    uint64_t period, left; /* references to the next tick */
    uint64_t random;
    uint32_t count[NRU_CLASSES];
    uint32_t *member[NRU_CLASSES]; /* in no order */
    uint32_t *place;               /* of a page among the members of its class */
    uint8_t *class;                /* of a page */
} nru_pager;

static nru_pager *nru_cut(const hy_pager_setup *setup, page_room *room) {
    nru_pager *const self = PAGE_ROOM(room, 1, nru_pager);
    for (unsigned i = 0; i < NRU_CLASSES; i++) {
        uint32_t *const member = PAGE_ROOM(room, setup->frames, uint32_t);
        if (self)
            self->member[i] = member;
    }
    uint32_t *const place = PAGE_ROOM(room, setup->pages, uint32_t);
    uint8_t *const class = PAGE_ROOM(room, setup->pages, uint8_t);
    if (self) {
        self->place = place;
        self->class = class;
    }
    return self;
}

static size_t nru_memory(const hy_pager_setup *setup) {
    page_room room = {NULL, 0};
    nru_cut(setup, &room);
    return room.used;
}

static hy_pager *nru_create(const hy_pager_setup *setup, void *memory) {
    const nru_params *const params = setup->params;
    page_room room = {memory, 0};
    nru_pager *const self = nru_cut(setup, &room);
    self->period = self->left = params->period;
    self->random = params->seed;
    return &self->pager;
}

static void nru_join(nru_pager *self, uint32_t page, unsigned class) {
    self->class[page] = (uint8_t) class;
    self->place[page] = self->count[class];
    self->member[class][self->count[class]++] = page;
}

static void nru_leave(nru_pager *self, uint32_t page) {
    const unsigned class = self->class[page];
    const uint32_t last = self->member[class][--self->count[class]];
    self->member[class][self->place[page]] = last;
    self->place[last] = self->place[page];
}

/* Rule 2. */
static void nru_tick(nru_pager *self) {
    if (--self->left > 0)
        return;
    self->left = self->period;
    for (unsigned class = NRU_USED; class < NRU_CLASSES; class ++) {
        for (uint32_t i = 0; i < self->count[class]; i++)
            nru_join(self, self->member[class][i], class - NRU_USED);
        self->count[class] = 0;
    }
}

static void nru_hit(hy_pager *pager, uint32_t page, bool write) {
    nru_pager *const self = (nru_pager *)pager;
    const unsigned class = self->class[page] | NRU_USED | (unsigned)write;
    if (class != self->class[page]) {
        nru_leave(self, page);
        nru_join(self, page, class);
    }
    nru_tick(self);
}

static uint32_t nru_victim(hy_pager *pager, uint32_t page) {
    nru_pager *const self = (nru_pager *)pager;
    unsigned class = 0;
    while (self->count[class] == 0)
        class ++;
    const uint32_t victim = self->member[class][page_random_below(&self->random, self->count[class])];
    nru_leave(self, victim);
    return victim;
}

static void nru_miss(hy_pager *pager, uint32_t page, bool write) {
    nru_pager *const self = (nru_pager *)pager;
    nru_join(self, page, NRU_USED | (unsigned)write);
    nru_tick(self);
}

static const hy_param nru_table[] = {
    {.name = "period",
     .help = "references from tick to tick, at which all pages become not used",
     .def = "10000",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(nru_params, period),
     .min = 1,
     .max = (uint64_t)1 << 60},
    {.name = "seed",
     .help = "of the draws: the same seed, the same victims",
     .def = "1",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(nru_params, seed)},
    {.name = NULL},
};

const hy_pager_ops hy_nru_pager_ops = {
    .name = "nru",
    .summary = "not recently used: by lot from the worst of four classes, used or not and written to or not",
    .source = "Tanenbaum, Operating systems: design and implementation, 1987",
    .params = nru_table,
    .params_size = sizeof(nru_params),
    .memory = nru_memory,
    .create = nru_create,
    .hit = nru_hit,
    .victim = nru_victim,
    .miss = nru_miss,
};
