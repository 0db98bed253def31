/* SPDX-License-Identifier: MIT
 *
 * seg_page.c - pages and their queues (see seg_page.h).
 */
#include "seg_page.h"

#include "seg_arena.h"
#include "seg_post.h"
#include "seg_span.h"

/* --------------------------------------------------------------------------------------------------- queues ---- */

/* The page becomes the class's first, which counts one more, so that it is never empty by a free; or there is none. */
static void queue_lead(seg_local *local, unsigned size_class, seg_span *page) {
    if (page)
        page->used++;
    local->first[size_class] = local->current[size_class] = page ? page : &local->none;
}

static void queue_append(seg_local *local, seg_span *page) {
    const unsigned c = page->size_class;
    const bool was_empty = local->first[c] == &local->none;
    page->next = NULL;
    page->prev = was_empty ? NULL : local->last[c];
    if (was_empty)
        queue_lead(local, c, page);
    else
        local->last[c]->next = page;
    local->last[c] = page;
}

static void queue_remove(seg_local *local, seg_span *page) {
    const unsigned c = page->size_class;
    seg_span *const next = page->next, *const prev = page->prev;
    if (next)
        next->prev = prev;
    else
        local->last[c] = prev ? prev : &local->none;
    if (prev) {
        prev->next = next;
    } else {
        page->used--;
        queue_lead(local, c, next);
    }
}

/* ---------------------------------------------------------------------------------------------------- pages ---- */

/* The fewest of which no more than an eighth is left over. */
uint8_t seg_page_least_slices(unsigned size_class) {
    const size_t block_size = seg_class_size(size_class);
    size_t slices = seg_slices_for(block_size);
    while ((slices * SEG_SLICE) % block_size > slices * SEG_SLICE / 8)
        slices++;
    return (uint8_t)slices;
}

void seg_page_init(seg_local *local) {
    for (unsigned c = 0; c < SEG_CLASSES; c++) {
        local->first[c] = local->last[c] = local->current[c] = &local->none;
        local->slices[c] = local->received[c] = 0;
        local->shelves[c] = (seg_span){
            .used = 1, .block_size = (uint32_t)seg_class_size(c), .kind = SEG_SHELF, .size_class = (uint8_t)c};
    }
}

static size_t page_wanted_slices(const seg_local *local, unsigned size_class) {
    const seg_params *const params = &local->heap->params;
    const size_t most = hy_min(params->page >> SEG_SLICE_SHIFT, local->slices[size_class] / params->grow);
    size_t slices = local->heap->page_slices[size_class];
    while (slices * 2 <= most)
        slices *= 2;
    return slices;
}

static seg_span *page_new(seg_local *local, unsigned size_class) {
    const size_t block_size = seg_class_size(size_class), least = local->heap->page_slices[size_class];
    const size_t wanted = page_wanted_slices(local, size_class);
    seg_span *page = seg_span_alloc(local, wanted, SEG_SLICE);
    if (!page && wanted > least)
        page = seg_span_alloc(local, least, SEG_SLICE);
    if (!page)
        return NULL;
    page->kind = SEG_PAGE;
    page->size_class = (uint8_t)size_class;
    page->block_size = (uint32_t)block_size;
    page->free = NULL;
    page->fresh = page->start;
    page->end = page->start + seg_span_size(page) / block_size * block_size;
    page->used = 0;
    page->full = false;
    local->slices[size_class] += page->slices;
    seg_arena *const arena = seg_arena_of(local, page->start);
    seg_arena_mark(arena, page, true);
    seg_arena_touch(local, arena, page);
    queue_append(local, page);
    return page;
}

/* Links up blocks that were never handed out. */
static void page_link(seg_span *page, size_t link) {
    const size_t size = page->block_size;
    const size_t to_boundary = SEG_SLICE - ((size_t)page->fresh & (SEG_SLICE - 1));
    const size_t most = hy_min(link, (size_t)(page->end - page->fresh) / size);
    const size_t count = hy_max(1, hy_min(most, to_boundary / size));
    char *const last = page->fresh + (count - 1) * size;
    page->free = (seg_block *)page->fresh;
    for (char *at = page->fresh; at < last; at += size)
        ((seg_block *)at)->next = (seg_block *)(at + size);
    ((seg_block *)last)->next = NULL;
    page->fresh = last + size;
}

static bool page_has_room(const seg_span *page) {
    return page->free || page->fresh < page->end;
}

/* -------------------------------------------------------------------------------------------------- lending ---- */

/* Whether blocks of the larger class may serve the smaller. */
static bool class_lends(unsigned large, unsigned small) {
    const size_t size = seg_class_size(small);
    return seg_class_size(large) <= size + size / SEG_LEND_SHARE;
}

/* A page of a class that is little larger becomes the current one of a class that has no room, in a local that is small
 * yet.  NULL: none has room. */
static seg_span *page_borrow(seg_local *local, unsigned size_class) {
    if (local->used_slices > local->heap->params.lend / SEG_SLICE)
        return NULL;
    for (unsigned c = size_class + 1; c < SEG_CLASSES && class_lends(c, size_class); c++) {
        seg_span *page = local->shelves[c].free ? &local->shelves[c] : local->first[c];
        if (!page_has_room(page))
            page = page->next;
        if (page && page_has_room(page))
            return local->current[size_class] = page;
    }
    return NULL;
}

/* A page that ends is nobody's current one. */
static void page_claim(seg_local *local, const seg_span *page) {
    for (unsigned c = page->size_class; c-- > 0 && class_lends(page->size_class, c);)
        if (local->current[c] == page)
            local->current[c] = local->first[c];
}

/* -------------------------------------------------------------------------------------------- coming, going ---- */

/* A page without room leaves its queue; what is freed in it goes to the shelf. */
static void page_fill(seg_local *local, seg_span *page) {
    queue_remove(local, page);
    page->full = true;
    seg_arena *const arena = seg_arena_of(local, page->start);
    seg_arena_settle(arena, page);
    seg_arena_swap(arena, page, &local->shelves[page->size_class]);
}

/* A full page has room again; its blocks are still counted as live. */
static void page_open(seg_local *local, seg_arena *arena, seg_span *page) {
    page->full = false;
    seg_arena_swap(arena, page, page);
    queue_append(local, page);
}

static void page_release(seg_local *local, seg_span *page) {
    queue_remove(local, page);
    page_claim(local, page);
    local->slices[page->size_class] -= page->slices;
    seg_span_free(local, page);
}

/* ------------------------------------------------------------------------------------------------- shelving ---- */

/* An empty shelf takes no more blocks than the class has, and no more bytes than may lie idle. */
static void shelf_emptied(seg_local *local, seg_span *shelf, size_t most) {
    const size_t bytes = (size_t)local->slices[shelf->size_class] << SEG_SLICE_SHIFT;
    const size_t blocks = hy_min(bytes, SEG_SHELF_BYTES) / shelf->block_size;
    shelf->used = (uint32_t)hy_max(1, hy_min(blocks, most));
    local->received[shelf->size_class] = 0;
}

/* Blocks go back to their pages, as many as `most` allows; the rest of it.  Where all are of one page, whole pages are
 * being freed, and the next one should know it soon. */
static size_t shelf_sort(seg_local *local, seg_span *shelf, size_t most) {
    size_t opened = 0;
    while (shelf->free && most > 0) {
        seg_block *const block = shelf->free;
        seg_arena *const arena = seg_arena_of(local, block);
        seg_span *const page = seg_span_of_slice(arena, seg_slice_of(arena, block));
        shelf->free = block->next;
        if (page->full) {
            page_open(local, arena, page);
            opened++;
        }
        block->next = page->free;
        page->free = block;
        most--;
        if (--page->used == 0) {
            page_release(local, page);
            most -= hy_min(most, SEG_SORT_RELEASE);
        }
    }
    if (shelf->free)
        shelf->used = 1;
    else
        shelf_emptied(local, shelf, opened > 1 ? local->heap->params.shelf : SEG_SHELF_LITTLE);
    return most;
}

/* The few free blocks of a queue's first page go to the empty shelf, and the page is full: so one look at the page is
 * enough.  False: it has none, or more. */
static bool shelf_refill(seg_local *local, seg_span *shelf, seg_span *page) {
    if (!page->free || page->fresh < page->end)
        return false;
    const uint32_t count = seg_capacity(page) - (page->used - 1);
    if (count > shelf->used / 2)
        return false;
    shelf->free = page->free;
    shelf->used -= count;
    page->free = NULL;
    page->used += count;
    page_fill(local, page);
    return true;
}

/* The next page to allocate from; its own if `lend` does not allow another. */
static seg_span *page_next(seg_local *local, unsigned size_class, bool lend) {
    seg_span *const shelf = &local->shelves[size_class];
    if (shelf->free)
        return local->current[size_class] = shelf;
    shelf_emptied(local, shelf, local->heap->params.shelf);
    while (local->first[size_class] != &local->none) {
        seg_span *const page = local->first[size_class];
        if (shelf_refill(local, shelf, page))
            return local->current[size_class] = shelf;
        if (page_has_room(page))
            return local->current[size_class] = page;
        page_fill(local, page);
    }
    seg_span *const lent = lend ? page_borrow(local, size_class) : NULL;
    seg_span *const page = lent ? lent : page_new(local, size_class);
    /* What was taken in on the way may have brought a page back. */
    return page || local->first[size_class] == &local->none ? page : local->first[size_class];
}

seg_span *seg_page_ready(seg_local *local, unsigned size_class, bool lend) {
    seg_post_drain(local, SEG_MOST_RINGS);
    seg_span *const page = page_next(local, size_class, lend);
    if (page && !page->free && page->block_size < SEG_LINK_MAX)
        page_link(page, local->heap->params.link);
    return page;
}

void seg_page_freed(seg_local *local, seg_span *span) {
    if (span->kind == SEG_LARGE) {
        seg_span_free(local, span);
        return;
    }
    if (span->kind == SEG_SHELF)
        shelf_sort(local, span, SEG_MOST_SORTED);
    else
        page_release(local, span);
}

void seg_page_sort(seg_local *local) {
    for (unsigned c = 0; c < SEG_CLASSES; c++)
        if (local->shelves[c].free)
            shelf_sort(local, &local->shelves[c], HY_ANY);
}

bool seg_page_return(seg_local *local, unsigned size_class, seg_block *last, size_t count) {
    seg_span *const shelf = &local->shelves[size_class];
    seg_block *const first = last->next;
    last->next = shelf->free;
    shelf->free = first;
    local->received[size_class] += (uint32_t)count;
    const size_t bytes = (size_t)local->received[size_class] * shelf->block_size;
    if (!local->idle && bytes <= 2 * local->heap->params.remote)
        return false;
    shelf_sort(local, shelf, local->idle ? HY_ANY : SEG_MOST_SORTED);
    return true;
}

bool seg_page_collect(seg_local *local, size_t looks, size_t most) {
    const size_t used_slices = local->used_slices;
    size_t left = most;
    size_t sorting = most == HY_ANY ? HY_ANY : SEG_MOST_SORTED;
    for (looks = hy_min(looks, SEG_CLASSES); looks > 0 && left > 0; looks--) {
        local->seen = (local->seen + 1) % SEG_CLASSES;
        seg_span *const shelf = &local->shelves[local->seen];
        if (shelf->free && sorting > 0)
            sorting = shelf_sort(local, shelf, sorting);
        seg_span *const page = local->first[local->seen];
        if (page->used != 1) /* nor is `none` used */
            continue;
        page_release(local, page);
        left--;
    }
    return local->used_slices < used_slices;
}
