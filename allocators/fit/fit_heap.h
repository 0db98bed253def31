/* SPDX-License-Identifier: MIT
 *
 * fit_heap.h - the instance of a fit heap.
 *
 * The parts, each behind a few functions of its own:
 *   fit_range.h   ranges, by tags (fit_tags.h)     fit_place.h   placement policy: which hole serves a request
 *   fit_list.h    the structure that holds holes,
 *   fit_bins.h    as one list or as bins by size    fit_merge.h   merge policy: what becomes of a freed range
 *   fit_runs.c    growing and giving back           fit_walk.c    walk and check
 */
#ifndef FIT_HEAP_H
#define FIT_HEAP_H

#include "fit_tags.h"

typedef enum fit_policy { FIT_FIRST, FIT_NEXT, FIT_BEST, FIT_WORST } fit_policy;
typedef enum fit_order { FIT_ADDRESS, FIT_LIFO, FIT_FIFO } fit_order;
typedef enum fit_structure { FIT_AUTO, FIT_LIST, FIT_SIZES } fit_structure; /* AUTO: what serves the policy best */

#define FIT_BINS 256

typedef struct fit_params {
    uint32_t policy;    /* fit_policy */
    uint32_t structure; /* fit_structure */
    uint32_t order;     /* fit_order */
    uint64_t grain;
    size_t chunk, trim, reserve;
} fit_params;

/* One reservation; [start, limit) is committed and holds ranges from `first` to the end mark. */
typedef struct fit_run {
    char *start, *first, *end_mark, *limit, *reserve_end;
} fit_run;

/* Laid out like a hole, so that the head of the circular list is a hole of size 0 that serves nobody. */
typedef struct fit_head {
    uint64_t header;
    char *next, *prev;
} fit_head;

typedef struct fit_heap {
    hy_heap heap;
    fit_head head; /* of the free list */
    char *rover;   /* next fit: where the next search starts; a hole or the head */
    char *finger;  /* address order: the hole inserted last; a hole or the head */
    size_t grain;  /* 1 or 16: alignment of every block and of every range's size */
    fit_policy policy;
    fit_order order;
    bool binned;             /* the structure is bins by size */
    char *fresh, *fresh_end; /* what was committed and never written, but for the tags of the hole that it is in */
    hy_stats stats;

    hy_pages *data, *meta;
    bool bounded; /* a page source of limited size: taken whole */
    size_t chunk, trim, reserve;
    fit_run *runs; /* by address */
    size_t run_count, run_capacity;
    size_t runs_size; /* of the table's own pages; 0: it lies behind the instance */
    size_t meta_size; /* of the instance's pages */

    uint64_t bin_map[FIT_BINS / 64]; /* bins that are not empty */
    fit_head bins[FIT_BINS];
} fit_heap;

/* The size of the range that serves a request. */
static inline size_t fit_need(const fit_heap *self, size_t size) {
    return hy_max(hy_align_up(size + FIT_HEADER, self->grain), FIT_MIN_RANGE);
}

#endif
