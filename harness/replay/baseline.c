/* SPDX-License-Identifier: MIT
 *
 * baseline.c - which allocator of a campaign the others are compared with (see campaign.h).
 */
#include "campaign.h"

#include "registry.h"

#include <string.h>

/* Does less than an allocator must: its blocks overlap, or it never uses memory again. */
static bool is_limit(const char *spec) {
    const hy_heap_ops *ops = NULL;
    hy_error error;
    return hy_spec_check(&hy_registry, (hy_text){spec, strlen(spec)}, &ops, &error) == 0 &&
           ops->flags & (HY_FAKE | HY_NO_REUSE);
}

size_t hy_campaign_baseline(const hy_campaign_plan *plan) {
    for (size_t i = 0; i < plan->spec_count; i++)
        if (strcmp(plan->specs[i], "system") == 0)
            return i;
    for (size_t i = 0; i < plan->spec_count; i++)
        if (!is_limit(plan->specs[i]))
            return i;
    return 0;
}
