/* SPDX-License-Identifier: MIT
 *
 * seg_post.h - blocks that one thread allocated and another frees: collected by class, sent as rings, without a lock.
 *
 *  1. The freeing thread's local has an outbox: rings, each of blocks of one class of one other local, found by the
 *     address of that class's shelf.  A block joins its ring, or takes the place of a ring that is sent for it.
 *  2. A ring is sent by one exchange on the inbox of the local that has the blocks.  Message and count lie in its last
 *     block.  When more than `remote` bytes wait in the outbox, some rings are sent in turn.
 *  3. The owner takes its inbox when a page is exhausted, before it asks for memory, and hangs each ring onto the
 *     shelf as a whole; the blocks are not touched one by one, unless so many came that it does not need.
 *  4. What is sent to a local without a thread is taken in by the sender, under the heap's lock.
 *
 * Messages instead of locks are snmalloc's (Lietar et al., ISMM 2019); to batch at the sender is from N. Filardo, M.
 * Parkinson, BatchIt, ISMM 2024, there by page.
 */
#ifndef SEG_POST_H
#define SEG_POST_H

#include "seg_heap.h"

/* Rings that one allocation takes in, and that one free sends, so that they take bounded time. */
#define SEG_MOST_RINGS 8
#define SEG_MOST_SENT 4

/* Frees a block of another local's arena.  `local` may be NULL: the thread has none, and there is no memory for one. */
void seg_post_free(seg_local *local, seg_arena *arena, void *block);

/* The usual case of seg_post_free, without a call: others of its page wait in the outbox.  False: it is not that case,
 * and nothing was done.  `local` may be NULL. */
bool seg_post_quick(seg_local *local, void *address);

/* Sends all that waits in the outbox. */
void seg_post_flush(seg_local *local);

/* Bytes of an outbox, for who unmaps it. */
static inline size_t seg_outbox_size(void) {
    return SEG_OUTBOX * sizeof(seg_ring);
}

/* Forgets all that was sent or waits: nothing lives any more. */
static inline void seg_post_forget(seg_local *local) {
    for (unsigned i = 0; local->outbox && i < SEG_OUTBOX; i++)
        local->outbox[i].shelf = NULL;
    local->outbox_bytes = 0;
    local->pending = local->inbox = NULL;
}

/* Takes in what was sent to the local, `most` rings of it. */
void seg_post_drain_some(seg_local *local, size_t most);

static inline void seg_post_drain(seg_local *local, size_t most) {
    if (local->pending || __atomic_load_n(&local->inbox, __ATOMIC_RELAXED))
        seg_post_drain_some(local, most);
}

#endif
