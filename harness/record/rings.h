/* SPDX-License-Identifier: MIT
 *
 * rings.h - what the collector knows of each ring (record_layout.h), from the first record of its thread to the last.
 */
#ifndef HY_RINGS_H
#define HY_RINGS_H

#include "backlog.h"
#include "images.h"

typedef struct hy_ring {
    hy_record_ring *shared;
    hy_tray tray;
    hy_piece *pieces, *last; /* taken out of the tray; the source reads one of them */
    hy_order_source source;
    uint64_t head;  /* slots written, as seen */
    uint64_t given; /* slots given back */
    hy_stream_thread thread;
    uint64_t owner; /* as seen; 0: free */
    uint64_t safe;  /* nothing that is not drawn yet is stamped before this */
    uint64_t stalls_before, dropped_before, stall_ticks_before; /* counters of earlier owners */
    uint64_t moved;          /* when it was last seen outside of a record, or further; 0: never looked at */
    uint32_t idle, patience; /* rounds without news; until its thread is looked for */
    bool gone;               /* its thread has ended; what is written is all there will be */
} hy_ring;

/* Ring `number` of the shared memory, never seen yet. */
hy_ring hy_ring_at(const hy_share *share, uint32_t number);

/* What hy_ring_look has to know. */
typedef struct hy_ring_round {
    hy_backlog *backlog; /* locked */
    uint64_t now;        /* ticks: the fence came after that */
    bool hungry;         /* somebody looks for a ring: threads that are gone must be found */
    bool draw;           /* what is written may be drawn; else only of those that are gone */
} hy_ring_round;

/* Looks at a ring after the fence: draws what is written, lowers its image's horizon, and enters it for merging if
 * there is anything to read.  Threads with news are looked for, quiet ones ever more seldom.  0 or -errno with the
 * sentence. */
int hy_ring_look(hy_ring *ring, hy_images *images, const hy_ring_round *round, hy_error *error);

/* Gives back what has been read: pieces, and slots if nobody else does. */
void hy_ring_give_back(hy_ring *ring, hy_backlog *backlog);

/* Whether the thread has ended and its last record is read. */
static inline bool hy_ring_is_over(const hy_ring *ring) {
    return ring->owner != 0 && ring->gone && ring->source.read == ring->head;
}

/* The thread of a ring that is over ends at `ticks` (0: at the time of the last event): the ring is anybody's. */
int hy_ring_release(hy_ring *ring, hy_images *images, hy_backlog *backlog, uint64_t ticks, hy_error *error);

/* The index of its owner's image. */
static inline uint32_t hy_ring_image(const hy_ring *ring) {
    return (uint32_t)(ring->owner >> 32) - 1;
}

#endif
