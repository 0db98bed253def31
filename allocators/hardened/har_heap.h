/* SPDX-License-Identifier: MIT
 *
 * har_heap.h - the words and the data of a hardened heap.
 *
 *   slot     where a block of a size class lies
 *   slab     a run of slots of one class, with a record of its own in meta pages
 *   unit     the stride of addresses that slabs have; what a slab does not fill of it has no access
 *   area     a stretch of addresses for the slabs of one class; it starts at a random page
 *   large    a block with pages of its own, and no access before and behind them
 *   held     freed, and in quarantine
 *   local    what one thread allocates from: slabs that nobody else takes slots from, and its quarantine
 *
 * Nothing lies in blocks or beside them but canaries.  The record of a slab says of each slot what it is: 16 bits, that
 * any thread may read.  Which slots are free the record says once more, as a bitmap for the owner alone.
 */
#ifndef HAR_HEAP_H
#define HAR_HEAP_H

#include "har_class.h"

#define HAR_LIKELY(x) __builtin_expect(!!(x), 1)
#define HAR_PAGE ((size_t)4096)
#define HAR_AREAS 64u
#define HAR_LARGE_AREA HAR_CLASSES /* of the order before it is shuffled */
#define HAR_SLOTS 4096u            /* in a slab, at most: 64 words of a bitmap, told by one word */
#define HAR_HOLDS 2u
#define HAR_HOLD_SMALL ((size_t)128) /* slots that are held apart from larger ones */
#define HAR_TAIL ((size_t)8)         /* canary bytes behind a block, at least */

/* What a slot is.  0: it was never handed out. */
#define HAR_LIVE 8u       /* and above: a block, and how many bytes of the slot it does not have */
#define HAR_FREED 0x8000u /* bit: it was freed; the lowest 14 bits: by whom */
#define HAR_LEFT 0x4000u  /* bit: it has left the quarantine */
#define HAR_BY 0x3fffu

typedef struct har_heap har_heap;
typedef struct har_local har_local;

/* Where a block was allocated and freed: return addresses of the calls.  NULL: not known. */
typedef struct har_site {
    const void *made, *freed;
} har_site;

/* The calls that led there, of a sampled block; NULL where there are no more. */
#define HAR_FRAMES 6u
#define HAR_TRACES 256u

typedef struct har_trace {
    const char *block; /* NULL: nobody's */
    const void *made[HAR_FRAMES], *freed[HAR_FRAMES];
} har_trace;

typedef struct har_slab {
    char *start; /* of the first slot; NULL: there was never a slab */
    uint32_t slot_size, slots;
    uint64_t inverse;      /* 2^40 / slot_size, rounded up */
    uint32_t ready;        /* slots that were opened so far */
    uint32_t taken;        /* slots that are not in `map` and were opened */
    size_t opened;         /* bytes committed */
    har_local *owner;      /* NULL: nobody, it is empty */
    uint64_t summary;      /* which words of `map` have a bit */
    struct har_slab *next; /* in its class's list, or in the area's pool */
    struct har_slab *prev;
    struct har_slab *mail; /* the next with slots that others gave back */
    uint16_t *state;       /* of each slot */
    har_site *site;        /* of each slot; NULL: not kept */
    uint16_t hint;         /* the slot that is taken next, if it is free */
    uint8_t size_class;
    bool listed;    /* it is in its class's list: it has free slots */
    bool posted;    /* it is in its owner's mail; under the owner's lock */
    uint64_t map[]; /* free slots; then as many words of those that others gave back, under the owner's lock */
} har_slab;

typedef struct har_area {
    char *base;
    size_t used; /* units handed out; read without a lock */
    char *records;
    size_t record_size;
    unsigned shift; /* log2 of a unit */
    size_t units;   /* that there can be */
    size_t records_committed, records_reserved;
    har_slab *pool; /* empty slabs */
} har_area;

typedef struct har_large {
    char *block;
    size_t size;      /* as asked for */
    char *base;       /* first committed byte */
    size_t committed; /* bytes; 0: it was freed */
    size_t room;      /* bytes from base that nobody else gets, the guard behind included */
    char *reserved;   /* its own reservation; NULL: it lies in the area of large blocks */
    uint32_t by, freed_by;
    har_site site;
    uint32_t trace; /* which was its own, if that still says so; HAR_TRACES: it has none */
    bool freed;
} har_large;

/* Some of the large, by address: entries of the table from `slot * HAR_LEAF` on. */
#define HAR_LEAF 32u
typedef struct har_leaf {
    uint32_t slot, count;
} har_leaf;

/* Freed blocks, first in, first out but for exchanges at random. */
typedef struct har_hold {
    void **ring;
    size_t count, at; /* entries, and which is the oldest */
    size_t bytes;
} har_hold;

struct har_local {
    har_heap *heap;
    uint32_t number;
    uint32_t sample; /* allocations until one is sampled */
    uint64_t random;
    uint64_t chance; /* the last number drawn, of which the upper half is unused */
    har_slab *current[HAR_CLASSES];
    har_slab *opening[HAR_CLASSES]; /* the slab that has slots to be opened */
    har_slab *first[HAR_CLASSES];   /* those with free slots */
    har_slab *last[HAR_CLASSES];
    uint32_t slabs[HAR_CLASSES];
    har_hold hold[HAR_HOLDS]; /* of small slots, and of others */
    har_local *next, *next_idle;
    bool idle; /* under the heap's lock */
    bool lost; /* its thread did not come along into this process */
    _Alignas(64) uint32_t lock;
    har_slab *mail; /* slabs to which others gave back slots */
    har_slab none;  /* the slab of a class that has none */
};

/* What the parameters come to. */
typedef struct har_set {
    bool canary, zero, random, placement, areas, guards, sweep, sites, json;
    size_t check;      /* bytes of a free slot that are looked at before it is handed out */
    size_t hold_count; /* blocks in a thread's quarantine */
    size_t hold_bytes;
    size_t delay;  /* large blocks whose addresses are kept back */
    size_t sample; /* each so manieth small block gets pages of its own */
    size_t retain; /* bytes of empty slabs that are kept */
} har_set;

struct har_heap {
    hy_heap heap;
    char *base; /* the address space of slabs, and of large blocks if `own_large` */
    size_t size;
    unsigned area_shift;
    unsigned number; /* of its thread slot; HY_THREAD_SLOTS: every call takes the lock, and there is one local */
    har_set set;
    uint64_t key;
    size_t tail;      /* canary bytes behind a block */
    size_t small_max; /* the largest slot */
    size_t quick_max; /* the largest block that has a slot */
    const hy_host *host;
    hy_pages *data, *meta;
    uint32_t slot_count[HAR_CLASSES];
    uint8_t area_of[HAR_CLASSES];
    bool own_large;
    uint32_t lock;   /* guards all below, and what the areas have */
    uint64_t random; /* for placement */
    har_local *locals, *idle;
    har_local *forker; /* the forking thread's, which must not use it meanwhile */
    uint32_t local_count;
    size_t pooled;     /* bytes of empty slabs */
    size_t given_back; /* bytes that slabs gave back since the heap was made */
    uint64_t grows;
    size_t slabs;     /* that there ever were */
    char *large_base; /* the area of large blocks */
    size_t large_size;
    har_large *large; /* leaves (har_place.h) */
    har_leaf *leaves; /* by address; behind them slots that no leaf has */
    size_t leaf_count, leaf_capacity, large_table_size, large_live, large_live_bytes;
    char **late; /* blocks of the large that were freed, the oldest at `late_at` */
    size_t late_count, late_at;
    har_trace *traces; /* HAR_TRACES, the oldest is the next to be used again; NULL: none yet */
    uint32_t traced;
    har_area areas[HAR_AREAS];
};

typedef struct __attribute__((may_alias)) har_slot {
    har_local *local;
} har_slot;

static inline har_slot *har_slot_of(const har_heap *self) {
    return (har_slot *)&hy_thread_slots[self->number];
}

static inline bool har_shared(const har_heap *self) {
    return self->number == HY_THREAD_SLOTS;
}

/* Guard what locals share.  In a heap without a slot the caller has the lock already. */
static inline void har_lock(har_heap *self) {
    if (!har_shared(self))
        hy_lock_take(&self->lock, self->host);
}

static inline void har_unlock(har_heap *self) {
    if (!har_shared(self))
        hy_lock_drop(&self->lock, self->host);
}

/* Cheap numbers; the state is secret and wide, the output is not meant for keys.  (W. Yi's wyrand.) */
static inline uint64_t har_random(uint64_t *state) {
    *state += 0xa0761d6478bd642fu;
    const unsigned __int128 product = (unsigned __int128)*state * (*state ^ 0xe7037ed1a0b428dbu);
    return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

/* A number below `limit`, of what the last allocation left over: for choices that no secret hangs on. */
static inline size_t har_chance(const har_local *local, size_t limit) {
    return (size_t)((local->chance >> 32) * limit >> 32);
}

static inline size_t har_random_below(uint64_t *state, size_t limit) {
    return (size_t)(((unsigned __int128)har_random(state) * limit) >> 64);
}

#endif
