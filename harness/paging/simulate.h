/* SPDX-License-Identifier: MIT
 *
 * simulate.h - a reference string against a policy with so many frames.
 */
#ifndef HY_SIMULATE_H
#define HY_SIMULATE_H

#include "error.h"
#include "pager.h"

/* A reference: the page's number times 2, plus 1 for a write. */
typedef uint32_t hy_page_reference;

static inline hy_page_reference hy_page_refer(uint32_t page, bool write) {
    return page << 1 | write;
}

typedef struct hy_paging_counts {
    uint64_t references;
    uint64_t faults;     /* misses, first references included */
    uint64_t cold;       /* of them: the first reference to a page */
    uint64_t evictions;  /* pages that left, as victims or expired */
    uint64_t writebacks; /* of them: written to since they came in */
    uint64_t held;       /* sum of the pages resident after each reference: over `references`, the mean */
    uint32_t resident;   /* pages at the end */
    uint32_t most;       /* pages at any time */
} hy_paging_counts;

/* `params` is the policy's filled-in parameter struct.  Pages of `refs` are numbered below the highest that occurs plus
 * 1: dense numbers cost least.  0 or -errno with the sentence. */
int hy_paging_simulate(const hy_pager_ops *ops, const void *params, uint32_t frames, const hy_page_reference *refs,
                       uint64_t n, hy_paging_counts *ret_counts, hy_error *error);

/* The same loop with nothing to decide: all that is referenced stays.  What the policies' time is compared with. */
int hy_paging_simulate_nothing(const hy_page_reference *refs, uint64_t n, hy_paging_counts *ret_counts,
                               hy_error *error);

/* next_use.c: for each reference the number of the next one to the same page, or HY_NO_PAGE; at most 2^32 - 2
 * references.  *ret_next is the caller's, to be freed.  0 or -errno with the sentence. */
int hy_paging_next_use(const hy_page_reference *refs, uint64_t n, uint32_t **ret_next, hy_error *error);

/* One more than the highest page number; 0 for none. */
uint32_t hy_paging_pages(const hy_page_reference *refs, uint64_t n);

#endif
