/* SPDX-License-Identifier: MIT
 *
 * backlog.h - records that were copied out of the rings and are not merged yet.
 *
 * To merge and encode a record takes ten times as long as to write it.  So that a program that allocates in a rush goes
 * on, a thread of the collector's own, the pump, does nothing but copy rings that are half full and give them back.
 *
 *   - What is drawn from a ring goes into pieces: whole records, in order.  They wait in the ring's tray until the
 * merging thread takes them over; all trays have one lock.  Pieces are used again and again.
 *   - The pump draws while less than HY_BACKLOG_PIECES wait.  The merging thread draws as well, when it looks at a
 * ring; with more waiting, only if there is nothing else that it could merge.
 *   - With sites, slots are given back when their addresses have been looked up, and there is no pump: the program must
 *     be able to wait for that (record_layout.h).
 *
 * Memory: HY_BACKLOG_PIECES, and once more as much as the rings have; more while nothing of it can be merged (a thread
 * stopped in the midst of a record, a child whose parent's fork is not seen yet).
 */
#ifndef HY_BACKLOG_H
#define HY_BACKLOG_H

#include "share.h"

#include <pthread.h>
#include <stdbool.h>

enum {
    HY_PIECE_SLOTS = 2047, /* 32 KiB with what stands before them */
    HY_BACKLOG_PIECES = 4096
};

typedef struct hy_piece {
    struct hy_piece *next;
    uint64_t count; /* of slots */
    hy_raw_slot slots[HY_PIECE_SLOTS];
} hy_piece;

typedef struct hy_backlog {
    pthread_mutex_t lock;       /* of all trays */
    pthread_mutex_t spare_lock; /* of the spare ones, for a moment each time */
    hy_piece *spare;
    uint32_t held; /* pieces in use */
    bool pumped;   /* slots are given back when they are copied */
} hy_backlog;

/* Between a ring and its merging.  Under the lock but for what never changes. */
typedef struct hy_tray {
    hy_record_ring *shared;
    hy_raw_ring slots;
    uint64_t drawn;   /* slots so far */
    hy_raw_slot last; /* of them */
    hy_piece *first, *end;
} hy_tray;

static inline bool hy_backlog_is_full(const hy_backlog *backlog) {
    return __atomic_load_n(&backlog->held, __ATOMIC_RELAXED) >= HY_BACKLOG_PIECES;
}

void hy_backlog_init(hy_backlog *backlog);
/* When no piece is in use. */
void hy_backlog_destroy(hy_backlog *backlog);

/* Copies the slots before `head`, under the lock.  0, -ENOMEM, or -EPROTO: these are no records. */
int hy_backlog_draw(hy_backlog *backlog, hy_tray *tray, uint64_t head);

/* What lies in the tray goes to the end of `last`, if it fits: many pieces with little in them would take much memory.
 */
bool hy_backlog_join(hy_backlog *backlog, hy_tray *tray, hy_piece *last);

/* Pieces from `first` on up to `end` are spare. */
void hy_backlog_spare(hy_backlog *backlog, hy_piece *first, const hy_piece *end);

#endif
