/* SPDX-License-Identifier: MIT
 *
 * fit_heap.h - the instance of a fit heap.
 *
 * Four axes, each behind a few functions of its own:
 *   fit_place.h   policy      which hole serves a request        fit_holes.h   structure   how the holes are held
 *   fit_merge.h   merge       when holes become one              fit_range.h   metadata    where sizes and states are
 * And: fit_axes.c what goes together and what does not, fit_runs.c growing and giving back, fit_walk.c walk and check.
 */
#ifndef FIT_HEAP_H
#define FIT_HEAP_H

#include "fit_marks.h"
#include "fit_tags.h"
#include "fit_tree.h"

/* The parameters' choices have the same order. */
typedef enum fit_policy { FIT_FIRST, FIT_NEXT, FIT_BEST, FIT_WORST, FIT_GOOD, FIT_POLICIES } fit_policy;
typedef enum fit_structure {
    FIT_AUTO, /* what serves the policy and the order best */
    FIT_IMPLICIT,
    FIT_LIST,
    FIT_SIZES, /* bins */
    FIT_SIZE_TREE,
    FIT_ADDRESS_TREE,
    FIT_STRUCTURES
} fit_structure;
typedef enum fit_order { FIT_ANY_ORDER, FIT_LIFO, FIT_FIFO, FIT_ADDRESS } fit_order;
typedef enum fit_metadata { FIT_TAGS, FIT_HEADERS, FIT_APART } fit_metadata;
typedef enum fit_when {
    FIT_NEVER,
    FIT_IMMEDIATE,
    FIT_EVERY,
    FIT_BYTES,
    FIT_COUNT,
    FIT_ONFAIL,
    FIT_LARGE,
    FIT_QUICK,
    FIT_SLICE,
    FIT_RATIO
} fit_when;

#define FIT_BINS 256

typedef struct fit_params {
    uint32_t policy, structure, order, metadata; /* as above */
    hy_rule merge;                               /* fit_when */
    uint64_t grain, regret;
    size_t chunk, trim, reserve;
} fit_params;

/* One reservation; [start, limit) is committed and holds ranges from `first` to the end mark. */
typedef struct fit_run {
    char *start, *first, *end_mark, *limit, *reserve_end;
    fit_marks starts, holes; /* where ranges start, and which of them are holes; if metadata is out of band */
    fit_marks pending; /* freed ranges that were not yet offered to their neighbours; if the heap puts merging off */
} fit_run;

/* Laid out like a hole, so that the head of the circular list is a hole of size 0 that serves nobody. */
typedef struct fit_head {
    uint64_t header;
    char *next, *prev;
} fit_head;

/* Freed blocks of one size, kept as they are. */
typedef struct fit_quick {
    char *first; /* range; the next one is in its block */
    uint64_t count;
} fit_quick;

typedef struct fit_heap fit_heap;

/* Where a request goes: `range` lies in `hole`.  No hole: no room. */
typedef struct fit_spot {
    char *hole, *range;
} fit_spot;

typedef fit_spot fit_search(fit_heap *self, size_t need, size_t align);

struct fit_heap {
    hy_heap heap;
    fit_search *search; /* the policy's, on this structure and metadata */
    fit_head head;      /* of the free list */
    fit_tree tree;      /* of holes, by address or by size */
    char *rover;        /* next fit: the hole where the next search starts; NULL or the list's head: at the first */
    char *finger;       /* list by address: the hole inserted last, or the head */
    size_t grain;       /* 1 or 16: alignment of every block and of every range's size */
    fit_structure structure;
    fit_policy policy;
    fit_order order;
    fit_metadata metadata;
    char *fresh, *fresh_end; /* what was committed and never written, but for the tags of the hole that it is in */
    uint64_t clock;          /* allocs and frees so far */
    uint64_t regret;         /* a merge is wasted if its hole is cut within so many; 0: nobody asks */
    hy_stats stats;

    /* Merging that is put off. */
    hy_rule merge;
    bool marked;                       /* pending ranges are marked: all policies but never and immediate */
    uint64_t pending;                  /* how many */
    uint64_t freed_count, freed_bytes; /* since the last pass */
    char *hand;                        /* slice: pending ranges from here on come next */
    fit_quick *quick;                  /* by size; NULL: another policy */

    hy_pages *data, *meta;
    bool bounded; /* a page source of limited size: taken whole */
    size_t chunk, trim, reserve;
    fit_run *runs; /* by address */
    size_t run_count, run_capacity;
    size_t runs_size; /* of the table's own pages; 0: it lies behind the instance */
    size_t meta_size; /* of the instance's pages */

    uint64_t bin_map[FIT_BINS / 64]; /* bins that are not empty */
    fit_head bins[FIT_BINS];
};

/* Inlined wherever it is used: alloc and free have copies with structure and metadata known (see fit.c), and one
 * function that is not inlined there asks for them again.  Under a sanitizer the build lets the compiler choose: it
 * would take ten times as long over the copies. */
#ifndef FIT_FOLDED
#define FIT_FOLDED static inline __attribute__((always_inline))
#endif

/* What a used range has in front of its block. */
static inline size_t fit_header(const fit_heap *self) {
    return self->metadata == FIT_APART ? 0 : FIT_HEADER;
}

/* The smallest range. */
static inline size_t fit_least(const fit_heap *self) {
    return self->metadata == FIT_APART ? FIT_LINKS : FIT_MIN_RANGE;
}

/* The size of the range that serves a request. */
static inline size_t fit_need(const fit_heap *self, size_t size) {
    return hy_max(hy_align_up(size + fit_header(self), self->grain), fit_least(self));
}

#endif
