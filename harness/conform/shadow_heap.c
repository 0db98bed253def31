/* SPDX-License-Identifier: MIT
 *
 * shadow_heap.c - the model of a heap (see shadow_heap.h): a sorted array of live blocks.
 */
#include "shadow_heap.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>

void shadow_init(shadow_heap *shadow, subject *s, hy_heap *heap, size_t blocks) {
    memset(shadow, 0, sizeof *shadow);
    shadow->s = s;
    shadow->heap = heap;
    shadow->room = blocks;
    shadow->most = s->room / 2;
    shadow->largest = hy_min(s->largest, (size_t)1 << 16);
    shadow->block = malloc((blocks + 1) * sizeof *shadow->block);
    EXPECT(s, shadow->block, "no memory for the test itself");
}

void shadow_drop(shadow_heap *shadow) {
    free(shadow->block);
    shadow->block = NULL;
}

/* ------------------------------------------------------------------------------------------------- the model ---- */

/* The first block that starts at or after `start`. */
static size_t shadow_at(const shadow_heap *shadow, uintptr_t start) {
    size_t low = 0, high = shadow->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (shadow->block[middle].start < start)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void shadow_insert(shadow_heap *shadow, shadow_block b) {
    subject *const s = shadow->s;
    const size_t i = shadow_at(shadow, b.start);
    EXPECT(s, subject_aligned(s, b.start, b.align), "a block of %zu bytes at 0x%zx is not aligned to %zu", b.size,
           b.start, b.align);
    if (i < shadow->count)
        EXPECT(s, b.start + b.usable <= shadow->block[i].start, "a new block [0x%zx, %zu bytes) overlaps one at 0x%zx",
               b.start, b.usable, shadow->block[i].start);
    if (i > 0)
        EXPECT(s, shadow->block[i - 1].start + shadow->block[i - 1].usable <= b.start,
               "a new block [0x%zx, %zu bytes) overlaps one at 0x%zx of %zu bytes", b.start, b.usable,
               shadow->block[i - 1].start, shadow->block[i - 1].usable);
    memmove(&shadow->block[i + 1], &shadow->block[i], (shadow->count - i) * sizeof b);
    shadow->block[i] = b;
    shadow->count++;
    shadow->bytes += b.size;
}

static shadow_block shadow_remove(shadow_heap *shadow, size_t i) {
    const shadow_block b = shadow->block[i];
    shadow->count--;
    memmove(&shadow->block[i], &shadow->block[i + 1], (shadow->count - i) * sizeof b);
    shadow->bytes -= b.size;
    return b;
}

static size_t shadow_usable(const shadow_heap *shadow, const void *block, size_t size) {
    const hy_heap_ops *const ops = shadow->heap->ops;
    const size_t usable = ops->usable_size ? ops->usable_size(shadow->heap, block) : size;
    EXPECT(shadow->s, usable >= size, "usable_size is %zu for a request of %zu bytes", usable, size);
    return usable;
}

static void shadow_verify_block(const shadow_heap *shadow, const shadow_block *b, size_t size) {
    const size_t wrong = subject_verify((const void *)b->start, size, b->id);
    EXPECT(shadow->s, wrong == size, "the contents of block %zu (0x%zx, %zu bytes) changed at offset %zu",
           (size_t)b->id, b->start, b->size, wrong);
}

/* --------------------------------------------------------------------------------------------------- the steps ---- */

static void shadow_add(shadow_heap *shadow, void *block, size_t size, size_t align, uint64_t id) {
    const shadow_block b = {(uintptr_t)block, size, shadow_usable(shadow, block, size), align, id};
    shadow_insert(shadow, b);
    subject_fill(block, b.usable, id);
}

static void shadow_expect_zero(const shadow_heap *shadow, const char *block, size_t size) {
    for (size_t i = 0; i < size; i++)
        EXPECT(shadow->s, block[i] == 0, "alloc_zeroed(%zu): byte %zu is 0x%02x", size, i, (unsigned char)block[i]);
}

bool shadow_alloc(shadow_heap *shadow, size_t size, size_t align, bool zeroed) {
    void *const block = zeroed ? hy_alloc_zeroed(shadow->heap, size, align) : hy_alloc(shadow->heap, size, align);
    if (!block) {
        shadow->refused++;
        return false;
    }
    if (zeroed)
        shadow_expect_zero(shadow, block, size);
    shadow->spent += size + align;
    shadow_add(shadow, block, size, align, shadow->ids++);
    return true;
}

/* A size to tell the heap: the one asked for, or 0 now and then. */
static size_t shadow_told(const shadow_heap *shadow, size_t size) {
    return subject_below(shadow->s, 2) ? size : 0;
}

bool shadow_realloc(shadow_heap *shadow, size_t i, size_t new_size) {
    const shadow_block b = shadow_remove(shadow, i);
    const size_t told = shadow->heap->ops->usable_size ? shadow_told(shadow, b.size) : b.size;
    shadow_verify_block(shadow, &b, b.usable);
    void *const moved = hy_realloc(shadow->heap, (void *)b.start, told, b.align, new_size);
    if (!moved) {
        shadow->refused++;
        shadow_verify_block(shadow, &b, b.usable);
        shadow_insert(shadow, b);
        return false;
    }
    const size_t kept = hy_min(b.size, new_size), wrong = subject_verify(moved, kept, b.id);
    EXPECT(shadow->s, wrong == kept, "realloc from %zu to %zu bytes (alignment %zu) lost byte %zu", b.size, new_size,
           b.align, wrong);
    shadow->spent += new_size + b.align;
    shadow_add(shadow, moved, new_size, b.align, b.id);
    return true;
}

void shadow_free(shadow_heap *shadow, size_t i) {
    const shadow_block b = shadow_remove(shadow, i);
    shadow_verify_block(shadow, &b, b.usable);
    hy_free(shadow->heap, (void *)b.start, shadow_told(shadow, b.size));
}

static size_t shadow_newest(const shadow_heap *shadow) {
    size_t newest = 0;
    for (size_t i = 1; i < shadow->count; i++)
        if (shadow->block[i].id > shadow->block[newest].id)
            newest = i;
    return newest;
}

size_t shadow_victim(shadow_heap *shadow) {
    return subject_has(shadow->s, HY_LIFO) ? shadow_newest(shadow) : subject_below(shadow->s, shadow->count);
}

void shadow_free_all(shadow_heap *shadow) {
    while (shadow->count > 0)
        shadow_free(shadow, shadow_victim(shadow));
}

/* Memory that does not come back is only asked for as long as there is some. */
static bool shadow_is_spent(const shadow_heap *shadow) {
    return subject_has(shadow->s, HY_NO_REUSE | HY_REGIONS) && shadow->spent + 2 * shadow->largest > shadow->most;
}

void shadow_step(shadow_heap *shadow) {
    subject *const s = shadow->s;
    const size_t size = subject_size(s, shadow->largest), what = subject_below(s, 16);
    const bool full = shadow->count == shadow->room || shadow->bytes + size > shadow->most || shadow_is_spent(shadow);
    bool served = true;
    if (shadow->count > 0 && (full || what < 6))
        shadow_free(shadow, shadow_victim(shadow));
    else if (full)
        return;
    else if (shadow->count > 0 && what < 8)
        served = shadow_realloc(shadow, shadow_victim(shadow), size);
    else
        served = shadow_alloc(shadow, size, subject_any_align(s), what == 8);
    if (!served && shadow->count > 0)
        shadow_free(shadow, shadow_victim(shadow));
}

/* -------------------------------------------------------------------------------------------------- comparing ---- */

void shadow_verify(const shadow_heap *shadow) {
    for (size_t i = 0; i < shadow->count; i++)
        shadow_verify_block(shadow, &shadow->block[i], shadow->block[i].usable);
}

void shadow_check(const shadow_heap *shadow) {
    const char *const broken = shadow->heap->ops->check ? shadow->heap->ops->check(shadow->heap) : NULL;
    EXPECT(shadow->s, !broken, "check: %s", broken);
}

void shadow_moved(shadow_heap *shadow, uintptr_t from, uintptr_t to) {
    const size_t i = shadow_at(shadow, from);
    EXPECT(shadow->s, i < shadow->count && shadow->block[i].start == from,
           "compact moved a block at 0x%zx, which is not live", from);
    shadow_block b = shadow_remove(shadow, i);
    b.start = to;
    shadow_insert(shadow, b);
}

typedef struct walker {
    const shadow_heap *shadow;
    uintptr_t end; /* of the range before */
    size_t next;   /* the next block that must come */
    bool exact;    /* dead blocks may not show */
    uintptr_t odd; /* a block whose usable size is not what it was at first, or 0 */
    size_t odd_usable;
} walker;

static void walk_used(walker *w, const hy_range *range) {
    const shadow_heap *const shadow = w->shadow;
    const shadow_block *const b = &shadow->block[w->next];
    EXPECT(shadow->s, range->block >= range->start && range->block + range->usable <= range->start + range->size,
           "walk: the block 0x%zx (%zu bytes) is not inside its range [0x%zx, %zu bytes)", range->block, range->usable,
           range->start, range->size);
    const bool expected = w->next < shadow->count && b->start == range->block;
    EXPECT(shadow->s, expected || !w->exact, "walk: shows a block at 0x%zx, which is not live", range->block);
    if (!expected)
        return;
    EXPECT(shadow->s, range->usable >= b->size, "walk: says %zu usable bytes where %zu were asked for", range->usable,
           b->size);
    if (range->usable != b->usable) {
        w->odd = range->block;
        w->odd_usable = range->usable;
    }
    w->next++;
}

static int walk_visit(void *context, const hy_range *range) {
    walker *const w = context;
    subject *const s = w->shadow->s;
    EXPECT(s, range->size > 0, "walk: an empty range at 0x%zx", range->start);
    EXPECT(s, range->start >= w->end, "walk: the range at 0x%zx starts before 0x%zx, the end of the one before",
           range->start, w->end);
    EXPECT(s, audit_committed(s->data, range->start, range->size),
           "walk: the range [0x%zx, %zu bytes) is not in committed data pages", range->start, range->size);
    if (range->kind == HY_USED)
        walk_used(w, range);
    if (range->kind == HY_FREE)
        EXPECT(s, range->usable <= range->size, "walk: a hole of %zu bytes could serve %zu", range->size,
               range->usable);
    w->end = range->start + range->size;
    return 0;
}

void shadow_walk(const shadow_heap *shadow) {
    walker w = {.shadow = shadow, .exact = !subject_has(shadow->s, HY_NO_REUSE | HY_REGIONS)};
    const int r = shadow->heap->ops->walk(shadow->heap, walk_visit, &w);
    EXPECT(shadow->s, r == 0, "walk returned %d where visit returned 0", r);
    EXPECT(shadow->s, w.next == shadow->count, "walk: misses the live block at 0x%zx",
           shadow->block[w.next < shadow->count ? w.next : 0].start);
    if (w.odd && shadow->heap->ops->usable_size) /* it may grow (when the next block leaves a gap), but then for both */
        EXPECT(shadow->s, shadow->heap->ops->usable_size(shadow->heap, (void *)w.odd) == w.odd_usable,
               "walk: says %zu usable bytes where usable_size says %zu", w.odd_usable,
               shadow->heap->ops->usable_size(shadow->heap, (void *)w.odd));
}
