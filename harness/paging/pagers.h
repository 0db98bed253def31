/* SPDX-License-Identifier: MIT
 *
 * pagers.h - the replacement policies that this build knows, and a policy from its spec.
 */
#ifndef HY_PAGERS_H
#define HY_PAGERS_H

#include "pager.h"
#include "spec.h"

extern const hy_pager_ops *const hy_pagers[]; /* ends with NULL */

/* NULL: there is none of that name. */
const hy_pager_ops *hy_pager_find(hy_text name);

/* A policy and its settings, from `2q:in=25%`. */
typedef struct hy_pager_choice {
    const hy_pager_ops *ops;
    char spec[HY_TEXT_SIZE]; /* as typed */
    _Alignas(16) char params[HY_PARAMS_SIZE];
} hy_pager_choice;

/* 0 or -EINVAL with the sentence. */
int hy_pager_choose(hy_text spec, hy_pager_choice *ret, hy_error *error);

#endif
