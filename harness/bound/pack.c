/* SPDX-License-Identifier: MIT
 *
 * pack.c - all packers in turn; the best packing that the checker accepts counts.
 */
#include "packers.h"

#include "clock.h"

#include <errno.h>
#include <stdlib.h>

typedef struct trial {
    hy_job *job;
    uint32_t *order;
    uint64_t *offsets; /* of the best so far */
    hy_packing best;
} trial;

static void trial_keep(trial *t, uint64_t top, const char *method) {
    if (t->best.method && top >= t->best.upper)
        return;
    t->best.upper = top;
    t->best.method = method;
    for (size_t i = 0; i < t->job->count; i++)
        t->offsets[i] = t->job->buffers[i].offset;
}

static int trial_judge(trial *t, const char *method, hy_error *error) {
    uint64_t top;
    const int r = hy_packing_check(t->job, &top, error);
    if (r == 0)
        trial_keep(t, top, method);
    return r;
}

static int trial_orders(trial *t, hy_error *error) {
    for (hy_pack_order order = 0; order < HY_PACK_ORDERS; order++) {
        hy_pack_sort(t->job, order, t->order);
        int r = hy_pack_skyline(t->job, t->order);
        if (r < 0)
            return hy_fail(error, r, "no memory to pack %zu buffers", t->job->count);
        r = trial_judge(t, hy_pack_order_names[order], error);
        if (r < 0)
            return r;
    }
    return 0;
}

int hy_pack(hy_job *job, const hy_pack_options *options, hy_packing *ret_packing, hy_error *error) {
    const uint64_t started = hy_now();
    trial t = {.job = job,
               .order = malloc((job->count + 1) * sizeof *t.order),
               .offsets = malloc((job->count + 1) * sizeof *t.offsets)};
    uint32_t moment;
    int r = t.order && t.offsets ? hy_job_lower(job, &t.best.lower, &moment) : -ENOMEM;
    r = r < 0 ? hy_fail(error, r, "no memory to pack %zu buffers", job->count) : trial_orders(&t, error);
    if (r == 0) {
        for (size_t i = 0; i < job->count; i++)
            job->buffers[i].offset = t.offsets[i];
        t.best.seconds = (double)(hy_now() - started) / 1e9;
        *ret_packing = t.best;
    }
    free(t.order);
    free(t.offsets);
    return r;
}
