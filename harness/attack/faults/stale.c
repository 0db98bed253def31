/* SPDX-License-Identifier: MIT
 *
 * stale.c - writes and calls through pointers to blocks that are freed.
 *
 * The document's own case has one new owner, at once.  Here as many blocks are asked for as an attacker would ask for,
 * so that an allocator which merely takes its time to give a place out again is not mistaken for one that is safe.
 */
#include "bystanders.h"

enum { SMALL = 56, MEDIUM = 2000, LARGE = 1 << 20 };
enum { SMALL_MANY = 1200, MEDIUM_MANY = 400, LARGE_MANY = 6 };

/* Where a stale write goes: past what an allocator keeps in a freed block, at no place where a header may be, and well
 * inside of a new block that does not begin quite where the old one did. */
enum { INSIDE_SMALL = 32, INSIDE_ALIGNED = 256 };

static crowd owners;

/* The stale write, of 8 bytes, and what came of it. */
static void write_stale(hy_victim *v, void *gone, ptrdiff_t offset) {
    victim_stage(v, HY_AT_OPERATION);
    if (!victim_is_control(v))
        victim_fill(gone, offset, 0xee, 8);
    crowd_aftermath(v, &owners);
}

static void reuse_and_write(hy_victim *v, size_t size, size_t many) {
    void *const gone = victim_alloc(v, size);
    victim_fill(gone, 0, 1, size);
    victim_free(v, gone);
    crowd_gather(v, &owners, many, size);
    write_stale(v, gone, (ptrdiff_t)size / 2 / 16 * 16);
}

static void write_small(hy_victim *v) {
    reuse_and_write(v, SMALL, SMALL_MANY);
}

static void write_medium(hy_victim *v) {
    reuse_and_write(v, MEDIUM, MEDIUM_MANY);
}

static void write_large(hy_victim *v) {
    reuse_and_write(v, LARGE, LARGE_MANY);
}

/* So many pairs wear out a delay before reuse that is counted in blocks. */
static void write_after_pairs(hy_victim *v) {
    void *const gone = victim_alloc(v, SMALL);
    victim_free(v, gone);
    victim_churn(v, SMALL, 1000);
    crowd_gather(v, &owners, SMALL_MANY, SMALL);
    write_stale(v, gone, INSIDE_SMALL);
}

/* ... and so many bytes one that is counted in bytes. */
static void write_after_bytes(hy_victim *v) {
    void *const gone = victim_alloc(v, SMALL);
    victim_free(v, gone);
    victim_churn(v, 60000, 300);
    crowd_gather(v, &owners, SMALL_MANY, SMALL);
    write_stale(v, gone, INSIDE_SMALL);
}

static void free_it(hy_victim *v, void *block) {
    victim_free(v, block);
}

static void write_after_thread(hy_victim *v) {
    void *const gone = victim_alloc(v, SMALL);
    victim_thread(v, free_it, gone);
    crowd_gather(v, &owners, SMALL_MANY, SMALL);
    write_stale(v, gone, INSIDE_SMALL);
}

static void write_aligned(hy_victim *v) {
    void *const gone = victim_aligned(v, 256, 512);
    if (!gone) {
        victim_not_applicable(v, "it has no blocks that are aligned to 256");
        return;
    }
    victim_free(v, gone);
    for (size_t i = 0; i < MEDIUM_MANY; i++)
        crowd_admit(&owners, victim_aligned(v, 256, 512), 512);
    crowd_gather(v, &owners, MEDIUM_MANY, 512);
    write_stale(v, gone, INSIDE_ALIGNED);
}

/* A block of another size takes the place, when whole neighbourhoods have died. */
static void write_other_size(hy_victim *v) {
    enum { DEAD = 1500 };
    static crowd dead;
    crowd_gather(v, &dead, DEAD, SMALL);
    void *const gone = dead.member[DEAD / 2].block;
    crowd_disperse(v, &dead);
    crowd_gather(v, &owners, MEDIUM_MANY, MEDIUM);
    write_stale(v, gone, INSIDE_SMALL);
}

/* The write comes first; then the owner asks for memory that is all zeros. */
static void write_before_calloc(hy_victim *v) {
    enum { MANY = 500, SIZE = 400 };
    crowd_gather(v, &owners, 8, SIZE);
    void *const gone = victim_alloc(v, SIZE);
    crowd_gather(v, &owners, 8, SIZE);
    victim_free(v, gone);
    victim_stage(v, HY_AT_OPERATION);
    if (!victim_is_control(v))
        victim_fill(gone, 64, 0xee, 128);
    victim_stage(v, HY_LATER);
    for (size_t i = 0; i < MANY; i++) {
        void *const zeros = victim_calloc(v, 1, SIZE);
        if (!zeros || !victim_is_filled(zeros, 0, 0, SIZE)) {
            victim_silent(v, "calloc gave a block that is not zero");
            return;
        }
    }
    victim_shake(v);
    victim_prevented(v, "%d blocks from calloc were all zeros", MANY);
}

static void write_after_move(hy_victim *v) {
    void *const old = victim_alloc(v, SMALL);
    victim_alloc(v, SMALL); /* in the way of growth */
    void *const moved = victim_realloc(v, old, 50000);
    if (moved == old) {
        victim_not_applicable(v, "realloc did not move the block");
        return;
    }
    crowd_gather(v, &owners, SMALL_MANY, SMALL);
    write_stale(v, old, INSIDE_SMALL);
}

/* The end of a block that was made smaller: given back, perhaps, and out with somebody else. */
static void write_after_shrink(hy_victim *v) {
    enum { OLD = 6000, NEW = 100 };
    void *const old = victim_alloc(v, OLD);
    victim_alloc(v, SMALL);
    victim_realloc(v, old, NEW);
    crowd_gather(v, &owners, SMALL_MANY, SMALL);
    crowd_gather(v, &owners, 64, MEDIUM);
    crowd_gather(v, &owners, 16, OLD);
    write_stale(v, old, 4000);
}

/* --------------------------------------------------------------------------------------------- a call through it ----
 */

typedef struct object {
    void (*method)(void);
    char state[88];
} object;

static volatile int method_called;

static void own_method(void) {
    method_called = 1;
}

static void attackers_method(void) {
    method_called = 2;
}

static void call_stale(hy_victim *v) {
    object *const gone = victim_alloc(v, sizeof *gone);
    victim_write_word(gone, 0, (uintptr_t)own_method);
    victim_free(v, gone);
    for (size_t i = 0; i < SMALL_MANY; i++) { /* data from outside, in blocks of the object's size */
        void *const data = victim_alloc(v, sizeof(object));
        for (ptrdiff_t word = 0; word < (ptrdiff_t)(sizeof(object) / sizeof(uintptr_t)); word++)
            victim_write_word(data, word, (uintptr_t)attackers_method);
    }
    victim_stage(v, HY_AT_OPERATION);
    if (!victim_is_control(v))
        ((void (*)(void))victim_read_word(gone, 0))();
    if (method_called == 2)
        victim_taken(v, "the function that was called is the attacker's");
    else if (method_called == 1)
        victim_prevented(v, "the function that was called is still the object's own");
    else
        victim_prevented(v, "nothing was called");
}

const hy_fault hy_faults_stale[] = {
    {.name = "stale-write-small",
     .summary = "writes to a freed block of 56 bytes after 1200 others have been given out",
     .class = HY_TEMPORAL,
     .cwe = 416,
     .origin = "CVE: use after free",
     .condition = "one of the new blocks lies where the old one was, and changes",
     .correct = "the write is found out, or it hits nothing that lives",
     .story =
         "The program gives a block back and keeps the pointer. It goes on to ask for many blocks of the same size; "
         "sooner or later one of them gets the same place. Now two parts of the program believe that these bytes "
         "are theirs, and what the first one writes changes the second one's data.",
     .run = write_small},
    {.name = "stale-write-medium",
     .summary = "writes to a freed block of 2000 bytes after 400 others have been given out",
     .class = HY_TEMPORAL,
     .cwe = 416,
     .origin = "CVE: use after free",
     .condition = "one of the new blocks lies where the old one was, and changes",
     .correct = "the write is found out, or it hits nothing that lives",
     .story = "As with small blocks; but blocks of some thousand bytes are often cut from larger holes and merged "
              "again, so that the old place may come back as a part of a new block.",
     .run = write_medium},
    {.name = "stale-write-large",
     .summary = "writes to a freed block of 1 MiB after 6 others have been given out",
     .class = HY_TEMPORAL,
     .cwe = 416,
     .origin = "CVE: use after free",
     .condition = "one of the new blocks lies where the old one was, and changes",
     .correct = "the pages are gone and the write traps, or it hits nothing that lives",
     .story = "Large blocks often have pages of their own. If the pages go back to the system when the block is freed, "
              "the stale write hits an address where nothing is, and the processor stops it. If they are kept for the "
              "next large block, it is changed.",
     .run = write_large},
    {.name = "stale-write-1000-pairs",
     .summary = "writes to a freed block after 1000 pairs of alloc and free, and 1200 new blocks",
     .class = HY_TEMPORAL,
     .cwe = 416,
     .origin = "CVE: use after free, with the heap groomed",
     .condition = "a delay before reuse that is counted in blocks has run out",
     .correct = "the write is found out, or it hits nothing that lives",
     .story =
         "An allocator may hold freed blocks in quarantine, so that a stale pointer points to nobody's bytes for a "
         "while. An attacker who can make the program free blocks pushes the old one out of the queue, and then "
         "asks for as many as it takes to get it.",
     .run = write_after_pairs},
    {.name = "stale-write-18-mib",
     .summary = "writes to a freed block after 18 MiB of others were freed, and 1200 new blocks",
     .class = HY_TEMPORAL,
     .cwe = 416,
     .origin = "CVE: use after free, with the heap groomed",
     .condition = "a delay before reuse that is counted in bytes has run out",
     .correct = "the write is found out, or it hits nothing that lives",
     .story = "A quarantine that is bounded by its bytes is emptied faster by large blocks than by small ones: 300 of "
              "60 000 bytes are freed, and the small block that was freed before them is out again.",
     .run = write_after_bytes},
    {.name = "stale-write-other-thread",
     .summary = "writes to a block that another thread has freed, after 1200 new blocks",
     .class = HY_TEMPORAL,
     .cwe = 416,
     .origin = "CVE: use after free by a race",
     .condition = "the block comes back to the thread that allocated it, with the stale pointer still there",
     .correct = "the write is found out, or it hits nothing that lives",
     .story = "One thread frees what another one still uses. The block goes to the freeing thread's cache, or home as "
              "a message, and from there to a new owner, whom the stale pointer then changes.",
     .run = write_after_thread},
    {.name = "stale-write-aligned",
     .summary = "writes to a freed block that was aligned to 256, after 800 new blocks",
     .class = HY_TEMPORAL,
     .cwe = 416,
     .origin = "CVE: use after free",
     .condition = "one of the new blocks lies where the old one was, and changes",
     .correct = "the write is found out, or it hits nothing that lives",
     .story = "Aligned blocks are often cut out of larger ones. Freed, they go to the same lists as all others, or "
              "merge with the padding in front of them, and their place is given out again.",
     .run = write_aligned},
    {.name = "stale-write-other-size",
     .summary = "writes to a freed block of 56 bytes after blocks of 2000 bytes took the neighbourhood",
     .class = HY_TEMPORAL,
     .cwe = 843,
     .origin = "CVE: type confusion by use after free",
     .condition = "freed small blocks became part of larger ones",
     .correct = "the memory of one size serves no other one, or the write is found out",
     .story =
         "1500 small blocks side by side are freed. A heap that merges holes, or gives empty pages to other sizes, "
         "hands their memory out as blocks of 2000 bytes, and the stale pointer of a small object points into the "
         "middle of a quite different one.",
     .run = write_other_size},
    {.name = "stale-write-calloc",
     .summary = "writes to a freed block, then asks for zeroed blocks",
     .class = HY_TEMPORAL,
     .cwe = 416,
     .origin = "idea of CVE: zeroed memory that is not",
     .condition = "calloc takes memory for zero that was zero when it was freed or mapped",
     .correct = "calloc's block is zero, or the write is found out",
     .story = "calloc need not clear memory that it knows to be zero already. If it believes so of a freed block, a "
              "stale write puts the attacker's bytes into an object that its owner relies on to be zero.",
     .run = write_before_calloc},
    {.name = "stale-write-after-realloc",
     .summary = "writes to the old place of a block that realloc has moved, after 1200 new blocks",
     .class = HY_TEMPORAL,
     .cwe = 416,
     .origin = "CVE: stale pointer after realloc",
     .condition = "one of the new blocks lies where the block was before it moved, and changes",
     .correct = "the write is found out, or it hits nothing that lives",
     .story = "A block grows, there is no room behind it, and realloc moves it: the old place is freed without a free "
              "in sight. Any pointer into the block that the program kept is stale from then on.",
     .run = write_after_move},
    {.name = "stale-write-after-shrink",
     .summary = "writes to the end of a block that realloc has made smaller",
     .class = HY_TEMPORAL,
     .cwe = 416,
     .origin = "CVE: stale pointer after realloc",
     .condition = "the end that was given up belongs to a new block, which changes",
     .correct = "the write is found out, or it hits nothing that lives",
     .story = "realloc to a smaller size may split the block and give its end away. The program still knows the old "
              "length somewhere, and writes to bytes that belong to others by now.",
     .run = write_after_shrink},
    {.name = "stale-call",
     .summary = "calls a function by a pointer in a freed object, after its place was filled with data",
     .class = HY_TEMPORAL,
     .cwe = 416,
     .origin = "CVE: use after free of an object with a table of functions",
     .condition = "data of the attacker's lies where the object's function pointer was",
     .correct = "the stale read is found out, or it does not find the attacker's data",
     .story = "An object whose first word says which function to call is freed. Data that came from outside fills "
              "blocks of the same size, each word an address. The program calls the dead object's method: it jumps "
              "where the data says.",
     .run = call_stale},
    {.name = NULL},
};
