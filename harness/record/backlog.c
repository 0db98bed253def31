/* SPDX-License-Identifier: MIT */
#include "backlog.h"

#include <errno.h>
#include <stdlib.h>

enum { SLOTS_IN_LINE = 4, SLOTS_AHEAD = 32 };

/* Takes the lines away from the other processor while reading them.  If both had a copy, its thread's next store would
 * have to ask for permission, line by line; a line that it has lost is fetched ahead.  That is 20 ns a record here. */
static void backlog_copy(hy_raw_ring from, uint64_t start, hy_piece *piece) {
    for (uint64_t i = 0; i < piece->count; i++) {
        hy_raw_slot *const slot = hy_raw_ring_at(from, start + i);
        piece->slots[i] = *slot;
        if ((start + i) % SLOTS_IN_LINE != SLOTS_IN_LINE - 1)
            continue;
        slot->first = 0;
        if (i + SLOTS_AHEAD < piece->count)
            __builtin_prefetch(hy_raw_ring_at(from, start + i + SLOTS_AHEAD), 1);
    }
}

int hy_backlog_draw(hy_backlog *backlog, hy_tray *tray, uint64_t head) {
    const uint64_t count = head - tray->drawn;
    if (count == 0)
        return 0;
    if (count > tray->slots.mask + 1)
        return -EPROTO;
    hy_piece *const piece = malloc(sizeof *piece + count * sizeof *piece->slots);
    if (!piece)
        return -ENOMEM;
    piece->next = NULL;
    piece->count = count;
    backlog_copy(tray->slots, tray->drawn, piece);
    *(tray->first ? &tray->end->next : &tray->first) = piece;
    tray->end = piece;
    tray->last = piece->slots[count - 1];
    tray->drawn = head;
    __atomic_add_fetch(&backlog->held, count, __ATOMIC_RELAXED);
    if (backlog->pumped)
        hy_share_publish(tray->shared, head, tray->slots.mask / 8);
    return 0;
}

void hy_backlog_free(hy_backlog *backlog, hy_piece *first, const hy_piece *end) {
    while (first != end) {
        hy_piece *const next = first->next;
        __atomic_sub_fetch(&backlog->held, first->count, __ATOMIC_RELAXED);
        free(first);
        first = next;
    }
}
