/* SPDX-License-Identifier: MIT
 *
 * seg_post.c - outbox and inbox (see seg_post.h).
 */
#include "seg_post.h"

#include "seg_arena.h"
#include "seg_local.h"
#include "seg_page.h"

/* A message: the next one, and in the upper bits, that addresses of user space leave free, how many blocks. */
#define MESSAGE_SHIFT 48
#define MESSAGE_MOST 48 /* blocks in a ring, so that its owner can sort it in bounded time */

/* A local is longer than 1 << OUTBOX_UPPER bytes; a step shorter than what SEG_OUTBOX has beyond the classes makes no
 * two shelves of one local meet. */
#define OUTBOX_UPPER 14
#define OUTBOX_STEP 23

static uintptr_t message_of(const seg_block *next, size_t count) {
    return (uintptr_t)next | (uintptr_t)count << MESSAGE_SHIFT;
}

static seg_block *message_next(const seg_block *last) {
    return (seg_block *)(last->message & (((uintptr_t)1 << MESSAGE_SHIFT) - 1));
}

static size_t message_count(const seg_block *last) {
    return last->message >> MESSAGE_SHIFT;
}

/* -------------------------------------------------------------------------------------------------- sending ---- */

static void ring_send(const seg_ring *ring) {
    seg_local *const owner = ring->owner;
    seg_block *before = __atomic_load_n(&owner->inbox, __ATOMIC_RELAXED);
    do
        ring->last->message = message_of(before, ring->count);
    while (!__atomic_compare_exchange_n(&owner->inbox, &before, ring->last, true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
    if (__atomic_load_n(&owner->idle, __ATOMIC_SEQ_CST))
        seg_local_tend(owner);
}

static void outbox_send(seg_local *local, seg_ring *ring) {
    const seg_ring sent = *ring;
    *ring = (seg_ring){.shelf = NULL};
    local->outbox_bytes -= (size_t)sent.count * sent.block_size;
    ring_send(&sent);
}

void seg_post_flush(seg_local *local) {
    for (unsigned i = 0; i < SEG_OUTBOX && local->outbox_bytes > 0; i++)
        if (local->outbox[i].shelf)
            outbox_send(local, &local->outbox[i]);
}

/* Too much waits.  Rings are sent in turns, so that one free takes bounded time. */
static __attribute__((noinline)) bool outbox_relieve(seg_local *local) {
    for (unsigned left = SEG_MOST_SENT; left > 0 && local->outbox_bytes > 0; local->sent++) {
        seg_ring *const ring = &local->outbox[local->sent % SEG_OUTBOX];
        if (!ring->shelf)
            continue;
        outbox_send(local, ring);
        left--;
    }
    return true;
}

/* The shelves of a local lie side by side, so they spread well.  Those of another may lie a multiple of the outbox's
 * length away, and would push each other out all the time: so upper bits count, too. */
static seg_ring *outbox_ring(seg_local *local, const seg_span *shelf) {
    const uintptr_t at = (uintptr_t)shelf;
    return &local->outbox[(at / sizeof *shelf + (at >> OUTBOX_UPPER) * OUTBOX_STEP) % SEG_OUTBOX];
}

/* The shelf of the block's class, or NULL if it is a large one.  A shelf is told by its address, for its owner writes
 * it all the time. */
static seg_span *post_shelf(const seg_arena *arena, const void *block) {
    seg_span *const span = seg_span_seen(arena, block), *const shelves = arena->local->shelves;
    if ((size_t)((char *)span - (char *)shelves) < sizeof arena->local->shelves)
        return span;
    return span->kind == SEG_PAGE ? &shelves[span->size_class] : NULL;
}

static bool outbox_ready(seg_local *local) {
    if (!local->outbox)
        local->outbox = (seg_ring *)hy_instance_map(local->heap->meta, seg_outbox_size());
    return local->outbox;
}

static void outbox_add(seg_local *local, seg_local *owner, seg_span *shelf, seg_block *block) {
    seg_ring *const ring = outbox_ring(local, shelf);
    if (ring->shelf != shelf || ring->count == MESSAGE_MOST) {
        if (ring->shelf)
            outbox_send(local, ring);
        block->next = block;
        *ring = (seg_ring){shelf, owner, block, 1, (uint32_t)seg_class_size((unsigned)(shelf - owner->shelves))};
    } else {
        block->next = ring->last->next;
        ring->last->next = block;
        ring->count++;
    }
    local->outbox_bytes += ring->block_size;
    if (local->outbox_bytes > local->heap->params.remote)
        outbox_relieve(local);
}

bool seg_post_quick(seg_local *local, void *address) {
    if (!local || !local->outbox)
        return false;
    const seg_heap *const self = local->heap;
    const seg_space *const space = &self->few[0];
    const size_t size = __atomic_load_n(&space->size, __ATOMIC_ACQUIRE);
    const size_t at = (size_t)((const char *)address - __atomic_load_n(&space->base, __ATOMIC_ACQUIRE));
    if (at >= size)
        return false;
    const seg_arena *const arena = __atomic_load_n(&space->arena[at >> space->shift], __ATOMIC_ACQUIRE);
    const seg_span *const shelf = post_shelf(arena, address);
    seg_ring *const ring = outbox_ring(local, shelf);
    if (ring->shelf != shelf || !shelf || ring->count == MESSAGE_MOST)
        return false;
    seg_block *const block = (seg_block *)address;
    block->next = ring->last->next;
    ring->last->next = block;
    ring->count++;
    local->outbox_bytes += ring->block_size;
    return local->outbox_bytes <= self->params.remote ? true : outbox_relieve(local);
}

void seg_post_free(seg_local *local, seg_arena *arena, void *address) {
    seg_block *const block = (seg_block *)address;
    seg_span *const shelf = post_shelf(arena, address);
    if (local && shelf && outbox_ready(local)) {
        outbox_add(local, arena->local, shelf, block);
        return;
    }
    block->next = block;
    const seg_ring alone = {shelf, arena->local, block, 1, 0};
    ring_send(&alone);
}

/* ------------------------------------------------------------------------------------------------ taking in ---- */

/* How many rings that was worth. */
static size_t ring_receive(seg_local *local, seg_block *last) {
    seg_arena *const arena = seg_arena_of(local, last);
    seg_span *const span = arena->map[seg_slice_of(arena, last)];
    if (span->kind != SEG_LARGE)
        return seg_page_return(local, span->size_class, last, message_count(last)) ? SEG_MOST_RINGS : 1;
    seg_page_freed(local, span);
    return 1;
}

void seg_post_drain_some(seg_local *local, size_t most) {
    while (most > 0) {
        if (!local->pending)
            local->pending = __atomic_exchange_n(&local->inbox, NULL, __ATOMIC_ACQUIRE);
        seg_block *const last = local->pending;
        if (!last)
            return;
        local->pending = message_next(last);
        most -= hy_min(most, ring_receive(local, last));
    }
}
