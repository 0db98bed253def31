/* SPDX-License-Identifier: MIT
 *
 * seg_heap.h - the words and the data of a segregated heap.
 *
 *   slice   4 KiB of an arena
 *   span    a run of slices with one purpose: free, gone (free and decommitted), page, or large
 *   page    a span that is cut into blocks of one size class
 *   large   a span that is one block
 *   huge    a block with a reservation of its own, outside all arenas
 *   arena   a big reservation that spans are cut from; slices below `top` belong to a span
 *
 * No metadata lies in or beside blocks: each arena has two tables in meta pages, the spans' records, and for each slice
 * the number of its span's record (only the first and the last slice of a span that is no page need be right).
 */
#ifndef SEG_HEAP_H
#define SEG_HEAP_H

#include "seg_class.h"

#define SEG_SLICE_SHIFT 12
#define SEG_SLICE ((size_t)1 << SEG_SLICE_SHIFT)
#define SEG_ARENAS 32
#define SEG_BINS 128
#define SEG_PAGE_SLICES 16 /* pages grow up to 64 KiB, where one block is not larger */

typedef enum seg_kind { SEG_FREE, SEG_GONE, SEG_PAGE, SEG_LARGE } seg_kind;

typedef struct seg_block {
    struct seg_block *next;
} seg_block;

typedef struct seg_span {
    seg_block *free;       /* page: blocks that were freed */
    char *fresh, *end;     /* page: blocks in [fresh, end) were never handed out */
    struct seg_span *next; /* in a class's list, a bin, or the spare records */
    struct seg_span *prev;
    char *start;
    uint32_t used; /* page: live blocks, or 1 if full; large: 1.  When free makes it 0, there is something to do */
    uint32_t block_size;
    uint32_t slices;
    uint8_t kind;       /* seg_kind */
    uint8_t size_class; /* page */
    bool full;          /* page: not in its class's list */
    bool clean;         /* free, gone: all zero; page: [fresh, end) is; large: was when it was handed out */
} seg_span;

typedef struct seg_arena {
    char *base;
    size_t top;     /* slices below belong to spans */
    uint32_t *head; /* slice to record */
    seg_span *spans;
    seg_span *spare;     /* records that are free again */
    size_t records;      /* used at any time */
    size_t slices;       /* that there can be */
    size_t table_slices; /* that the tables have room for */
    size_t committed;    /* slices from the base on; gone spans among them */
    size_t gone;         /* slices of gone spans */
    char *reserved;
    size_t reserved_size;
    size_t head_committed, spans_committed; /* bytes */
} seg_arena;

/* Pages of one class that have room, the one in use first.  Empty: both point to the record `none`. */
typedef struct seg_queue {
    seg_span *first, *last;
} seg_queue;

/* What one thread allocates from. */
typedef struct seg_local {
    seg_queue pages[SEG_CLASSES];
    uint32_t slices[SEG_CLASSES]; /* of all pages of a class, full ones too */
    uint64_t empty[2];            /* classes whose first page may be empty */
} seg_local;

/* Free spans by length, as two separate sets: committed and gone. */
typedef struct seg_bins {
    seg_span *first[SEG_BINS];
    uint64_t map[SEG_BINS / 64];
} seg_bins;

typedef struct seg_huge {
    char *start;
    size_t size; /* reserved and committed */
} seg_huge;

typedef struct seg_params {
    size_t retain, chunk, reserve, huge;
} seg_params;

typedef struct seg_heap {
    hy_heap heap;
    seg_local local;
    seg_arena arenas[SEG_ARENAS];
    size_t arena_count;
    seg_bins bins[2];                 /* [SEG_FREE], [SEG_GONE] */
    seg_span none;                    /* the page of a class that has none: without free blocks */
    uint8_t page_slices[SEG_CLASSES]; /* the least slices of a page */
    size_t free_slices;               /* in committed free spans */
    size_t used_slices;               /* in pages and large spans */
    seg_huge *huge;                   /* by address */
    size_t huge_count, huge_capacity, huge_table_size;
    hy_pages *data, *meta;
    seg_params params;
    bool bounded; /* the page source is of limited size: one arena takes all */
    uint64_t grows;
} seg_heap;

static inline seg_arena *seg_arena_of(seg_heap *self, const void *address) {
    for (size_t i = 0; i < self->arena_count; i++)
        if ((size_t)((const char *)address - self->arenas[i].base) >> SEG_SLICE_SHIFT < self->arenas[i].top)
            return &self->arenas[i];
    return NULL;
}

static inline size_t seg_slice_of(const seg_arena *arena, const void *address) {
    return (size_t)((const char *)address - arena->base) >> SEG_SLICE_SHIFT;
}

static inline size_t seg_span_size(const seg_span *span) {
    return (size_t)span->slices << SEG_SLICE_SHIFT;
}

/* Blocks that a page can hold. */
static inline uint32_t seg_capacity(const seg_span *page) {
    return (uint32_t)((size_t)(page->end - page->start) / page->block_size);
}

static inline size_t seg_slices_for(size_t size) {
    return (size + SEG_SLICE - 1) >> SEG_SLICE_SHIFT;
}

#endif
