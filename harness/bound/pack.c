/* SPDX-License-Identifier: MIT
 *
 * pack.c - all packers in turn; the best packing that the checker accepts counts.
 *
 *   1. The skyline by lifetime gives a first limit.
 *   2. Sweeps by size, by area (size x lifetime) and by lifetime, each below the best so far.  The largest jobs have
 *      only as many of them as PACK_WORK allows.
 *   3. Local search, for as long as was asked.
 *
 * As soon as a packing reaches the lower limit it is optimal, and nothing more is tried.
 */
#include "packers.h"

#include "clock.h"

#include <errno.h>
#include <stdlib.h>

#define PACK_WORK 12000000u /* buffers in all sweeps, but for the first */
#define PACK_GROWTH 200u

typedef struct pack_attempt {
    const char *method;
    hy_pack_order order;
} pack_attempt;

static const pack_attempt pack_skyline = {"skyline by lifetime", {.lifetime = 1}};

static const pack_attempt pack_sweeps[] = {
    {"sweep by size", {.size = 1}},
    {"sweep by area", {.size = 1, .lifetime = 1}},
    {"sweep by lifetime", {.lifetime = 1}},
};

static int pack_no_memory(const hy_trial *t, hy_error *error) {
    return hy_fail(error, -ENOMEM, "no memory to pack %zu buffers", t->job->count);
}

static void trial_keep(hy_trial *t, uint64_t top, const char *method) {
    if (t->best.method && top >= t->best.upper)
        return;
    t->best.upper = top;
    t->best.method = method;
    for (size_t i = 0; i < t->job->count; i++)
        t->offsets[i] = t->job->buffers[i].offset;
}

int hy_trial_judge(hy_trial *trial, const char *method, hy_error *error) {
    uint64_t top;
    const int r = hy_packing_check(trial->job, &top, error);
    if (r == 0)
        trial_keep(trial, top, method);
    return r;
}

int hy_trial_sweep(hy_trial *trial, uint32_t growth, const char *method, hy_error *error) {
    const int r = hy_pack_sweep(trial->job, trial->numbers, growth, trial->best.upper - trial->job->align);
    if (r < 0)
        return pack_no_memory(trial, error);
    return r > 0 ? hy_trial_judge(trial, method, error) : 0;
}

static int pack_by_skyline(hy_trial *t, hy_error *error) {
    int r = hy_pack_sort(t->job, &pack_skyline.order, t->numbers);
    if (r == 0)
        r = hy_pack_skyline(t->job, t->numbers);
    return r < 0 ? pack_no_memory(t, error) : hy_trial_judge(t, pack_skyline.method, error);
}

static int pack_by_sweeps(hy_trial *t, hy_error *error) {
    int r = 0;
    for (size_t i = 0; r == 0 && i < sizeof pack_sweeps / sizeof *pack_sweeps; i++) {
        if (hy_trial_perfect(t) || (i > 0 && (i + 1) * t->job->count > PACK_WORK))
            break;
        if (hy_pack_sort(t->job, &pack_sweeps[i].order, t->numbers) < 0)
            return pack_no_memory(t, error);
        r = hy_trial_sweep(t, PACK_GROWTH, pack_sweeps[i].method, error);
    }
    return r;
}

static int pack_all(hy_trial *t, const hy_pack_options *options, hy_error *error) {
    uint32_t moment;
    if (!t->numbers || !t->spare || !t->offsets || hy_job_lower(t->job, &t->best.lower, &moment) < 0)
        return pack_no_memory(t, error);
    int r = pack_by_skyline(t, error);
    if (r == 0)
        r = pack_by_sweeps(t, error);
    if (r == 0 && !hy_trial_perfect(t))
        r = hy_trial_search(t, options, error);
    return r;
}

int hy_pack(hy_job *job, const hy_pack_options *options, hy_packing *ret_packing, hy_error *error) {
    hy_trial t = {.job = job, .started = hy_now()};
    t.numbers = malloc((job->count + 1) * sizeof *t.numbers);
    t.spare = malloc((job->count + 1) * sizeof *t.spare);
    t.offsets = malloc((job->count + 1) * sizeof *t.offsets);
    const int r = pack_all(&t, options, error);
    if (r == 0) {
        for (size_t i = 0; i < job->count; i++)
            job->buffers[i].offset = t.offsets[i];
        t.best.seconds = (double)(hy_now() - t.started) / 1e9;
        *ret_packing = t.best;
    }
    free(t.numbers);
    free(t.spare);
    free(t.offsets);
    return r;
}
