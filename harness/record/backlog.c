/* SPDX-License-Identifier: MIT */
#include "backlog.h"

#include "slots.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS_IN_LINE = 4, SLOTS_AHEAD = 32 };

/* Takes the lines away from the other processor while reading them.  If both had a copy, its thread's next store would
 * have to ask for permission, line by line; a line that it has lost is fetched ahead.  That is 20 ns a record here. */
static void backlog_copy(hy_raw_ring from, uint64_t start, hy_piece *piece, uint64_t count) {
    hy_raw_slot *const to = piece->slots + piece->count;
    for (uint64_t i = 0; i < count; i++) {
        hy_raw_slot *const slot = hy_raw_ring_at(from, start + i);
        to[i] = *slot;
        if ((start + i) % SLOTS_IN_LINE != SLOTS_IN_LINE - 1)
            continue;
        slot->first = 0;
        if (i + SLOTS_AHEAD < count)
            __builtin_prefetch(hy_raw_ring_at(from, start + i + SLOTS_AHEAD), 1);
    }
}

/* How many of `count` slots go into `room` of them: whole records. */
static uint64_t backlog_fit(hy_raw_ring from, uint64_t start, uint64_t count, uint64_t room) {
    if (count <= room)
        return count;
    while (room > 0 && hy_slots_is_prefix(hy_raw_ring_at(from, start + room - 1)))
        room--;
    return room;
}

static hy_piece *backlog_take_spare(hy_backlog *backlog) {
    pthread_mutex_lock(&backlog->spare_lock);
    hy_piece *const piece = backlog->spare;
    if (piece)
        backlog->spare = piece->next;
    pthread_mutex_unlock(&backlog->spare_lock);
    return piece;
}

/* An empty piece at the end of the tray. */
static hy_piece *backlog_add(hy_backlog *backlog, hy_tray *tray) {
    hy_piece *piece = backlog_take_spare(backlog);
    if (!piece)
        piece = malloc(sizeof *piece);
    if (!piece)
        return NULL;
    piece->next = NULL;
    piece->count = 0;
    *(tray->first ? &tray->end->next : &tray->first) = piece;
    tray->end = piece;
    __atomic_add_fetch(&backlog->held, 1, __ATOMIC_RELAXED);
    return piece;
}

/* As many as go into the last piece, or into a new one. */
static int backlog_draw_some(hy_backlog *backlog, hy_tray *tray, uint64_t head) {
    const uint64_t wanted = head - tray->drawn;
    hy_piece *piece = tray->first ? tray->end : NULL;
    uint64_t count = piece ? backlog_fit(tray->slots, tray->drawn, wanted, HY_PIECE_SLOTS - piece->count) : 0;
    if (count == 0) {
        count = backlog_fit(tray->slots, tray->drawn, wanted, HY_PIECE_SLOTS);
        if (count == 0)
            return -EPROTO;
        if (!(piece = backlog_add(backlog, tray)))
            return -ENOMEM;
    }
    backlog_copy(tray->slots, tray->drawn, piece, count);
    piece->count += count;
    tray->last = piece->slots[piece->count - 1];
    tray->drawn += count;
    return 0;
}

int hy_backlog_draw(hy_backlog *backlog, hy_tray *tray, uint64_t head) {
    const uint64_t before = tray->drawn;
    int r = head - before > tray->slots.mask + 1 ? -EPROTO : 0;
    while (r == 0 && tray->drawn != head)
        r = backlog_draw_some(backlog, tray, head);
    if (backlog->pumped && tray->drawn != before)
        hy_share_publish(tray->shared, tray->drawn, tray->slots.mask / 8);
    return r;
}

void hy_backlog_spare(hy_backlog *backlog, hy_piece *first, const hy_piece *end) {
    if (first == end)
        return;
    uint32_t count = 1;
    hy_piece *last = first;
    for (; last->next != end; last = last->next)
        count++;
    pthread_mutex_lock(&backlog->spare_lock);
    last->next = backlog->spare;
    backlog->spare = first;
    pthread_mutex_unlock(&backlog->spare_lock);
    __atomic_sub_fetch(&backlog->held, count, __ATOMIC_RELAXED);
}

bool hy_backlog_join(hy_backlog *backlog, hy_tray *tray, hy_piece *last) {
    const hy_piece *const piece = tray->first;
    if (piece != tray->end || last->count + piece->count > HY_PIECE_SLOTS)
        return false;
    memcpy(last->slots + last->count, piece->slots, piece->count * sizeof *piece->slots);
    last->count += piece->count;
    hy_backlog_spare(backlog, tray->first, NULL);
    tray->first = tray->end = NULL;
    return true;
}

void hy_backlog_init(hy_backlog *backlog) {
    *backlog = (hy_backlog){.held = 0};
    pthread_mutex_init(&backlog->lock, NULL);
    pthread_mutex_init(&backlog->spare_lock, NULL);
}

void hy_backlog_destroy(hy_backlog *backlog) {
    for (hy_piece *piece = backlog->spare, *next; piece; piece = next) {
        next = piece->next;
        free(piece);
    }
    pthread_mutex_destroy(&backlog->lock);
    pthread_mutex_destroy(&backlog->spare_lock);
}
