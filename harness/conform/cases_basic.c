/* SPDX-License-Identifier: MIT
 *
 * cases_basic.c - the data sheet, alignment, sizes of 0 and of absurdity.
 */
#include "shadow_heap.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>

static void run_sheet(subject *s) {
    hy_error error = {""};
    const hy_heap_ops *ops = NULL;
    EXPECT(s, hy_spec_check(s->catalog, s->spec, &ops, &error) == 0, "%s", error.text);
    EXPECT(s, hy_ops_validate(ops, &error) == 0, "%s", error.text);
    EXPECT(s, strlen(ops->summary) <= 100 && !strchr(ops->summary, '\n'), "the summary is no short line");
    subject_open(s);
    EXPECT(s, s->heap->ops->alloc_zeroed && s->heap->ops->realloc, "the core did not fill in what was left out");
    EXPECT(s, s->heap->max_size > 0 && s->heap->max_size <= ops->max_size, "max_size is wrong after create");
    EXPECT(s, !(ops->flags & HY_FOREIGN) || s->heap->ops->version, "a foreign malloc must tell its version");
    subject_close(s);
}

/* An object is as large as a multiple of its alignment. */
static size_t align_needed(const subject *s, size_t align, size_t size) {
    const size_t most = s->small_align && size < 16 && align <= 16 ? (size_t)1 << hy_log2_floor(size) : align;
    return hy_min(align, most);
}

static void align_one(subject *s, size_t align, size_t size) {
    enum { BLOCKS = 4 };
    char *block[BLOCKS];
    size_t got = 0;
    for (; got < BLOCKS; got++) {
        block[got] = hy_alloc(s->heap, size, align);
        if (!block[got])
            break;
        EXPECT(s, (uintptr_t)block[got] % align_needed(s, align, size) == 0, "alloc(%zu, %zu) gave %p", size, align,
               (void *)block[got]);
        if (!subject_has(s, HY_FAKE))
            memset(block[got], (int)got + 1, size);
    }
    EXPECT(s, got > 0 || s->room < 4 * align + size, "alloc(%zu, %zu) gave NULL", size, align);
    while (got-- > 0) {
        if (!subject_has(s, HY_FAKE))
            EXPECT(s, block[got][0] == (char)(got + 1) && block[got][size - 1] == (char)(got + 1),
                   "blocks of alloc(%zu, %zu) overlap", size, align);
        hy_free(s->heap, block[got], subject_below(s, 2) ? size : 0);
    }
}

static void run_align(subject *s) {
    static const size_t sizes[] = {1, 8, 24, 100, 1000, 5000, 100000};
    subject_open(s);
    for (size_t align = 1; align <= s->max_align; align *= 2) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes && sizes[i] <= s->largest; i++)
            align_one(s, align, sizes[i]);
        if (subject_has(s, HY_NO_REUSE | HY_REGIONS)) /* what four such blocks took is gone */
            subject_renew(s);
    }
    subject_close(s);
}

/* Alignment of every request from 16 bytes on, in a heap that is in use. */
static void run_align_random(subject *s) {
    enum { BLOCKS = 1024, STEPS = 100000 };
    static void *block[BLOCKS];
    subject_open(s);
    subject_needs(s, !subject_has(s, HY_LIFO | HY_FAKE), "its blocks cannot be freed in any order");
    subject_needs(s, s->max_align > 1, "it promises no alignment");
    const size_t most = hy_min(hy_min(s->largest, 2000), hy_max(s->room / (4 * BLOCKS), 1));
    const bool spends = subject_has(s, HY_NO_REUSE | HY_REGIONS);
    const size_t steps = spends ? s->room / (2 * (most + 512)) : STEPS;
    for (size_t i = 0; i < steps; i++) {
        const size_t align = hy_min(s->align << subject_below(s, 6), s->max_align), size = 1 + subject_below(s, most);
        const size_t asked = subject_below(s, 2) ? hy_min(hy_align_up(size, align), s->largest) : hy_max(size, 16);
        void **const at = &block[subject_below(s, BLOCKS)];
        hy_free(s->heap, *at, 0);
        *at = hy_alloc(s->heap, hy_min(asked, s->heap->max_size), align);
        EXPECT(s, (uintptr_t)*at % align == 0, "alloc(%zu, %zu) gave %p", asked, align, *at);
    }
    subject_close(s);
}

static void run_refused_align(subject *s) {
    subject_open(s);
    EXPECT(s, !hy_alloc(s->heap, 1, 0), "hy_alloc(1, 0) is served");
    EXPECT(s, !hy_alloc(s->heap, 1, 3), "hy_alloc(1, 3) is served");
    if (s->heap->ops->max_align <= SIZE_MAX / 4)
        EXPECT(s, !hy_alloc(s->heap, 1, s->heap->ops->max_align * 2), "an alignment above max_align is served");
    if (s->heap->ops->max_align > (size_t)1 << 40)
        EXPECT(s, !hy_alloc(s->heap, 16, (size_t)1 << 60), "an alignment of 2^60 is served");
    void *const block = hy_alloc(s->heap, 1, s->align);
    EXPECT(s, block, "nothing is served after refusals");
    hy_free(s->heap, block, 1);
    subject_close(s);
}

static void run_zero_size(subject *s) {
    subject_open(s);
    char *const a = hy_alloc(s->heap, 0, s->align), *const b = hy_alloc_zeroed(s->heap, 0, s->align);
    EXPECT(s, a && b, "size 0 gives NULL");
    if (!subject_has(s, HY_FAKE))
        EXPECT(s, a != b, "two blocks of size 0 are the same");
    *a = *b = 1;
    char *const c = hy_realloc(s->heap, b, 1, s->align, 0);
    EXPECT(s, c, "realloc to size 0 gives NULL");
    hy_free(s->heap, c, 0);
    hy_free(s->heap, a, 0);
    hy_free(s->heap, NULL, 0);
    subject_close(s);
}

static void run_huge(subject *s) {
    static const size_t refused[] = {SIZE_MAX,
                                     SIZE_MAX - 1,
                                     SIZE_MAX - 15,
                                     SIZE_MAX - 4095,
                                     SIZE_MAX - ((size_t)4 << 20),
                                     SIZE_MAX / 2 + 1,
                                     (size_t)PTRDIFF_MAX + 2,
                                     PTRDIFF_MAX,
                                     PTRDIFF_MAX - 4096};
    subject_open(s);
    subject_needs_contents(s);
    char *const kept = hy_alloc(s->heap, 1, s->align);
    *kept = 77;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        for (size_t align = 1; align <= s->max_align; align *= 16) {
            EXPECT(s, !hy_alloc(s->heap, refused[i], align), "alloc(%zu, %zu) is served", refused[i], align);
            EXPECT(s, !hy_alloc_zeroed(s->heap, refused[i], align), "alloc_zeroed(%zu, %zu) is served", refused[i],
                   align);
        }
        EXPECT(s, !hy_realloc(s->heap, kept, 1, s->align, refused[i]), "realloc to %zu is served", refused[i]);
        EXPECT(s, *kept == 77, "a refused realloc changed the block");
    }
    hy_free(s->heap, kept, 1);
    char *const again = hy_alloc(s->heap, s->largest / 2 + 1, s->align);
    EXPECT(s, again || s->room < 2 * s->largest, "nothing is served after refusals");
    subject_close(s);
}

/* May be served or refused, but a heap must not trip over them. */
static void run_large(subject *s) {
    subject_open(s);
    subject_needs_contents(s);
    for (unsigned shift = 21; shift < 63; shift++) {
        const size_t size = ((size_t)1 << shift) + 1;
        char *const block = hy_alloc(s->heap, size, s->align);
        if (block) {
            block[0] = 1;
            block[size - 1] = 2;
            hy_free(s->heap, block, size);
        }
        char *const small = hy_alloc(s->heap, 1, s->align);
        EXPECT(s, small || subject_has(s, HY_NO_REUSE | HY_REGIONS), "1 byte is refused after a request of 2^%u",
               shift);
        hy_free(s->heap, small, 1);
    }
    subject_close(s);
}

static void run_owns(subject *s) {
    subject_open(s);
    subject_needs(s, s->heap->ops->owns, "it cannot tell which blocks are its own");
    char *const block = hy_alloc(s->heap, hy_min(s->largest, 100), s->align);
    char stranger = 0;
    EXPECT(s, s->heap->ops->owns(s->heap, block), "does not own its block");
    EXPECT(s, !s->heap->ops->owns(s->heap, &stranger), "owns a variable of the caller");
    EXPECT(s, !s->heap->ops->owns(s->heap, NULL), "owns NULL");
    hy_free(s->heap, block, 0);
    subject_close(s);
}

const conform_case cases_basic[] = {
    {"sheet", "the data sheet is sane, and a heap can be made and destroyed", run_sheet},
    {"align", "every alignment up to the largest is kept", run_align},
    {"align-random", "alignment is kept in a heap that is in use", run_align_random},
    {"bad-align", "an illegal alignment is refused", run_refused_align},
    {"zero-size", "size 0 is a block of its own", run_zero_size},
    {"huge", "absurd sizes are refused and do no harm", run_huge},
    {"large", "sizes up to 2^62 are served or refused and do no harm", run_large},
    {"owns", "knows its own blocks", run_owns},
    {NULL, NULL, NULL},
};
