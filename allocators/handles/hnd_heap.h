/* SPDX-License-Identifier: MIT
 *
 * hnd_heap.h - the heap of handles.c: its data, and its ranges with the lists of holes (hnd_ranges.c).
 */
#ifndef HND_HEAP_H
#define HND_HEAP_H

#include "support.h"

#define HANDLES_UNIT ((size_t)16)
#define HANDLES_LEAST ((size_t)32) /* a head, and the links of a hole */
#define HANDLES_LISTS 256u
#define HANDLES_LOOKS 8u /* holes of its own list that a request looks at */

typedef enum handles_how { HANDLES_BOTH, HANDLES_EVACUATE, HANDLES_SLIDE } handles_how;

/* At the start of each range; the block is what follows. */
typedef struct handles_range {
    uint64_t size;   /* bytes of the range */
    uint32_t before; /* of the range before, in units of 16 bytes; 0: it is the first */
    uint8_t align;   /* log2; of a block */
    uint8_t used;
} handles_range;

typedef struct handles_hole {
    handles_range range;
    struct handles_hole *next, *prev;
} handles_hole;

typedef struct handles_heap {
    hy_heap heap;
    hy_pages *data, *meta;
    char *run;                  /* the reservation */
    size_t reserved, committed; /* bytes of it */
    char *base, *top;           /* the first range; behind the last */
    uint32_t last;              /* units of the last range; 0: there is none */
    size_t chunk;
    uint64_t partial;
    handles_how how;
    handles_hole *list[HANDLES_LISTS];
    uint64_t map[HANDLES_LISTS / 64]; /* a bit for each list that has a hole */
    uint64_t allocated, moved;        /* bytes, ever */
    uint64_t live, live_bytes, holes, searches, steps, failed, splits, merges, grows;
} handles_heap;

static inline handles_range *handles_at(void *address) {
    return (handles_range *)address;
}

static inline uint32_t handles_units(uint64_t bytes) {
    return (uint32_t)(bytes / HANDLES_UNIT);
}

/* The range of so many units that ends at `end`; NULL: there is none. */
static inline handles_range *handles_ending(void *end, uint32_t units) {
    return units ? handles_at((char *)end - units * HANDLES_UNIT) : NULL;
}

static inline handles_range *handles_next(handles_range *range) {
    return handles_at((char *)range + range->size);
}

static inline handles_range *handles_before(handles_range *range) {
    return handles_ending(range, range->before);
}

static inline bool handles_is_top(const handles_heap *self, const void *address) {
    return (const char *)address == self->top;
}

/* Tells the range that follows, or the top, how long the one before it is. */
static inline void handles_tell(handles_heap *self, const handles_range *range) {
    handles_range *const next = handles_at((char *)(uintptr_t)range + range->size);
    if (handles_is_top(self, next))
        self->last = handles_units(range->size);
    else
        next->before = handles_units(range->size);
}

/* The size of a range for a block of `size` bytes. */
static inline size_t handles_need(size_t size) {
    return hy_max(HANDLES_LEAST, hy_align_up(size, HANDLES_UNIT) + sizeof(handles_range));
}

/* How far into the range at `start` the head of a block with this alignment lies: nowhere, or far enough for a hole in
 * front of it. */
static inline size_t handles_lead(const void *start, size_t align) {
    const uintptr_t at = (uintptr_t)start + sizeof(handles_range);
    uintptr_t block = hy_align_up(at, align);
    while (block != at && block - at < HANDLES_LEAST)
        block += align;
    return block - at;
}

/* Committed bytes above the top. */
static inline size_t handles_above(const handles_heap *self) {
    const char *const end = self->run + self->committed;
    return end > self->top ? (size_t)(end - self->top) : 0;
}

static inline unsigned handles_list(size_t size) {
    const unsigned log = hy_log2_floor(size);
    return (log << 2 | (unsigned)(size >> (log - 2) & 3)) & (HANDLES_LISTS - 1);
}

/* Puts a free range into its list, takes it out. */
void handles_put(handles_heap *self, handles_range *range);
void handles_unlink(handles_heap *self, handles_range *range);

/* A hole for `need` bytes, or NULL. */
handles_hole *handles_search(handles_heap *self, size_t need, size_t align);
/* A range of `need` bytes out of a hole. */
handles_range *handles_from_hole(handles_heap *self, handles_hole *hole, size_t need, size_t align);
/* A range of `need` bytes at the top.  NULL: no room. */
handles_range *handles_from_top(handles_heap *self, size_t need, size_t align);

/* A free range that is in no list is merged with its neighbours, and becomes a hole or a part of the top. */
void handles_release(handles_heap *self, handles_range *range);
/* Cuts a range that is in no list after `size` bytes, if what remains can be a hole. */
void handles_cut(handles_heap *self, handles_range *range, size_t size);

/* Commits so much that `size` bytes lie above the top.  False: no room. */
bool handles_grow(handles_heap *self, size_t size);
/* Gives back what lies above the top, but for `keep` bytes; the bytes given back. */
size_t handles_shrink(handles_heap *self, size_t keep);

/* hnd_compact.c, hnd_walk.c: as the contract says. */
size_t handles_compact(hy_heap *heap, hy_moved *moved, void *context);
int handles_walk(hy_heap *heap, hy_visit *visit, void *context);
const char *handles_check(hy_heap *heap);

#endif
