/* SPDX-License-Identifier: MIT
 *
 * seg_post.h - blocks that one thread allocated and another frees: collected by page, sent as rings, without a lock.
 *
 *  1. The freeing thread's local has an outbox: a few rings, each of blocks of one page, found by the page's address. A
 *     block joins its page's ring, or takes the place of a ring that is sent for it.
 *  2. A ring is sent by one exchange on the inbox of the local that has the page.  Message and count lie in its last
 *     block.  When more than `remote` bytes wait in the outbox, all is sent.
 *  3. The owner takes its inbox when a page is exhausted, before it asks for memory, and hangs each ring into its
 * page's free list as a whole; the blocks are not touched one by one.
 *  4. What is sent to a local without a thread is taken in by the sender, under the heap's lock.
 *
 * Messages instead of locks are snmalloc's (Lietar et al., ISMM 2019); to batch by page at the sender is from N.
 * Filardo, M. Parkinson, BatchIt, ISMM 2024.
 */
#ifndef SEG_POST_H
#define SEG_POST_H

#include "seg_heap.h"

/* Rings that one allocation takes in, so that it takes bounded time. */
#define SEG_MOST_RINGS 8

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
