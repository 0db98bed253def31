/* SPDX-License-Identifier: MIT
 *
 * packing_check.c - the proof that a packing is one.
 *
 *   1. Moments in order; at each, the buffers that end leave before those that start come.
 *   2. The living are kept in a red-black tree, ordered by offset.
 *   3. One that comes must not reach into its successor, nor its predecessor into it.
 *
 * As long as the living are disjoint, no other pair can overlap.  It shares no code with the packers.
 */
#include "bound.h"

#include <bsd/sys/tree.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

typedef struct living {
    RB_ENTRY(living) links;
    const hy_buffer *buffer;
} living;

typedef RB_HEAD(living_tree, living) living_tree;

static int living_compare(const living *a, const living *b) {
    return (a->buffer->offset > b->buffer->offset) - (a->buffer->offset < b->buffer->offset);
}

RB_PROTOTYPE_INTERNAL(living_tree, living, links, living_compare, static __attribute__((unused)))
RB_GENERATE_INTERNAL(living_tree, living, links, living_compare, static __attribute__((unused)))

typedef struct checking {
    const hy_job *job;
    uint32_t *starts, *ends; /* buffers in order of start, of end */
    living *nodes;           /* by buffer */
    living_tree tree;
} checking;

/* Buffers in order of their starts or ends, by counting. */
static int checking_sort(const hy_job *job, int by_end, uint32_t *ret_order) {
    uint32_t *const first = calloc((size_t)job->clock + 2, sizeof *first);
    if (!first)
        return -ENOMEM;
    for (size_t i = 0; i < job->count; i++)
        first[(by_end ? job->buffers[i].end : job->buffers[i].start) + (size_t)1]++;
    for (size_t t = 0; t <= job->clock; t++)
        first[t + 1] += first[t];
    for (size_t i = 0; i < job->count; i++)
        ret_order[first[by_end ? job->buffers[i].end : job->buffers[i].start]++] = (uint32_t)i;
    free(first);
    return 0;
}

static int checking_clash(const checking *c, const hy_buffer *a, const hy_buffer *b, hy_error *error) {
    return hy_fail(error, -EINVAL,
                   "buffers %zu and %zu overlap: [%" PRIu64 ", %" PRIu64 ") and [%" PRIu64 ", %" PRIu64
                   ") are both in use at %" PRIu32,
                   (size_t)(a - c->job->buffers), (size_t)(b - c->job->buffers), a->offset, a->offset + a->size,
                   b->offset, b->offset + b->size, a->start > b->start ? a->start : b->start);
}

static int checking_come(checking *c, uint32_t which, hy_error *error) {
    const hy_buffer *const buffer = &c->job->buffers[which];
    living *const node = &c->nodes[which];
    if (buffer->offset & (((uint64_t)1 << buffer->align) - 1))
        return hy_fail(error, -EINVAL, "buffer %" PRIu32 ": offset %" PRIu64 " is not a multiple of %" PRIu64, which,
                       buffer->offset, (uint64_t)1 << buffer->align);
    if (buffer->offset > (uint64_t)INT64_MAX - buffer->size)
        return hy_fail(error, -EINVAL, "buffer %" PRIu32 ": ends at 2^63 or above", which);
    node->buffer = buffer;
    const living *const same = RB_INSERT(living_tree, &c->tree, node);
    if (same)
        return checking_clash(c, same->buffer, buffer, error);
    const living *const before = RB_PREV(living_tree, &c->tree, node);
    if (before && before->buffer->offset + before->buffer->size > buffer->offset)
        return checking_clash(c, before->buffer, buffer, error);
    const living *const after = RB_NEXT(living_tree, &c->tree, node);
    if (after && buffer->offset + buffer->size > after->buffer->offset)
        return checking_clash(c, buffer, after->buffer, error);
    return 0;
}

static int checking_sweep(checking *c, uint64_t *ret_top, hy_error *error) {
    uint64_t top = 0;
    for (size_t s = 0, e = 0; s < c->job->count; s++) {
        const hy_buffer *const buffer = &c->job->buffers[c->starts[s]];
        for (; c->job->buffers[c->ends[e]].end <= buffer->start; e++)
            RB_REMOVE(living_tree, &c->tree, &c->nodes[c->ends[e]]);
        const int r = checking_come(c, c->starts[s], error);
        if (r < 0)
            return r;
        top = buffer->offset + buffer->size > top ? buffer->offset + buffer->size : top;
    }
    *ret_top = top;
    return 0;
}

int hy_packing_check(const hy_job *job, uint64_t *ret_top, hy_error *error) {
    checking c = {.job = job, .tree = RB_INITIALIZER(&c.tree)};
    c.starts = calloc(job->count + 1, sizeof *c.starts);
    c.ends = calloc(job->count + 1, sizeof *c.ends);
    c.nodes = calloc(job->count + 1, sizeof *c.nodes);
    int r = c.starts && c.ends && c.nodes ? 0 : -ENOMEM;
    if (r == 0)
        r = checking_sort(job, 0, c.starts);
    if (r == 0)
        r = checking_sort(job, 1, c.ends);
    r = r == 0 ? checking_sweep(&c, ret_top, error) : hy_fail(error, r, "no memory to check %zu buffers", job->count);
    free(c.nodes);
    free(c.ends);
    free(c.starts);
    return r;
}
