/* SPDX-License-Identifier: MIT
 *
 * seg_heap.h - the words and the data of a segregated heap.
 *
 *   slice   4 KiB of an arena
 *   span    a run of slices with one purpose: free, gone (free and decommitted), page, or large
 *   page    a span that is cut into blocks of one size class
 *   large   a span that is one block
 *   huge    a block with a reservation of its own, outside all arenas
 *   arena   a stride of address space that spans are cut from; slices below `top` belong to a span
 *   space   a reservation that is one arena, or is handed out as several strides
 *   local   what one thread allocates from: arenas, free spans and pages that nobody else touches
 *   shelf   of a class, in a local: blocks of full pages that were freed, whichever page each is of
 *   ring    blocks of one class that another thread freed, linked in a circle; a message to their pages' local
 *
 * No metadata lies in or beside live blocks: each arena has tables in meta pages, the spans' records, and for each
 * slice its span's record (only the first and the last slice of a span that is no page need be right).  In the place
 * of a full page's record stands its class's shelf there; a third table says which record it is.
 */
#ifndef SEG_HEAP_H
#define SEG_HEAP_H

#include "seg_class.h"

#define SEG_SLICE_SHIFT 12
#define SEG_SLICE ((size_t)1 << SEG_SLICE_SHIFT)
#define SEG_ARENAS 32
#define SEG_FEW_SPACES 4
#define SEG_SPACES 512
#define SEG_STRIDES 16
#define SEG_WHOLE 63 /* a space that is one arena */
#define SEG_BINS 128
#define SEG_PAGE_SLICES 16 /* of the longest pages, where one block is not longer */
#define SEG_OUTBOX 128

typedef enum seg_kind { SEG_FREE, SEG_GONE, SEG_PAGE, SEG_LARGE, SEG_SHELF } seg_kind;

typedef struct seg_local seg_local;
typedef struct seg_heap seg_heap;

typedef struct seg_block {
    struct seg_block *next;
    uintptr_t message; /* in the last block of a ring that was sent: the next message, and how many blocks */
} seg_block;

typedef struct seg_span {
    seg_block *free; /* page, shelf: blocks that were freed */
    uint32_t used;   /* page: live blocks, those on the shelf among them, and one more in a queue's first; large: 1;
                        shelf: as many more it takes.  When free makes it 0, there is something to do */
    uint32_t block_size;
    char *fresh, *end;     /* page: blocks in [fresh, end) were never handed out */
    struct seg_span *next; /* in a class's list, a bin, or the spare records */
    struct seg_span *prev;
    char *start;
    uint32_t slices;
    uint8_t kind;       /* seg_kind */
    uint8_t size_class; /* page, shelf */
    bool full;          /* page: not in its class's list, and the map has its class's shelf */
    bool clean;         /* free, gone: all zero; page: [fresh, end) is; large: was when it was handed out */
} seg_span;

typedef struct seg_arena {
    char *base;
    size_t top;      /* slices below belong to spans */
    seg_span **map;  /* slice to record, or shelf; others read it */
    uint32_t *homes; /* slice of a full page to its record's number */
    seg_span *spans;
    seg_span *spare;                                        /* records that are free again */
    size_t records;                                         /* used at any time */
    size_t slices;                                          /* that there can be */
    size_t table_slices;                                    /* that the tables have room for */
    size_t committed;                                       /* slices from the base on; gone spans among them */
    size_t gone;                                            /* slices of gone spans */
    size_t touched;                                         /* slices below were brought in for pages */
    bool alone;                                             /* it is a space by itself */
    seg_local *local;                                       /* whose it is */
    size_t map_committed, spans_committed, homes_committed; /* bytes */
} seg_arena;

/* Free spans by length, as two separate sets: committed and gone. */
typedef struct seg_bins {
    seg_span *first[SEG_BINS];
    uint64_t map[SEG_BINS / 64];
} seg_bins;

/* Blocks of another local's pages of one class, freed here: a circle that begins behind `last`. */
typedef struct seg_ring {
    seg_span *shelf; /* its owner's; NULL: empty */
    seg_local *owner;
    seg_block *last;
    uint32_t count, block_size;
} seg_ring;

/* What a thread keeps in its thread slot: all that the hot paths need.  All zero: the thread has no local. */
typedef struct __attribute__((may_alias)) seg_slot {
    size_t fine_max, small_max; /* SEG_FINE_MAX and SEG_SMALL_MAX, if there is a local */
    seg_span **pages;           /* the local's */
    char *base;                 /* the local's first arena */
    size_t size;                /* bytes of it that may have blocks */
    seg_span **map;             /* its map */
    seg_local *local;
} seg_slot;

struct seg_local {
    seg_heap *heap;
    seg_slot *slot;                 /* of the thread that has it; NULL: nobody, or the heap is locked */
    seg_span none;                  /* the page of a class that has none: without free blocks */
    seg_span *current[SEG_CLASSES]; /* a class's first page, its shelf, or what is lent to it */
    seg_span *first[SEG_CLASSES], *last[SEG_CLASSES]; /* pages of a class that have room */
    uint32_t slices[SEG_CLASSES];                     /* of all pages of a class, full ones too */
    uint32_t received[SEG_CLASSES];                   /* blocks that rings brought to a shelf since it was empty */
    unsigned seen;                                    /* the class whose first page was last looked at by collect */
    size_t free_slices;                               /* in committed free spans */
    size_t used_slices;                               /* in pages and large spans */
    size_t given;                                     /* slices that were decommitted and not missed yet */
    size_t calm;                                      /* slices freed since memory was missed */
    size_t keep;                                      /* free slices that are kept because they were missed */
    uint64_t grows;
    seg_bins bins[2]; /* [SEG_FREE], [SEG_GONE] */
    size_t arena_count;
    seg_arena arenas[SEG_ARENAS];
    seg_block *pending; /* messages that were taken from the inbox, and wait */
    seg_ring *outbox;   /* SEG_OUTBOX of them; mapped when there is one to send */
    size_t outbox_bytes;
    unsigned sent;                 /* the ring that was last sent in turn */
    seg_local *next;               /* of all locals of the heap */
    seg_local *next_idle;          /* of those without a thread */
    bool idle;                     /* written under the heap's lock */
    bool lost;                     /* its thread did not come along into this process: who knows what it was about */
    _Alignas(64) seg_block *inbox; /* messages from other threads */
    _Alignas(64) seg_span shelves[SEG_CLASSES];
};

typedef struct seg_space {
    char *start;     /* as reserved; NULL: it was given back, and a space of the same size may take its place */
    size_t reserved; /* bytes */
    char *base;
    size_t size;    /* bytes of strides; 0: it was given back */
    unsigned shift; /* log2 of a stride, or SEG_WHOLE */
    unsigned used;  /* strides handed out */
    seg_arena *arena[SEG_STRIDES];
} seg_space;

typedef struct seg_huge {
    char *start;
    size_t size; /* reserved and committed */
} seg_huge;

typedef struct seg_params {
    size_t retain, chunk, reserve, huge, remote, populate, lend, page;
    uint64_t grow, link, shelf;
} seg_params;

struct seg_heap {
    hy_heap heap;
    unsigned number; /* of its thread slot; HY_THREAD_SLOTS: every call takes the lock, and there is one local */
    uint32_t lock;   /* guards all below; spaces, forking and the counts of spaces and locals are read without it */
    bool forking;    /* the lock is held across a fork, whose thread may call meanwhile */
    const hy_host *host;
    hy_pages *data, *meta;
    seg_params params;
    bool bounded;                     /* the page source is of limited size: one arena takes all */
    uint8_t page_slices[SEG_CLASSES]; /* the least slices of a page */
    seg_local *locals, *idle;
    uint32_t local_count; /* those with a thread */
    bool no_strides;      /* a space of strides was not to be had */
    seg_huge *huge;       /* by address */
    size_t huge_count, huge_capacity, huge_table_size;
    uint64_t grows;
    uint32_t space_count;
    seg_space few[SEG_FEW_SPACES];
    seg_space *many; /* those behind the few; mapped when there is one */
};

static inline seg_slot *seg_slot_of(const seg_heap *self) {
    return (seg_slot *)&hy_thread_slots[self->number];
}

/* A heap without a thread slot is locked by whoever enters it. */
static inline bool seg_shared(const seg_heap *self) {
    return self->number == HY_THREAD_SLOTS;
}

/* Guard what locals share.  In a heap without a slot the caller has the lock already. */
static inline void seg_lock(seg_heap *self) {
    if (!seg_shared(self))
        hy_lock_take(&self->lock, self->host);
}

static inline void seg_unlock(seg_heap *self) {
    if (!seg_shared(self))
        hy_lock_drop(&self->lock, self->host);
}

static inline seg_space *seg_space_at(seg_heap *self, uint32_t i) {
    return i < SEG_FEW_SPACES ? &self->few[i] : &self->many[i - SEG_FEW_SPACES];
}

static inline size_t seg_slice_of(const seg_arena *arena, const void *address) {
    return (size_t)((const char *)address - arena->base) >> SEG_SLICE_SHIFT;
}

static inline size_t seg_span_size(const seg_span *span) {
    return (size_t)span->slices << SEG_SLICE_SHIFT;
}

/* The record of a span that has the slice; the map has a full page's shelf instead. */
static inline seg_span *seg_span_of_slice(const seg_arena *arena, size_t slice) {
    seg_span *const span = __atomic_load_n(&arena->map[slice], __ATOMIC_RELAXED);
    return span && span->kind == SEG_SHELF ? &arena->spans[arena->homes[slice]] : span;
}

/* What the map has for a block: its owner may change it between a page and its shelf meanwhile. */
static inline seg_span *seg_span_seen(const seg_arena *arena, const void *block) {
    return __atomic_load_n(&arena->map[seg_slice_of(arena, block)], __ATOMIC_RELAXED);
}

/* Blocks that a page can hold. */
static inline uint32_t seg_capacity(const seg_span *page) {
    return (uint32_t)((size_t)(page->end - page->start) / page->block_size);
}

static inline size_t seg_slices_for(size_t size) {
    return (size + SEG_SLICE - 1) >> SEG_SLICE_SHIFT;
}

#endif
