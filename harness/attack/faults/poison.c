/* SPDX-License-Identifier: MIT
 *
 * poison.c - free lists that lead where an attacker wants: links in freed blocks are rewritten through stale pointers.
 *
 * The goal is a malloc that returns an address of the attacker's choice: a global variable here, with a true block's
 * header in front of it.  Blocks that are freed have live neighbours, so that they do not merge.
 */
#include "bystanders.h"

enum { SMALL = 104, MEDIUM = 3000, AREA = 8192, SPOT = 512 };

static crowd owners;
static unsigned char area[AREA] __attribute__((aligned(4096)));
static unsigned char image[AREA]; /* of the area, before the fault */
static void *const target = area + SPOT;

/* Two of 16 blocks: `first` is freed before `last`, so that a list of the newest first leads from last to first. */
typedef struct dead_pair {
    void *first, *last;
} dead_pair;

static dead_pair free_two(hy_victim *v, size_t size) {
    crowd_gather(v, &owners, 16, size);
    crowd_forge(target, crowd_header_of(owners.member[0].block));
    crowd_forge((char *)target + size + 8, crowd_header_of(owners.member[0].block));
    void *const last = crowd_expel(&owners, 9), *const first = crowd_expel(&owners, 5);
    victim_free(v, first);
    victim_free(v, last);
    return (dead_pair){first, last};
}

static uintptr_t address(const void *pointer) {
    return (uintptr_t)pointer;
}

static void begin(hy_victim *v) {
    for (ptrdiff_t i = 0; i < AREA; i++)
        image[i] = victim_read(area, i);
    victim_stage(v, HY_AT_OPERATION);
}

static bool area_has_changed(void) {
    for (ptrdiff_t i = 0; i < AREA; i++)
        if (image[i] != victim_read(area, i))
            return true;
    return false;
}

/* As many blocks as the list may have in front of the poisoned one. */
static void judge(hy_victim *v, size_t size) {
    victim_stage(v, HY_LATER);
    for (size_t i = 0; i < 1200; i++) {
        void *const block = victim_alloc(v, size);
        if ((unsigned char *)block >= area && (unsigned char *)block < area + AREA)
            victim_taken(v, "malloc returned the global variable");
        if (crowd_inside(&owners, block, size))
            victim_taken(v, "malloc returned a live block");
    }
    if (area_has_changed())
        victim_taken(v, "the allocator has written into the global variable");
    if (crowd_hurt(&owners))
        victim_silent(v, "a live block has changed");
    victim_shake(v);
    victim_prevented(v, "malloc did not return what the link said");
}

static void write_link(hy_victim *v, void *dead, uintptr_t link) {
    begin(v);
    if (!victim_is_control(v))
        victim_write_word(dead, 0, link);
}

static void raw(hy_victim *v) {
    write_link(v, free_two(v, SMALL).last, address(target));
    judge(v, SMALL);
}

static void mixed(hy_victim *v) {
    const dead_pair dead = free_two(v, SMALL);
    write_link(v, dead.last, address(target) ^ address(dead.last) >> 12);
    judge(v, SMALL);
}

/* Whatever the link is mixed with: it stays mixed, if only the difference is written. */
static void difference(hy_victim *v) {
    const dead_pair dead = free_two(v, SMALL);
    begin(v);
    if (!victim_is_control(v))
        victim_write_word(dead.last, 0, victim_read_word(dead.last, 0) ^ address(dead.first) ^ address(target));
    judge(v, SMALL);
}

/* Only the low 16 bits: they need no leak but the distance of two blocks, and lead to a live one. */
static void partial(hy_victim *v) {
    const dead_pair dead = free_two(v, SMALL);
    const uintptr_t change = (address(dead.first) ^ address(owners.member[2].block)) & 0xffff;
    begin(v);
    for (ptrdiff_t byte = 0; byte < 2 && !victim_is_control(v); byte++)
        victim_write(dead.last, byte, victim_read(dead.last, byte) ^ (unsigned char)(change >> (8 * byte)));
    judge(v, SMALL);
}

static void cache_full(hy_victim *v) {
    static crowd cache;
    crowd_gather(v, &cache, 10, SMALL);
    crowd_disperse(v, &cache);
    const dead_pair dead = free_two(v, SMALL);
    write_link(v, dead.last, address(target) ^ address(dead.last) >> 12);
    judge(v, SMALL);
}

/* The blocks that are freed are taken before the cache is filled by others. */
static void beyond_cache(hy_victim *v) {
    static crowd cache;
    crowd_gather(v, &cache, 10, SMALL);
    crowd_gather(v, &owners, 16, SMALL);
    const crowd_header header = crowd_header_of(owners.member[0].block);
    void *const dead = crowd_expel(&owners, 5);
    crowd_disperse(v, &cache);
    victim_free(v, dead);
    char *const forged = (char *)target + 16; /* a list of such blocks goes by their headers, and ends here */
    crowd_forge(forged, header);
    victim_write_word(forged, 0, address(forged) >> 12);
    write_link(v, dead, address(target) ^ address(dead) >> 12);
    judge(v, SMALL);
}

static void two_links(hy_victim *v) {
    const dead_pair dead = free_two(v, MEDIUM);
    begin(v);
    for (ptrdiff_t word = 0; word < 2 && !victim_is_control(v); word++)
        victim_write_word(dead.last, word, address(target) - 16);
    judge(v, MEDIUM);
}

/* A list with two links, and a check that the neighbour points back: the false neighbour does. */
static void back_link(hy_victim *v) {
    enum { SIZE = 240, PAIRS = 16 };
    void *dead[PAIRS];
    for (size_t i = 0; i < PAIRS; i++) {
        dead[i] = victim_alloc(v, SIZE);
        crowd_join(v, &owners, SIZE);
    }
    for (size_t i = 0; i < PAIRS; i++)
        victim_free(v, dead[i]);
    crowd_join(v, &owners, 5000); /* sorts what was freed */
    void *const oldest = dead[7]; /* those before it are in a cache */
    for (unsigned char *forged = target; forged < area + AREA - 2 * SPOT;
         forged += SPOT) /* a row of false neighbours */
        victim_write_word(forged, 1, address(forged + SPOT) - 16);
    victim_write_word(target, 0, address(oldest) - 16);
    begin(v);
    if (!victim_is_control(v))
        victim_write_word(oldest, 1, address(target) - 16);
    judge(v, SIZE);
}

/* The same link by an overflow from the live block in front: what lies between is written as it was. */
static void by_overflow(hy_victim *v) {
    enum { IN_REACH = 2048 };
    crowd_gather(v, &owners, 15, SMALL);
    char *const front = crowd_join(v, &owners, SMALL);
    char *const dead = victim_alloc(v, SMALL);
    void *const first = crowd_expel(&owners, 3);
    const ptrdiff_t distance = dead - front;
    victim_free(v, first);
    victim_free(v, dead);
    begin(v);
    if (distance > 0 && distance < IN_REACH && !victim_is_control(v)) {
        for (ptrdiff_t i = SMALL; i < distance; i++)
            victim_write(front, i, victim_read(front, i));
        victim_write_word(front, distance / 8, victim_read_word(dead, 0) ^ address(first) ^ address(target));
    }
    judge(v, SMALL);
}

#define POISON .class = HY_METADATA
#define RETURNED .condition = "malloc returns an address of the attacker's choice"
#define NOT_BELIEVED .correct = "links do not lie in blocks, or a false one is found out before it is followed"

const hy_fault hy_faults_poison[] = {
    {.name = "poison-raw",
     .summary = "writes an address over the first word of a freed block",
     POISON,
     .cwe = 123,
     .origin = "how2heap: tcache_poisoning (before links were mixed)",
     RETURNED,
     NOT_BELIEVED,
     .story =
         "The first word of a freed block says which block is next in the free list. Overwritten with any address, "
         "it makes that address the next block: the first malloc returns the freed block, the second one whatever "
         "the attacker wrote, and the program writes there.",
     .run = raw},
    {.name = "poison-mixed",
     .summary = "writes an address, mixed with the place where it is written, over the first word of a freed block",
     POISON,
     .cwe = 123,
     .origin = "how2heap: tcache_poisoning",
     RETURNED,
     NOT_BELIEVED,
     .story = "glibc mixes each link with the upper bits of its own address, so that only who knows where the heap is "
              "can forge one. The attacker has read such an address before, and does the same sum.",
     .run = mixed},
    {.name = "poison-difference",
     .summary = "changes a freed block's link by the difference of two addresses",
     POISON,
     .cwe = 123,
     .origin = "how2heap: safe linking bypassed",
     RETURNED,
     NOT_BELIEVED,
     .story =
         "A link that is mixed with a secret by exclusive or stays mixed when a difference is applied to it: where "
         "it led to A, it leads to B now, and the secret need not be known.",
     .run = difference},
    {.name = "poison-partial",
     .summary = "changes the low 16 bits of a freed block's link",
     POISON,
     .cwe = 123,
     .origin = "how2heap: partial overwrite",
     .condition = "malloc returns a block that is alive",
     NOT_BELIEVED,
     .story = "The lowest bits of addresses are not random: they say where in a page a block lies. An overflow of two "
              "bytes changes only those, and the list leads to another block near by, which lives.",
     .run = partial},
    {.name = "poison-cache-refilled",
     .summary = "forges a mixed link after the cache of free blocks was filled",
     POISON,
     .cwe = 123,
     .origin = "how2heap: fastbin_dup_into_stack",
     RETURNED,
     NOT_BELIEVED,
     .story = "Before the two blocks are freed, ten others of their size came and went. Lists, counters and checks are "
              "in another state than in a fresh program.",
     .run = cache_full},
    {.name = "poison-beyond-cache",
     .summary = "forges the link of a block that was freed when the cache was full",
     POISON,
     .cwe = 123,
     .origin = "how2heap: fastbin_dup_into_stack, fastbin_reverse_into_tcache",
     RETURNED,
     NOT_BELIEVED,
     .story = "The block went to the list behind the cache. When the cache is empty it is filled from there, link by "
              "link, and the false block comes along.",
     .run = beyond_cache},
    {.name = "poison-two-links",
     .summary = "writes an address over both links of a freed block of 3000 bytes",
     POISON,
     .cwe = 123,
     .origin = "how2heap: unsorted_bin_into_stack",
     RETURNED,
     NOT_BELIEVED,
     .story = "Larger holes are in lists with links in both directions. To take one out, its neighbours' links are "
              "rewritten: with false neighbours, that writes to places of the attacker's choice. A look whether they "
              "point back finds it out.",
     .run = two_links},
    {.name = "poison-back-link",
     .summary = "makes a freed block of 240 bytes point back to a false block that points to it",
     POISON,
     .cwe = 123,
     .origin = "how2heap: house_of_lore, tcache_stashing_unlink_attack",
     RETURNED,
     NOT_BELIEVED,
     .story = "The false neighbour points back as a true one does, so that the look finds nothing. With the block, "
              "what lies behind it in the list is taken into the cache, unlooked at.",
     .run = back_link},
    {.name = "poison-overflow",
     .summary = "forges the link of a freed block by an overflow from the live block in front of it",
     POISON,
     .cwe = 787,
     .origin = "how2heap: poisoning by overflow",
     RETURNED,
     NOT_BELIEVED,
     .story = "No stale pointer is needed: a write past the end of a live block reaches the freed one behind it, and "
              "its link. The attacker knows what lies between and writes it as it was.",
     .run = by_overflow},
    {.name = NULL},
};
