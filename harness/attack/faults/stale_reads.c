/* SPDX-License-Identifier: MIT
 *
 * stale_reads.c - what a pointer to a freed block lets one learn, and what realloc and usable_size make of it.
 */
#include "bystanders.h"

enum { SMALL = 112, MEDIUM = 3000, LARGE = 1 << 20 };
enum { SECRET = 0xc5 };

static crowd owners;

/* How many bytes of a secret are to be read in a block. */
static size_t count_secret(const void *block, size_t size) {
    size_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += victim_read(block, (ptrdiff_t)i) == SECRET;
    return count;
}

/* Chance alone makes one byte in 256 look like the secret; a quarter of a block does not come by chance. */
static void judge_secret(hy_victim *v, size_t count, size_t size, const char *whose) {
    if (count >= size / 4)
        victim_taken(v, "%zu of %zu bytes of %s secret were read", count, size, whose);
    else
        victim_prevented(v, "the secret was not there any more");
}

/* ------------------------------------------------------------------------------------------------------- reads ---- */

static void read_dead(hy_victim *v, size_t size) {
    void *const gone = victim_alloc(v, size);
    victim_alloc(v, size); /* so that it is not the last block of the heap */
    victim_fill(gone, 0, victim_is_control(v) ? 0 : SECRET, size);
    victim_free(v, gone);
    victim_stage(v, HY_AT_OPERATION);
    judge_secret(v, victim_is_control(v) ? 0 : count_secret(gone, size), size, "the former owner's");
}

static void read_small(hy_victim *v) {
    read_dead(v, SMALL);
}

static void read_medium(hy_victim *v) {
    read_dead(v, MEDIUM);
}

static void read_large(hy_victim *v) {
    read_dead(v, LARGE);
}

static void read_after_pairs(hy_victim *v) {
    void *const gone = victim_alloc(v, SMALL);
    victim_free(v, gone);
    victim_churn(v, SMALL, 1000);
    for (size_t i = 0; i < 1200; i++)
        victim_fill(victim_alloc(v, SMALL), 0, SECRET, SMALL);
    victim_stage(v, HY_AT_OPERATION);
    judge_secret(v, victim_is_control(v) ? 0 : count_secret(gone, SMALL), SMALL, "the new owner's");
}

static void read_reused(hy_victim *v) {
    void *const gone = victim_alloc(v, SMALL);
    victim_fill(gone, 0, 0, SMALL);
    victim_free(v, gone);
    void *const taken = victim_alloc(v, SMALL);
    victim_fill(taken, 0, SECRET, SMALL);
    victim_stage(v, HY_AT_OPERATION);
    judge_secret(v, victim_is_control(v) ? 0 : count_secret(gone, SMALL), SMALL, "the new owner's");
}

/* ---------------------------------------------------------------------------------------------------- pointers ---- */

/* Every other block of a crowd dies, so that none merges with the next; then the dead ones are read. */
static void read_links(hy_victim *v, size_t size) {
    enum { LIVE = 40 };
    crowd_gather(v, &owners, LIVE, size);
    if (!victim_is_control(v))
        for (size_t i = 0; i < LIVE; i += 2)
            victim_free(v, owners.member[i].block);
    victim_stage(v, HY_AT_OPERATION);
    for (size_t i = 0; i < LIVE; i += 2)
        for (ptrdiff_t word = 0; word < (ptrdiff_t)(size / sizeof(uintptr_t)); word++)
            if (crowd_tells_address(victim_read_word(owners.member[i].block, word)))
                victim_taken(v, "word %td of a freed block tells an address", word);
    victim_prevented(v, "no word of a freed block tells an address");
}

static void leak_small(hy_victim *v) {
    read_links(v, SMALL);
}

static void leak_medium(hy_victim *v) {
    read_links(v, MEDIUM);
}

/* ------------------------------------------------------------------------------------- realloc and usable_size ---- */

/* `block`, which came from realloc, lives again: are others given its place, or two of them one place? */
static void judge_shared(hy_victim *v, void *block, size_t old_size, size_t size) {
    victim_stage(v, HY_LATER);
    if (block)
        crowd_admit(&owners, block, size);
    if (crowd_gather_shared(v, &owners, 1200, old_size) || crowd_gather_shared(v, &owners, 400, size))
        victim_taken(v, "a block was given out that lies where a live one is");
    crowd_settle(&owners);
    victim_shake(v);
    victim_prevented(v, block ? "nobody else got the block from realloc" : "realloc gave no block");
}

static void realloc_dead(hy_victim *v, size_t old_size, size_t new_size) {
    void *const gone = victim_alloc(v, old_size);
    victim_alloc(v, old_size); /* so that it cannot grow */
    if (!victim_is_control(v))
        victim_free(v, gone);
    victim_stage(v, HY_AT_OPERATION);
    judge_shared(v, victim_realloc(v, gone, new_size), old_size, new_size);
}

static void realloc_same(hy_victim *v) {
    realloc_dead(v, SMALL, SMALL);
}

static void realloc_larger(hy_victim *v) {
    realloc_dead(v, SMALL, MEDIUM);
}

static void usable_size(hy_victim *v) {
    void *const gone = victim_alloc(v, SMALL);
    if (!victim_is_control(v))
        victim_free(v, gone);
    victim_stage(v, HY_AT_OPERATION);
    const size_t usable = victim_usable_size(v, gone);
    if (usable > 0 && !victim_is_control(v))
        victim_silent(v, "%zu bytes of the freed block are said to be usable", usable);
    else
        victim_prevented(v, "usable_size is %zu", usable);
}

const hy_fault hy_faults_stale_reads[] = {
    {.name = "stale-read-small",
     .summary = "reads a freed block of 112 bytes",
     .class = HY_TEMPORAL,
     .cwe = 416,
     .origin = "CVE: use after free",
     .condition = "what the block held when it was freed is still there",
     .correct = "the read is found out, or the contents are gone",
     .story = "free changes who owns the bytes, and mostly not the bytes. Some words at the block's beginning become "
              "links of a list; the rest stays as it was, and whoever still has the pointer reads it.",
     .run = read_small},
    {.name = "stale-read-medium",
     .summary = "reads a freed block of 3000 bytes",
     .class = HY_TEMPORAL,
     .cwe = 416,
     .origin = "CVE: use after free",
     .condition = "what the block held when it was freed is still there",
     .correct = "the read is found out, or the contents are gone",
     .story = "The same with a block that is large enough for a letter or a key: most of it is still in memory after "
              "it was given back.",
     .run = read_medium},
    {.name = "stale-read-large",
     .summary = "reads a freed block of 1 MiB",
     .class = HY_TEMPORAL,
     .cwe = 416,
     .origin = "CVE: use after free",
     .condition = "what the block held when it was freed is still there",
     .correct = "the pages are gone and the read traps, or the contents are gone",
     .story =
         "Pages that go back to the system with the block cannot be read any more. Pages that the allocator keeps, "
         "to be quick next time, still hold everything.",
     .run = read_large},
    {.name = "stale-read-reused",
     .summary = "reads a freed block after one other has been given out",
     .class = HY_TEMPORAL,
     .cwe = 416,
     .origin = "CVE: use after free",
     .condition = "the new owner's secret is read through the old pointer",
     .correct = "the read is found out, or the place is not given out at once",
     .story = "The freed block's place goes to the next who asks. The old pointer now looks at another object, and "
              "reads whatever that one keeps, for as long as it lives.",
     .run = read_reused},
    {.name = "stale-read-1000-pairs",
     .summary = "reads a freed block after 1000 pairs of alloc and free, and 1200 new blocks",
     .class = HY_TEMPORAL,
     .cwe = 416,
     .origin = "CVE: use after free, with the heap groomed",
     .condition = "a delay before reuse has run out, and a new owner's secret is read",
     .correct = "the read is found out, or it finds nothing of any owner's",
     .story = "Many blocks come and go between the free and the stale read, and then many come and stay. Whatever "
              "delayed the reuse of the old place is over, and a new owner's data lies there.",
     .run = read_after_pairs},
    {.name = "stale-pointer-small",
     .summary = "looks for addresses in freed blocks of 112 bytes",
     .class = HY_DISCLOSURE,
     .cwe = 200,
     .origin = "how2heap: decrypt_safe_linking",
     .condition = "a link of a free list tells where the heap is, as it is or without its low bits",
     .correct = "no address stands in freed blocks, or only mixed with a secret",
     .story = "Where free blocks are chained through themselves, the first word of each is the next one's address. A "
              "stale read of it tells where the heap lies, and randomised addresses protect nothing any more. A link "
              "mixed with its own address is not much better: the last one of a chain shows the mask.",
     .run = leak_small},
    {.name = "stale-pointer-medium",
     .summary = "looks for addresses in freed blocks of 3000 bytes",
     .class = HY_DISCLOSURE,
     .cwe = 200,
     .origin = "how2heap: unsorted bin leaks",
     .condition = "a link of a list of holes tells where the heap or a library is",
     .correct = "no address stands in freed blocks, or only mixed with a secret",
     .story =
         "Larger holes are often in lists with two links, and the first and the last one point to the list's head, "
         "which may lie in the library's own data: then they tell where the library is.",
     .run = leak_medium},
    {.name = "realloc-freed",
     .summary = "calls realloc for a freed block, with the size that it had",
     .class = HY_TEMPORAL,
     .cwe = 416,
     .origin = "CVE: realloc of a stale pointer",
     .condition = "realloc hands the dead block back as a live one, and then malloc does too",
     .correct = "realloc finds out that the block is dead",
     .story = "The block fits the new size, so realloc has nothing to do and returns it. But it is in a free list as "
              "well: the next who asks for this size gets it too.",
     .run = realloc_same},
    {.name = "realloc-freed-larger",
     .summary = "calls realloc for a freed block, with a size that it does not have",
     .class = HY_TEMPORAL,
     .cwe = 415,
     .origin = "CVE: realloc of a stale pointer",
     .condition = "realloc frees the dead block once more, and it is given out twice",
     .correct = "realloc finds out that the block is dead",
     .story = "realloc gets a new block, copies what the dead one holds, and frees the dead one: a double free that "
              "looks like none.",
     .run = realloc_larger},
    {.name = "usable-size-freed",
     .summary = "asks how many bytes of a freed block are usable",
     .class = HY_TEMPORAL,
     .cwe = 416,
     .origin = "CVE: stale pointer",
     .condition = "the allocator vouches for a block that is dead",
     .correct = "it says 0, or finds out that the block is dead",
     .needs = HY_NEEDS_USABLE_SIZE,
     .story = "The size is read from the block's header or page, which is there whether the block lives or not. The "
              "program is told that it may use so many bytes, of a block that is not its own.",
     .run = usable_size},
    {.name = NULL},
};
