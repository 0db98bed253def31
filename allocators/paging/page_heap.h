/* SPDX-License-Identifier: MIT
 *
 * page_heap.h - resident pages by a key that changes: the one with the least key is at hand (a binary heap that knows
 * where each page is; J. W. J. Williams, Algorithm 232: heapsort, CACM 7(6), 1964).
 */
#ifndef HY_PAGE_HEAP_H
#define HY_PAGE_HEAP_H

#include "page_list.h"

typedef struct page_heap {
    uint32_t count;
    uint32_t *at;    /* pages; at[0] has the least key */
    uint32_t *place; /* of a page in `at` */
    uint64_t *key;   /* of a page */
} page_heap;

static inline page_heap page_heap_cut(const hy_pager_setup *setup, page_room *room) {
    page_heap heap = {.count = 0};
    heap.at = PAGE_ROOM(room, setup->frames, uint32_t);
    heap.place = PAGE_ROOM(room, setup->pages, uint32_t);
    heap.key = PAGE_ROOM(room, setup->pages, uint64_t);
    return heap;
}

static inline void page_heap_set(page_heap *heap, uint32_t i, uint32_t page) {
    heap->at[i] = page;
    heap->place[page] = i;
}

static inline void page_heap_rise(page_heap *heap, uint32_t i, uint32_t page) {
    for (; i > 0 && heap->key[heap->at[(i - 1) / 2]] > heap->key[page]; i = (i - 1) / 2)
        page_heap_set(heap, i, heap->at[(i - 1) / 2]);
    page_heap_set(heap, i, page);
}

static inline void page_heap_sink(page_heap *heap, uint32_t i, uint32_t page) {
    for (uint64_t child; (child = 2 * (uint64_t)i + 1) < heap->count; i = (uint32_t)child) {
        if (child + 1 < heap->count && heap->key[heap->at[child + 1]] < heap->key[heap->at[child]])
            child++;
        if (heap->key[heap->at[child]] >= heap->key[page])
            break;
        page_heap_set(heap, i, heap->at[child]);
    }
    page_heap_set(heap, i, page);
}

static inline void page_heap_add(page_heap *heap, uint32_t page, uint64_t key) {
    heap->key[page] = key;
    page_heap_rise(heap, heap->count++, page);
}

static inline void page_heap_change(page_heap *heap, uint32_t page, uint64_t key) {
    const bool less = key < heap->key[page];
    heap->key[page] = key;
    if (less)
        page_heap_rise(heap, heap->place[page], page);
    else
        page_heap_sink(heap, heap->place[page], page);
}

static inline uint32_t page_heap_take(page_heap *heap) {
    const uint32_t least = heap->at[0], last = heap->at[--heap->count];
    if (heap->count > 0)
        page_heap_sink(heap, 0, last);
    return least;
}

/* After keys were changed behind its back. */
static inline void page_heap_order(page_heap *heap) {
    for (uint32_t i = heap->count / 2; i-- > 0;)
        page_heap_sink(heap, i, heap->at[i]);
}

#endif
