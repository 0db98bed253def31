/* SPDX-License-Identifier: MIT
 *
 * spans.c - see spans.h.
 */
#include "spans.h"

#include "lists.h"

bool hy_spans_add(hy_spans *spans, uint64_t start, uint64_t end, unsigned rank, const void *what) {
    hy_span *const grown = hy_list_more(spans->span, spans->count, sizeof *grown);
    if (!grown)
        return false;
    spans->span = grown;
    spans->span[spans->count++] = (hy_span){.start = start, .end = end, .rank = rank, .what = what};
    return true;
}

/* By start; of those with the same, what counts comes last. */
static int by_start(const void *left, const void *right) {
    const hy_span *const a = left, *const b = right;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    if (a->end != b->end)
        return a->end > b->end ? -1 : 1;
    return a->rank == b->rank ? 0 : a->rank > b->rank ? -1 : 1;
}

void hy_spans_sort(hy_spans *spans) {
    uint64_t reach = 0;
    if (spans->count > 0)
        qsort(spans->span, spans->count, sizeof *spans->span, by_start);
    for (size_t i = 0; i < spans->count; i++) {
        reach = spans->span[i].end > reach ? spans->span[i].end : reach;
        spans->span[i].reach = reach;
    }
}

/* How many start up to an address. */
static size_t spans_up_to(const hy_spans *spans, uint64_t address) {
    size_t low = 0, high = spans->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (spans->span[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const hy_span *hy_spans_find(const hy_spans *spans, uint64_t address) {
    for (size_t i = spans_up_to(spans, address); i > 0 && spans->span[i - 1].reach > address; i--)
        if (spans->span[i - 1].end > address)
            return &spans->span[i - 1];
    return NULL;
}

uint64_t hy_spans_reach(const hy_spans *spans, uint64_t address) {
    const size_t count = spans_up_to(spans, address);
    return count > 0 ? spans->span[count - 1].reach : 0;
}

void hy_spans_free(hy_spans *spans) {
    free(spans->span);
    *spans = (hy_spans){.span = NULL};
}
