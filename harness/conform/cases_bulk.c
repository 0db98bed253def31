/* SPDX-License-Identifier: MIT
 *
 * cases_bulk.c - freeing in bulk, and what the special kinds of allocator promise.
 */
#include "shadow_heap.h"

#include "support.h"

#include <string.h>

#define BULK_BLOCKS 200u

/* Fills up to `n` blocks; the model forgets without freeing. */
static void forget(shadow_heap *shadow, size_t down_to) {
    while (shadow->count > down_to) {
        size_t newest = 0;
        for (size_t i = 1; i < shadow->count; i++)
            if (shadow->block[i].id > shadow->block[newest].id)
                newest = i;
        shadow->bytes -= shadow->block[newest].size;
        shadow->count--;
        memmove(&shadow->block[newest], &shadow->block[newest + 1], (shadow->count - newest) * sizeof *shadow->block);
    }
}

static size_t bulk_largest(const subject *s) {
    return hy_max(hy_min(s->largest, s->room / (4 * BULK_BLOCKS)), 1);
}

static void run_reset(subject *s) {
    shadow_heap shadow;
    subject_open(s);
    subject_needs_contents(s);
    subject_needs(s, s->heap->ops->reset, "it has no reset");
    shadow_init(&shadow, s, s->heap, BULK_BLOCKS);
    shadow.largest = bulk_largest(s);
    size_t peak = 0;
    for (unsigned round = 0; round < 50; round++) {
        for (unsigned i = 0; i < BULK_BLOCKS; i++)
            EXPECT(s, shadow_alloc(&shadow, subject_size(s, shadow.largest), s->align, false),
                   "round %u: a request is refused", round);
        shadow_verify(&shadow);
        s->heap->ops->reset(s->heap);
        forget(&shadow, 0);
        shadow_check(&shadow);
        if (s->heap->ops->walk)
            shadow_walk(&shadow);
        peak = round == 9 ? s->data->peak_committed : peak;
    }
    EXPECT(s, s->data->peak_committed <= 2 * peak,
           "memory grows with every reset: %zu bytes after 10 rounds, %zu after 50", peak, s->data->peak_committed);
    shadow_drop(&shadow);
    subject_close(s);
}

/* Nested marks: each rewind frees what came after its mark, and nothing else. */
static void run_mark(subject *s) {
    enum { DEPTH = 8 };
    void *mark[DEPTH];
    size_t count[DEPTH];
    shadow_heap shadow;
    subject_open(s);
    subject_needs(s, s->heap->ops->mark, "it has no marks");
    shadow_init(&shadow, s, s->heap, BULK_BLOCKS);
    shadow.largest = bulk_largest(s);
    size_t peak = 0;
    for (unsigned round = 0; round < 30; round++) {
        for (unsigned depth = 0; depth < DEPTH; depth++) {
            mark[depth] = s->heap->ops->mark(s->heap);
            count[depth] = shadow.count;
            for (unsigned i = 0; i < BULK_BLOCKS / DEPTH; i++)
                EXPECT(s, shadow_alloc(&shadow, subject_size(s, shadow.largest), s->align, false),
                       "round %u: a request is refused", round);
        }
        for (unsigned depth = DEPTH; depth > 0; depth -= round % 2 + 1) {
            s->heap->ops->rewind(s->heap, mark[depth - 1]);
            forget(&shadow, count[depth - 1]);
            shadow_verify(&shadow);
            shadow_check(&shadow);
            if (round % 2 && depth == 2)
                break;
        }
        s->heap->ops->rewind(s->heap, mark[0]);
        forget(&shadow, 0);
        peak = round == 9 ? s->data->peak_committed : peak;
    }
    EXPECT(s, s->data->peak_committed <= 2 * peak, "rewind does not make room");
    shadow_drop(&shadow);
    subject_close(s);
}

static void run_lifo(subject *s) {
    shadow_heap shadow;
    subject_open(s);
    subject_needs(s, subject_has(s, HY_LIFO), "it does not ask for this order");
    shadow_init(&shadow, s, s->heap, BULK_BLOCKS);
    shadow.largest = bulk_largest(s);
    size_t peak = 0;
    for (unsigned round = 0; round < 100; round++) {
        while (shadow.count < BULK_BLOCKS)
            EXPECT(s, shadow_alloc(&shadow, subject_size(s, shadow.largest), subject_any_align(s), false),
                   "round %u: a request is refused", round);
        const size_t stop = round % 10 == 9 ? 0 : subject_below(s, BULK_BLOCKS);
        while (shadow.count > stop)
            shadow_free(&shadow, shadow_victim(&shadow));
        peak = round == 19 ? s->data->peak_committed : peak;
    }
    EXPECT(s, s->data->peak_committed <= 2 * peak, "memory that was freed in order is not used again");
    shadow_drop(&shadow);
    subject_close(s);
}

static void run_fixed_size(subject *s) {
    shadow_heap shadow;
    subject_open(s);
    subject_needs(s, subject_has(s, HY_FIXED_SIZE), "it serves more than one size");
    const size_t size = s->heap->max_size;
    EXPECT(s, size < PTRDIFF_MAX, "max_size does not say the block size");
    EXPECT(s, !hy_alloc(s->heap, size + 1, 1), "a request above the block size is served");
    shadow_init(&shadow, s, s->heap, BULK_BLOCKS);
    for (unsigned i = 0; i < BULK_BLOCKS && (i + 1) * size <= s->room; i++)
        EXPECT(s, shadow_alloc(&shadow, i % 2 ? size : 1, s->align, false), "block %u is refused", i);
    const uintptr_t last = shadow.block[shadow.count - 1].start;
    shadow_free(&shadow, shadow.count - 1);
    EXPECT(s, shadow_alloc(&shadow, size, s->align, false), "a freed block cannot be had again");
    EXPECT(s, shadow.block[shadow.count - 1].start <= last, "a new block was taken while a freed one was there");
    shadow_free_all(&shadow);
    shadow_drop(&shadow);
    subject_close(s);
}

/* No address comes twice before reset. */
static void run_no_reuse(subject *s) {
    shadow_heap shadow;
    subject_open(s);
    subject_needs(s, subject_has(s, HY_NO_REUSE), "it uses freed memory again");
    shadow_init(&shadow, s, s->heap, 2000);
    for (unsigned i = 0; i < 2000; i++) {
        const size_t size = subject_size(s, hy_max(hy_min(s->largest, s->room / 4000), 1));
        char *const block = hy_alloc(s->heap, size, s->align);
        EXPECT(s, block, "block %u is refused", i);
        for (size_t j = 0; j < shadow.count; j++) /* all that ever was stays in the list */
            EXPECT(s,
                   (uintptr_t)block + size <= shadow.block[j].start ||
                       shadow.block[j].start + shadow.block[j].size <= (uintptr_t)block,
                   "freed memory is used again");
        shadow.block[shadow.count++] = (shadow_block){.start = (uintptr_t)block, .size = size};
        hy_free(s->heap, block, size);
    }
    shadow_drop(&shadow);
    subject_close(s);
}

/* What may be freed singly comes back, at the latest when nothing lives.  So does the old block of a realloc. */
static void run_reuse(subject *s) {
    shadow_heap shadow;
    subject_open(s);
    subject_needs_contents(s);
    subject_needs(s, !subject_has(s, HY_NO_REUSE), "it gives nothing back before reset");
    shadow_init(&shadow, s, s->heap, BULK_BLOCKS);
    shadow.largest = bulk_largest(s);
    size_t peak = 0;
    for (unsigned round = 0; round < 300; round++) {
        while (shadow.count < BULK_BLOCKS)
            EXPECT(s, shadow_alloc(&shadow, subject_size(s, shadow.largest), s->align, false),
                   "round %u: a request is refused", round);
        for (size_t i = 0; i < shadow.count / 4 && !subject_has(s, HY_LIFO | HY_FIXED_SIZE); i++)
            shadow_realloc(&shadow, shadow_victim(&shadow), subject_size(s, shadow.largest));
        shadow_free_all(&shadow);
        peak = round == 29 ? subject_peak(s) : peak;
    }
    const size_t now = subject_peak(s);
    EXPECT(s, now <= 2 * peak, "memory grows though nothing lives: %zu bytes after 30 rounds, %zu after 300", peak,
           now);
    shadow_drop(&shadow);
    subject_close(s);
}

const conform_case cases_bulk[] = {
    {"reset", "reset frees everything at once, again and again", run_reset},
    {"mark", "rewind frees what came after the mark and nothing else", run_mark},
    {"lifo", "blocks freed in the opposite order come back", run_lifo},
    {"fixed-size", "one block size, and no larger request", run_fixed_size},
    {"no-reuse", "no address comes twice", run_no_reuse},
    {"reuse", "memory does not grow when all that lived is dead", run_reuse},
    {NULL, NULL, NULL},
};
