/* SPDX-License-Identifier: MIT
 *
 * job.c - the buffers of a packing job, and the lower limit.
 */
#include "bound.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static int job_grow(hy_job *job) {
    const size_t capacity = job->capacity ? job->capacity + job->capacity / 2 : 1024;
    hy_buffer *const grown = realloc(job->buffers, capacity * sizeof *grown);
    if (!grown)
        return -ENOMEM;
    job->buffers = grown;
    job->capacity = capacity;
    return 0;
}

/* What a buffer can add to the top at most: its size, and the padding before it. */
static int job_spend(hy_job *job, uint64_t size, uint32_t align, hy_error *error) {
    const uint64_t limit = (uint64_t)INT64_MAX - job->budget;
    if (align > 62 || size > limit || ((uint64_t)1 << align) > limit - size)
        return hy_fail(error, -EOVERFLOW,
                       "buffer %zu: all sizes and alignments together are 2^63 or more; a packing ends below that",
                       job->count);
    job->budget += size + ((uint64_t)1 << align);
    return 0;
}

int hy_job_add(hy_job *job, uint64_t size, uint32_t start, uint32_t end, uint32_t align, hy_error *error) {
    const uint32_t least = (uint32_t)__builtin_ctzll(job->align);
    const uint64_t asked = size ? size : 1;
    const uint64_t rounded = (asked + job->align - 1) & ~(job->align - 1);
    const uint32_t raised = align > least ? align : least;
    if (start >= end)
        return hy_fail(error, -EINVAL, "buffer %zu: lives from %" PRIu32 " to %" PRIu32 "; expected a later end",
                       job->count, start, end);
    if (job->count == HY_JOB_MAX_BUFFERS)
        return hy_fail(error, -EOVERFLOW, "more than %zu buffers cannot be packed", HY_JOB_MAX_BUFFERS);
    int r = job_spend(job, rounded < asked ? UINT64_MAX : rounded, raised, error);
    if (r < 0)
        return r;
    r = job->count == job->capacity ? job_grow(job) : 0;
    if (r < 0)
        return hy_fail(error, r, "no memory for %zu buffers", job->count + 1);
    job->buffers[job->count++] = (hy_buffer){.size = rounded, .start = start, .end = end, .align = raised};
    job->clock = end > job->clock ? end : job->clock;
    return 0;
}

void hy_job_clear(hy_job *job) {
    free(job->buffers);
    *job = (hy_job){.align = job->align};
}

int hy_job_lower(const hy_job *job, uint64_t *ret_bytes, uint32_t *ret_moment) {
    uint64_t *const change = calloc((size_t)job->clock + 1, sizeof *change);
    uint64_t live = 0, most = 0;
    uint32_t moment = 0;
    if (!change)
        return -ENOMEM;
    for (size_t i = 0; i < job->count; i++) {
        change[job->buffers[i].start] += job->buffers[i].size;
        change[job->buffers[i].end] -= job->buffers[i].size; /* modulo 2^64, like the sums */
    }
    for (uint32_t t = 0; t < job->clock; t++) {
        live += change[t];
        if (live > most) {
            most = live;
            moment = t;
        }
    }
    free(change);
    *ret_bytes = most;
    *ret_moment = moment;
    return 0;
}
