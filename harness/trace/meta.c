/* SPDX-License-Identifier: MIT
 *
 * meta.c - the text of a meta block: lines of "key=value", UTF-8 without control characters (see format.h).
 *
 * Unknown keys are passed over, so that later versions can say more.
 */
#include "format.h"

#include "spec.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BAD(...) hy_fail(error, -EINVAL, __VA_ARGS__)

/* The bytes of the character at `text`, 0 if it is no UTF-8 or a control character (C0, DEL, C1). */
static size_t utf8_size(const char *text, size_t left) {
    const unsigned char *const u = (const unsigned char *)text;
    if (left == 0 || u[0] < 0x20 || u[0] == 0x7f)
        return 0;
    if (u[0] < 0x80)
        return 1;
    const size_t size = u[0] >= 0xf5 ? 0 : u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : u[0] >= 0xc2 ? 2 : 0;
    if (size == 0 || size > left)
        return 0;
    uint32_t code = u[0] & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if ((u[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (u[i] & 0x3fu);
    }
    static const uint32_t least[5] = {0, 0, 0xa0, 0x800, 0x10000};
    const bool surrogate = code >= 0xd800 && code < 0xe000;
    return code < least[size] || surrogate || code > 0x10ffff ? 0 : size;
}

bool hy_text_is_clean(const char *text, size_t size) {
    for (size_t at = 0; at < size;) {
        const size_t step = utf8_size(text + at, size - at);
        if (step == 0)
            return false;
        at += step;
    }
    return true;
}

void hy_text_clean(char *ret_text, size_t size, const char *text) {
    size_t left = strlen(text), used = 0;
    while (left > 0) {
        const size_t valid = utf8_size(text, left), step = valid ? valid : 1;
        if (used + step >= size)
            break;
        if (valid)
            memcpy(ret_text + used, text, valid);
        else
            ret_text[used] = '?';
        used += step;
        text += step;
        left -= step;
    }
    ret_text[used] = '\0';
}

size_t hy_meta_put(const hy_trace_meta *meta, char *ret_text) {
    char command[sizeof meta->command], origin[sizeof meta->origin], machine[sizeof meta->machine];
    hy_text_clean(command, sizeof command, meta->command);
    hy_text_clean(origin, sizeof origin, meta->origin);
    hy_text_clean(machine, sizeof machine, meta->machine);
    return (size_t)snprintf(ret_text, HY_META_MAX,
                            "command=%s\norigin=%s\nmachine=%s\nstarted=%" PRIu64 "\npid=%" PRIu64 "\n", command,
                            origin, machine, meta->started, meta->pid);
}

static int meta_text(const char *key, hy_text value, char *ret_text, size_t size, hy_error *error) {
    if (value.size >= size)
        return BAD("\"%s\" has %zu bytes; expected at most %zu", key, value.size, size - 1);
    memcpy(ret_text, value.at, value.size);
    ret_text[value.size] = '\0';
    return 0;
}

static int meta_number(const char *key, hy_text value, uint64_t *ret_number, hy_error *error) {
    uint64_t number = 0;
    bool good = value.size > 0 && (value.size == 1 || value.at[0] != '0');
    for (size_t i = 0; good && i < value.size; i++) {
        const char c = value.at[i];
        good = c >= '0' && c <= '9' && !__builtin_mul_overflow(number, (uint64_t)10, &number) &&
               !__builtin_add_overflow(number, (uint64_t)(c - '0'), &number);
    }
    if (!good)
        return BAD("\"%s\" is no number below 2^64", key);
    *ret_number = number;
    return 0;
}

static int meta_line(hy_text key, hy_text value, hy_trace_meta *meta, hy_error *error) {
    if (hy_text_is(key, "command"))
        return meta_text("command", value, meta->command, sizeof meta->command, error);
    if (hy_text_is(key, "origin"))
        return meta_text("origin", value, meta->origin, sizeof meta->origin, error);
    if (hy_text_is(key, "machine"))
        return meta_text("machine", value, meta->machine, sizeof meta->machine, error);
    if (hy_text_is(key, "started"))
        return meta_number("started", value, &meta->started, error);
    if (hy_text_is(key, "pid"))
        return meta_number("pid", value, &meta->pid, error);
    return 0;
}

int hy_meta_get(const char *text, size_t size, hy_trace_meta *ret_meta, hy_error *error) {
    hy_trace_meta meta = *ret_meta;
    for (size_t at = 0, end; at < size; at = end + 1) {
        for (end = at; end < size && text[end] != '\n';) {
            const size_t step = utf8_size(text + end, size - end);
            if (step == 0)
                return BAD("byte %zu of the description is a control character or no UTF-8", end);
            end += step;
        }
        const char *const equals = memchr(text + at, '=', end - at);
        if (end == size || !equals)
            return BAD("a line of the description is not \"key=value\" and a line end");
        const hy_text key = {text + at, (size_t)(equals - text) - at};
        const hy_text value = {equals + 1, (size_t)(text + end - equals) - 1};
        const int r = meta_line(key, value, &meta, error);
        if (r < 0)
            return r;
    }
    *ret_meta = meta;
    return 0;
}
