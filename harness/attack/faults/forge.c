/* SPDX-License-Identifier: MIT
 *
 * forge.c - headers that lie: what an allocator believes of a block is rewritten by an overflow or an underflow.
 *
 * Each fault writes where headers stand if there are any: the two words in front of a block.  If another block's bytes
 * are there, there is no header to rewrite: nothing is written, and the cell is "prevented".
 */
#include "bystanders.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SMALL = 120, MEDIUM = 1200, LARGE = 1 << 20, COUNT = 16, REACH = 4096 };

static crowd owners;

/* The number of a block whose next neighbour is near and behind it. */
static size_t middle(hy_victim *v, size_t size) {
    crowd_gather(v, &owners, COUNT, size);
    return COUNT / 2;
}

static ptrdiff_t distance(const void *from, const void *to) {
    return (const char *)to - (const char *)from;
}

/* Whether the word so many words in front of a block is the allocator's. */
static bool is_metadata(const void *block, ptrdiff_t word) {
    const char *const at = (const char *)block + word * 8;
    return !crowd_inside(&owners, at, 8) && crowd_is_mapped(at);
}

/* The step of all that rewrite the words in front of a block. */
static void rewrite(hy_victim *v, void *block, crowd_header header) {
    victim_stage(v, HY_AT_OPERATION);
    for (ptrdiff_t word = -2; word < 0 && !victim_is_control(v); word++)
        if (is_metadata(block, word))
            victim_write_word(block, word, header.word[word + 2]);
}

static void judge(hy_victim *v, const size_t *sizes, size_t many) {
    victim_stage(v, HY_LATER);
    for (; *sizes; sizes++)
        if (crowd_gather_shared(v, &owners, many, *sizes))
            victim_taken(v, "a block of %zu bytes was given out where a live one is", *sizes);
    if (crowd_hurt(&owners))
        victim_taken(v, "the allocator has written into a live block");
    crowd_settle(&owners);
    crowd_disperse(v, &owners);
    victim_shake(v);
    victim_prevented(v, "the live blocks were as they had been, and none was given out twice");
}

/* A block dies with a false header. */
static void free_with(hy_victim *v, void *block, crowd_header header, size_t to_next) {
    rewrite(v, block, header);
    victim_stage(v, HY_AT_FREE);
    victim_free(v, block);
    const size_t sizes[] = {SMALL, 2 * to_next - 16, 2 * to_next - 24, 20, 0};
    judge(v, sizes, 300);
}

static void size_grown(hy_victim *v) {
    void *const block = crowd_expel(&owners, middle(v, SMALL));
    const crowd_member *const next = crowd_next(&owners, block);
    const ptrdiff_t to_next = next && distance(block, next->block) < REACH ? distance(block, next->block) : SMALL;
    crowd_header header = crowd_header_of(block);
    header.word[1] += (uintptr_t)to_next;
    free_with(v, block, header, (size_t)to_next);
}

static void size_zero(hy_victim *v) {
    free_with(v, crowd_expel(&owners, middle(v, SMALL)), (crowd_header){{0, 0}}, SMALL);
}

static void size_huge(hy_victim *v) {
    free_with(v, crowd_expel(&owners, middle(v, SMALL)), (crowd_header){{UINTPTR_MAX, UINTPTR_MAX}}, SMALL);
}

/* A block of the same size that is dead has just the header that a dead block has. */
static void header_of_dead(hy_victim *v) {
    void *const dead = crowd_expel(&owners, middle(v, SMALL));
    void *const live = owners.member[3].block;
    victim_free(v, dead);
    rewrite(v, live, crowd_header_of(dead));
    victim_stage(v, HY_AT_FREE);
    victim_free(v, crowd_expel(&owners, 2)); /* the neighbour, which may merge with a hole behind it */
    const size_t sizes[] = {SMALL, 2 * SMALL, 0};
    judge(v, sizes, 1000);
}

static void large_grown(hy_victim *v) {
    void *const block = crowd_expel(&owners, middle(v, LARGE / 4));
    const crowd_member *const next = crowd_next(&owners, block);
    crowd_header header = crowd_header_of(block);
    header.word[1] += next ? (uintptr_t)distance(block, next->block) : 0;
    rewrite(v, block, header);
    victim_stage(v, HY_AT_FREE);
    victim_free(v, block);
    if (next && !crowd_is_mapped((char *)next->block + 8192))
        victim_taken(v, "the pages of a live block are gone");
    const size_t sizes[] = {LARGE / 4, LARGE / 2, 0};
    judge(v, sizes, 4);
}

/* ---------------------------------------------------------------------------------------- what lies at the end ---- */

/* The heap's rest seems endless; then so much is asked for that the next block should lie where the attacker wants: in
 * a page of the program's own, some way behind the heap. */
static void top_size(hy_victim *v) {
    enum { AWAY = 32 << 20 };
    crowd_gather(v, &owners, COUNT, SMALL);
    char *last = owners.member[0].block;
    for (size_t i = 1; i < COUNT; i++)
        if ((char *)owners.member[i].block > last)
            last = owners.member[i].block;
    char *const wanted = (char *)(((uintptr_t)last + AWAY) & ~(uintptr_t)(REACH - 1));
    char *const page = mmap(wanted, REACH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    victim_stage(v, HY_AT_OPERATION);
    if (!victim_is_control(v) && crowd_is_mapped(last + SMALL + 8))
        victim_fill(last, SMALL, 0xff, 8);
    victim_stage(v, HY_LATER);
    victim_try_alloc(v, (size_t)(wanted - last - SMALL));
    for (size_t i = 0; i < 100; i++) {
        const char *const block = victim_try_alloc(v, SMALL);
        if (page == wanted && block >= page && block < page + REACH)
            victim_taken(v, "malloc returned a page that the program had mapped for itself");
    }
    victim_shake(v);
    victim_prevented(v, "the next blocks lie elsewhere");
}

/* -------------------------------------------------------------------------------------- merging with what is live ----
 */

static void *volatile slot; /* the program's pointer to its block, which the attacker wants to move */

/* A false hole inside of `front`, and a header of the next block that says that the hole is right in front of it. */
static void unlink_pointer(hy_victim *v) {
    crowd_gather(v, &owners, COUNT, MEDIUM);
    char *const front = owners.member[COUNT / 2].block;
    const crowd_member *const next = crowd_next(&owners, front);
    if (!next || distance(front, next->block) > REACH) {
        victim_prevented(v, "no block lies behind this one");
        return;
    }
    char *const behind = next->block;
    const uintptr_t hole = (uintptr_t)distance(front, behind) - 16;
    victim_fill(front, 0, 0, 64);
    slot = front;
    victim_write_word(front, 1, hole | 1);
    victim_write_word(front, 2, (uintptr_t)&slot - 24);
    victim_write_word(front, 3, (uintptr_t)&slot - 16);
    victim_stage(v, HY_AT_OPERATION);
    if (!victim_is_control(v) && is_metadata(behind, -1)) {
        victim_write_word(behind, -2, hole);
        victim_write_word(behind, -1, victim_read_word(behind, -1) & ~(uintptr_t)1);
    }
    victim_stage(v, HY_AT_FREE);
    victim_free(v, behind);
    if (slot != front)
        victim_taken(v, "the free has moved a pointer of the program's");
    victim_stage(v, HY_LATER);
    victim_shake(v);
    victim_prevented(v, "the program's pointer is as it was");
}

/* A block's header says that all that lies in front of it, two live blocks, is a hole. */
static void merged_backwards(hy_victim *v) {
    crowd_gather(v, &owners, COUNT, MEDIUM);
    char *const first = owners.member[COUNT / 2].block;
    const crowd_member *const second = crowd_next(&owners, first);
    const crowd_member *const third = second ? crowd_next(&owners, second->block) : NULL;
    if (!third || distance(first, third->block) > REACH) {
        victim_prevented(v, "no two blocks lie behind this one");
        return;
    }
    char *const last = third->block;
    const uintptr_t hole = (uintptr_t)distance(first, last) - 16;
    victim_fill(first, 0, 0, 64);
    victim_write_word(first, 1, hole | 1);
    victim_write_word(first, 2, (uintptr_t)first);
    victim_write_word(first, 3, (uintptr_t)first);
    victim_stage(v, HY_AT_OPERATION);
    if (!victim_is_control(v) && is_metadata(last, -1)) {
        victim_write_word(last, -2, hole);
        victim_write_word(last, -1, victim_read_word(last, -1) & ~(uintptr_t)1);
    }
    victim_stage(v, HY_AT_FREE);
    crowd_expel(&owners, (size_t)(third - owners.member));
    victim_free(v, last);
    victim_stage(v, HY_LATER);
    if (crowd_gather_shared(v, &owners, 8, 2 * MEDIUM) || crowd_gather_shared(v, &owners, 8, MEDIUM))
        victim_taken(v, "a block was given out where a live one is");
    victim_shake(v);
    victim_prevented(v, "no block was given out where a live one is");
}

/* ----------------------------------------------------------------------------------------- the allocator's own ---- */

/* Where the mapping begins that an address is in: an allocator keeps much of what it knows there. */
static uintptr_t *start_of_mapping(const void *address) {
    static char text[1 << 16];
    const int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    size_t length = 0;
    for (ssize_t got = 1; got > 0; length += (size_t)got) {
        got = read(fd, text + length, sizeof text - 1 - length);
        got = got < 0 ? 0 : got;
    }
    close(fd);
    for (char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        char *dash;
        const uintptr_t start = strtoul(line, &dash, 16), end = strtoul(dash + 1, NULL, 16);
        if (start <= (uintptr_t)address && (uintptr_t)address < end)
            return (uintptr_t *)start;
    }
    return NULL;
}

/* What lives there is left alone: that it can be written over is no weakness of the allocator. */
static void head_of_heap(hy_victim *v) {
    enum { WORDS = 96, SIZE = 40, AREA = 4096 };
    static unsigned char area[AREA] __attribute__((aligned(4096)));
    crowd_gather(v, &owners, COUNT, SIZE);
    uintptr_t *const head = start_of_mapping(owners.member[0].block);
    crowd_forge(area + 256, crowd_header_of(owners.member[0].block));
    victim_stage(v, HY_AT_OPERATION);
    for (ptrdiff_t word = 2; word < WORDS && head && !victim_is_control(v); word++)
        if (!crowd_inside(&owners, head + word, sizeof *head))
            victim_write_word(head, word, (uintptr_t)area + 256);
    victim_stage(v, HY_LATER);
    for (size_t size = 8; size <= 520; size += 16) {
        const unsigned char *const block = victim_alloc(v, size);
        if (block >= area && block < area + AREA)
            victim_taken(v, "malloc returned a global variable");
    }
    const size_t sizes[] = {SIZE, 0};
    judge(v, sizes, 300);
}

#define FORGED .class = HY_METADATA, .cwe = 787
#define OVERLAP .condition = "a block is given out that lies where a live one is"
#define NOT_BELIEVED                                                                                                   \
    .correct = "what allocators know does not lie beside blocks, or is found to be false when it is used"

const hy_fault hy_faults_forge[] = {
    {.name = "header-size-grown",
     .summary = "makes a block's header say that it reaches to the end of the next one, and frees it",
     FORGED,
     .origin = "how2heap: overlapping_chunks",
     OVERLAP,
     NOT_BELIEVED,
     .story = "The word in front of a block says how long it is. An overflow from the block before makes it larger by "
              "the next block's length. When it is freed, the heap has a hole that a live block lies in.",
     .run = size_grown},
    {.name = "header-size-zero",
     .summary = "makes a block's header zero, and frees it",
     FORGED,
     .origin = "CVE: heap overflow with zeros",
     OVERLAP,
     NOT_BELIEVED,
     .story = "A header of zeros says that the block has no length and is not used. Who walks from block to block by "
              "their lengths stands still, or stops.",
     .run = size_zero},
    {.name = "header-size-huge",
     .summary = "sets all bits of a block's header, and frees it",
     FORGED,
     .origin = "CVE: heap overflow with ones",
     OVERLAP,
     NOT_BELIEVED,
     .story = "The length is larger than all memory. Added to an address it wraps, and what should be the next block "
              "lies in front of this one.",
     .run = size_huge},
    {.name = "header-of-dead",
     .summary = "copies a freed block's header over that of a live one of the same size",
     FORGED,
     .origin = "document: a header rewritten by an overflow",
     .condition = "the live block is given out again",
     NOT_BELIEVED,
     .story = "Where a bit in the header says whether a block is used, a copied header says that this one is not. "
              "Nobody frees it; the next search for a hole finds it.",
     .run = header_of_dead},
    {.name = "header-large-grown",
     .summary = "makes the header of a block of 256 KiB say that it reaches to the next one, and frees it",
     FORGED,
     .origin = "how2heap: mmap_overlapping_chunks",
     .condition = "the pages of a live block are given back, or given out",
     NOT_BELIEVED,
     .story = "Large blocks have their length in front of them too, where it says how many pages to give back. With a "
              "larger one, the neighbour's pages go as well, with all that is in them.",
     .run = large_grown},
    {.name = "top-size",
     .summary = "sets all bits of 8 bytes behind the last block, then asks for all up to a mapping of the program's",
     FORGED,
     .origin = "how2heap: house_of_force",
     .condition = "malloc returns the mapping",
     NOT_BELIEVED,
     .story =
         "Behind the last block lies the rest of the heap, with its length in front. If that says \"endless\", one "
         "huge request moves the heap's top to any address, and the next block lies there.",
     .run = top_size},
    {.name = "unlink",
     .summary = "makes a block's header say that a false hole lies in front of it, and frees it",
     .class = HY_METADATA,
     .cwe = 123,
     .origin = "how2heap: unsafe_unlink",
     .condition = "merging with the false hole rewrites a pointer of the program's",
     NOT_BELIEVED,
     .story = "A freed block merges with the hole in front of it, which is taken out of its list: its two neighbours "
              "are linked to each other. The hole is false, inside of a live block, and its neighbours are the "
              "program's own pointer to that block: it points elsewhere afterwards.",
     .run = unlink_pointer},
    {.name = "merge-backwards",
     .summary = "makes a block's header say that the two live blocks in front of it are a hole, and frees it",
     FORGED,
     .origin = "how2heap: house_of_einherjar",
     OVERLAP,
     NOT_BELIEVED,
     .story = "One zero byte clears the bit that says \"the block in front is used\", and the word before it says how "
              "long that one is: long enough for two. The free makes a hole over live blocks.",
     .run = merged_backwards},
    {.name = "heap-head",
     .summary = "writes an address all over the first words of the heap's mapping",
     .class = HY_METADATA,
     .cwe = 123,
     .origin = "how2heap: tcache_metadata_poisoning",
     .condition = "malloc returns an address of the attacker's choice",
     NOT_BELIEVED,
     .story =
         "What an allocator knows of its blocks it often keeps where its first mapping begins, at a fixed distance "
         "from the first block. Who can write there fills its lists with addresses of his own.",
     .run = head_of_heap},
    {.name = NULL},
};
