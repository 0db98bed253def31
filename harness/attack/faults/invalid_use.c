/* SPDX-License-Identifier: MIT
 *
 * invalid_use.c - realloc and usable_size of addresses that no allocation ever returned.
 */
#include "bystanders.h"

enum { SMALL = 120, FRESH = 3000 };

static crowd owners;
static unsigned char area[4096] __attribute__((aligned(4096)));

static bool is_inside(const void *block, const void *start, size_t size) {
    return (const char *)block >= (const char *)start && (const char *)block < (const char *)start + size;
}

/* realloc of a wrong address, which in the control is not called; then the old place must not be given out. */
static void realloc_wrong(hy_victim *v, void *address, void *start, size_t size, const char *what) {
    victim_stage(v, HY_AT_OPERATION);
    void *const block = victim_is_control(v) ? NULL : victim_realloc(v, address, FRESH);
    if (block && is_inside(block, start, size))
        victim_taken(v, "realloc made %s a block", what);
    victim_stage(v, HY_LATER);
    static const size_t sizes[] = {24, SMALL, 248, 1000};
    for (size_t n = 0; n < 1200; n++)
        if (is_inside(victim_alloc(v, sizes[n % 4]), start, size))
            victim_taken(v, "a block was given out in %s", what);
    if (crowd_hurt(&owners))
        victim_taken(v, "a live block has changed");
    victim_shake(v);
    victim_prevented(v, "no block was given out in %s", what);
}

static void realloc_interior(hy_victim *v) {
    crowd_gather(v, &owners, 16, SMALL);
    char *const block = crowd_join(v, &owners, SMALL);
    crowd_gather(v, &owners, 16, SMALL);
    realloc_wrong(v, block + 16, block, SMALL, "the live block");
}

static void realloc_stack(hy_victim *v) {
    unsigned char local[512];
    victim_fill(local, 0, 1, sizeof local);
    realloc_wrong(v, local + 128, local, sizeof local, "the stack");
}

static void realloc_global(hy_victim *v) {
    victim_fill(area, 0, 1, sizeof area);
    realloc_wrong(v, area + 128, area, sizeof area, "a global variable");
}

static void judge_usable(hy_victim *v, const void *address, size_t truth) {
    victim_stage(v, HY_AT_OPERATION);
    const size_t usable = victim_is_control(v) ? 0 : victim_usable_size(v, victim_hide(address));
    if (usable > truth)
        victim_silent(v, "%zu bytes are said to be usable, and there are %zu", usable, truth);
    else
        victim_prevented(v, "usable_size is %zu", usable);
}

/* What lies behind the address is the block's, and no more. */
static void usable_interior(hy_victim *v) {
    char *const block = victim_alloc(v, SMALL);
    victim_fill(block, 0, 0x33, SMALL);
    const size_t whole = victim_usable_size(v, block);
    judge_usable(v, block + 64, whole - 64);
}

static void usable_stack(hy_victim *v) {
    unsigned char local[512];
    victim_fill(local, 0, 0x33, sizeof local);
    judge_usable(v, local + 128, 0);
}

const hy_fault hy_faults_invalid_use[] = {
    {.name = "realloc-interior",
     .summary = "calls realloc for an address 16 bytes inside of a live block",
     .class = HY_INVALID_FREE,
     .cwe = 763,
     .origin = "CVE: realloc of a pointer that was moved on",
     .condition = "a part of the live block becomes a block, or free",
     .correct = "the address is found out, or nothing comes of it",
     .story = "realloc copies what it takes for the old block and frees it: a free of a wrong address, and a read of a "
              "wrong length in front of it.",
     .run = realloc_interior},
    {.name = "realloc-stack",
     .summary = "calls realloc for a local variable",
     .class = HY_INVALID_FREE,
     .cwe = 590,
     .origin = "CVE: realloc of a local buffer",
     .condition = "a part of the stack becomes a block, or free",
     .correct = "the address is found out, or nothing comes of it",
     .story = "A local buffer has become too small, and somebody makes it larger with realloc. The size in front of it "
              "is whatever the stack holds there.",
     .run = realloc_stack},
    {.name = "realloc-global",
     .summary = "calls realloc for a global variable",
     .class = HY_INVALID_FREE,
     .cwe = 590,
     .origin = "CVE: realloc of a static default",
     .condition = "the variable becomes a block, or free",
     .correct = "the address is found out, or nothing comes of it",
     .story = "The static default is to be made larger. What realloc takes for the old block is copied, and its place "
              "goes to the free lists.",
     .run = realloc_global},
    {.name = "usable-size-interior",
     .summary = "asks how many bytes are usable, by an address 64 bytes inside of a block",
     .class = HY_INVALID_FREE,
     .cwe = 763,
     .needs = HY_NEEDS_USABLE_SIZE,
     .origin = "CVE: length of a pointer that was moved on",
     .condition = "more bytes are promised than there are behind the address",
     .correct = "the rest of the block, or 0, or the address is found out",
     .story =
         "A page of blocks of one size gives the same answer for every address in it: the whole size, counted from "
         "an address that is not the beginning. Who believes it writes 64 bytes too far.",
     .run = usable_interior},
    {.name = "usable-size-stack",
     .summary = "asks how many bytes of a local variable are usable",
     .class = HY_INVALID_FREE,
     .cwe = 590,
     .needs = HY_NEEDS_USABLE_SIZE,
     .origin = "CVE: length of a wrong pointer",
     .condition = "the allocator vouches for memory that is not its own",
     .correct = "it says 0, or finds out that the address is wrong",
     .story = "What the stack holds in front of the variable is taken for a header, and its number for a size.",
     .run = usable_stack},
    {.name = NULL},
};
