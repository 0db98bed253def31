/* SPDX-License-Identifier: MIT
 *
 * two_limits.c - see two_limits.h.
 */
#include "two_limits.h"

#include "clock.h"
#include "search.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void offsets_save(const hy_job *job, uint64_t *ret_offsets) {
    for (size_t i = 0; i < job->count; i++)
        ret_offsets[i] = job->buffers[i].offset;
}

static void offsets_restore(hy_job *job, const uint64_t *offsets) {
    for (size_t i = 0; i < job->count; i++)
        job->buffers[i].offset = offsets[i];
}

/* Our own packing, unless the one given is as good. */
static int limits_pack(hy_job *job, const hy_limits_options *options, hy_limits *limits, hy_error *error) {
    const hy_pack_options pack = {.seconds = options->steps || job->count <= HY_SEARCH_MOST ? 0 : options->seconds,
                                  .seed = options->seed};
    uint64_t *const given = malloc((job->count + 1) * sizeof *given);
    hy_packing packing;
    if (!given)
        return hy_fail(error, -ENOMEM, "no memory to pack %zu buffers", job->count);
    offsets_save(job, given);
    const int r = hy_pack(job, &pack, &packing, error);
    if (r == 0) {
        limits->lower = limits->proven = packing.lower;
        if (options->given && limits->upper <= packing.upper)
            offsets_restore(job, given);
        else {
            limits->upper = packing.upper;
            limits->method = packing.method;
        }
    }
    free(given);
    return r;
}

/* The last word on small jobs. */
static int limits_search(hy_job *job, const hy_limits_options *options, hy_limits *limits, hy_error *error) {
    const hy_search_options search = {options->seconds, options->steps, options->seed, options->capacity};
    hy_search_result result = {.proven = limits->proven, .upper = limits->upper};
    uint64_t top;
    if (job->count > HY_SEARCH_MOST || limits->upper == limits->proven || limits->upper <= options->capacity)
        return 0;
    int r = hy_search(job, &search, &result);
    r = r < 0 ? hy_fail(error, r, "no memory to search for a packing of %zu buffers", job->count)
              : hy_packing_check(job, &top, error);
    if (r < 0)
        return r;
    limits->method = top < limits->upper ? "search" : limits->method;
    limits->upper = top;
    limits->proven = result.proven;
    limits->steps = result.steps;
    return 0;
}

int hy_limits_find(hy_job *job, const hy_limits_options *options, hy_limits *ret_limits, hy_error *error) {
    const uint64_t started = hy_now();
    hy_limits limits = {.method = "as given"};
    int r = options->given ? hy_packing_check(job, &limits.upper, error) : 0;
    if (r == 0)
        r = limits_pack(job, options, &limits, error);
    if (r < 0)
        return r;
    r = limits_search(job, options, &limits, error);
    if (r < 0)
        return r;
    limits.seconds = (double)(hy_now() - started) / 1e9;
    *ret_limits = limits;
    return 0;
}
