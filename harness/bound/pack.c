/* SPDX-License-Identifier: MIT
 *
 * pack.c - all packers in turn; the best packing that the checker accepts counts.
 *
 *   1. The skyline by lifetime gives a first limit, first fit (all at once, in order of birth) a better one.
 *   2. Sweeps by size, by area (size x lifetime) and by lifetime, in large batches and in smaller ones, each below the
 *      best so far and as long as PACK_EFFORT lasts: the largest jobs have only one or two.
 *   3. Local search, for as long as was asked.
 *
 * As soon as a packing reaches the lower limit it is optimal, and nothing more is tried.
 */
#include "packers.h"

#include "clock.h"

#include <errno.h>
#include <stdlib.h>

#define PACK_EFFORT                                                                                                    \
    ((uint64_t)1 << 29) /* of all sweeps: some 10 to 30 seconds; first fit always has as much as it needs */

typedef struct pack_attempt {
    const char *method;
    hy_pack_order order;
    uint32_t growth;
} pack_attempt;

static const pack_attempt pack_skyline = {"skyline by lifetime", {.lifetime = 1}, 0};
static const pack_attempt pack_first_fit = {"first fit", {0}, HY_PACK_AT_ONCE};

static const pack_attempt pack_sweeps[] = {
    {"coarse sweep by size", {.size = 1}, 1000}, {"coarse sweep by area", {.size = 1, .lifetime = 1}, 1000},
    {"sweep by size", {.size = 1}, 200},         {"sweep by area", {.size = 1, .lifetime = 1}, 200},
    {"sweep by lifetime", {.lifetime = 1}, 200},
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

int hy_trial_sweep(hy_trial *trial, uint32_t growth, uint64_t *effort, const char *method, hy_error *error) {
    const int r = hy_pack_sweep(trial->job, trial->numbers, growth, trial->best.upper - trial->job->align, effort);
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

static int pack_by_sweep(hy_trial *t, const pack_attempt *attempt, uint64_t *effort, hy_error *error) {
    if (hy_trial_perfect(t) || *effort == 0)
        return 0;
    if (hy_pack_sort(t->job, &attempt->order, t->numbers) < 0)
        return pack_no_memory(t, error);
    return hy_trial_sweep(t, attempt->growth, effort, attempt->method, error);
}

static int pack_by_sweeps(hy_trial *t, hy_error *error) {
    uint64_t unlimited = UINT64_MAX;
    int r = pack_by_sweep(t, &pack_first_fit, &unlimited, error);
    const uint64_t spent = UINT64_MAX - unlimited;
    uint64_t effort = spent < PACK_EFFORT ? PACK_EFFORT - spent : 0;
    for (size_t i = 0; r == 0 && i < sizeof pack_sweeps / sizeof *pack_sweeps; i++)
        r = pack_by_sweep(t, &pack_sweeps[i], &effort, error);
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
