/* SPDX-License-Identifier: MIT
 *
 * sweep_plan.c - what a sweep would measure (--dry-run).
 */
#include "sweep.h"
#include "units.h"

#include <stdio.h>

static size_t count_opening(const hy_sweep *sweep) {
    size_t count = 0;
    for (size_t i = 0; i < sweep->replay.plan.spec_count; i++)
        count += sweep->probed[i].ok;
    return count;
}

static void print_specs(const hy_sweep *sweep) {
    const hy_campaign_plan *const plan = &sweep->replay.plan;
    for (size_t i = 0; i < plan->spec_count; i++)
        if (sweep->probed[i].ok)
            printf("  %s\n", plan->specs[i]);
}

static void print_refused(const hy_sweep *sweep) {
    const hy_campaign_plan *const plan = &sweep->replay.plan;
    const size_t refused = plan->spec_count - count_opening(sweep);
    if (refused > 0)
        printf("not to be opened: %zu\n", refused);
    for (size_t i = 0; i < plan->spec_count; i++)
        if (!sweep->probed[i].ok)
            printf("  %s: %s: %s\n", plan->specs[i], sweep->probed[i].outcome, sweep->probed[i].detail);
}

int sweep_print_plan(const hy_sweep *sweep) {
    const hy_campaign_plan *const plan = &sweep->replay.plan;
    printf("settings: %zu, `null` beside them\n", count_opening(sweep) - 1);
    print_specs(sweep);
    print_refused(sweep);
    printf("traces: %zu\n", plan->trace_count);
    return HY_EXIT_OK;
}
