/* SPDX-License-Identifier: MIT
 *
 * guard_block.h - what lies around a guarded block: head, seal and tail; writing them, and judging a block by them.
 *
 *   inner block  [offset to the block | padding for the alignment | head: seal, size, offset | block | canary bytes]
 */
#ifndef GUARD_BLOCK_H
#define GUARD_BLOCK_H

#include "support.h"

#include <string.h>

#define GUARD_FRONT ((size_t)32)          /* the offset, then the head */
#define GUARD_LIVE ((uint64_t)0x4c495645) /* mixed into a seal: alive or dead */
#define GUARD_DEAD ((uint64_t)0x44454144)

/* What all blocks of one heap are guarded by. */
typedef struct guard_fence {
    uint64_t key; /* secret */
    size_t tail;  /* canary bytes */
} guard_fence;

/* Right in front of the caller's bytes; also at odd addresses, so it is copied in and out. */
typedef struct guard_head {
    uint64_t seal;
    uint64_t size;  /* as asked for */
    uint64_t front; /* bytes from the inner block to the caller's */
} guard_head;

static inline uint64_t guard_mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static inline uint64_t guard_seal(const guard_fence *fence, const char *block, const guard_head *head, uint64_t state) {
    return guard_mix(guard_mix(fence->key ^ (uintptr_t)block) + guard_mix(head->size ^ state) + head->front);
}

static inline guard_head guard_read(const char *block) {
    guard_head head;
    memcpy(&head, block - sizeof head, sizeof head);
    return head;
}

static inline unsigned char guard_tail_byte(const guard_fence *fence, size_t i) {
    return (unsigned char)(fence->key >> i % 8 * 8);
}

/* Writes everything around the caller's bytes. */
static inline void guard_write(const guard_fence *fence, char *block, size_t size, size_t front, uint64_t state) {
    guard_head head = {.size = size, .front = front};
    head.seal = guard_seal(fence, block, &head, state);
    memcpy(block - sizeof head, &head, sizeof head);
    memcpy(block - front, &head.front, sizeof head.front);
    for (size_t i = 0; i < fence->tail; i++)
        block[size + i] = (char)guard_tail_byte(fence, i);
}

static inline bool guard_is_dead(const guard_fence *fence, const char *block) {
    const guard_head head = guard_read(block);
    return head.seal == guard_seal(fence, block, &head, GUARD_DEAD);
}

/* What is wrong with a block that should live, or NULL. */
static inline const char *guard_judge(const guard_fence *fence, const char *block) {
    const guard_head head = guard_read(block);
    if (guard_is_dead(fence, block))
        return "was freed before: double free, or use after free";
    if (head.seal != guard_seal(fence, block, &head, GUARD_LIVE))
        return "is no block of this heap, or the bytes in front of it were overwritten, or it was freed before";
    for (size_t i = 0; i < fence->tail; i++)
        if ((unsigned char)block[head.size + i] != guard_tail_byte(fence, i))
            return "was written behind its end: overflow";
    return NULL;
}

#endif
