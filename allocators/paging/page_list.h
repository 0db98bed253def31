/* SPDX-License-Identifier: MIT
 *
 * page_list.h - what policies are put together from: memory cut in pieces, lists of pages, random numbers.
 *
 *   list   doubly linked, of page numbers; all lists of a policy share one array of links, as a page is in one of them
 *          at most.  Its head is a link as well, behind those of the pages, so that no end is a special case.
 */
#ifndef HY_PAGE_LIST_H
#define HY_PAGE_LIST_H

#include "pager.h"

/* ----------------------------------------------------------------------------------------------------- memory ---- */

/* Cuts memory in pieces, each beginning a cache line.  With memory NULL it only counts. */
typedef struct page_room {
    char *memory;
    size_t used;
} page_room;

static inline void *page_room_take(page_room *room, size_t bytes) {
    void *const piece = room->memory ? room->memory + room->used : NULL;
    room->used += (bytes + 63) & ~(size_t)63;
    return piece;
}

#define PAGE_ROOM(room, count, type) ((type *)page_room_take((room), (size_t)(count) * sizeof(type)))

/* ------------------------------------------------------------------------------------------------------ lists ---- */

typedef struct page_link {
    uint32_t newer, older; /* towards the front, towards the back */
} page_link;

/* The head of a list: its `older` is the front (the newest), its `newer` the back (the oldest). */
static inline void page_list_init(page_link *links, uint32_t head) {
    links[head] = (page_link){head, head};
}

static inline uint32_t page_list_oldest(const page_link *links, uint32_t head) {
    return links[head].newer;
}

static inline void page_list_remove(page_link *links, uint32_t page) {
    const page_link at = links[page];
    links[at.newer].older = at.older;
    links[at.older].newer = at.newer;
}

static inline void page_list_push(page_link *links, uint32_t head, uint32_t page) {
    const uint32_t front = links[head].older;
    links[page] = (page_link){head, front};
    links[front].newer = page;
    links[head].older = page;
}

/* To the front of a list, whichever it was in. */
static inline void page_list_renew(page_link *links, uint32_t head, uint32_t page) {
    if (links[head].older == page)
        return;
    page_list_remove(links, page);
    page_list_push(links, head, page);
}

static inline uint32_t page_list_pop(page_link *links, uint32_t head) {
    const uint32_t oldest = page_list_oldest(links, head);
    page_list_remove(links, oldest);
    return oldest;
}

/* ------------------------------------------------------------------------------------------------------ random ---- */

/* SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, Fast splittable pseudorandom number generators, OOPSLA 2014). */
static inline uint64_t page_random(uint64_t *state) {
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* From 0 to limit - 1, limit > 0. */
static inline uint32_t page_random_below(uint64_t *state, uint32_t limit) {
    return (uint32_t)(((page_random(state) >> 32) * limit) >> 32);
}

#endif
