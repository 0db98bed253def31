/* SPDX-License-Identifier: MIT
 *
 * spec.c - the spec grammar (see spec.h).  Freestanding.
 */
#include "spec.h"

#include <errno.h>
#include <string.h>

bool hy_text_is(hy_text text, const char *word) {
    return strlen(word) == text.size && memcmp(text.at, word, text.size) == 0;
}

size_t hy_text_find(hy_text text, const char *stop) {
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] == '\\')
            i++;
        else if (text.at[i] && strchr(stop, text.at[i]))
            return i;
    }
    return text.size;
}

hy_text hy_text_from(hy_text text, size_t start) {
    start = start < text.size ? start : text.size;
    return (hy_text){text.at + start, text.size - start};
}

hy_text hy_text_to(hy_text text, size_t end) {
    return (hy_text){text.at, end};
}

/* Whether the text before the next comma is key=value, so that it goes on with the spec before it. */
static bool is_parameter(hy_text rest) {
    const hy_text item = hy_text_to(rest, hy_text_find(rest, ","));
    const size_t mark = hy_text_find(item, "=:/");
    return mark < item.size && item.at[mark] == '=';
}

bool hy_spec_next(hy_text *list, hy_text *ret_spec) {
    if (list->size == 0)
        return false;
    size_t end = hy_text_find(*list, ",");
    while (end < list->size && is_parameter(hy_text_from(*list, end + 1)))
        end = end + 1 + hy_text_find(hy_text_from(*list, end + 1), ",");
    *ret_spec = hy_text_to(*list, end);
    *list = hy_text_from(*list, end + 1);
    return true;
}

/* Where this part of the spec ends: at a "+", unless a "/" came before it. */
static size_t part_end(hy_text text) {
    const size_t mark = hy_text_find(text, "+/");
    return mark < text.size && text.at[mark] == '+' ? mark : text.size;
}

int hy_spec_parse(hy_text text, hy_spec *ret_spec, hy_error *error) {
    hy_spec spec = {.count = 0};
    if (text.size >= HY_SPEC_SIZE)
        return hy_fail_parts(error, -EINVAL, "an allocator spec has fewer than 1024 characters", NULL);
    for (bool more = true; more;) {
        if (spec.count == HY_SPEC_PARTS)
            return hy_fail_parts(error, -EINVAL, "a spec has at most 7 layers", NULL);
        const size_t end = part_end(text);
        const hy_text part = hy_text_to(text, end);
        const size_t colon = hy_text_find(part, ":");
        hy_spec_part *const p = &spec.part[spec.count++];
        p->name = hy_text_to(part, colon);
        p->params = hy_text_from(part, colon + 1);
        if (p->name.size == 0)
            return hy_fail_parts(error, -EINVAL, "a name is missing in the allocator spec; expected name:key=value",
                                 NULL);
        more = end < text.size;
        text = hy_text_from(text, end + 1);
    }
    *ret_spec = spec;
    return 0;
}

bool hy_unescape(hy_text text, char *ret, size_t room) {
    size_t used = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] == '\\' && i + 1 < text.size)
            i++;
        if (used + 1 >= room)
            return false;
        ret[used++] = text.at[i];
    }
    ret[used] = '\0';
    return true;
}

hy_text hy_params_item(hy_text *params) {
    const hy_text item = hy_text_to(*params, hy_text_find(*params, ","));
    *params = hy_text_from(*params, item.size + 1);
    return item;
}

int hy_params_next(hy_text *params, char *key, char *value, hy_error *error) {
    if (params->size == 0)
        return 0;
    hy_text rest = *params;
    const hy_text item = hy_params_item(&rest);
    const size_t equals = hy_text_find(item, "=");
    char shown[HY_TEXT_SIZE];
    if (equals == 0 || equals >= item.size) {
        if (!hy_unescape(item, shown, sizeof shown))
            shown[0] = '\0';
        return hy_fail_parts(error, -EINVAL, "\"", shown, "\" is no parameter; expected key=value", NULL);
    }
    if (!hy_unescape(hy_text_to(item, equals), key, HY_TEXT_SIZE) ||
        !hy_unescape(hy_text_from(item, equals + 1), value, HY_TEXT_SIZE))
        return hy_fail_parts(error, -EINVAL, "a parameter has more than 255 characters", NULL);
    *params = rest;
    return 1;
}

static const hy_param *param_find(const hy_param *table, const char *key) {
    for (; table && table->name; table++)
        if (strcmp(table->name, key) == 0)
            return table;
    return NULL;
}

static int unknown_param(const hy_param *table, const char *owner, const char *key, hy_error *error) {
    const char *names[64];
    size_t count = 0;
    for (; table && table->name && count < 63; table++)
        names[count++] = table->name;
    names[count] = NULL;
    if (count == 0)
        return hy_fail_parts(error, -EINVAL, owner, " takes no parameters, but was given \"", key, "\"", NULL);
    const char *const nearest = hy_nearest(key, strlen(key), names);
    if (nearest)
        return hy_fail_parts(error, -EINVAL, owner, " has no parameter \"", key, "\"; did you mean \"", nearest, "\"?",
                             NULL);
    return hy_fail_parts(error, -EINVAL, owner, " has no parameter \"", key, "\"; `heapyard show ", owner,
                         "` lists them", NULL);
}

int hy_params_parse(const hy_param *table, const char *owner, hy_text params, void *ret_params, size_t params_size,
                    hy_error *error) {
    memset(ret_params, 0, params_size);
    for (const hy_param *p = table; p && p->name; p++) {
        const int r = p->def ? hy_param_set(p, owner, p->def, ret_params, error) : 0;
        if (r < 0)
            return r;
    }
    char key[HY_TEXT_SIZE], value[HY_TEXT_SIZE];
    for (;;) {
        const int more = hy_params_next(&params, key, value, error);
        if (more <= 0)
            return more;
        const hy_param *const p = param_find(table, key);
        if (!p)
            return unknown_param(table, owner, key, error);
        const int r = hy_param_set(p, owner, value, ret_params, error);
        if (r < 0)
            return r;
    }
}
