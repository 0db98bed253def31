/* SPDX-License-Identifier: MIT
 *
 * cases_contents.c - what the caller wrote stays written: usable sizes, realloc, zeroing.
 */
#include "shadow_heap.h"

#include "support.h"

#include <string.h>

/* A new heap when the old one cannot reuse what was freed and half of its room is spent. */
static void renew_when_spent(subject *s, size_t *spent, size_t more) {
    *spent += more;
    if (!subject_has(s, HY_NO_REUSE | HY_REGIONS) || *spent < s->room / 2)
        return;
    subject_renew(s);
    *spent = more;
}

/* ------------------------------------------------------------------------------------------------ usable size ---- */

static void usable_one(subject *s, size_t size) {
    char *const a = hy_alloc(s->heap, size, s->align), *const b = hy_alloc(s->heap, size, s->align);
    if (!a || !b)
        subject_fail(s, "two blocks of %zu bytes are refused", size);
    const size_t a_size = s->heap->ops->usable_size(s->heap, a), b_size = s->heap->ops->usable_size(s->heap, b);
    EXPECT(s, a_size >= size && b_size >= size, "usable_size is %zu for %zu bytes", hy_min(a_size, b_size), size);
    EXPECT(s, a + a_size <= b || b + b_size <= a, "usable bytes of two blocks of %zu bytes overlap", size);
    subject_fill(a, a_size, 1);
    subject_fill(b, b_size, 2);
    EXPECT(s, subject_verify(a, a_size, 1) == a_size, "writing one block of %zu bytes changed the other", size);
    hy_free(s->heap, b, size);
    EXPECT(s, subject_verify(a, a_size, 1) == a_size, "freeing a neighbour changed a block of %zu bytes", size);
    hy_free(s->heap, a, size);
}

static void run_usable(subject *s) {
    subject_open(s);
    subject_needs_contents(s);
    subject_needs(s, s->heap->ops->usable_size, "it has no usable_size");
    size_t spent = 0;
    const size_t most = hy_min(s->largest, s->room / 8);
    for (size_t size = 1; size <= most; size += size < 600 ? 1 : size / 7) {
        renew_when_spent(s, &spent, 2 * size + 128);
        usable_one(s, size);
    }
    subject_close(s);
}

/* ---------------------------------------------------------------------------------------------------- realloc ---- */

static const size_t realloc_sizes[] = {1,    7,     8,     15,    16,    17,     24,     32,     33,
                                       63,   64,    100,   128,   129,   250,    256,    400,    512,
                                       1000, 1024,  1500,  2048,  2049,  4000,   4096,   4097,   8192,
                                       9000, 16384, 30000, 65536, 70000, 131072, 262144, 300000, 1048576};

/* Between two neighbours, which must not change; the one after only where blocks may be freed in any order. */
static bool realloc_one(subject *s, size_t from, size_t to, size_t align) {
    const size_t near = hy_min(from, 40);
    const bool lifo = subject_has(s, HY_LIFO);
    char *const before = hy_alloc(s->heap, near, s->align), *const block = hy_alloc(s->heap, from, align);
    char *const after = lifo ? NULL : hy_alloc(s->heap, near, s->align);
    if (!before || !block || (!after && !lifo))
        subject_fail(s, "no room for %zu bytes in a heap with room for %zu", from, s->room);
    subject_fill(before, near, 1);
    subject_fill(block, from, 2);
    if (after)
        subject_fill(after, near, 3);
    const size_t told = s->heap->ops->usable_size && subject_below(s, 2) ? 0 : from, kept = hy_min(from, to);
    char *const moved = hy_realloc(s->heap, block, told, align, to);
    char *const now = moved ? moved : block;
    EXPECT(s, subject_verify(now, kept, 2) == kept, "realloc(%zu -> %zu, alignment %zu) lost byte %zu", from, to, align,
           subject_verify(now, kept, 2));
    EXPECT(s, subject_aligned(s, (uintptr_t)now, align), "realloc(%zu -> %zu) lost the alignment %zu", from, to, align);
    if (moved)
        subject_fill(moved, to, 4);
    EXPECT(s, subject_verify(before, near, 1) == near, "realloc(%zu -> %zu) changed the block before", from, to);
    if (after)
        EXPECT(s, subject_verify(after, near, 3) == near, "realloc(%zu -> %zu) changed the block after", from, to);
    hy_free(s->heap, after, near);
    hy_free(s->heap, now, moved ? to : from);
    hy_free(s->heap, before, near);
    return moved != NULL;
}

static void run_realloc(subject *s) {
    enum { SIZES = sizeof realloc_sizes / sizeof *realloc_sizes };
    static const size_t aligns[] = {0, 64, 4096};
    subject_open(s);
    subject_needs_contents(s);
    const size_t most = hy_min(s->largest, s->room / 16);
    size_t spent = 0, refused = 0, tried = 0;
    for (size_t i = 0; i < SIZES && realloc_sizes[i] <= most; i++)
        for (size_t j = 0; j < SIZES && realloc_sizes[j] <= most; j++)
            for (size_t k = 0; k < 3 && aligns[k] <= hy_min(s->max_align, s->room / 64); k++) {
                const size_t align = aligns[k] ? aligns[k] : s->align;
                renew_when_spent(s, &spent, realloc_sizes[i] + realloc_sizes[j] + 4 * align + 200);
                refused += !realloc_one(s, realloc_sizes[i], realloc_sizes[j], align);
                tried++;
            }
    EXPECT(s, refused == 0, "%zu of %zu reallocs in a nearly empty heap are refused", refused, tried);
    subject_close(s);
}

static void run_realloc_grow(subject *s) {
    subject_open(s);
    subject_needs_contents(s);
    const size_t most = hy_min(s->largest, s->room / 64);
    size_t size = 1, spent = 0;
    char *block = hy_alloc(s->heap, size, s->align);
    subject_fill(block, size, 5);
    while (size < most && spent < s->room / 2) {
        const size_t next = hy_min(most, size + size / 3 + 1);
        char *const grown = hy_realloc(s->heap, block, size, s->align, next);
        EXPECT(s, grown, "growing a lone block to %zu bytes is refused", next);
        EXPECT(s, subject_verify(grown, size, 5) == size, "growing from %zu to %zu lost a byte", size, next);
        subject_fill(grown, next, 5);
        block = grown;
        size = next;
        spent += next;
    }
    for (; size > 1 && spent < s->room / 2; size -= size / 4 + 1, spent += size) {
        const size_t next = size - size / 4 - 1;
        block = hy_realloc(s->heap, block, size, s->align, hy_max(next, 1));
        EXPECT(s, block, "shrinking a lone block to %zu bytes is refused", next);
        EXPECT(s, subject_verify(block, next, 5) == next, "shrinking from %zu to %zu lost a byte", size, next);
    }
    subject_close(s);
}

/* ---------------------------------------------------------------------------------------------------- zeroing ---- */

static void fill_and_free(subject *s, size_t size) {
    enum { BLOCKS = 24 };
    char *block[BLOCKS];
    size_t got = 0;
    for (; got < BLOCKS; got++) {
        block[got] = hy_alloc(s->heap, size, s->align);
        if (!block[got])
            break;
        memset(block[got], 0xff, size);
    }
    while (got-- > 0)
        hy_free(s->heap, block[got], size);
}

static void zeroed_one(subject *s, size_t size) {
    unsigned char *const block = hy_alloc_zeroed(s->heap, size, s->align);
    if (!block)
        subject_fail(s, "alloc_zeroed(%zu) is refused in a heap with room for %zu", size, s->room);
    for (size_t i = 0; i < size; i++)
        EXPECT(s, block[i] == 0, "alloc_zeroed(%zu): byte %zu is 0x%02x", size, i, block[i]);
    memset(block, 0xff, size);
    hy_free(s->heap, block, size);
}

static void zeroed_all(subject *s) {
    subject_needs_contents(s);
    size_t spent = 0;
    const size_t most = hy_min(s->largest, s->room / 64);
    for (size_t size = 1; size <= most; size += size / 3 + 1) {
        renew_when_spent(s, &spent, 27 * (size + 64));
        fill_and_free(s, size);
        zeroed_one(s, size);
        if (s->heap->ops->trim)
            s->heap->ops->trim(s->heap);
        zeroed_one(s, size);
    }
    if (s->heap->ops->reset) {
        s->heap->ops->reset(s->heap);
        zeroed_one(s, most);
    }
}

static void run_zeroed(subject *s) {
    subject_open(s);
    zeroed_all(s);
    subject_close(s);
}

static void run_zeroed_dirty(subject *s) {
    subject_open_dirty(s);
    subject_needs_own_pages(s);
    zeroed_all(s);
    subject_close(s);
}

const conform_case cases_contents[] = {
    {"usable", "usable_size is at least what was asked for, and all of it is ours", run_usable},
    {"realloc", "contents, alignment and neighbours survive realloc over all pairs of sizes", run_realloc},
    {"realloc-grow", "a lone block can grow and shrink step by step", run_realloc_grow},
    {"zeroed", "alloc_zeroed gives zeros where there was something else", run_zeroed},
    {"zeroed-dirty", "the same on pages that are not zero", run_zeroed_dirty},
    {NULL, NULL, NULL},
};
