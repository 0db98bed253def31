/* SPDX-License-Identifier: MIT
 *
 * spans.h - ranges of addresses, and which of them holds one: a sorted table with, for each, how far any up to it
 * reaches, so that a look-up is a binary search and stops where nothing can reach further.
 */
#ifndef HY_SPANS_H
#define HY_SPANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct hy_span {
    uint64_t start, end; /* [start, end) */
    uint64_t reach;      /* the furthest end of this one and all before it */
    const void *what;    /* the caller's */
    unsigned rank;       /* of those that are alike the lower one counts */
} hy_span;

/* All zero: empty. */
typedef struct hy_spans {
    hy_span *span;
    size_t count;
} hy_spans;

/* False: no memory. */
bool hy_spans_add(hy_spans *spans, uint64_t start, uint64_t end, unsigned rank, const void *what);
/* Once, when all are in. */
void hy_spans_sort(hy_spans *spans);
/* Of those that hold an address the one that starts last, then the shortest; NULL: none does. */
const hy_span *hy_spans_find(const hy_spans *spans, uint64_t address);
/* The furthest end of those that start up to an address; 0: there are none. */
uint64_t hy_spans_reach(const hy_spans *spans, uint64_t address);
void hy_spans_free(hy_spans *spans);

#endif
