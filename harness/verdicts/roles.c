/* SPDX-License-Identifier: MIT
 *
 * roles.c - which allocators do the whole work of one (see trials.h).
 */
#include "registry.h"
#include "trials.h"

#include <string.h>

static uint32_t role_flags(const char *spec) {
    const hy_heap_ops *ops = NULL;
    return hy_spec_check(&hy_registry, (hy_text){spec, strlen(spec)}, &ops, NULL) == 0 && ops ? ops->flags : 0;
}

bool hy_spec_is_limit(const char *spec) {
    return role_flags(spec) & (HY_FAKE | HY_NO_REUSE);
}

bool hy_spec_is_general(const char *spec) {
    return !(role_flags(spec) & (HY_FAKE | HY_NO_REUSE | HY_REGIONS | HY_LIFO | HY_FIXED_SIZE));
}
