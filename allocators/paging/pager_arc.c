/* SPDX-License-Identifier: MIT
 *
 * pager_arc.c - adaptive replacement cache: finds out by itself how much room is for new pages.
 *
 *  1. Four lists, each from the least to the most recently used: T1 pages seen once lately, T2 pages seen twice; B1 and
 *     B2 the numbers of pages that left T1 and T2.  T1 and T2 together are the frames; T1 and B1 have at most as many
 *     entries as there are frames, all four twice as many.
 *  2. A hit moves the page to T2.
 *  3. `target` is the length that T1 should have.  A miss of a page in B1 says that T1 was too short, one in B2 that it
 *     was too long: the target moves by 1, or by the ratio of the longer one of B1 and B2 to the one that was hit.
 *  4. The victim is the end of T1 if that is longer than the target, or as long and the page that comes is from B2;
 *     else the end of T2.  Its number goes to the list's ghosts.
 *  5. A page that comes from B1 or B2 enters T2, any other T1.
 *
 * Source: N. Megiddo and D. S. Modha, ARC: a self-tuning, low overhead replacement cache, FAST 2003 (figure 4).  The
 * target is a real number there; here it is counted in 1/65536 of a frame.
 * Bad at: a loop a little longer than the frames, as with lru; it forgets how often a page was used beyond
 * twice.
 */
#include "page_list.h"
#include "support.h"

enum { ARC_GONE, ARC_T1, ARC_T2, ARC_B1, ARC_B2, ARC_LISTS };

#define ARC_ONE ((uint64_t)1 << 16)

typedef struct arc_pager {
    hy_pager pager;
    uint32_t pages, frames;
    uint32_t count[ARC_LISTS];
    uint64_t target;
    page_link *links; /* list i has its head at pages + i */
    uint8_t *list;    /* that a page is in */
} arc_pager;

static arc_pager *arc_cut(const hy_pager_setup *setup, page_room *room) {
    arc_pager *const self = PAGE_ROOM(room, 1, arc_pager);
    page_link *const links = PAGE_ROOM(room, (size_t)setup->pages + ARC_LISTS, page_link);
    uint8_t *const list = PAGE_ROOM(room, setup->pages, uint8_t);
    if (self) {
        self->links = links;
        self->list = list;
    }
    return self;
}

static size_t arc_memory(const hy_pager_setup *setup) {
    page_room room = {NULL, 0};
    arc_cut(setup, &room);
    return room.used;
}

static hy_pager *arc_create(const hy_pager_setup *setup, void *memory) {
    page_room room = {memory, 0};
    arc_pager *const self = arc_cut(setup, &room);
    self->pages = setup->pages;
    self->frames = setup->frames;
    for (uint32_t i = 0; i < ARC_LISTS; i++)
        page_list_init(self->links, self->pages + i);
    return &self->pager;
}

static void arc_put(arc_pager *self, unsigned list, uint32_t page) {
    page_list_push(self->links, self->pages + list, page);
    self->list[page] = (uint8_t)list;
    self->count[list]++;
}

static void arc_take(arc_pager *self, uint32_t page) {
    page_list_remove(self->links, page);
    self->count[self->list[page]]--;
    self->list[page] = ARC_GONE;
}

static uint32_t arc_take_last(arc_pager *self, unsigned list) {
    const uint32_t page = page_list_oldest(self->links, self->pages + list);
    arc_take(self, page);
    return page;
}

static void arc_hit(hy_pager *pager, uint32_t page, bool write) {
    arc_pager *const self = (arc_pager *)pager;
    if (self->list[page] == ARC_T2) {
        page_list_renew(self->links, self->pages + ARC_T2, page);
        return;
    }
    arc_take(self, page);
    arc_put(self, ARC_T2, page);
}

/* Rule 3. */
static void arc_learn(arc_pager *self, unsigned hit, unsigned other) {
    const uint64_t step = hy_max(ARC_ONE, self->count[other] * ARC_ONE / self->count[hit]);
    if (hit == ARC_B1)
        self->target = hy_min(self->target + step, self->frames * ARC_ONE);
    else
        self->target -= hy_min(self->target, step);
}

/* Rule 4. */
static uint32_t arc_replace(arc_pager *self, unsigned from) {
    const uint64_t length = self->count[ARC_T1] * ARC_ONE;
    const bool first = length > 0 && (length > self->target || (from == ARC_B2 && length == self->target));
    const uint32_t victim = arc_take_last(self, first ? ARC_T1 : ARC_T2);
    arc_put(self, first ? ARC_B1 : ARC_B2, victim);
    return victim;
}

static uint32_t arc_victim(hy_pager *pager, uint32_t page) {
    arc_pager *const self = (arc_pager *)pager;
    const unsigned from = self->list[page];
    if (from == ARC_B1 || from == ARC_B2) {
        arc_learn(self, from, from == ARC_B1 ? ARC_B2 : ARC_B1);
        return arc_replace(self, from);
    }
    if (self->count[ARC_T1] == self->frames)
        return arc_take_last(self, ARC_T1); /* B1 is empty, and there is no room for a ghost */
    if (self->count[ARC_T1] + self->count[ARC_B1] == self->frames)
        arc_take_last(self, ARC_B1);
    else if (self->count[ARC_B1] + self->count[ARC_B2] == self->frames)
        arc_take_last(self, ARC_B2);
    return arc_replace(self, from);
}

static void arc_miss(hy_pager *pager, uint32_t page, bool write) {
    arc_pager *const self = (arc_pager *)pager;
    const bool ghost = self->list[page] != ARC_GONE;
    if (ghost)
        arc_take(self, page);
    arc_put(self, ghost ? ARC_T2 : ARC_T1, page);
}

const hy_pager_ops hy_arc_pager_ops = {
    .name = "arc",
    .summary = "adaptive replacement: pages seen once and seen twice, with room as their ghosts ask for it",
    .source = "Megiddo and Modha, ARC: a self-tuning, low overhead replacement cache, FAST 2003",
    .memory = arc_memory,
    .create = arc_create,
    .hit = arc_hit,
    .victim = arc_victim,
    .miss = arc_miss,
};
