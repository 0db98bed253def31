/* SPDX-License-Identifier: MIT
 *
 * least_yard.c - see least_yard.h.
 */
#include "least_yard.h"

#include "said.h"

#include <stdio.h>
#include <string.h>

#define PAGE ((uint64_t)4096)
#define SPREAD 4u /* smaller yards that are tried at last */
#define FAR 16u   /* tries that are kept for those */

typedef struct seeking {
    const hy_least_yard_plan *plan;
    hy_least_yard *found;
    hy_error *error;
} seeking;

static uint64_t in_pages(uint64_t bytes) {
    return (bytes + PAGE - 1) & ~(PAGE - 1);
}

/* ----------------------------------------------------------------------------------------------------- one try ---- */

static uint64_t first_failure(const hy_cell_result *result) {
    for (size_t i = 0; i < result->metric_count; i++)
        if (strcmp(result->metrics[i].name, "first_failure") == 0)
            return (uint64_t)result->metrics[i].value;
    return strcmp(result->outcome, "ok") == 0 ? 0 : UINT64_MAX;
}

static void keep_try(hy_least_yard *found, uint64_t bytes, uint64_t failed) {
    size_t at = found->count++;
    for (; at > 0 && found->tries[at - 1].bytes > bytes; at--)
        found->tries[at] = found->tries[at - 1];
    found->tries[at] = (hy_yard_try){bytes, failed};
}

/* What no other size of yard can mend. */
static bool is_final(const hy_cell_result *result) {
    return strcmp(result->outcome, "ok") != 0 && strcmp(result->outcome, "no-room") != 0;
}

/* 1: enough; 0: not; -EINTR or -errno. */
static int try_yard(seeking *self, uint64_t bytes) {
    hy_least_yard *const found = self->found;
    const hy_child_order order = {.prepared = self->plan->prepared,
                                  .spec = self->plan->spec,
                                  .pass = HY_PASS_YARD,
                                  .touch = HY_TOUCH_FIRST,
                                  .seed = self->plan->seed,
                                  .yard = bytes,
                                  .yard_failures = 1,
                                  .most_bytes = self->plan->most,
                                  .timeout = self->plan->timeout,
                                  .stop = self->plan->stop};
    hy_cell_result result = {.spec = self->plan->spec, .pass = hy_pass_names[HY_PASS_YARD]};
    const int r = hy_child_run(&order, &result, self->error);
    if (r == 0) {
        memcpy(found->version, result.version, sizeof found->version);
        keep_try(found, bytes, first_failure(&result));
        if (is_final(&result)) {
            memcpy(found->outcome, result.outcome, sizeof found->outcome);
            memcpy(found->detail, result.detail, sizeof found->detail);
        }
    }
    const bool enough = r == 0 && first_failure(&result) == 0;
    hy_said_free(&result);
    return r < 0 ? r : enough;
}

/* ------------------------------------------------------------------------------------------------------ seeking ----
 */

static bool may_go_on(const hy_least_yard *found, size_t kept) {
    return found->outcome[0] == '\0' && found->count + kept < HY_YARD_TRIES;
}

static int find_some_yard(seeking *self) {
    hy_least_yard *const found = self->found;
    const uint64_t least = in_pages(self->plan->live);
    uint64_t more = in_pages(least / 64 + 1);
    int r = 0;
    for (uint64_t yard = least; r == 0 && may_go_on(found, FAR) && yard <= self->plan->most; yard = least + more) {
        r = try_yard(self, yard);
        if (r > 0)
            found->bytes = yard;
        else
            found->too_small = yard;
        more *= yard > least ? 2 : 1;
    }
    return r < 0 ? r : 0;
}

static int come_nearer(seeking *self, size_t kept) {
    hy_least_yard *const found = self->found;
    int r = 0;
    while (r >= 0 && may_go_on(found, kept)) {
        const uint64_t gap = found->bytes - found->too_small;
        const uint64_t yard = in_pages(found->too_small + gap / 2);
        if (yard >= found->bytes || yard <= found->too_small ||
            (double)gap <= self->plan->precision * (double)found->bytes)
            return 0;
        r = try_yard(self, yard);
        if (r > 0)
            found->bytes = yard;
        else
            found->too_small = yard;
    }
    return r < 0 ? r : 0;
}

static bool was_tried(const hy_least_yard *found, uint64_t bytes) {
    for (size_t i = 0; i < found->count; i++)
        if (found->tries[i].bytes == bytes)
            return true;
    return false;
}

/* The largest that was tried below `bytes`. */
static uint64_t tried_below(const hy_least_yard *found, uint64_t bytes, uint64_t otherwise) {
    uint64_t below = otherwise;
    for (size_t i = 0; i < found->count && found->tries[i].bytes < bytes; i++)
        below = found->tries[i].bytes;
    return below;
}

static int look_below(seeking *self) {
    hy_least_yard *const found = self->found;
    const uint64_t least = in_pages(self->plan->live), top = found->bytes;
    for (uint64_t i = 1; i <= SPREAD && may_go_on(found, 0); i++) {
        const uint64_t yard = in_pages(least + (top - least) / (SPREAD + 1) * i);
        if (yard >= top || was_tried(found, yard))
            continue;
        const int r = try_yard(self, yard);
        if (r < 0)
            return r;
        if (r > 0) {
            found->bytes = yard;
            found->too_small = tried_below(found, yard, self->plan->live);
            return come_nearer(self, 0);
        }
    }
    return 0;
}

static void conclude(const seeking *self) {
    hy_least_yard *const found = self->found;
    if (found->outcome[0])
        found->bytes = 0;
    else if (found->bytes == 0) {
        strcpy(found->outcome, "no-room");
        snprintf(found->detail, sizeof found->detail, "no yard was enough; the largest tried had %llu bytes",
                 (unsigned long long)found->too_small);
    } else
        strcpy(found->outcome, "ok");
}

int hy_least_yard_find(const hy_least_yard_plan *plan, hy_least_yard *ret_least, hy_error *error) {
    hy_least_yard found = {.too_small = plan->live};
    seeking self = {plan, &found, error};
    int r = find_some_yard(&self);
    if (r == 0 && found.bytes)
        r = come_nearer(&self, FAR);
    if (r == 0 && found.bytes)
        r = look_below(&self);
    if (r < 0)
        return r;
    conclude(&self);
    *ret_least = found;
    return 0;
}
