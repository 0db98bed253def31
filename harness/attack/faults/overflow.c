/* SPDX-License-Identifier: MIT
 *
 * overflow.c - writes that go beyond a block's end, or begin before its start.
 *
 * The block stands in the middle of a crowd of its size.  `request` is what was asked for, `usable` is what the
 * allocator says may be used: between the two lies padding, where a write hurts nobody.
 */
#include "bystanders.h"

#include <string.h>

enum { CROWD = 1000, SMALL = 50, LARGE = 1 << 20 };
enum { FULL = 64 };   /* in most allocators a block of this size has no padding */
enum { BYTE = 0x91 }; /* as the low byte of a size, larger than the true one */

static crowd bystanders;

static void *block_in_crowd(hy_victim *v, size_t count, size_t size) {
    crowd_gather(v, &bystanders, count / 2, size);
    void *const block = crowd_join(v, &bystanders, size);
    crowd_gather(v, &bystanders, count - count / 2 - 1, size);
    return block;
}

static void overrun(hy_victim *v, void *block, ptrdiff_t offset, size_t count) {
    victim_stage(v, HY_AT_OPERATION);
    if (!victim_is_control(v))
        victim_fill(block, offset, BYTE, count);
    crowd_aftermath(v, &bystanders);
}

static void past_request(hy_victim *v, size_t count) {
    overrun(v, block_in_crowd(v, CROWD, SMALL), SMALL, count);
}

static void past_usable(hy_victim *v, size_t count) {
    void *const block = block_in_crowd(v, CROWD, SMALL);
    overrun(v, block, (ptrdiff_t)victim_usable_size(v, block), count);
}

static void before(hy_victim *v, size_t count) {
    overrun(v, block_in_crowd(v, CROWD, FULL), -(ptrdiff_t)count, count);
}

static void past_request_1(hy_victim *v) {
    past_request(v, 1);
}

static void past_request_8(hy_victim *v) {
    past_request(v, 8);
}

static void past_request_64(hy_victim *v) {
    past_request(v, 64);
}

static void past_usable_1(hy_victim *v) {
    past_usable(v, 1);
}

static void past_usable_8(hy_victim *v) {
    past_usable(v, 8);
}

static void past_usable_64(hy_victim *v) {
    past_usable(v, 64);
}

static void before_1(hy_victim *v) {
    before(v, 1);
}

static void before_8(hy_victim *v) {
    before(v, 8);
}

static void before_64(hy_victim *v) {
    before(v, 64);
}

/* The end of a string, one byte too far, behind a block that the next one's header follows without padding. */
static void null_byte(hy_victim *v) {
    enum { FILLS_ITS_BLOCK = 248 };
    void *const block = block_in_crowd(v, CROWD, FILLS_ITS_BLOCK);
    const size_t usable = victim_usable_size(v, block);
    victim_stage(v, HY_AT_OPERATION);
    if (!victim_is_control(v))
        victim_write(block, (ptrdiff_t)usable, 0);
    crowd_aftermath(v, &bystanders);
}

/* The block, and all others, live until the process ends: nothing is checked when they are freed. */
static void never_freed(hy_victim *v) {
    void *const block = block_in_crowd(v, CROWD, SMALL);
    const size_t usable = victim_usable_size(v, block);
    victim_stage(v, HY_AT_OPERATION);
    if (!victim_is_control(v))
        victim_fill(block, (ptrdiff_t)usable, BYTE, 64);
    victim_stage(v, HY_LATER);
    crowd_gather_mixed(v, &bystanders);
    if (crowd_hurt(&bystanders))
        victim_silent(v, "a live block has changed");
    else
        victim_prevented(v, "no live block has changed");
}

/* The bytes right behind the block are left alone. */
static void jump(hy_victim *v) {
    void *const block = block_in_crowd(v, CROWD, SMALL);
    overrun(v, block, (ptrdiff_t)victim_usable_size(v, block) + 16, 8);
}

static void into_large(hy_victim *v, size_t distance, size_t count) {
    void *const block = block_in_crowd(v, 8, LARGE);
    overrun(v, block, (ptrdiff_t)(victim_usable_size(v, block) + distance), count);
}

static void past_large(hy_victim *v) {
    into_large(v, 0, 8);
}

static void far_past_large(hy_victim *v) {
    into_large(v, 4096, 64);
}

static void into_empty(hy_victim *v) {
    crowd_gather(v, &bystanders, CROWD / 2, 8);
    void *const empty = victim_try_alloc(v, 0);
    if (!empty) {
        victim_not_applicable(v, "a block of 0 bytes is NULL");
        return;
    }
    crowd_gather(v, &bystanders, CROWD / 2, 8);
    overrun(v, empty, 0, 32);
}

static void smash_up(hy_victim *v) {
    overrun(v, block_in_crowd(v, CROWD, SMALL), SMALL, 2000);
}

/* Downwards, as a loop that counts down and does not stop. */
static void smash_down(hy_victim *v) {
    void *const block = block_in_crowd(v, CROWD, FULL);
    victim_stage(v, HY_AT_OPERATION);
    for (ptrdiff_t i = 1; i <= 2000 && !victim_is_control(v); i++)
        victim_write(block, -i, BYTE);
    crowd_aftermath(v, &bystanders);
}

static void past_aligned(hy_victim *v) {
    crowd_gather(v, &bystanders, CROWD / 2, 200);
    void *const block = victim_aligned(v, 128, 200);
    if (!block) {
        victim_not_applicable(v, "it has no blocks that are aligned to 128");
        return;
    }
    crowd_admit(&bystanders, block, 200);
    for (size_t i = 1; i < CROWD / 2; i++)
        crowd_admit(&bystanders, victim_aligned(v, 128, 200), 200);
    overrun(v, block, (ptrdiff_t)victim_usable_size(v, block), 64);
}

/* How many items came from outside; 32 bits are not enough for the product. */
static void wrapped_product(hy_victim *v) {
    volatile uint32_t items = victim_is_control(v) ? 4 : 0x10000004u;
    const uint32_t bytes = items * 16;
    void *const block = block_in_crowd(v, CROWD, bytes);
    victim_stage(v, HY_AT_OPERATION);
    for (uint32_t i = 0; i < items && i < 8; i++) /* as many as fit into the first packet */
        victim_fill(block, 16 * (ptrdiff_t)i, BYTE, 16);
    if (victim_is_control(v))
        bystanders.member[CROWD / 2].size = 0; /* its own pattern is overwritten, rightly */
    crowd_aftermath(v, &bystanders);
}

/* By a function of the C library, which some allocators and all checkers of accesses replace. */
static void by_memcpy(hy_victim *v) {
    static char packet[256];
    void *const block = block_in_crowd(v, CROWD, SMALL);
    void *(*volatile copy)(void *, const void *, size_t) = memcpy;
    memset(packet, BYTE, sizeof packet);
    victim_stage(v, HY_AT_OPERATION);
    if (!victim_is_control(v))
        copy((char *)victim_hide(block) + SMALL, packet, 64);
    crowd_aftermath(v, &bystanders);
}

#define OVERFLOW .class = HY_SPATIAL, .cwe = 787
#define HURTS .condition = "a live block changes, or blocks that are given out later overlap"
#define HURTS_NOBODY .correct = "the write is found out, at the latest when the block is freed, or it hurts nobody"

const hy_fault hy_faults_overflow[] = {
    {.name = "overflow-request-1",
     .summary = "writes 1 byte past the 50 that were asked for",
     OVERFLOW,
     .origin = "CVE: off by one",
     HURTS,
     HURTS_NOBODY,
     .story = "Most allocators round 50 bytes up, and the extra byte lands in padding: nothing happens, today. With "
              "another size, or another allocator, it is the first byte of something.",
     .run = past_request_1},
    {.name = "overflow-request-8",
     .summary = "writes 8 bytes past the 50 that were asked for",
     OVERFLOW,
     .origin = "CVE: heap overflow",
     HURTS,
     HURTS_NOBODY,
     .story = "Whether 58 bytes fit into a block for 50 depends on how the allocator rounds: to 56, and the next "
              "block's header is hit; to 64, and nobody notices.",
     .run = past_request_8},
    {.name = "overflow-request-64",
     .summary = "writes 64 bytes past the 50 that were asked for",
     OVERFLOW,
     .origin = "CVE: heap overflow",
     HURTS,
     HURTS_NOBODY,
     .story = "No padding is that long. The write runs over the next block: over its header, if it has one, and over "
              "its contents.",
     .run = past_request_64},
    {.name = "overflow-usable-1",
     .summary = "writes 1 byte past all the bytes that are usable",
     OVERFLOW,
     .needs = HY_NEEDS_USABLE_SIZE,
     .origin = "how2heap: off by one, overlapping_chunks",
     HURTS,
     HURTS_NOBODY,
     .story = "The first byte behind the padding is the low byte of the next block's size, where sizes stand in front "
              "of blocks: the next block seems larger than it is, and when it is freed and given out again, it "
              "overlaps the one after it. Without headers it is the next block's first byte.",
     .run = past_usable_1},
    {.name = "overflow-usable-8",
     .summary = "writes 8 bytes past all the bytes that are usable",
     OVERFLOW,
     .needs = HY_NEEDS_USABLE_SIZE,
     .origin = "CVE: heap overflow",
     HURTS,
     HURTS_NOBODY,
     .story = "A whole word behind the block: a size that cannot be true, a canary that is no longer what it was, or "
              "the next owner's first word.",
     .run = past_usable_8},
    {.name = "overflow-usable-64",
     .summary = "writes 64 bytes past all the bytes that are usable",
     OVERFLOW,
     .needs = HY_NEEDS_USABLE_SIZE,
     .origin = "CVE: heap overflow",
     HURTS,
     HURTS_NOBODY,
     .story = "The write goes through whatever lies between two blocks and well into the next one.",
     .run = past_usable_64},
    {.name = "overflow-null-byte",
     .summary = "writes a byte of 0 past all the bytes that are usable",
     OVERFLOW,
     .needs = HY_NEEDS_USABLE_SIZE,
     .origin = "how2heap: poison_null_byte",
     HURTS,
     HURTS_NOBODY,
     .story = "The zero that ends a string, one byte too far: the commonest overflow of all. Where the next block's "
              "size lies, it clears the bits that say whether the block in front is used.",
     .run = null_byte},
    {.name = "overflow-never-freed",
     .summary = "writes 64 bytes past a block that lives until the end",
     OVERFLOW,
     .needs = HY_NEEDS_USABLE_SIZE,
     .origin = "CVE: heap overflow",
     .condition = "a live block changes, and no free ever looks",
     .correct = "the write is found out, at the latest when the process ends, or it hurts nobody",
     .story = "Many defences look at a block when it is freed. A server's long-lived buffer is never freed: its "
              "neighbours may be hurt for ever.",
     .run = never_freed},
    {.name = "overflow-jump",
     .summary = "writes 8 bytes behind a gap of 16 bytes past the block",
     OVERFLOW,
     .needs = HY_NEEDS_USABLE_SIZE,
     .origin = "CVE: index out of bounds",
     .condition = "a canary or header behind the block is jumped, and a live block changes",
     .correct = "the write is found out, or it hurts nobody",
     .story =
         "An index out of bounds need not touch the bytes in between. A canary right behind the block stays whole, "
         "and the neighbour is hit all the same. Only distance, or a page that may not be touched, helps.",
     .run = jump},
    {.name = "overflow-large",
     .summary = "writes 8 bytes past a block of 1 MiB",
     OVERFLOW,
     .needs = HY_NEEDS_USABLE_SIZE,
     .origin = "CVE: heap overflow",
     HURTS,
     HURTS_NOBODY,
     .story = "A large block often has pages of its own. Behind them lies nothing, and the write traps; or a guard "
              "page; or the header of the large block that was mapped before.",
     .run = past_large},
    {.name = "overflow-large-page",
     .summary = "writes 64 bytes one page past a block of 1 MiB",
     OVERFLOW,
     .needs = HY_NEEDS_USABLE_SIZE,
     .origin = "CVE: index out of bounds",
     .condition = "one guard page is jumped, and a live block changes",
     .correct = "the write is found out, or it hurts nobody",
     .story = "The write jumps over the first page behind the block. If other large blocks lie there, one of them "
              "changes.",
     .run = far_past_large},
    {.name = "overflow-empty",
     .summary = "writes 32 bytes to a block of 0 bytes",
     OVERFLOW,
     .origin = "CVE: allocation of 0 bytes",
     HURTS,
     HURTS_NOBODY,
     .story = "malloc(0) may give a pointer that must not be written through. Most allocators have 8 to 24 bytes there "
              "all the same; 32 bytes reach the neighbour.",
     .run = into_empty},
    {.name = "overflow-smash-up",
     .summary = "writes 2000 bytes past the block, one after the other",
     OVERFLOW,
     .origin = "CVE: heap overflow by a copy without end",
     HURTS,
     HURTS_NOBODY,
     .story = "A copy that does not stop runs over dozens of small blocks and all that lies between them.",
     .run = smash_up},
    {.name = "overflow-product",
     .summary = "allocates a product that wraps at 32 bits, and fills the first items",
     .class = HY_SPATIAL,
     .cwe = 680,
     .origin = "CVE: integer overflow to buffer overflow",
     HURTS,
     HURTS_NOBODY,
     .story = "0x10000004 items of 16 bytes are 4 GiB and 64 bytes; in 32 bits they are 64. malloc gives what it was "
              "asked for, and the program writes as many items as came in.",
     .run = wrapped_product},
    {.name = "overflow-memcpy",
     .summary = "copies 64 bytes past the request with memcpy",
     OVERFLOW,
     .origin = "CVE: heap overflow",
     HURTS,
     HURTS_NOBODY,
     .story = "Most overflows happen inside of a copy. An allocator that also serves memcpy could compare the length "
              "with the block's size before a byte is written.",
     .run = by_memcpy},
    {.name = "overflow-aligned",
     .summary = "writes 64 bytes past a block that is aligned to 128",
     OVERFLOW,
     .needs = HY_NEEDS_USABLE_SIZE,
     .origin = "CVE: heap overflow",
     HURTS,
     HURTS_NOBODY,
     .story = "Aligned blocks have padding in front of them or behind them, and their own way through the allocator, "
              "with checks of its own or with none.",
     .run = past_aligned},
    {.name = "underflow-1",
     .summary = "writes 1 byte in front of a block of 64",
     .class = HY_SPATIAL,
     .cwe = 124,
     .origin = "CVE: buffer underwrite",
     HURTS,
     HURTS_NOBODY,
     .story = "The byte in front is the high byte of the block's own header, or the last one of the block in front, or "
              "that one's padding.",
     .run = before_1},
    {.name = "underflow-8",
     .summary = "writes 8 bytes in front of a block of 64",
     .class = HY_SPATIAL,
     .cwe = 124,
     .origin = "CVE: buffer underwrite",
     HURTS,
     HURTS_NOBODY,
     .story = "The word in front is the block's own header, where there are headers: free reads a size there that was "
              "never written by the allocator.",
     .run = before_8},
    {.name = "underflow-64",
     .summary = "writes 64 bytes in front of a block of 64",
     .class = HY_SPATIAL,
     .cwe = 124,
     .origin = "CVE: buffer underwrite",
     HURTS,
     HURTS_NOBODY,
     .story = "The write covers the header and the end of the block in front.",
     .run = before_64},
    {.name = "underflow-smash-down",
     .summary = "writes 2000 bytes in front of the block, one after the other, downwards",
     .class = HY_SPATIAL,
     .cwe = 124,
     .origin = "CVE: buffer underwrite",
     HURTS,
     HURTS_NOBODY,
     .story = "A loop that counts down and misses its end runs over the blocks in front, last byte first.",
     .run = smash_down},
    {.name = NULL},
};
