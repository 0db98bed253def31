/* SPDX-License-Identifier: MIT */
#include "rings.h"

#include "clock.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PATIENCE_MOST = 64, STOPPED_NS = 50000000 };

hy_ring hy_ring_at(const hy_share *share, uint32_t number) {
    hy_record_ring *const shared = hy_record_ring_at(share->head, number);
    return (hy_ring){.shared = shared,
                     .tray = {.shared = shared, .slots = hy_record_slots_at(share->head, number)},
                     .source = {.number = number}};
}

static int ring_spoilt(hy_error *error) {
    return hy_fail(error, -EPROTO, "the recorded program has overwritten the recorder's memory");
}

static hy_image *ring_image(const hy_ring *ring, const hy_images *images) {
    return images->all[hy_ring_image(ring)];
}

/* The first look at a ring that has an owner.  Without an image, that has entered after this round took in what is new:
 * nothing of it matters before the next. */
static int ring_adopt(hy_ring *ring, const hy_images *images, uint64_t owner, hy_error *error) {
    const uint64_t process = (owner >> 32) - 1;
    if (process >= HY_RECORD_PROCESSES)
        return ring_spoilt(error);
    if (!images->all[process])
        return 0;
    ring->owner = owner;
    ring->thread = (hy_stream_thread){.number = 0};
    ring->idle = 0;
    ring->moved = 0;
    ring->patience = 1;
    ring->gone = false;
    return 0;
}

static bool ring_is_orphaned(const hy_ring *ring, const hy_image *image) {
    if (image->dead)
        return true;
    return image->visible && syscall(SYS_tgkill, image->process->pid, (uint32_t)ring->owner, 0) < 0 && errno == ESRCH;
}

/* Before the head is read, so that what a thread that is gone has written is complete. */
static void ring_look_for_thread(hy_ring *ring, const hy_image *image, bool hungry) {
    const bool news = __atomic_load_n(&ring->shared->head, __ATOMIC_RELAXED) != ring->head;
    ring->idle = news ? 0 : ring->idle + 1;
    if (!news && !hungry && !image->dead && ring->idle < ring->patience)
        return;
    ring->gone = ring_is_orphaned(ring, image);
    if (news)
        return;
    ring->idle = 0;
    ring->patience = ring->patience < PATIENCE_MOST ? 2 * ring->patience : PATIENCE_MOST;
}

/* What lies in the tray is merged from now on. */
static void ring_take_tray(hy_ring *ring, hy_backlog *backlog) {
    hy_tray *const tray = &ring->tray;
    if (!tray->first)
        return;
    if (ring->pieces && hy_backlog_join(backlog, tray, ring->last)) {
        if (ring->source.piece == ring->last)
            ring->source.head = ring->last->count;
        return;
    }
    if (ring->pieces) {
        ring->last->next = tray->first;
    } else {
        ring->pieces = ring->source.piece = tray->first;
        ring->source.ring = (hy_raw_ring){tray->first->slots, UINT64_MAX};
        ring->source.tail = 0;
        ring->source.head = tray->first->count;
    }
    ring->last = tray->end;
    tray->first = tray->end = NULL;
}

static int ring_draw(hy_ring *ring, const hy_ring_round *round, uint64_t head, hy_error *error) {
    const int r = round->draw || ring->gone ? hy_backlog_draw(round->backlog, &ring->tray, head) : 0;
    ring_take_tray(ring, round->backlog);
    return r == -ENOMEM ? hy_fail(error, r, "no memory for what the program has written")
           : r < 0      ? ring_spoilt(error)
                        : 0;
}

/* `active` first, then the head.  A thread that stays in the middle of a record is stopped there (by a signal handler
 * that waits for another thread, say): the others must not wait for it.  Nothing that depends on its record can happen
 * before it goes on, so the record may come late. */
static int ring_read_head(hy_ring *ring, const hy_ring_round *round, uint64_t patience, hy_error *error) {
    const bool active = __atomic_load_n(&ring->shared->active, __ATOMIC_ACQUIRE) != 0;
    const uint64_t head = __atomic_load_n(&ring->shared->head, __ATOMIC_ACQUIRE), now = round->now;
    const int r = ring_draw(ring, round, head, error);
    if (r < 0)
        return r;
    if (!active || head != ring->head || ring->moved == 0)
        ring->moved = now;
    ring->head = head;
    ring->source.now = hy_ticks();
    const bool all = ring->tray.drawn == head;
    const uint64_t last = ring->tray.drawn > ring->source.read ? hy_slots_ticks(&ring->tray.last, ring->source.now) : 0;
    if (all && (!active || ring->gone || now - ring->moved > patience))
        ring->safe = now;
    else if (last > ring->safe + HY_RAW_LOOK_AHEAD)
        ring->safe = last - HY_RAW_LOOK_AHEAD; /* the next may be stamped a little too early */
    return 0;
}

int hy_ring_look(hy_ring *ring, hy_images *images, const hy_ring_round *round, hy_error *error) {
    const uint64_t owner = __atomic_load_n(&ring->shared->owner, __ATOMIC_ACQUIRE);
    int r = 0;
    if (owner == 0)
        ring->safe = round->now;
    else if (ring->owner == 0)
        r = ring_adopt(ring, images, owner, error);
    if (owner == 0 || ring->owner == 0 || r < 0)
        return r;
    hy_image *const image = ring_image(ring, images);
    ring_look_for_thread(ring, image, round->hungry);
    r = ring_read_head(ring, round, (uint64_t)(STOPPED_NS / images->tick), error);
    if (r < 0)
        return r;
    if (ring->safe < image->horizon && !image->dead)
        image->horizon = ring->safe;
    return hy_order_turn(&ring->source) && hy_order_add(&image->order, &ring->source) < 0
               ? hy_fail(error, -ENOMEM, "no memory to merge %zu threads", image->order.count)
               : 0;
}

void hy_ring_give_back(hy_ring *ring, hy_backlog *backlog) {
    if (!ring->pieces)
        return;
    hy_piece *const keep = hy_order_turn(&ring->source) ? ring->source.piece : NULL;
    hy_backlog_spare(backlog, ring->pieces, keep);
    ring->pieces = ring->source.piece = keep;
    ring->given = ring->source.read;
    if (!backlog->pumped)
        hy_share_publish(ring->shared, ring->source.read, ring->tray.slots.mask / 8);
}

int hy_ring_release(hy_ring *ring, hy_images *images, hy_backlog *backlog, uint64_t ticks, hy_error *error) {
    hy_image *const image = ring_image(ring, images);
    hy_record_ring *const shared = ring->shared;
    const int r = hy_stream_end_thread(&image->stream, &ring->thread, ticks, error);
    hy_ring_give_back(ring, backlog);
    image->dropped += shared->dropped - ring->dropped_before;
    images->outcome.stalls += shared->stalls - ring->stalls_before;
    images->outcome.stall_time += (double)(shared->stall_ticks - ring->stall_ticks_before) * images->tick;
    ring->stalls_before = shared->stalls;
    ring->stall_ticks_before = shared->stall_ticks;
    ring->dropped_before = shared->dropped;
    ring->owner = 0;
    __atomic_store_n(&shared->active, 0, __ATOMIC_RELAXED); /* killed while it wrote */
    __atomic_store_n(&shared->owner, 0, __ATOMIC_RELEASE);
    return r;
}
