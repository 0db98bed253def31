/* SPDX-License-Identifier: MIT
 *
 * pagers.c - the list of policies, generated from the list in allocators/meson.build (see pagers.h).
 */
#include "pagers.h"

#include <errno.h>
#include <string.h>

#define HY_PAGER(id) extern const hy_pager_ops hy_##id##_pager_ops;
#include "pagers.inc"
#undef HY_PAGER

#define HY_PAGER(id) &hy_##id##_pager_ops,
const hy_pager_ops *const hy_pagers[] = {
#include "pagers.inc"
    NULL};

const hy_pager_ops *hy_pager_find(hy_text name) {
    for (const hy_pager_ops *const *ops = hy_pagers; *ops; ops++)
        if (hy_text_is(name, (*ops)->name))
            return *ops;
    return NULL;
}

static int unknown_pager(hy_text name, hy_error *error) {
    const char *names[32];
    char shown[HY_TEXT_SIZE];
    size_t count = 0;
    for (; hy_pagers[count] && count < 31; count++)
        names[count] = hy_pagers[count]->name;
    names[count] = NULL;
    if (!hy_unescape(name, shown, sizeof shown))
        shown[0] = '\0';
    return hy_fail(error, -EINVAL, "there is no pager \"%s\"%s", shown,
                   hy_did_you_mean(name.at, name.size, names, "`heapyard page --help` lists them").text);
}

int hy_pager_choose(hy_text text, hy_pager_choice *ret, hy_error *error) {
    hy_spec spec;
    hy_pager_choice choice = {.ops = NULL};
    const int r = hy_spec_parse(text, &spec, error);
    if (r < 0)
        return r;
    if (spec.count != 1)
        return hy_fail(error, -EINVAL, "\"%.*s\": a pager has no layers", (int)text.size, text.at);
    if (text.size >= sizeof choice.spec)
        return hy_fail(error, -EINVAL, "the name of a pager with its settings has at most %d characters",
                       HY_TEXT_SIZE - 1);
    choice.ops = hy_pager_find(spec.part[0].name);
    if (!choice.ops)
        return unknown_pager(spec.part[0].name, error);
    memcpy(choice.spec, text.at, text.size);
    *ret = choice;
    return hy_params_parse(choice.ops->params, choice.ops->name, spec.part[0].params, ret->params,
                           choice.ops->params_size, error);
}
