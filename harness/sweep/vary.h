/* SPDX-License-Identifier: MIT
 *
 * vary.h - what a sweep goes through: `KEY=VALUE,VALUE,…`, where a value may be a range.
 *
 * Grammar:
 *   variation = key "=" item *("," item)
 *   item      = value | [word ":"] from ".." to [step]
 *   step      = "*" F     each value is F times the one before; without a step: *2
 *             | "+" D     each value is D more than the one before
 *             | "/" N     N values in equal ratios (fewer where rounding makes two alike)
 *
 * Both ends belong to a range, also where no step reaches the upper one: 1..100 is 1 2 4 8 16 32 64 100.  They are
 * written as the parameter's type is (4K..1M, 1ms..1s); a range of counts may start at 0, which 1 follows: 0..4 is
 * 0 1 2 4.  For a rule the word comes first: every:1..65536, ratio:0.1..10.  A backslash takes the next character as it
 * is, as in a spec.
 */
#ifndef HY_VARY_H
#define HY_VARY_H

#include "spec.h"

#define HY_VARY_MOST 1000 /* values of one range */

/* Slices of the text that was parsed. */
typedef struct hy_vary {
    hy_text key;   /* no escapes in it: names of parameters have no such characters */
    hy_text items; /* one or more, none empty */
} hy_vary;

/* 0 or -EINVAL with the sentence. */
int hy_vary_parse(hy_text text, hy_vary *ret_vary, hy_error *error);

/* One value as it is written in a spec, escapes and all.  Anything but 0 ends the going through. */
typedef int hy_vary_value(void *context, hy_text value);

/* Calls `each` for every value, in order; ranges are those of `param`'s type.  Whether a value is one that the
 * parameter takes is not looked at here.  What `each` returned last, or -EINVAL with the sentence. */
int hy_vary_each(const hy_vary *vary, const hy_param *param, hy_vary_value *each, void *context, hy_error *error);

#endif
