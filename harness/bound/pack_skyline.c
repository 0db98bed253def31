/* SPDX-License-Identifier: MIT
 *
 * pack_skyline.c - each buffer, in a given order, goes on top of the highest thing in its lifetime.
 *
 *   1. The skyline is a height for each moment, in a segment tree: each node has the largest height of its span, and
 *      the height that was given to the whole span at once.
 *   2. A buffer's offset is the largest height of its lifetime, aligned; its top becomes the height there.
 *
 * O(n log clock), 16 bytes a moment.  Room under an overhang is lost: good for lifetimes that nest, bad for others.
 */
#include "packers.h"

#include <errno.h>
#include <stdlib.h>

typedef struct skyline {
    uint64_t *highest; /* of a node's span */
    uint64_t *whole;   /* what covers all of it; heights only grow, so the larger of both counts */
    uint32_t clock;
} skyline;

typedef struct stretch {
    uint32_t from, to;
} stretch;

static uint64_t skyline_height(const skyline *s, size_t node, stretch span, stretch life) {
    if (life.from <= span.from && span.to <= life.to)
        return s->highest[node];
    const uint32_t middle = span.from + (span.to - span.from) / 2;
    uint64_t height = s->whole[node];
    if (life.from < middle) {
        const uint64_t left = skyline_height(s, 2 * node, (stretch){span.from, middle}, life);
        height = left > height ? left : height;
    }
    if (life.to > middle) {
        const uint64_t right = skyline_height(s, 2 * node + 1, (stretch){middle, span.to}, life);
        height = right > height ? right : height;
    }
    return height;
}

/* `height` is above all heights of that life. */
static void skyline_raise(skyline *s, size_t node, stretch span, stretch life, uint64_t height) {
    s->highest[node] = height > s->highest[node] ? height : s->highest[node];
    if (life.from <= span.from && span.to <= life.to) {
        s->whole[node] = height;
        return;
    }
    const uint32_t middle = span.from + (span.to - span.from) / 2;
    if (life.from < middle)
        skyline_raise(s, 2 * node, (stretch){span.from, middle}, life, height);
    if (life.to > middle)
        skyline_raise(s, 2 * node + 1, (stretch){middle, span.to}, life, height);
}

static void skyline_place(skyline *s, hy_buffer *buffer) {
    const stretch span = {0, s->clock}, life = {buffer->start, buffer->end};
    const uint64_t mask = ((uint64_t)1 << buffer->align) - 1;
    buffer->offset = (skyline_height(s, 1, span, life) + mask) & ~mask;
    skyline_raise(s, 1, span, life, buffer->offset + buffer->size);
}

int hy_pack_skyline(hy_job *job, const uint32_t *order) {
    size_t nodes = 2;
    while (nodes < 2 * (size_t)job->clock)
        nodes *= 2;
    skyline s = {calloc(nodes, sizeof *s.highest), calloc(nodes, sizeof *s.whole), job->clock};
    if (s.highest && s.whole)
        for (size_t i = 0; i < job->count; i++)
            skyline_place(&s, &job->buffers[order[i]]);
    const int r = s.highest && s.whole ? 0 : -ENOMEM;
    free(s.highest);
    free(s.whole);
    return r;
}
