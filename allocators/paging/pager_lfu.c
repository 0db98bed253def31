/* SPDX-License-Identifier: MIT
 *
 * pager_lfu.c - what was used least often leaves first.
 *
 *  1. A page has a count of its references since it came in, and the time of the last.
 *  2. The victim has the least count; of those the one not used for the longest time.
 *  3. With `age`, all counts are halved after so many references, so that what was once used often can leave.
 *
 * Source: E. G. Coffman and P. J. Denning, Operating systems theory, 1973; with age J. T. Robinson and M. V.
 * Devarakonda, Data cache management using frequency-based replacement, SIGMETRICS 1990.
 * Bad at: without `age` old counts hold frames for ever; a reference costs the logarithm of the frames.  Counts are of
 * single references, so a page that is swept over byte by byte looks popular.
 */
#include "page_heap.h"
#include "support.h"

/* A key: the count above, the time below.  Counts stay at the most there is room for. */
#define LFU_TIME_BITS 40
#define LFU_ONE ((uint64_t)1 << LFU_TIME_BITS)
#define LFU_MOST (((uint64_t)1 << (64 - LFU_TIME_BITS)) - 1)

typedef struct lfu_params {
    uint64_t age;
} lfu_params;

typedef struct lfu_pager {
    hy_pager pager;
    uint64_t now, age, left; /* left: references until counts are halved */
    page_heap heap;
} lfu_pager;

static lfu_pager *lfu_cut(const hy_pager_setup *setup, page_room *room) {
    lfu_pager *const self = PAGE_ROOM(room, 1, lfu_pager);
    const page_heap heap = page_heap_cut(setup, room);
    if (self)
        self->heap = heap;
    return self;
}

static size_t lfu_memory(const hy_pager_setup *setup) {
    page_room room = {NULL, 0};
    lfu_cut(setup, &room);
    return room.used;
}

static hy_pager *lfu_create(const hy_pager_setup *setup, void *memory) {
    const lfu_params *const params = setup->params;
    page_room room = {memory, 0};
    lfu_pager *const self = lfu_cut(setup, &room);
    self->age = self->left = params->age;
    return &self->pager;
}

static uint64_t lfu_key(uint64_t count, uint64_t time) {
    return hy_min(count, LFU_MOST) << LFU_TIME_BITS | (time & (LFU_ONE - 1));
}

/* Rule 3. */
static void lfu_tick(lfu_pager *self) {
    self->now++;
    if (self->age == 0 || --self->left > 0)
        return;
    self->left = self->age;
    for (uint32_t i = 0; i < self->heap.count; i++) {
        uint64_t *const key = &self->heap.key[self->heap.at[i]];
        *key = lfu_key((*key >> LFU_TIME_BITS) / 2, *key);
    }
    page_heap_order(&self->heap);
}

static void lfu_hit(hy_pager *pager, uint32_t page, bool write) {
    lfu_pager *const self = (lfu_pager *)pager;
    page_heap_change(&self->heap, page, lfu_key((self->heap.key[page] >> LFU_TIME_BITS) + 1, self->now));
    lfu_tick(self);
}

static uint32_t lfu_victim(hy_pager *pager, uint32_t page) {
    return page_heap_take(&((lfu_pager *)pager)->heap);
}

static void lfu_miss(hy_pager *pager, uint32_t page, bool write) {
    lfu_pager *const self = (lfu_pager *)pager;
    page_heap_add(&self->heap, page, lfu_key(1, self->now));
    lfu_tick(self);
}

static const hy_param lfu_table[] = {
    {.name = "age",
     .help = "references after which all counts are halved; 0: never",
     .def = "0",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(lfu_params, age)},
    {.name = NULL},
};

const hy_pager_ops hy_lfu_pager_ops = {
    .name = "lfu",
    .summary = "the page used least often since it came in leaves first",
    .source = "Coffman and Denning, Operating systems theory, 1973",
    .params = lfu_table,
    .params_size = sizeof(lfu_params),
    .memory = lfu_memory,
    .create = lfu_create,
    .hit = lfu_hit,
    .victim = lfu_victim,
    .miss = lfu_miss,
};
