/* SPDX-License-Identifier: MIT
 *
 * pager_random.c - any page leaves, each as likely as the next.
 *
 *  1. Resident pages stand in an array, in no order.
 *  2. The victim is drawn from it; the last one takes its place.
 *
 * Source: L. A. Belady, A study of replacement algorithms for a virtual-storage computer, IBM Systems Journal 5(2),
 * 1966 (RAND).
 * Bad at: it learns nothing.  Good at: no string of references is made against it; a loop over a little more than all
 * frames still hits.
 */
#include "page_list.h"

typedef struct random_params {
    uint64_t seed;
} random_params;

typedef struct random_pager {
    hy_pager pager;
    uint32_t count;
    uint64_t random;
    uint32_t *resident;
} random_pager;

static random_pager *random_cut(const hy_pager_setup *setup, page_room *room) {
    random_pager *const self = PAGE_ROOM(room, 1, random_pager);
    uint32_t *const resident = PAGE_ROOM(room, setup->frames, uint32_t);
    if (self)
        self->resident = resident;
    return self;
}

static size_t random_memory(const hy_pager_setup *setup) {
    page_room room = {NULL, 0};
    random_cut(setup, &room);
    return room.used;
}

static hy_pager *random_create(const hy_pager_setup *setup, void *memory) {
    const random_params *const params = setup->params;
    page_room room = {memory, 0};
    random_pager *const self = random_cut(setup, &room);
    self->random = params->seed;
    return &self->pager;
}

static void random_hit(hy_pager *pager, uint32_t page, bool write) {
}

static uint32_t random_victim(hy_pager *pager, uint32_t page) {
    random_pager *const self = (random_pager *)pager;
    const uint32_t i = page_random_below(&self->random, self->count), victim = self->resident[i];
    self->resident[i] = self->resident[--self->count];
    return victim;
}

static void random_miss(hy_pager *pager, uint32_t page, bool write) {
    random_pager *const self = (random_pager *)pager;
    self->resident[self->count++] = page;
}

static const hy_param random_table[] = {
    {.name = "seed",
     .help = "of the draws: the same seed, the same victims",
     .def = "1",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(random_params, seed)},
    {.name = NULL},
};

const hy_pager_ops hy_random_pager_ops = {
    .name = "random",
    .summary = "a page drawn by lot leaves",
    .source = "Belady, A study of replacement algorithms for a virtual-storage computer, IBM Sys. J. 5(2), 1966",
    .params = random_table,
    .params_size = sizeof(random_params),
    .memory = random_memory,
    .create = random_create,
    .hit = random_hit,
    .victim = random_victim,
    .miss = random_miss,
};
