/* SPDX-License-Identifier: MIT
 *
 * difference.c - see difference.h.
 */
#include "difference.h"

#include <string.h>

/* A trace as one event after the other. */
typedef struct one_by_one {
    hy_trace_reader *reader;
    const hy_event *events;
    size_t count, at;
} one_by_one;

/* 1, 0 at the end, or -errno. */
static int one_next(one_by_one *self, hy_event *ret_event, hy_error *error) {
    if (self->at == self->count) {
        const int r = hy_trace_next(self->reader, &self->events, &self->count, error);
        if (r <= 0)
            return r;
        self->at = 0;
    }
    *ret_event = self->events[self->at++];
    return 1;
}

static bool same_event(hy_event a, hy_event b, bool times) {
    if (!times)
        a.time = b.time = 0;
    return memcmp(&a, &b, sizeof a) == 0;
}

static int difference_find(one_by_one *a, one_by_one *b, bool times, hy_difference *ret, hy_error *error) {
    hy_difference found = {.number = 0};
    for (;; found.number++) {
        const int has_a = one_next(a, &found.a, error);
        const int has_b = has_a < 0 ? has_a : one_next(b, &found.b, error);
        if (has_b < 0)
            return has_b;
        found.a_has = has_a > 0;
        found.b_has = has_b > 0;
        found.differ = has_a != has_b || (has_a > 0 && !same_event(found.a, found.b, times));
        if (found.differ || has_a == 0)
            break;
    }
    *ret = found;
    return 0;
}

int hy_trace_difference(const char *a, const char *b, bool times, hy_difference *ret, hy_error *error) {
    one_by_one one = {.count = 0}, other = {.count = 0};
    int r = hy_trace_open(a, &one.reader, error);
    if (r < 0)
        return r;
    r = hy_trace_open(b, &other.reader, error);
    if (r == 0) {
        r = difference_find(&one, &other, times, ret, error);
        hy_trace_close(other.reader);
    }
    hy_trace_close(one.reader);
    return r;
}
