/* SPDX-License-Identifier: MIT
 *
 * malloc_align.c - the members of the malloc family that take an alignment; runs under a preload library.
 */
#include "blocks.h"
#include "tap.h"

#include <malloc.h>

/* Newer than the C library's headers. */
__attribute__((weak)) void free_aligned_sized(void *block, size_t align, size_t size);

/* Keeps the compiler from knowing what a size is. */
static volatile size_t zero = 0;

/* -------------------------------------------------------------------------------------------------- alignment ---- */

static const char *posix_memalign_refuses_and_touches_nothing(void) {
    static const size_t bad[] = {0, 1, 2, 3, 4, 7, 12, 24, 48, 100, SIZE_MAX};
    int marker;
    errno = 77;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        void *block = &marker;
        EXPECT(posix_memalign(&block, bad[i], 100) == EINVAL);
        EXPECT(block == &marker && errno == 77);
    }
    void *block = NULL;
    EXPECT(posix_memalign(&block, 8, zero) == 0 && block);
    free(block);
    return NULL;
}

static const char *aligned_alloc_takes_powers_of_two_and_any_size(void) {
    static const size_t bad[] = {0, 3, 12, 100, SIZE_MAX};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        errno = 0;
        EXPECT(aligned_alloc(bad[i] + zero, 100) == NULL && errno == EINVAL);
    }
    for (size_t size = 0; size < 300; size += 7) {
        void *const block = aligned_alloc(64, size);
        EXPECT(block && aligned_to(block, 64));
        free(block);
    }
    return NULL;
}

static const char *alignments_from_1_to_4_mib(void) {
    for (size_t align = 1; align <= (size_t)4 << 20; align *= 2) {
        unsigned char *blocks[6];
        for (size_t i = 0; i < 6; i++) {
            const size_t size = i * i * 1000 + 1;
            blocks[i] = memalign(align, size);
            EXPECT(blocks[i] && aligned_to(blocks[i], align) && aligned_to(blocks[i], 16));
            EXPECT(malloc_usable_size(blocks[i]) >= size);
            fill(blocks[i], size, (unsigned)i);
        }
        for (size_t i = 0; i < 6; i++) {
            EXPECT(filled(blocks[i], i * i * 1000 + 1, (unsigned)i));
            free(blocks[i]);
        }
    }
    return NULL;
}

static const char *valloc_and_pvalloc_give_pages(void) {
    void *const one = valloc(1), *const none = pvalloc(zero), *const two = pvalloc(page_size() + 1);
    EXPECT(one && aligned_to(one, page_size()));
    EXPECT(none && aligned_to(none, page_size()) && malloc_usable_size(none) >= page_size());
    EXPECT(two && aligned_to(two, page_size()) && malloc_usable_size(two) >= 2 * page_size());
    free(one);
    free(none);
    free(two);
    return NULL;
}

/* Small sizes on large alignments, 0 among them, and sizes around the alignment; five of a kind live at a time. */
static const char *posix_memalign_of_all_alignments_and_sizes(void) {
    for (size_t align = sizeof(void *); align <= (size_t)4 << 20; align *= 2) {
        const size_t sizes[] = {zero, 1, 8, align - 1, align, align + 1, align / 2 * 3, 3000};
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            unsigned char *blocks[5];
            size_t usable[5];
            for (unsigned k = 0; k < 5; k++) {
                EXPECT(posix_memalign((void **)&blocks[k], align, sizes[i]) == 0);
                EXPECT(blocks[k] && aligned_to(blocks[k], align) && aligned_to(blocks[k], 16));
                usable[k] = malloc_usable_size(blocks[k]);
                EXPECT(usable[k] >= sizes[i]);
                fill(blocks[k], usable[k] < 4096 ? usable[k] : 4096, k);
                blocks[k][usable[k] - 1] =
                    (unsigned char)k; /* the last of all, and of the pattern where that is short */
            }
            for (unsigned k = 0; k < 5; k++) {
                EXPECT(filled(blocks[k], usable[k] <= 4096 ? usable[k] - 1 : 4096, k));
                EXPECT(blocks[k][usable[k] - 1] == (unsigned char)k);
                free(blocks[k]);
            }
        }
    }
    return NULL;
}

static const char *memalign_rounds_odd_alignments_up(void) {
    static const size_t odd[] = {0, 1, 3, 15, 17, 24, 33, 100, 1000, 4097, 70000};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        size_t power = 16;
        while (power < odd[i])
            power *= 2;
        void *const block = memalign(odd[i] + zero, 100), *const other = memalign(odd[i] + zero, 100);
        EXPECT(block && other && aligned_to(block, power) && aligned_to(other, power));
        free(block);
        free(other);
    }
    return NULL;
}

/* No machine has room for the largest of them; whatever is given must be right. */
static const char *absurd_alignments_are_kept_or_refused(void) {
    int marker;
    for (size_t align = (size_t)8 << 20; align; align *= 2) {
        for (size_t size = 0; size < 20000; size = size * 9 + 1) {
            void *block = &marker;
            errno = 77;
            const int error = posix_memalign(&block, align, size);
            EXPECT(errno == 77);
            EXPECT(error == 0 ? aligned_to(block, align) : error == ENOMEM && block == &marker);
            if (error == 0)
                free(block);
            void *const other = aligned_alloc(align, size);
            EXPECT(other ? aligned_to(other, align) && errno == 77 : errno == ENOMEM);
            free(other);
            errno = 77;
            void *const third = memalign(align - 1, size);
            EXPECT(third ? aligned_to(third, align) && errno == 77 : errno == ENOMEM);
            free(third);
        }
    }
    EXPECT(memalign(SIZE_MAX - zero, 1) == NULL && errno == EINVAL);
    EXPECT(memalign(SIZE_MAX / 2 + 2 + zero, 1) == NULL && errno == EINVAL);
    return NULL;
}

/* ------------------------------------------------------------------------------------------ the life of a block ----
 */

static const char *aligned_blocks_are_wholly_usable(void) {
    static const size_t aligns[] = {32, 64, 512, 4096, 16384, 65536};
    unsigned char *blocks[60];
    size_t usable[60];
    for (size_t i = 0; i < 60; i++) {
        blocks[i] = aligned_alloc(aligns[i % 6], i * i * 11);
        EXPECT(blocks[i] && aligned_to(blocks[i], aligns[i % 6]));
        usable[i] = malloc_usable_size(blocks[i]);
        fill(blocks[i], usable[i], (unsigned)i);
    }
    for (size_t i = 0; i < 60; i++)
        EXPECT(filled(blocks[i], usable[i], (unsigned)i));
    for (size_t i = 0; i < 60; i += 2)
        free(blocks[i]);
    for (size_t i = 1; i < 60; i += 2)
        EXPECT(filled(blocks[i], usable[i], (unsigned)i));
    for (size_t i = 1; i < 60; i += 2)
        free_aligned_sized(blocks[i], aligns[i % 6], i * i * 11);
    return NULL;
}

static const char *realloc_keeps_contents_of_aligned_blocks(void) {
    static const size_t sizes[] = {1, 30, 500, 4000, 5000, 40000, 140000, 1500000};
    const size_t count = sizeof sizes / sizeof *sizes;
    for (size_t align = 32; align <= (size_t)1 << 20; align *= 8) {
        for (size_t i = 0; i < count * count; i++) {
            const size_t from = sizes[i / count], to = sizes[i % count], kept = from < to ? from : to;
            unsigned char *block = aligned_alloc(align, from);
            EXPECT(block && aligned_to(block, align));
            fill(block, from < 5000 ? from : 5000, (unsigned)i);
            block[from - 1] = 99;
            block = realloc(block, to);
            EXPECT(block && aligned_to(block, 16) && malloc_usable_size(block) >= to);
            EXPECT(filled(block, kept < 5000 ? kept - 1 : 4999, (unsigned)i));
            EXPECT(from > to || block[from - 1] == 99);
            free(block);
        }
    }
    return NULL;
}

/* Memory that was aligned and used is as good as any other. */
static const char *memory_of_aligned_blocks_comes_back(void) {
    for (int i = 0; i < 3000; i++) {
        void *const block = aligned_alloc((size_t)1 << (4 + i % 17), 100000);
        EXPECT(block);
        memset(block, 1, 5000);
        void *const small = malloc(100);
        EXPECT(small);
        free(i % 2 ? block : small);
        free(i % 2 ? small : block);
    }
    return NULL;
}

int main(int argc, char **argv) {
    tap_limit(argc, argv);
    static const tap_case tests[] = {
        TAP_CASE(posix_memalign_refuses_and_touches_nothing),
        TAP_CASE(aligned_alloc_takes_powers_of_two_and_any_size),
        TAP_CASE(alignments_from_1_to_4_mib),
        TAP_CASE(valloc_and_pvalloc_give_pages),
        TAP_CASE(posix_memalign_of_all_alignments_and_sizes),
        TAP_CASE(memalign_rounds_odd_alignments_up),
        TAP_CASE(absurd_alignments_are_kept_or_refused),
        TAP_CASE(aligned_blocks_are_wholly_usable),
        TAP_CASE(realloc_keeps_contents_of_aligned_blocks),
        TAP_REUSE_CASE(memory_of_aligned_blocks_comes_back),
    };
    return tap_run(tests, sizeof tests / sizeof *tests);
}
