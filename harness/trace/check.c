/* SPDX-License-Identifier: MIT
 *
 * check.c - see check.h.
 */
#include "check.h"

#include <errno.h>
#include <inttypes.h>

#define BAD(...) hy_fail(error, -EINVAL, __VA_ARGS__)

static int check_size(hy_check *check, const hy_event *event, hy_error *error) {
    if (event->size > HY_EVENT_MAX_SIZE)
        return BAD("a size of %" PRIu64 " bytes, more than any object can have", event->size);
    if (event->size > HY_EVENT_MAX_TOTAL - check->total)
        return BAD("all sizes together exceed 2^63 bytes");
    check->total += event->size;
    return 0;
}

static int check_birth(hy_check *check, const hy_event *event, hy_error *error) {
    if (event->id != check->live.born)
        return BAD("%s makes object %" PRIu64 "; expected %" PRIu64 ", the next birth number",
                   hy_event_name(event->kind), event->id, check->live.born);
    if (event->align > (event->kind == HY_EVENT_ALIGNED ? HY_EVENT_MAX_ALIGN : 0))
        return BAD("an alignment of 2^%u for %s; expected at most 2^%u", event->align, hy_event_name(event->kind),
                   event->kind == HY_EVENT_ALIGNED ? HY_EVENT_MAX_ALIGN : 0);
    if (check->live.alive >= HY_EVENT_MAX_LIVE)
        return BAD("more than 2^32 living objects");
    const int r = check_size(check, event, error);
    if (r < 0)
        return r;
    return hy_live_add(&check->live) < 0 ? hy_fail(error, -ENOMEM, "no memory to note one more living object") : 0;
}

static int check_touch(hy_check *check, const hy_event *event, hy_error *error) {
    if (event->id >= check->live.born)
        return BAD("%s of object %" PRIu64 "; only %" PRIu64 " were born", hy_event_name(event->kind), event->id,
                   check->live.born);
    if (!hy_live_has(&check->live, event->id))
        return BAD("%s of object %" PRIu64 ", which is dead", hy_event_name(event->kind), event->id);
    if (event->align != 0)
        return BAD("an alignment for %s", hy_event_name(event->kind));
    if (event->kind == HY_EVENT_REALLOC)
        return event->size == 0 ? BAD("realloc to size 0, which is a free") : check_size(check, event, error);
    if (event->size != 0)
        return BAD("a size for free");
    hy_live_remove(&check->live, event->id);
    return 0;
}

int hy_check_event(hy_check *check, const hy_event *event, hy_error *error) {
    if (event->thread > check->threads || event->thread == UINT32_MAX)
        return BAD("thread %" PRIu32 "; expected at most %" PRIu64 ", the next new number", event->thread,
                   check->threads);
    if (event->time < check->time || event->time > HY_EVENT_MAX_TOTAL)
        return BAD("a time of %" PRIu64 " ns after one of %" PRIu64 " ns", event->time, check->time);
    if (event->zero != 0)
        return BAD("an event with a value where 0 is expected");
    int r = 0;
    if (hy_event_is_birth(event))
        r = check_birth(check, event, error);
    else if (event->kind <= HY_EVENT_FREE)
        r = check_touch(check, event, error);
    else if (event->kind >= HY_EVENT_KINDS)
        r = BAD("an unknown kind of event, %u", event->kind);
    else if (event->id != 0 || event->size != 0 || event->align != 0)
        r = BAD("an object, size or alignment for %s", hy_event_name(event->kind));
    if (r < 0)
        return r;
    check->threads += event->thread == check->threads;
    check->time = event->time;
    return 0;
}

void hy_check_clear(hy_check *check) {
    hy_live_clear(&check->live);
    *check = (hy_check){.time = 0};
}
