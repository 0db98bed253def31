/* SPDX-License-Identifier: MIT
 *
 * overread.c - reads beyond a block's end or before its start: they change nothing, and tell what they should not.
 */
#include "bystanders.h"

enum { SMALL = 64, LARGE = 1 << 20, SECRET = 0xc5 };

static void *secrets[64];

/* A block among others that hold secrets. */
static void *block_among_secrets(hy_victim *v, size_t count, size_t size) {
    void *block = NULL;
    for (size_t i = 0; i < count; i++) {
        secrets[i] = victim_alloc(v, size);
        victim_fill(secrets[i], 0, SECRET, size);
        if (i == count / 2)
            block = secrets[i];
    }
    victim_fill(block, 0, 0, size);
    return block;
}

/* Eight bytes do not look like a secret by chance. */
static void read_out(hy_victim *v, const void *block, ptrdiff_t offset, size_t count) {
    size_t found = 0;
    victim_stage(v, HY_AT_OPERATION);
    for (size_t i = 0; i < count && !victim_is_control(v); i++)
        found += victim_read(block, offset + (ptrdiff_t)i) == SECRET;
    if (found >= 8)
        victim_taken(v, "%zu bytes of other blocks' secrets were read", found);
    victim_stage(v, HY_LATER);
    victim_shake(v);
    victim_prevented(v, "nothing of other blocks was read");
}

static void heartbleed(hy_victim *v) {
    read_out(v, block_among_secrets(v, 64, SMALL), 0, 4096);
}

static void past_usable(hy_victim *v) {
    void *const block = block_among_secrets(v, 64, SMALL);
    read_out(v, block, (ptrdiff_t)victim_usable_size(v, block), 64);
}

static void before(hy_victim *v) {
    read_out(v, block_among_secrets(v, 64, SMALL), -64, 64);
}

static void past_large(hy_victim *v) {
    void *const block = block_among_secrets(v, 6, LARGE);
    read_out(v, block, (ptrdiff_t)victim_usable_size(v, block), 8192);
}

/* No end of the string in the block: strlen goes on. */
static void unterminated(hy_victim *v) {
    void *const block = block_among_secrets(v, 64, SMALL);
    const size_t usable = victim_usable_size(v, block);
    victim_fill(block, 0, 'x', usable);
    if (victim_is_control(v))
        victim_write(block, (ptrdiff_t)usable - 1, 0);
    victim_stage(v, HY_AT_OPERATION);
    size_t length = 0;
    while (length < 4096 && victim_read(block, (ptrdiff_t)length) != 0)
        length++;
    size_t found = 0;
    for (size_t i = usable; i < length; i++)
        found += victim_read(block, (ptrdiff_t)i) == SECRET;
    if (found >= 8)
        victim_taken(v, "the string ends %zu bytes behind the block, with %zu of a secret", length - usable, found);
    victim_stage(v, HY_LATER);
    victim_shake(v);
    victim_prevented(v, "the string ends where nothing of other blocks was read");
}

/* A freed neighbour's links, read from a live block. */
static void links_behind(hy_victim *v) {
    enum { COUNT = 64, WORDS = 40 };
    for (size_t i = 0; i < COUNT; i++) {
        secrets[i] = victim_alloc(v, SMALL);
        victim_fill(secrets[i], 0, 0, SMALL);
    }
    for (size_t i = 1; i < COUNT; i += 2)
        victim_free(v, secrets[i]);
    victim_stage(v, HY_AT_OPERATION);
    for (ptrdiff_t word = SMALL / 8; word < WORDS && !victim_is_control(v); word++)
        if (crowd_tells_address(victim_read_word(secrets[COUNT / 2], word)))
            victim_taken(v, "word %td from the block's start on tells an address", word);
    victim_stage(v, HY_LATER);
    victim_shake(v);
    victim_prevented(v, "no address lies behind the block");
}

const hy_fault hy_faults_overread[] = {
    {.name = "overread-4096",
     .summary = "reads 4096 bytes of a block of 64",
     .class = HY_SPATIAL,
     .cwe = 126,
     .origin = "CVE-2014-0160 (Heartbleed)",
     .condition = "live neighbours' secrets are read",
     .correct = "the read is found out, or it finds nothing of any live block's",
     .story = "The other side says how long its message was, and gets as many bytes back: 4096, of which 64 are its "
              "own. What lies in the neighbouring blocks goes over the wire.",
     .run = heartbleed},
    {.name = "overread-64",
     .summary = "reads 64 bytes past all the bytes that are usable",
     .class = HY_SPATIAL,
     .cwe = 126,
     .needs = HY_NEEDS_USABLE_SIZE,
     .origin = "CVE: buffer overread",
     .condition = "a live neighbour's secret is read",
     .correct = "the read is found out, or it finds nothing of any live block's",
     .story = "Just one neighbour is within reach. Where blocks of one size lie in a row, it is there and full; where "
              "they are scattered, it may be anything.",
     .run = past_usable},
    {.name = "overread-large",
     .summary = "reads 8192 bytes past a block of 1 MiB",
     .class = HY_SPATIAL,
     .cwe = 126,
     .needs = HY_NEEDS_USABLE_SIZE,
     .origin = "CVE: buffer overread",
     .condition = "a live neighbour's secret is read",
     .correct = "the read is found out, or it finds nothing of any live block's",
     .story = "Large blocks that were mapped one after the other lie side by side, and nothing stops the reader at "
              "the border, unless a page there may not be read.",
     .run = past_large},
    {.name = "overread-string",
     .summary = "looks for the end of a string that fills its block and has none",
     .class = HY_SPATIAL,
     .cwe = 170,
     .needs = HY_NEEDS_USABLE_SIZE,
     .origin = "CVE: missing terminator",
     .condition = "the string goes on into a live neighbour",
     .correct = "the read is found out, or a zero byte stops it",
     .story = "A string without an end goes on until some byte is zero. A zero byte behind each block, as part of a "
              "canary, costs little and ends it; without one it ends somewhere in the neighbour.",
     .run = unterminated},
    {.name = "overread-links",
     .summary = "reads a freed neighbour's links from a live block",
     .class = HY_DISCLOSURE,
     .cwe = 125,
     .origin = "how2heap: leaks for later techniques",
     .condition = "an address of the heap is read past the end of a live block",
     .correct = "no address stands in freed blocks, or only mixed with a secret",
     .story = "Every second block is freed. A read past the end of a live one reaches the next dead one, and if the "
              "free list's links lie there, plain or mixed with no secret, the reader knows where the heap is.",
     .run = links_behind},
    {.name = "underread-64",
     .summary = "reads 64 bytes in front of a block",
     .class = HY_SPATIAL,
     .cwe = 127,
     .origin = "CVE: buffer underread",
     .condition = "a live neighbour's secret is read",
     .correct = "the read is found out, or it finds nothing of any live block's",
     .story = "An index that fell below zero reads the end of the block in front.",
     .run = before},
    {.name = NULL},
};
