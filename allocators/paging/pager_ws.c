/* SPDX-License-Identifier: MIT
 *
 * pager_ws.c - the working set: what was referenced lately stays, however much that is.
 *
 *  1. Time is counted in references.  A page stays as long as it was among the last `window` references.
 *  2. It leaves when it no longer was, although there may be room: others can have the frame.
 *  3. If there are not enough frames for the working set, the page not used for the longest time leaves.
 *
 * Source: P. J. Denning, The working set model for program behavior, CACM 11(5), 1968.
 * Bad at: to know the time of each reference a machine must be told of each; and one window does not fit all programs.
 */
#include "page_list.h"

typedef struct ws_params {
    uint64_t window;
} ws_params;

typedef struct ws_pager {
    hy_pager pager;
    uint64_t now, window;
    uint32_t head; /* in links, behind the pages */
    page_link *links;
    uint64_t *last; /* reference to a page */
} ws_pager;

static ws_pager *ws_cut(const hy_pager_setup *setup, page_room *room) {
    ws_pager *const self = PAGE_ROOM(room, 1, ws_pager);
    page_link *const links = PAGE_ROOM(room, (size_t)setup->pages + 1, page_link);
    uint64_t *const last = PAGE_ROOM(room, setup->pages, uint64_t);
    if (self) {
        self->links = links;
        self->last = last;
    }
    return self;
}

static size_t ws_memory(const hy_pager_setup *setup) {
    page_room room = {NULL, 0};
    ws_cut(setup, &room);
    return room.used;
}

static hy_pager *ws_create(const hy_pager_setup *setup, void *memory) {
    const ws_params *const params = setup->params;
    page_room room = {memory, 0};
    ws_pager *const self = ws_cut(setup, &room);
    self->window = params->window;
    self->head = setup->pages;
    page_list_init(self->links, self->head);
    return &self->pager;
}

static void ws_hit(hy_pager *pager, uint32_t page, bool write) {
    ws_pager *const self = (ws_pager *)pager;
    page_list_renew(self->links, self->head, page);
    self->last[page] = ++self->now;
}

static uint32_t ws_victim(hy_pager *pager, uint32_t page) {
    const ws_pager *const self = (const ws_pager *)pager;
    return page_list_pop(self->links, self->head);
}

static void ws_miss(hy_pager *pager, uint32_t page, bool write) {
    ws_pager *const self = (ws_pager *)pager;
    page_list_push(self->links, self->head, page);
    self->last[page] = ++self->now;
}

static uint32_t ws_expired(hy_pager *pager) {
    const ws_pager *const self = (const ws_pager *)pager;
    const uint32_t oldest = page_list_oldest(self->links, self->head);
    if (oldest == self->head || self->now - self->last[oldest] < self->window)
        return HY_NO_PAGE;
    page_list_remove(self->links, oldest);
    return oldest;
}

static const hy_param ws_table[] = {
    {.name = "window",
     .help = "references: a page not among so many of the last leaves",
     .def = "100000",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(ws_params, window),
     .min = 1,
     .max = (uint64_t)1 << 60},
    {.name = NULL},
};

const hy_pager_ops hy_ws_pager_ops = {
    .name = "ws",
    .summary = "the working set: a page leaves when it was not referenced within a window of time",
    .source = "Denning, The working set model for program behavior, CACM 11(5), 1968",
    .params = ws_table,
    .params_size = sizeof(ws_params),
    .memory = ws_memory,
    .create = ws_create,
    .hit = ws_hit,
    .victim = ws_victim,
    .miss = ws_miss,
    .expired = ws_expired,
};
