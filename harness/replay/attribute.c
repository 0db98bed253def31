/* SPDX-License-Identifier: MIT
 *
 * attribute.c - see attribute.h.
 */
#include "attribute.h"

#include <string.h>

static bool is_counted(const hy_stats *s) {
    return s->merge_passes != HY_UNKNOWN || s->grows != HY_UNKNOWN;
}

/* Marks each operation; false: one found no room, which the timed loop did not. */
static bool attribute_loop(hy_replay *replay, uint8_t *mark) {
    hy_heap *const heap = replay->heap;
    hy_stats before = hy_counters_read(heap);
    const hy_op *end, *op = hy_program_lane(replay->program, 0, &end);
    for (; op != end; op++) {
        if (op->kind > HY_OP_FREE)
            continue;
        if (!hy_op_do(replay, heap, op))
            return false;
        const hy_stats now = hy_counters_read(heap);
        *mark++ = (uint8_t)((now.merge_passes != before.merge_passes ? HY_MARK_MERGE : 0) |
                            (now.grows != before.grows ? HY_MARK_GROW : 0));
        before = now;
    }
    return true;
}

bool hy_attribute(hy_replay *replay, const hy_stats *timed, uint8_t *ret_marks) {
    hy_error error;
    if (!is_counted(timed) || hy_replay_renew(replay, &error) < 0 || !attribute_loop(replay, ret_marks))
        return false;
    const hy_stats again = hy_counters_read(replay->heap);
    return memcmp(timed, &again, sizeof again) == 0;
}

/* ----------------------------------------------------------------------------------------------------- slowest ---- */

/* Operations in descending order of their length. */
typedef struct slowest {
    size_t at[HY_SLOWEST];
    size_t count;
} slowest;

/* Most operations are shorter than the last, so this is one comparison nearly always. */
static void slowest_offer(slowest *s, const uint32_t *length, size_t i) {
    if (s->count == HY_SLOWEST && length[s->at[s->count - 1]] >= length[i])
        return;
    size_t place = s->count < HY_SLOWEST ? s->count++ : s->count - 1;
    for (; place > 0 && length[s->at[place - 1]] < length[i]; place--)
        s->at[place] = s->at[place - 1];
    s->at[place] = i;
}

double hy_slowest_share(const uint32_t *length, const uint8_t *marks, size_t count, uint8_t mark) {
    slowest s = {.count = 0};
    size_t marked = 0;
    for (size_t i = 0; i < count; i++)
        slowest_offer(&s, length, i);
    for (size_t i = 0; i < s.count; i++)
        marked += (marks[s.at[i]] & mark) != 0;
    return s.count ? (double)marked / (double)s.count : 0;
}
