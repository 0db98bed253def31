/* SPDX-License-Identifier: MIT
 *
 * invalid_free.c - free of addresses that no allocation ever returned.
 *
 * Nothing good can come of it.  The harm is done when memory that the heap does not own, or the middle of a live block,
 * is given out by a later allocation, or is written to.
 */
#include "bystanders.h"

#include <sys/mman.h>

enum { SMALL = 120, LARGE = 1 << 20, AREA = 16384, PAGE = 4096 };

static crowd owners;

/* Memory that is not the heap's, filled with 1. */
static unsigned char area[AREA] __attribute__((aligned(4096)));

static void free_wrong(hy_victim *v, const volatile void *address) {
    victim_stage(v, HY_AT_OPERATION);
    if (!victim_is_control(v))
        victim_free(v, victim_hide(address));
    victim_stage(v, HY_LATER);
}

/* New blocks of all sizes: none may lie in [start, start + size). */
static void judge_given_out(hy_victim *v, const volatile void *start, size_t size, const char *what) {
    static const size_t sizes[] = {8, 24, 48, 104, SMALL, 248, 1000, 4000, 16000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t n = 0; n < 200; n++) {
            const uintptr_t block = (uintptr_t)victim_alloc(v, sizes[i]);
            if (block < (uintptr_t)start + size && (uintptr_t)start < block + sizes[i])
                victim_taken(v, "a block of %zu bytes was given out in %s", sizes[i], what);
        }
}

/* The whole ending, for memory that is not the heap's and holds 1 everywhere. */
static void judge_area(hy_victim *v, unsigned char *start, size_t size, const char *what) {
    judge_given_out(v, start, size, what);
    if (!victim_is_filled(start, 0, 1, size))
        victim_taken(v, "the allocator has written into %s", what);
    victim_shake(v);
    victim_prevented(v, "%s is as it was, and no block lies there", what);
}

/* ... and for blocks that live. */
static void judge_owners(hy_victim *v, size_t size) {
    const size_t sizes[] = {size, 24, 48, 104, 248, 1000, 4000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (crowd_gather_shared(v, &owners, i == 0 ? 1200 : 200, sizes[i]))
            victim_taken(v, "a block of %zu bytes was given out that lies where a live one is", sizes[i]);
    if (crowd_hurt(&owners))
        victim_taken(v, "the allocator has written into a live block");
    crowd_settle(&owners);
    victim_shake(v);
    victim_prevented(v, "the live blocks are as they were, and none was given out twice");
}

/* ------------------------------------------------------------------------------------------- addresses in a block ----
 */

static char *block_in_crowd(hy_victim *v, size_t size) {
    crowd_gather(v, &owners, 16, size);
    char *const block = crowd_join(v, &owners, size);
    crowd_gather(v, &owners, 16, size);
    return block;
}

static void inside(hy_victim *v, ptrdiff_t offset) {
    free_wrong(v, block_in_crowd(v, SMALL) + offset);
    judge_owners(v, SMALL);
}

static void interior(hy_victim *v) {
    inside(v, 16);
}

static void unaligned(hy_victim *v) {
    inside(v, 1);
}

static void in_front(hy_victim *v) {
    inside(v, -16);
}

static void interior_large(hy_victim *v) {
    crowd_gather(v, &owners, 2, LARGE);
    free_wrong(v, (char *)crowd_join(v, &owners, LARGE) + (ptrdiff_t)16 * PAGE);
    if (crowd_gather_shared(v, &owners, 4, LARGE))
        victim_taken(v, "a block was given out that lies where a live one is");
    judge_owners(v, 4000);
}

/* Just behind the block, which may be where the next one begins. */
static void at_the_end(hy_victim *v) {
    char *const block = block_in_crowd(v, SMALL);
    free_wrong(v, block + victim_usable_size(v, block));
    judge_owners(v, SMALL);
}

/* A header that says "a block of 96 bytes", copied from a true one, in the middle of a live block. */
static void forged_inside(hy_victim *v) {
    enum { BIG = 480, FORGED = 96 };
    char *const model = victim_alloc(v, FORGED), *const block = block_in_crowd(v, BIG);
    char *const forged = block + 64;
    crowd_forge(forged, crowd_header_of(model));
    crowd_forge(forged + FORGED + 16, crowd_header_of(model));
    free_wrong(v, forged);
    if (crowd_gather_shared(v, &owners, 200, FORGED) || crowd_gather_shared(v, &owners, 1200, BIG))
        victim_taken(v, "a block was given out inside of a live one");
    victim_shake(v);
    victim_prevented(v, "nothing was given out inside of a live block");
}

/* ------------------------------------------------------------------------------------------- addresses elsewhere ----
 */

static void on_stack(hy_victim *v) {
    unsigned char local[512];
    victim_fill(local, 0, 1, sizeof local);
    free_wrong(v, local + 128);
    judge_area(v, local, sizeof local, "the stack");
}

static void global(hy_victim *v) {
    victim_fill(area, 0, 1, AREA);
    free_wrong(v, area + 128);
    judge_area(v, area, AREA, "a global variable");
}

/* The same with headers in front of and behind the false block, as they are in front of true ones. */
static void forged_global(hy_victim *v) {
    enum { FORGED = 104 };
    victim_fill(area, 0, 1, AREA);
    unsigned char *const model = victim_alloc(v, FORGED), *const forged = area + 256;
    crowd_forge(forged, crowd_header_of(model));
    crowd_forge(forged + FORGED + 8, crowd_header_of(model));
    free_wrong(v, forged);
    judge_given_out(v, area, AREA, "a global variable, behind a forged header");
    victim_shake(v);
    victim_prevented(v, "no block lies in the global variable");
}

static unsigned char *map(hy_victim *v, size_t size, int protection) {
    void *const start = mmap(NULL, size, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED)
        victim_not_applicable(v, "there is no page to be had");
    return start;
}

static void mapping(hy_victim *v) {
    unsigned char *const pages = map(v, AREA, PROT_READ | PROT_WRITE);
    if (pages == MAP_FAILED)
        return;
    victim_fill(pages, 0, 1, AREA);
    free_wrong(v, pages + PAGE);
    judge_area(v, pages, AREA, "a mapping of the program's");
}

static void protected_page(hy_victim *v) {
    unsigned char *const pages = map(v, AREA, PROT_NONE);
    if (pages == MAP_FAILED)
        return;
    free_wrong(v, pages + PAGE);
    judge_given_out(v, pages, AREA, "a page that may not be touched");
    victim_shake(v);
    victim_prevented(v, "no block lies there");
}

static void wild(hy_victim *v) {
    unsigned char *const pages = map(v, 64 << 20, PROT_NONE);
    if (pages == MAP_FAILED)
        return;
    munmap(pages, 64 << 20);
    free_wrong(v, pages + (32 << 20));
    victim_shake(v);
    victim_prevented(v, "the program went on");
}

static void code(hy_victim *v) {
    const uintptr_t function = ((uintptr_t)code + 15) & ~(uintptr_t)15;
    free_wrong(v, (void *)function);
    judge_given_out(v, (void *)function, 64, "the program's code");
    victim_shake(v);
    victim_prevented(v, "no block lies there");
}

static void number(hy_victim *v, uintptr_t address) {
    free_wrong(v, (void *)address);
    victim_shake(v);
    victim_prevented(v, "the program went on");
}

static void small_integer(hy_victim *v) {
    number(v, 16);
}

static void non_canonical(hy_victim *v) {
    number(v, 0xdeadbeefdeadbee0u);
}

static void minus_one(hy_victim *v) {
    number(v, (uintptr_t)-16);
}

#define WRONG_FREE .class = HY_INVALID_FREE, .cwe = 590
#define FOUND_OUT .correct = "the address is found out, or nothing comes of it"

const hy_fault hy_faults_invalid_free[] = {
    {.name = "free-interior",
     .summary = "frees a block by an address 16 bytes inside of it",
     .class = HY_INVALID_FREE,
     .cwe = 761,
     .origin = "CVE: free of a pointer that was moved on",
     .condition = "a part of the live block is given out, or written to",
     FOUND_OUT,
     .story = "A program walks through a buffer with the only pointer it has, and frees it where it stopped. An "
              "allocator that looks for a header in front finds the block's own contents there.",
     .run = interior},
    {.name = "free-unaligned",
     .summary = "frees a block by an address 1 byte inside of it",
     .class = HY_INVALID_FREE,
     .cwe = 761,
     .origin = "CVE: free of a pointer that was moved on",
     .condition = "a part of the live block is given out, or written to",
     FOUND_OUT,
     .story = "No block begins at an odd address: one test of four bits would do.",
     .run = unaligned},
    {.name = "free-in-front",
     .summary = "frees a block by an address 16 bytes in front of it",
     .class = HY_INVALID_FREE,
     .cwe = 763,
     .origin = "CVE: free of a wrong pointer",
     .condition = "live blocks are given out again, or written to",
     FOUND_OUT,
     .story = "The address lies in the header, or in the end of the block in front, which is then freed in its place "
              "where addresses are rounded down.",
     .run = in_front},
    {.name = "free-end",
     .summary = "frees the address behind a block's last byte",
     .class = HY_INVALID_FREE,
     .cwe = 763,
     .needs = HY_NEEDS_USABLE_SIZE,
     .origin = "CVE: free of an iterator",
     .condition = "the next live block is freed and given out again",
     FOUND_OUT,
     .story = "An end pointer looks like any other one. Where blocks of a size lie side by side without headers, it is "
              "the next block's beginning, and a perfectly good thing to free: the neighbour dies.",
     .run = at_the_end},
    {.name = "free-interior-large",
     .summary = "frees a block of 1 MiB by an address 16 pages inside of it",
     .class = HY_INVALID_FREE,
     .cwe = 761,
     .origin = "CVE: free of a pointer that was moved on",
     .condition = "a part of the live block is given out, or written to",
     FOUND_OUT,
     .story = "Inside of a large block an address can look very much like a beginning: it is a page's. Some allocators "
              "keep a table of pages and know better.",
     .run = interior_large},
    {.name = "free-stack",
     .summary = "frees a local variable",
     WRONG_FREE,
     .origin = "CVE: free of a local buffer",
     .condition = "a later block lies on the stack, or the stack is written to",
     FOUND_OUT,
     .story =
         "A buffer was local at first, and on the heap for large inputs; the free at the end does not tell. If the "
         "allocator believes it, a later malloc returns a part of the stack, return addresses and all.",
     .run = on_stack},
    {.name = "free-global",
     .summary = "frees a global variable",
     WRONG_FREE,
     .origin = "CVE: free of a static default",
     .condition = "a later block lies in the variable, or the variable is written to",
     FOUND_OUT,
     .story = "A setting points to a static default until the user changes it; then the old value is freed. A later "
              "malloc may return that variable.",
     .run = global},
    {.name = "free-mapping",
     .summary = "frees a page that the program has mapped itself",
     WRONG_FREE,
     .origin = "CVE: mismatched ways of allocation",
     .condition = "a later block lies in the mapping, or the mapping is written to",
     FOUND_OUT,
     .story = "The address is page-aligned and full of ones, as data are. Whoever takes the word in front for a size, "
              "or the page for one of the heap's, believes what the program wrote.",
     .run = mapping},
    {.name = "free-protected",
     .summary = "frees an address in a page that may not be touched",
     WRONG_FREE,
     .origin = "CVE: free of a wrong pointer",
     .condition = "a later block lies there",
     FOUND_OUT,
     .story = "Reading a header there traps. An allocator that looks the page up in a table of its own notices without "
              "touching it.",
     .run = protected_page},
    {.name = "free-wild",
     .summary = "frees an address where nothing is mapped",
     WRONG_FREE,
     .origin = "CVE: free of an uninitialised pointer",
     .condition = "the program goes on with a damaged heap",
     FOUND_OUT,
     .story = "A pointer that was never set holds anything. Mostly nothing is there, and the read of a header traps.",
     .run = wild},
    {.name = "free-code",
     .summary = "frees a function",
     WRONG_FREE,
     .origin = "CVE: free of a wrong pointer",
     .condition = "a later block lies in the code",
     FOUND_OUT,
     .story = "What stands in front of the function, machine code, is taken for a size. The page cannot be written, so "
              "that the first write into the freed \"block\" traps - if the free writes at all.",
     .run = code},
    {.name = "free-small-integer",
     .summary = "frees the address 16",
     WRONG_FREE,
     .origin = "CVE: free of a member of a NULL struct",
     .condition = "the program goes on with a damaged heap",
     FOUND_OUT,
     .story = "A member 16 bytes into a struct that is NULL. Nothing is mapped near 0, so that a read traps.",
     .run = small_integer},
    {.name = "free-minus-one",
     .summary = "frees the address -16",
     WRONG_FREE,
     .origin = "CVE: free of an error code",
     .condition = "the program goes on with a damaged heap",
     FOUND_OUT,
     .story = "Some calls return -1 or another negative number for a failure, and somebody keeps it as a pointer.",
     .run = minus_one},
    {.name = "free-non-canonical",
     .summary = "frees an address that the processor cannot have",
     WRONG_FREE,
     .origin = "CVE: free of uninitialised data",
     .condition = "the program goes on with a damaged heap",
     FOUND_OUT,
     .story = "0xdeadbeefdeadbee0 is data, not an address. Tables that are indexed by some of an address's bits must "
              "not forget to look at the other ones.",
     .run = non_canonical},
    {.name = "free-forged-global",
     .summary = "frees a place in a global variable, with a true block's header in front of it",
     WRONG_FREE,
     .origin = "how2heap: house_of_spirit, tcache_house_of_spirit",
     .condition = "malloc returns the place of the forged block",
     FOUND_OUT,
     .story = "The attacker writes what an allocator would write in front of a block, in front of some memory of his "
              "choice, and has it freed. It goes to the free list of its size, and the next one who asks for that size "
              "gets it.",
     .run = forged_global},
    {.name = "free-forged-interior",
     .summary = "frees a place inside of a live block, with a true block's header in front of it",
     .class = HY_INVALID_FREE,
     .cwe = 761,
     .origin = "how2heap: tcache_house_of_spirit",
     .condition = "malloc returns the middle of a live block",
     FOUND_OUT,
     .story =
         "The same inside of the heap: the forged header stands in the middle of a live block's data, and the part "
         "behind it becomes a block of its own.",
     .run = forged_inside},
    {.name = NULL},
};
