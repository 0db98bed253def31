/* SPDX-License-Identifier: MIT
 *
 * double_free.c - blocks that are freed twice, in all the ways that allocators look for, or do not.
 *
 * A double free has done its harm when two blocks that are alive share a place.
 */
#include "bystanders.h"

enum { SMALL = 48, MEDIUM = 3000, LARGE = 1 << 20 };
enum { FEW = 64, MANY = 1200, NEIGHBOURS = 8 };

static crowd owners;

/* After the second free: new owners, who must not get what others have. */
static void judge_owners(hy_victim *v, size_t many, size_t size) {
    victim_stage(v, HY_LATER);
    if (crowd_gather_shared(v, &owners, many, size))
        victim_taken(v, "a block was given out that lies where a live one is");
    crowd_settle(&owners);
    victim_shake(v);
    victim_prevented(v, "%zu live blocks have each its own place", owners.count);
}

/* A block among live ones of its size: its page, if it has one, is never empty. */
static void *block_among_others(hy_victim *v, size_t size) {
    const size_t neighbours = size < LARGE ? NEIGHBOURS : 1;
    crowd_gather(v, &owners, neighbours, size);
    void *const block = victim_alloc(v, size);
    crowd_gather(v, &owners, neighbours, size);
    return block;
}

static void free_again(hy_victim *v, void *block) {
    victim_stage(v, HY_AT_OPERATION);
    if (!victim_is_control(v))
        victim_free(v, block);
}

static void at_once(hy_victim *v, size_t many, size_t size) {
    void *const block = block_among_others(v, size);
    victim_free(v, block);
    free_again(v, block);
    judge_owners(v, many, size);
}

static void small_at_once(hy_victim *v) {
    at_once(v, MANY, SMALL);
}

static void medium_at_once(hy_victim *v) {
    at_once(v, 400, MEDIUM);
}

static void large_at_once(hy_victim *v) {
    at_once(v, 12, LARGE);
}

static void aligned(hy_victim *v) {
    crowd_gather_shared_aligned(v, &owners, NEIGHBOURS, 256, 512);
    void *const block = victim_aligned(v, 256, 512);
    if (!block) {
        victim_not_applicable(v, "it has no blocks that are aligned to 256");
        return;
    }
    crowd_gather_shared_aligned(v, &owners, NEIGHBOURS, 256, 512);
    victim_free(v, block);
    free_again(v, block);
    if (crowd_gather_shared_aligned(v, &owners, 400, 256, 512))
        victim_taken(v, "an aligned block was given out that lies where a live one is");
    judge_owners(v, 400, 512);
}

static void interleaved(hy_victim *v) {
    void *const first = block_among_others(v, SMALL), *const second = block_among_others(v, SMALL);
    victim_free(v, first);
    victim_free(v, second);
    free_again(v, first);
    judge_owners(v, MANY, SMALL);
}

/* Blocks for a cache that holds few of each size. */
static void cache_full(hy_victim *v) {
    static crowd cache;
    crowd_gather(v, &cache, FEW, SMALL);
    void *const first = block_among_others(v, SMALL), *const second = block_among_others(v, SMALL);
    crowd_disperse(v, &cache);
    victim_free(v, first);
    victim_free(v, second);
    free_again(v, first);
    judge_owners(v, MANY, SMALL);
}

/* Whatever marks a freed block inside of it is gone. */
static void key_cleared(hy_victim *v) {
    void *const block = block_among_others(v, SMALL);
    victim_free(v, block);
    victim_stage(v, HY_AT_OPERATION);
    if (!victim_is_control(v))
        victim_write_word(block, 1, 0);
    free_again(v, block);
    judge_owners(v, MANY, SMALL);
}

static void delayed(hy_victim *v) {
    void *const block = block_among_others(v, SMALL);
    victim_free(v, block);
    victim_churn(v, MEDIUM, 100);
    victim_churn(v, 200, 1000);
    victim_shake(v);
    free_again(v, block);
    judge_owners(v, MANY, SMALL);
}

static void reused(hy_victim *v) {
    void *const block = block_among_others(v, SMALL);
    victim_free(v, block);
    crowd_gather(v, &owners, MANY, SMALL);
    free_again(v, block);
    judge_owners(v, MANY, SMALL);
}

/* The place of a small block is in the midst of larger ones by then. */
static void reused_other_size(hy_victim *v) {
    static crowd dead;
    crowd_gather(v, &dead, MANY, SMALL);
    void *const block = dead.member[MANY / 2].block;
    crowd_disperse(v, &dead);
    crowd_gather(v, &owners, 100, MEDIUM);
    free_again(v, block);
    judge_owners(v, MANY, SMALL);
}

/* ----------------------------------------------------------------------------------------------------- threads ---- */

static void free_it(hy_victim *v, void *block) {
    victim_free(v, block);
}

static void other_thread(hy_victim *v) {
    void *const block = block_among_others(v, SMALL);
    victim_free(v, block);
    victim_stage(v, HY_AT_OPERATION);
    if (!victim_is_control(v))
        victim_thread(v, free_it, block);
    judge_owners(v, MANY, SMALL);
}

static void other_thread_twice(hy_victim *v) {
    void *const block = block_among_others(v, SMALL);
    victim_thread(v, free_it, block);
    victim_stage(v, HY_AT_OPERATION);
    if (!victim_is_control(v))
        victim_thread(v, free_it, block);
    judge_owners(v, MANY, SMALL);
}

/* ----------------------------------------------------------------------------------------------------- realloc ---- */

static void after_move(hy_victim *v) {
    void *const old = block_among_others(v, SMALL);
    if (victim_realloc(v, old, 50000) == old) {
        victim_not_applicable(v, "realloc did not move the block");
        return;
    }
    free_again(v, old);
    judge_owners(v, MANY, SMALL);
}

static void after_realloc_zero(hy_victim *v) {
    void *const block = block_among_others(v, SMALL);
    void *const rest = victim_realloc(v, block, 0);
    if (rest) {
        victim_not_applicable(v, "realloc to 0 gives a block, and frees none for good");
        return;
    }
    free_again(v, block);
    judge_owners(v, MANY, SMALL);
}

/* ------------------------------------------------------------------------------------- between a cache and bins ----
 */

enum { BOTCAKE = 300, CACHE = 7 };

/* A block that has become part of a larger hole goes into a cache as well: the second free looks in the cache only. */
static void botcake(hy_victim *v) {
    static crowd cache;
    crowd_gather(v, &cache, CACHE, BOTCAKE);
    void *const front = victim_alloc(v, BOTCAKE), *const block = victim_alloc(v, BOTCAKE);
    victim_alloc(v, SMALL); /* not the last one */
    crowd_disperse(v, &cache);
    victim_free(v, block);
    victim_free(v, front);
    crowd_join(v, &owners, BOTCAKE); /* makes room in the cache */
    free_again(v, block);
    victim_stage(v, HY_LATER);
    crowd_gather_shared(v, &owners, 4, 2 * BOTCAKE);
    judge_owners(v, MANY, BOTCAKE);
}

/* A block from a list of quick ones is merged when a large block is asked for; then it is freed again. */
static void consolidated(hy_victim *v) {
    static crowd cache;
    crowd_gather(v, &cache, CACHE, SMALL);
    void *const block = block_among_others(v, SMALL);
    crowd_disperse(v, &cache);
    victim_free(v, block);
    crowd_join(v, &owners, 20000);
    free_again(v, block);
    judge_owners(v, MANY, SMALL);
}

#define DOUBLE_FREE .class = HY_TEMPORAL, .cwe = 415
#define SHARED .condition = "two later owners share a place"
#define FOUND_OUT .correct = "the second free is found out, or changes nothing"

const hy_fault hy_faults_double_free[] = {
    {.name = "double-free-small",
     .summary = "frees a block of 48 bytes twice, one right after the other",
     DOUBLE_FREE,
     .origin = "CVE: double free",
     SHARED,
     FOUND_OUT,
     .story = "The block is put into a free list a second time. The list now leads to the same block twice, and so two "
              "who ask get the same bytes. Looking at the list's first entry would be enough to find it out.",
     .run = small_at_once},
    {.name = "double-free-medium",
     .summary = "frees a block of 3000 bytes twice, one right after the other",
     DOUBLE_FREE,
     .origin = "CVE: double free",
     SHARED,
     FOUND_OUT,
     .story = "A block that is too large for quick lists is merged with its neighbours when it is freed. Freed again, "
              "it is linked a second time, or merged with itself.",
     .run = medium_at_once},
    {.name = "double-free-large",
     .summary = "frees a block of 1 MiB twice, one right after the other",
     DOUBLE_FREE,
     .origin = "CVE: double free",
     SHARED,
     FOUND_OUT,
     .story = "If the pages went back to the system, the second free reads a header that is not there any more and "
              "traps. If they are kept, they are kept twice.",
     .run = large_at_once},
    {.name = "double-free-aligned",
     .summary = "frees a block that was aligned to 256 twice",
     DOUBLE_FREE,
     .origin = "CVE: double free",
     SHARED,
     FOUND_OUT,
     .story = "Aligned blocks may begin in the middle of what was taken for them, so that free must first find the "
              "beginning; a check that looks only at beginnings does not see that the block is dead.",
     .run = aligned},
    {.name = "double-free-interleaved",
     .summary = "frees A, then B, then A again",
     DOUBLE_FREE,
     .origin = "how2heap: fastbin_dup",
     SHARED,
     FOUND_OUT,
     .story = "B stands between the two frees of A, so that a check that looks only at the list's first entry sees B "
              "and is content. The list is a ring then: A, B, A, B, and so on.",
     .run = interleaved},
    {.name = "double-free-cache-full",
     .summary = "fills the cache of free blocks, then frees A, B and A",
     DOUBLE_FREE,
     .origin = "how2heap: fastbin_dup",
     SHARED,
     FOUND_OUT,
     .story = "A thread's cache may look through its blocks for the one that is freed. When the cache is full, blocks "
              "go to a list behind it, which is looked after less well.",
     .run = cache_full},
    {.name = "double-free-key-cleared",
     .summary = "frees a block, clears its second word, and frees it again",
     DOUBLE_FREE,
     .origin = "how2heap: tcache_poisoning and its variants without a key",
     SHARED,
     FOUND_OUT,
     .story = "A freed block may carry a mark that says so, in a word that its owner had used. A stale write removes "
              "the mark, and the second free looks like a first one.",
     .run = key_cleared},
    {.name = "double-free-delayed",
     .summary = "frees a block again after some thousand other calls",
     DOUBLE_FREE,
     .origin = "CVE: double free",
     SHARED,
     FOUND_OUT,
     .story = "Between the frees the heap is used with other sizes: caches are filled and emptied, holes are merged. "
              "Whatever remembers the block's death must remember it for long.",
     .run = delayed},
    {.name = "double-free-reused",
     .summary = "frees a block again after 1200 others of its size have been given out",
     DOUBLE_FREE,
     .origin = "document, with more owners",
     .condition = "the second free ends the block of a new owner, and its place is given out again",
     FOUND_OUT,
     .story = "The old place belongs to somebody else, so there is nothing wrong with freeing it - but for who does. "
              "The next who asks gets it while the new owner still uses it. Only a pointer that is unlike the new "
              "owner's, or a place that is not given out again, helps.",
     .run = reused},
    {.name = "double-free-reused-other-size",
     .summary = "frees a block again after larger blocks have taken the neighbourhood",
     DOUBLE_FREE,
     .origin = "document, the third double free",
     .condition = "the middle of a live block is given out",
     FOUND_OUT,
     .story = "The place of the small block is inside a larger one by now. An allocator that believes a header finds "
              "the larger block's data there; one that asks the page finds that nothing begins at this address.",
     .run = reused_other_size},
    {.name = "double-free-other-thread",
     .summary = "frees a block in one thread, and again in another one",
     DOUBLE_FREE,
     .origin = "CVE: double free by a race",
     SHARED,
     FOUND_OUT,
     .story = "Each thread has a cache of its own and cannot see the other one's. The block is in both, and both give "
              "it out.",
     .run = other_thread},
    {.name = "double-free-two-threads",
     .summary = "frees a block in two other threads, one after the other",
     DOUBLE_FREE,
     .origin = "CVE: double free by a race",
     SHARED,
     FOUND_OUT,
     .story = "Neither thread that frees is the one that allocated: the block travels home twice, through a list of "
              "messages or through the caches of threads that have ended.",
     .run = other_thread_twice},
    {.name = "double-free-after-realloc",
     .summary = "frees the old place of a block that realloc has moved",
     DOUBLE_FREE,
     .origin = "CVE: realloc's result ignored",
     SHARED,
     FOUND_OUT,
     .story = "realloc has moved the block and freed its old place. The program forgot to take the new pointer, and "
              "frees the old one.",
     .run = after_move},
    {.name = "double-free-realloc-zero",
     .summary = "frees a block that realloc to 0 bytes has freed",
     DOUBLE_FREE,
     .origin = "CVE: realloc with a size of 0",
     SHARED,
     FOUND_OUT,
     .story = "realloc to 0 bytes frees the block and returns NULL. A program that takes NULL for a failure believes "
              "that the old block is still there, and frees it.",
     .run = after_realloc_zero},
    {.name = "double-free-merged-and-cached",
     .summary = "frees a block that has merged with the hole in front of it into a cache",
     DOUBLE_FREE,
     .origin = "how2heap: house_of_botcake",
     .condition = "a larger block is given out over one that the cache gives out too",
     FOUND_OUT,
     .story = "With the cache full, a block and the one in front of it are freed and become one hole. One place in the "
              "cache is made free, and the block is freed again: now it is in the cache, and a part of the hole. Who "
              "asks for the hole gets both.",
     .run = botcake},
    {.name = "double-free-after-merging",
     .summary = "frees a block again after a large request has made the heap merge its quick lists",
     DOUBLE_FREE,
     .origin = "how2heap: fastbin_dup_consolidate",
     SHARED,
     FOUND_OUT,
     .story = "Small freed blocks wait unmerged in quick lists. A large request merges them, and the block is in none "
              "of the lists that the second free looks at.",
     .run = consolidated},
    {.name = NULL},
};
