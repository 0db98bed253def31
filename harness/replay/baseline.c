/* SPDX-License-Identifier: MIT
 *
 * baseline.c - which allocator of a campaign the others are compared with (see campaign.h).
 */
#include "campaign.h"
#include "trials.h"

#include <string.h>

static bool is_system(const char *spec) {
    return strcmp(spec, "system") == 0;
}

static bool is_no_limit(const char *spec) {
    return !hy_spec_is_limit(spec);
}

size_t hy_campaign_baseline(const hy_campaign_plan *plan) {
    bool (*const wanted[])(const char *spec) = {is_system, hy_spec_is_general, is_no_limit};
    for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++)
        for (size_t i = 0; i < plan->spec_count; i++)
            if (wanted[k](plan->specs[i]))
                return i;
    return 0;
}
