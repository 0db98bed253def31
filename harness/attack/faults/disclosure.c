/* SPDX-License-Identifier: MIT
 *
 * disclosure.c - what new blocks hold, and what can be foretold of where they will lie.
 *
 * Half of these are no faults of a program: they ask what an attacker knows beforehand.  In their controls the question
 * is not asked.  Figures of the same things are probes (victim_probe.c).
 */
#include "bystanders.h"

enum { SMALL = 96, MEDIUM = 3000, LARGE = 1 << 20, SECRET = 0xc5 };

static crowd owners;

static size_t count_secret(const void *block, size_t size) {
    size_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += victim_read(block, (ptrdiff_t)i) == SECRET;
    return count;
}

/* A block with a secret (in the control: without) that is not the last one of the heap. */
static void *secret_block(hy_victim *v, size_t size) {
    void *const block = victim_alloc(v, size);
    victim_alloc(v, 16);
    victim_fill(block, 0, victim_is_control(v) ? 0 : SECRET, size);
    return block;
}

/* A quarter of a block does not look like the secret by chance. */
static bool holds_secret(const void *block, size_t size) {
    return count_secret(block, size) >= size / 4;
}

/* ---------------------------------------------------------------------------------------------------- contents ---- */

static void judge_fresh(hy_victim *v, size_t size, size_t many) {
    victim_stage(v, HY_AT_OPERATION);
    for (size_t i = 0; i < many; i++)
        if (holds_secret(victim_alloc(v, size), size))
            victim_taken(v, "a new block of %zu bytes holds what the one before it held", size);
    victim_prevented(v, "%zu new blocks hold nothing of the secret", many);
}

static void fresh(hy_victim *v, size_t size, size_t many) {
    victim_free(v, secret_block(v, size));
    judge_fresh(v, size, many);
}

static void fresh_small(hy_victim *v) {
    fresh(v, SMALL, 1000);
}

static void fresh_medium(hy_victim *v) {
    fresh(v, MEDIUM, 300);
}

static void fresh_large(hy_victim *v) {
    fresh(v, LARGE, 4);
}

static void free_it(hy_victim *v, void *block) {
    victim_free(v, block);
}

static void fresh_from_thread(hy_victim *v) {
    victim_thread(v, free_it, secret_block(v, SMALL));
    judge_fresh(v, SMALL, 1000);
}

/* The end that realloc adds is new, and says what was there before. */
static void grown(hy_victim *v) {
    void *const gone = secret_block(v, MEDIUM);
    victim_free(v, gone);
    victim_stage(v, HY_AT_OPERATION);
    for (size_t i = 0; i < 300; i++) {
        char *const block = victim_alloc(v, 16);
        victim_fill(block, 0, 0, 16);
        const char *const larger = victim_realloc(v, block, MEDIUM);
        if (larger && holds_secret(larger + 16, MEDIUM - 16))
            victim_taken(v, "what realloc has added holds an older secret");
    }
    victim_prevented(v, "what realloc has added holds nothing of the secret");
}

/* ---------------------------------------------------------------------------------------------------- addresses ----
 */

static void reuse_at_once(hy_victim *v) {
    void *const gone = victim_alloc(v, SMALL);
    victim_free(v, gone);
    victim_stage(v, HY_AT_OPERATION);
    if (!victim_is_control(v) && victim_alloc(v, SMALL) == gone)
        victim_silent(v, "the next block lies where the freed one was");
    else
        victim_prevented(v, "the next block lies elsewhere");
}

static void reuse_soon(hy_victim *v) {
    enum { PAIRS = 1000 };
    void *const gone = victim_alloc(v, SMALL);
    victim_free(v, gone);
    victim_stage(v, HY_AT_OPERATION);
    for (size_t i = 0; i < PAIRS && !victim_is_control(v); i++) {
        void *const block = victim_alloc(v, SMALL);
        if (block == gone) {
            victim_silent(v, "pair %zu got the freed block's place", i + 1);
            return;
        }
        victim_free(v, block);
    }
    victim_prevented(v, "none of %d pairs got the freed block's place", PAIRS);
}

static void reuse_large(hy_victim *v) {
    void *const gone = victim_alloc(v, LARGE);
    victim_free(v, gone);
    victim_stage(v, HY_AT_OPERATION);
    for (size_t i = 0; i < 4 && !victim_is_control(v); i++) {
        char *const block = victim_alloc(v, LARGE);
        if (block < (char *)gone + LARGE && (char *)gone < block + LARGE) {
            victim_silent(v, "large block %zu lies where the freed one was", i + 1);
            return;
        }
    }
    victim_prevented(v, "none of 4 large blocks lies where the freed one was");
}

/* The distance that most blocks have from the one before: half of them are enough to rely on. */
static void neighbours(hy_victim *v, size_t count, size_t size, uintptr_t near) {
    static uintptr_t at[256];
    size_t best = 0;
    for (size_t i = 0; i < count; i++)
        at[i] = (uintptr_t)victim_alloc(v, size);
    victim_stage(v, HY_AT_OPERATION);
    for (size_t i = 1; i < count && !victim_is_control(v); i++) {
        const uintptr_t step = at[i] - at[i - 1], length = step < -step ? step : -step;
        size_t same = 0;
        for (size_t j = 1; j < count; j++)
            same += at[j] - at[j - 1] == step;
        best = length <= near && same > best ? same : best;
    }
    if (best >= count / 2)
        victim_silent(v, "%zu of %zu blocks lie at the same distance from the one before", best, count - 1);
    else
        victim_prevented(v, "at most %zu of %zu blocks lie at the same distance from the one before", best, count - 1);
}

static void adjacent(hy_victim *v) {
    neighbours(v, 200, SMALL, 4096);
}

static void adjacent_large(hy_victim *v) {
    neighbours(v, 8, LARGE, LARGE + 65536);
}

/* Blocks of one size die in great numbers; do blocks of another one lie in their place? */
static void other_size(hy_victim *v) {
    enum { DEAD = 1500 };
    crowd_gather(v, &owners, DEAD, SMALL);
    static uintptr_t at[DEAD];
    for (size_t i = 0; i < DEAD; i++)
        at[i] = (uintptr_t)owners.member[i].block;
    if (!victim_is_control(v))
        crowd_disperse(v, &owners);
    victim_stage(v, HY_AT_OPERATION);
    for (size_t n = 0; n < 200; n++) {
        const uintptr_t block = (uintptr_t)victim_alloc(v, MEDIUM);
        for (size_t i = 0; i < DEAD; i++)
            if (at[i] >= block && at[i] < block + MEDIUM) {
                victim_silent(v, "block %zu of 3000 bytes lies where blocks of 96 were", n + 1);
                return;
            }
    }
    victim_prevented(v, "none of 200 blocks of 3000 bytes lies where blocks of 96 were");
}

#define FRESH .class = HY_DISCLOSURE, .cwe = 908
#define FORETOLD .class = HY_DISCLOSURE, .cwe = 340
#define READ_BACK .condition = "a block that nobody has written to yet holds another one's secret"
#define CLEARED .correct = "blocks are cleared when they are freed or given out, or come from elsewhere"

const hy_fault hy_faults_disclosure[] = {
    {.name = "uninitialised-small",
     .summary = "reads a new block of 96 bytes before writing to it, after one with a secret was freed",
     FRESH,
     .origin = "CVE: use of uninitialised memory",
     READ_BACK,
     CLEARED,
     .story = "A new block holds whatever was there. If it is sent out before all of it is filled in, so is somebody's "
              "password that the same bytes held before.",
     .run = fresh_small},
    {.name = "uninitialised-medium",
     .summary = "reads a new block of 3000 bytes before writing to it, after one with a secret was freed",
     FRESH,
     .origin = "CVE: use of uninitialised memory",
     READ_BACK,
     CLEARED,
     .story = "Buffers of some thousand bytes are where letters, keys and pages are kept. They are rarely cleared, as "
              "that costs as much as filling them.",
     .run = fresh_medium},
    {.name = "uninitialised-large",
     .summary = "reads a new block of 1 MiB before writing to it, after one with a secret was freed",
     FRESH,
     .origin = "CVE: use of uninitialised memory",
     READ_BACK,
     CLEARED,
     .story = "Pages that come from the system are zero. Pages that the allocator kept are not.",
     .run = fresh_large},
    {.name = "uninitialised-realloc",
     .summary = "reads what realloc has added to a block, after one with a secret was freed",
     FRESH,
     .origin = "CVE: use of uninitialised memory",
     READ_BACK,
     CLEARED,
     .story = "realloc keeps the old contents and says nothing of the rest. The rest is a new block as any other one.",
     .run = grown},
    {.name = "uninitialised-other-thread",
     .summary = "reads a new block before writing to it, after another thread has freed one with a secret",
     FRESH,
     .origin = "CVE: use of uninitialised memory",
     READ_BACK,
     CLEARED,
     .story = "Threads serve different users, and the heap is one: what one thread's user left in memory, another "
              "thread's user may get.",
     .run = fresh_from_thread},
    {.name = "reuse-at-once",
     .summary = "frees a block and allocates one of the same size",
     FORETOLD,
     .origin = "how2heap: first_fit",
     .condition = "the new block lies where the freed one was, every time",
     .correct = "the place is not given out at once",
     .story = "The block that was freed last is still in the processor's cache: the best one to give out next, and the "
              "easiest to foretell. A stale pointer and a new object meet without any effort.",
     .run = reuse_at_once},
    {.name = "reuse-within-1000",
     .summary = "frees a block, and looks whether one of 1000 pairs gets its place",
     FORETOLD,
     .origin = "idea of quarantines",
     .condition = "the freed block's place is given out within 1000 pairs of alloc and free",
     .correct = "a place stays empty for longer",
     .story = "A stale pointer is harmless as long as nobody lives where it points. How long that is can be counted in "
              "pairs of alloc and free.",
     .run = reuse_soon},
    {.name = "reuse-large",
     .summary = "frees a block of 1 MiB and allocates four of the same size",
     FORETOLD,
     .origin = "how2heap: first_fit",
     .condition = "a new block lies where the freed one was",
     .correct = "the addresses are left empty for a while",
     .story = "Addresses are many, and large blocks are few: it would cost little to let the addresses of one that was "
              "freed lie fallow.",
     .run = reuse_large},
    {.name = "neighbours-small",
     .summary = "allocates 200 blocks of 96 bytes and compares their addresses",
     FORETOLD,
     .origin = "CVE: heap feng shui",
     .condition = "one block lies at the same distance from the one before, half of the time or more",
     .correct = "the order of addresses is random",
     .story =
         "An overflow needs a victim behind the block. If blocks come in the order of their addresses, the attacker "
         "has the program allocate one and then the other, and knows that they are neighbours.",
     .run = adjacent},
    {.name = "neighbours-large",
     .summary = "allocates 8 blocks of 1 MiB and compares their addresses",
     FORETOLD,
     .origin = "CVE: heap feng shui",
     .condition = "one block lies right beside the one before, half of the time or more",
     .correct = "there are gaps of random size between large blocks, or the order is random",
     .story =
         "The system maps pages side by side, downwards. Large blocks without gaps are neighbours in a known order.",
     .run = adjacent_large},
    {.name = "reuse-other-size",
     .summary = "frees 1500 blocks of 96 bytes and allocates 200 of 3000",
     FORETOLD,
     .origin = "CVE: type confusion by use after free",
     .condition = "a block of another size lies where the freed ones were",
     .correct = "addresses once used for a size serve only that size",
     .story = "If only blocks of the same size come to lie where a freed one was, a stale pointer at least finds "
              "something of its own kind. A heap that merges, or gives pages to other sizes, lets anything come there.",
     .run = other_size},
    {.name = NULL},
};
