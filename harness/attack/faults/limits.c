/* SPDX-License-Identifier: MIT
 *
 * limits.c - sizes that wrap around, alignments that cannot be, and memory that runs out.
 *
 * An allocator that adds its header to SIZE_MAX gets a small number, and gives out a small block for a huge request.
 * The right answer is NULL.  In the controls the sizes are sound.
 */
#include "bystanders.h"

#include <malloc.h>
#include <stdlib.h>

/* A huge request was answered. */
static void judge_huge(hy_victim *v, const void *block, const char *what) {
    if (block && !victim_is_control(v))
        victim_silent(v, "%s gave a block", what);
    else
        victim_prevented(v, "%s gave %s", what, block ? "the block that was asked for" : "NULL");
}

static size_t huge_or(hy_victim *v, size_t huge, size_t sound) {
    const volatile size_t size = victim_is_control(v) ? sound : huge; /* compilers warn of sizes that they know */
    victim_stage(v, HY_AT_OPERATION);
    return size;
}

static void calloc_wraps(hy_victim *v) {
    judge_huge(v, victim_calloc(v, huge_or(v, SIZE_MAX / 16 + 2, 2), 16), "calloc");
}

static void reallocarray_wraps(hy_victim *v) {
    void *const block = victim_alloc(v, 100);
    judge_huge(v, reallocarray(block, huge_or(v, SIZE_MAX / 16 + 2, 2), 16), "reallocarray");
}

/* The last 64 sizes: one of them becomes 0 or little more, whatever is added. */
static void malloc_wraps(hy_victim *v) {
    for (size_t less = 0; less < 64; less++) {
        void *const block = victim_try_alloc(v, huge_or(v, SIZE_MAX - less, 64 - less));
        judge_huge(v, block, "malloc");
        if (block && !victim_is_control(v))
            return;
    }
}

static void malloc_beyond_half(hy_victim *v) {
    judge_huge(v, victim_try_alloc(v, huge_or(v, (size_t)PTRDIFF_MAX + 1, 100)), "malloc");
}

static void realloc_wraps(hy_victim *v) {
    enum { OLD = 1000 };
    unsigned char *const block = victim_alloc(v, OLD);
    victim_fill(block, 0, 1, OLD);
    unsigned char *const larger = victim_realloc(v, block, huge_or(v, SIZE_MAX - 8, 2 * OLD));
    judge_huge(v, larger, "realloc");
    if (!victim_is_filled(larger ? larger : block, 0, 1, OLD))
        victim_silent(v, "the old block's contents are gone");
}

static void memalign_wraps(hy_victim *v) {
    judge_huge(v, victim_aligned(v, 4096, huge_or(v, SIZE_MAX - 4096, 100)), "memalign");
}

static void alignment_huge(hy_victim *v) {
    const volatile size_t align = huge_or(v, (size_t)1 << 62, 64);
    judge_huge(v, victim_aligned(v, align, 100), "memalign");
}

static void pvalloc_wraps(hy_victim *v) {
    judge_huge(v, pvalloc(huge_or(v, SIZE_MAX - 100, 100)), "pvalloc");
}

/* What is no power of two is refused, and the caller's pointer is left alone. */
static void alignment_odd(hy_victim *v) {
    void *block = &block;
    const int refused = posix_memalign(&block, huge_or(v, 48, 64), 100);
    if (victim_is_control(v) || (refused && block == (void *)&block))
        victim_prevented(v, "posix_memalign gave %d", refused);
    else
        victim_silent(v, refused ? "posix_memalign has changed the pointer" : "posix_memalign gave a block");
}

/* ------------------------------------------------------------------------------------------------------- no room ----
 */

/* Until NULL: then all of it is freed, and a quarter of it, at least, can be had again. */
static void exhaust(hy_victim *v, size_t size, size_t limit) {
    static void *blocks[1200];
    static crowd owners;
    size_t count = 0;
    crowd_gather(v, &owners, 4, size);
    victim_stage(v, HY_AT_OPERATION);
    if (!victim_is_control(v))
        victim_limit_memory(v, limit);
    const size_t most = victim_is_control(v) ? 4 : sizeof blocks / sizeof *blocks;
    while (count < most && (blocks[count] = victim_try_alloc(v, size)))
        victim_write(blocks[count++], 0, 1);
    if (count == sizeof blocks / sizeof *blocks) {
        victim_not_applicable(v, "%zu blocks of %zu bytes could be had in spite of the limit", count, size);
        return;
    }
    victim_stage(v, HY_AT_FREE);
    for (size_t i = 0; i < count; i++)
        victim_free(v, blocks[i]);
    victim_stage(v, HY_LATER);
    size_t again = 0;
    while (again < count / 4 && (blocks[again] = victim_try_alloc(v, size)))
        victim_write(blocks[again++], 0, 1);
    if (again < count / 4)
        victim_silent(v, "of %zu blocks that were freed only %zu could be had again", count, again);
    else if (crowd_hurt(&owners))
        victim_silent(v, "a live block has changed");
    else
        victim_prevented(v, "NULL after %zu blocks, and %zu could be had again", count, again);
}

static void exhaust_medium(hy_victim *v) {
    exhaust(v, 60000, 48 << 20);
}

static void exhaust_large(hy_victim *v) {
    exhaust(v, 4 << 20, 96 << 20);
}

#define TOO_LARGE .class = HY_LIMIT, .cwe = 190, .condition = "a small block is given for a huge request"
#define REFUSED .correct = "NULL"

const hy_fault hy_faults_limits[] = {
    {.name = "calloc-wrap",
     .summary = "asks calloc for so many items that the product wraps to 16 bytes",
     TOO_LARGE,
     REFUSED,
     .origin = "CVE: integer overflow in calloc",
     .story = "The number of items comes from outside, and the program relies on calloc to refuse what cannot be. An "
              "allocator that just multiplies gives 16 bytes for 2 to the power of 60 items.",
     .run = calloc_wraps},
    {.name = "reallocarray-wrap",
     .summary = "asks reallocarray for so many items that the product wraps to 16 bytes",
     TOO_LARGE,
     REFUSED,
     .needs = HY_NEEDS_MALLOC,
     .origin = "CVE: integer overflow in reallocarray",
     .story = "reallocarray exists only to look whether the product wraps.",
     .run = reallocarray_wraps},
    {.name = "malloc-wrap",
     .summary = "asks malloc for each of the last 64 sizes that there are",
     TOO_LARGE,
     REFUSED,
     .origin = "CVE: length of -1",
     .story = "A length of -1 is SIZE_MAX. With a header of 8 or 16 bytes added, or rounded up to 16, it is next to "
              "nothing.",
     .run = malloc_wraps},
    {.name = "malloc-beyond-half",
     .summary = "asks malloc for one byte more than half of all addresses",
     TOO_LARGE,
     REFUSED,
     .origin = "C standard: differences of pointers are signed",
     .story = "No block may be larger than PTRDIFF_MAX, or the difference of two pointers into it is not a number any "
              "more.",
     .run = malloc_beyond_half},
    {.name = "realloc-wrap",
     .summary = "asks realloc for nearly SIZE_MAX",
     TOO_LARGE,
     .correct = "NULL, and the old block is as it was",
     .origin = "CVE: integer overflow in realloc",
     .story = "The new size wraps, the block is made smaller in place of larger, and the program goes on to fill it.",
     .run = realloc_wraps},
    {.name = "memalign-wrap",
     .summary = "asks memalign for so much that size and alignment together wrap",
     TOO_LARGE,
     REFUSED,
     .origin = "CVE: integer overflow in memalign",
     .story = "To find an aligned place, an allocator asks itself for size and alignment together, and that sum wraps.",
     .run = memalign_wraps},
    {.name = "memalign-huge-alignment",
     .summary = "asks memalign for an alignment of 2 to the power of 62",
     .class = HY_LIMIT,
     .cwe = 190,
     .condition = "a block is given that cannot be aligned so",
     REFUSED,
     .origin = "CVE: integer overflow in memalign",
     .story = "There is just one address that is aligned so and can be had, and nothing is there.",
     .run = alignment_huge},
    {.name = "pvalloc-wrap",
     .summary = "asks pvalloc for so much that rounding up to pages wraps",
     TOO_LARGE,
     REFUSED,
     .needs = HY_NEEDS_MALLOC,
     .origin = "known from several allocators",
     .story =
         "pvalloc rounds up to whole pages, and nobody has looked at it for years: in some allocators a size close "
         "to SIZE_MAX becomes 0 pages, and a block is given.",
     .run = pvalloc_wraps},
    {.name = "alignment-odd",
     .summary = "asks posix_memalign for an alignment of 48",
     .class = HY_LIMIT,
     .cwe = 1284,
     .condition = "a block is given, though no such alignment exists, or the caller's pointer changes",
     .correct = "EINVAL, and the caller's pointer is as it was",
     .needs = HY_NEEDS_MALLOC,
     .origin = "POSIX",
     .story = "Alignments are powers of two: code that clears low bits with a mask makes nonsense of 48.",
     .run = alignment_odd},
    {.name = "exhaustion",
     .summary = "allocates blocks of 60 000 bytes under a limit of memory until there are no more",
     .class = HY_LIMIT,
     .cwe = 770,
     .condition = "the process dies, a live block is hurt, or freed memory cannot be had again",
     .correct = "NULL, and after frees all is as before",
     .needs = HY_NEEDS_MALLOC,
     .origin = "CVE: denial of service",
     .story = "The address space may grow by 48 MiB only. When that is used up, malloc returns NULL and the program "
              "frees what it has; then it must be able to go on.",
     .run = exhaust_medium},
    {.name = "exhaustion-large",
     .summary = "allocates blocks of 4 MiB under a limit of memory until there are no more",
     .class = HY_LIMIT,
     .cwe = 770,
     .condition = "the process dies, a live block is hurt, or freed memory cannot be had again",
     .correct = "NULL, and after frees all is as before",
     .needs = HY_NEEDS_MALLOC,
     .origin = "CVE: denial of service",
     .story = "Large blocks come from the system one by one, and the system says no.",
     .run = exhaust_large},
    {.name = NULL},
};
