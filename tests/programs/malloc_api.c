/* SPDX-License-Identifier: MIT
 *
 * malloc_api.c - the rules of the malloc family, one case a rule; runs under a preload library.
 */
#include "blocks.h"
#include "life.h"
#include "tap.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>

/* Newer than the C library's headers. */
__attribute__((weak)) void free_sized(void *block, size_t size);
__attribute__((weak)) void free_aligned_sized(void *block, size_t align, size_t size);

/* Keeps the compiler from knowing what a size is. */
static volatile size_t zero = 0, too_much = PTRDIFF_MAX;

/* ------------------------------------------------------------------------------------------------- who serves ---- */

static const char *every_function_comes_from_the_library(void) {
    static char wrong[128],
        names[] = "malloc free calloc realloc reallocarray aligned_alloc memalign posix_memalign valloc "
                  "pvalloc malloc_usable_size free_sized free_aligned_sized cfree mallopt mallinfo "
                  "mallinfo2 __libc_malloc __libc_free __libc_calloc __libc_realloc __libc_memalign __libc_valloc "
                  "__libc_pvalloc malloc_trim malloc_stats malloc_info _Znwm _Znam _ZnwmRKSt9nothrow_t "
                  "_ZnamRKSt9nothrow_t _ZnwmSt11align_val_t _ZnamSt11align_val_t "
                  "_ZnwmSt11align_val_tRKSt9nothrow_t _ZnamSt11align_val_tRKSt9nothrow_t _ZdlPv _ZdaPv "
                  "_ZdlPvm _ZdaPvm _ZdlPvRKSt9nothrow_t _ZdaPvRKSt9nothrow_t _ZdlPvSt11align_val_t "
                  "_ZdaPvSt11align_val_t _ZdlPvmSt11align_val_t _ZdaPvmSt11align_val_t "
                  "_ZdlPvSt11align_val_tRKSt9nothrow_t _ZdaPvSt11align_val_tRKSt9nothrow_t ";
    for (const char *name = strtok(names, " "); name; name = strtok(NULL, " ")) {
        void *const symbol = dlsym(RTLD_DEFAULT, name);
        Dl_info info;
        if (!symbol || !dladdr(symbol, &info) || !strstr(info.dli_fname, "/libheapyard-")) {
            snprintf(wrong, sizeof wrong, "%s does not come from a libheapyard-*.so", name);
            return wrong;
        }
    }
    return NULL;
}

/* ---------------------------------------------------------------------------------------------- sizes, blocks ---- */

static const char *size_zero_gives_a_block_of_its_own(void) {
    void *const a = malloc(zero), *const b = malloc(zero), *const c = calloc(zero, 8), *const d = calloc(8, zero);
    EXPECT(a && b && c && d);
    EXPECT(a != b && a != c && a != d && b != c && b != d && c != d);
    free(a);
    free(b);
    free(c);
    free(d);
    free(NULL);
    return NULL;
}

static const char *blocks_are_aligned_to_16_and_wholly_usable(void) {
    unsigned char *blocks[600];
    for (size_t i = 0; i < 600; i++) {
        const size_t size = i < 520 ? i + 1 : (i - 519) * 3001;
        blocks[i] = malloc(size);
        EXPECT(blocks[i] && aligned_to(blocks[i], 16));
        EXPECT(malloc_usable_size(blocks[i]) >= size);
        fill(blocks[i], malloc_usable_size(blocks[i]), (unsigned)i);
    }
    for (size_t i = 0; i < 600; i++)
        EXPECT(filled(blocks[i], malloc_usable_size(blocks[i]), (unsigned)i));
    for (size_t i = 0; i < 600; i++)
        free(blocks[i]);
    EXPECT(malloc_usable_size(NULL) == 0);
    return NULL;
}

/* None of the 0 bytes that it was asked for, but all of the bytes that it says it has. */
static const char *blocks_of_size_zero_are_wholly_usable(void) {
    unsigned char *blocks[60];
    size_t usable[60];
    for (size_t i = 0; i < 60; i++) {
        blocks[i] = i % 3 == 0 ? malloc(zero) : i % 3 == 1 ? calloc(zero, zero) : memalign(64, zero);
        EXPECT(blocks[i]);
        usable[i] = malloc_usable_size(blocks[i]);
        fill(blocks[i], usable[i], (unsigned)i);
    }
    for (size_t i = 0; i < 60; i++) {
        EXPECT(filled(blocks[i], usable[i], (unsigned)i));
        blocks[i] = realloc(blocks[i], 20);
        EXPECT(blocks[i]);
        free(blocks[i]);
    }
    return NULL;
}

static const char *calloc_gives_zeros_in_used_memory(void) {
    for (size_t size = 1; size < 3000000; size = size * 3 + 1) {
        unsigned char *const dirty = malloc(size);
        EXPECT(dirty);
        memset(dirty, 0xff, size);
        free(dirty);
        unsigned char *const clean = calloc(size, 1);
        EXPECT(clean);
        for (size_t i = 0; i < size; i++)
            EXPECT(clean[i] == 0);
        free(clean);
    }
    return NULL;
}

static const char *sizes_above_ptrdiff_max_are_refused(void) {
    const size_t sizes[] = {too_much + 1, too_much + 4096, SIZE_MAX - 4096, SIZE_MAX - 15, SIZE_MAX};
    unsigned char *const old = malloc(100);
    fill(old, 100, 1);
    for (size_t i = 0; i < 5; i++) {
        void *untouched = old;
        errno = 0;
        EXPECT(refused(malloc(sizes[i])));
        EXPECT(refused(calloc(1, sizes[i])));
        EXPECT(refused(calloc(sizes[i], 1)));
        EXPECT(refused(realloc(old, sizes[i])));
        EXPECT(refused(reallocarray(old, sizes[i], 1)));
        EXPECT(refused(aligned_alloc(64, sizes[i])));
        EXPECT(refused(memalign(64, sizes[i])));
        EXPECT(refused(valloc(sizes[i])));
        EXPECT(refused(pvalloc(sizes[i])));
        EXPECT(posix_memalign(&untouched, 64, sizes[i]) == ENOMEM && untouched == old && errno == 0);
    }
    EXPECT(filled(old, 100, 1));
    free(old);
    return NULL;
}

static const char *products_and_sums_that_wrap_are_refused(void) {
    const size_t half = SIZE_MAX / 2 + 1 + zero;
    unsigned char *const old = malloc(100);
    fill(old, 100, 2);
    errno = 0;
    EXPECT(refused(calloc(half, 2)));
    EXPECT(refused(calloc(2, half)));
    EXPECT(refused(calloc(half / 4, 9)));
    EXPECT(refused(reallocarray(old, half, 2)));
    EXPECT(refused(reallocarray(old, half + 1, 2)));
    EXPECT(refused(memalign(4096, SIZE_MAX - 4095 - zero)));
    EXPECT(refused(memalign(half >> 23, too_much - 100)));
    EXPECT(refused(pvalloc(SIZE_MAX - 100 - zero)));
    EXPECT(refused(valloc(SIZE_MAX - 100 - zero)));
    EXPECT(filled(old, 100, 2));
    free(old);
    return NULL;
}

static const char *errno_is_untouched_by_success_and_by_free(void) {
    const size_t largest = (size_t)(tap_is_limited() ? 8 : 64) << 20; /* what everyone has room for */
    errno = 77;
    for (size_t size = 1; size < largest; size *= 5) {
        void *block = malloc(size);
        EXPECT(block && errno == 77);
        block = realloc(block, size * 2);
        EXPECT(block && errno == 77);
        free(block);
        EXPECT(errno == 77);
        block = calloc(size, 1);
        EXPECT(block && errno == 77);
        free_sized(block, size);
        EXPECT(errno == 77);
        EXPECT(posix_memalign(&block, 4096, size) == 0 && errno == 77);
        free_aligned_sized(block, 4096, size);
        EXPECT(errno == 77);
    }
    return NULL;
}

/* ---------------------------------------------------------------------------------------------------- realloc ---- */

static const char *realloc_of_null_and_to_zero(void) {
    unsigned char *const block = realloc(NULL, 50);
    EXPECT(block && malloc_usable_size(block) >= 50);
    EXPECT(realloc(block, zero) == NULL);
    void *const again = reallocarray(NULL, 5, 10);
    EXPECT(again);
    EXPECT(reallocarray(again, zero, 10) == NULL);
    return NULL;
}

static const char *realloc_keeps_contents_over_all_pairs(void) {
    static const size_t sizes[] = {1, 15, 16, 17, 100, 1000, 4095, 4096, 4097, 40000, 131072, 140000, 1500000};
    const size_t count = sizeof sizes / sizeof *sizes;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            const size_t kept = sizes[i] < sizes[j] ? sizes[i] : sizes[j];
            unsigned char *block = malloc(sizes[i]), *wide = memalign(256, sizes[i]);
            EXPECT(block && wide);
            fill(block, sizes[i], (unsigned)i);
            fill(wide, sizes[i], (unsigned)j);
            block = realloc(block, sizes[j]);
            wide = realloc(wide, sizes[j]);
            EXPECT(block && wide && aligned_to(block, 16) && aligned_to(wide, 16));
            EXPECT(filled(block, kept, (unsigned)i) && filled(wide, kept, (unsigned)j));
            free(block);
            free(wide);
        }
    }
    return NULL;
}

/* What lies beyond the size that was asked for is the caller's too. */
static const char *realloc_keeps_the_whole_usable_size(void) {
    for (size_t size = 1; size < 300000; size = size * 2 + 3) {
        unsigned char *block = malloc(size);
        EXPECT(block);
        const size_t usable = malloc_usable_size(block);
        fill(block, usable, 3);
        block = realloc(block, usable * 3);
        EXPECT(block && filled(block, usable, 3));
        free(block);
    }
    return NULL;
}

static const char *realloc_within_the_usable_size_stays(void) {
    for (size_t size = 1; size < 300000; size = size * 2 + 3) {
        void *const block = malloc(size);
        void *const neighbour = malloc(size);
        EXPECT(block && neighbour);
        const uintptr_t address = (uintptr_t)block;
        void *const same = realloc(block, malloc_usable_size(block));
        EXPECT((uintptr_t)same == address);
        free(same);
        free(neighbour);
    }
    return NULL;
}

/* -------------------------------------------------------------------------------------------- the rest, limits ---- */

static const char *operators_new_and_delete(void) {
    void *(*const one)(size_t) = (void *(*)(size_t))dlsym(RTLD_DEFAULT, "_Znwm");
    void (*const end)(void *) = (void (*)(void *))dlsym(RTLD_DEFAULT, "_ZdlPv");
    void *(*const aligned)(size_t, size_t) = (void *(*)(size_t, size_t))dlsym(RTLD_DEFAULT, "_ZnwmSt11align_val_t");
    void *(*const nothrow)(size_t, const void *) =
        (void *(*)(size_t, const void *))dlsym(RTLD_DEFAULT, "_ZnwmRKSt9nothrow_t");
    EXPECT(one && end && aligned && nothrow);
    void *const a = one(100), *const b = aligned(100, 512), *const c = nothrow(0, "");
    EXPECT(a && malloc_usable_size(a) >= 100 && b && aligned_to(b, 512) && c);
    EXPECT(nothrow(SIZE_MAX - zero, "") == NULL);
    end(a);
    end(b);
    end(c);
    end(NULL);
    return NULL;
}

/* However it came about: at once, in an aligned place, zeroed, by growing, or as what a shrinking block left over. */
static void *large_block(int way, size_t size) {
    switch (way) {
    case 0: return malloc(size);
    case 1: return memalign(1 << 21, size);
    case 2: return calloc(size, 1);
    case 3: return realloc(malloc(size / 2), size);
    default: return realloc(malloc(size * 2), size);
    }
}

static const char *large_frees_go_back_to_the_system(void) {
    const size_t size = (size_t)48 << 20;
    for (int way = 0; way < (tap_is_limited() ? 3 : 5); way++) { /* those that everyone has room for */
        const size_t before = resident();
        unsigned char *const block = large_block(way, size);
        EXPECT(block);
        for (size_t i = 0; i < size; i += page_size())
            block[i] = 1;
        EXPECT(resident() - before > size / 10 * 9);
        errno = 77;
        free(block);
        EXPECT(errno == 77);
        EXPECT(resident() < before + size / 10);
    }
    return NULL;
}

/* Larger than what an allocator keeps mapped, so that pages move, grow and go. */
static const char *realloc_keeps_contents_of_large_blocks(void) {
    static const size_t sizes[] = {(size_t)40 << 20, 5000, (size_t)3 << 20, (size_t)34 << 20, (size_t)33 << 20, 70000};
    unsigned char *block = malloc(100), *wide = memalign(1 << 16, 100);
    size_t old_size = 100;
    errno = 77;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const size_t kept = old_size < sizes[i] ? old_size : sizes[i];
        for (size_t at = 0; at < old_size; at += 99)
            block[at] = wide[at] = (unsigned char)(at / 99 + i);
        block = realloc(block, sizes[i]);
        wide = realloc(wide, sizes[i]);
        EXPECT(block && wide && errno == 77);
        for (size_t at = 0; at < kept; at += 99)
            EXPECT(block[at] == (unsigned char)(at / 99 + i) && wide[at] == block[at]);
        old_size = sizes[i];
    }
    free(block);
    free(wide);
    return NULL;
}

/* What was given back to the system, kept, or moved: zero again. */
static const char *calloc_gives_zeros_in_large_memory(void) {
    for (size_t size = (size_t)40 << 20; size > 100000; size = size / 3 * 2) {
        unsigned char *const dirty = malloc(size);
        EXPECT(dirty);
        for (size_t i = 0; i < size; i += 1024)
            dirty[i] = 0xff;
        free(dirty);
        unsigned char *const clean = calloc(1, size - size / 8);
        EXPECT(clean);
        for (size_t i = 0; i < size - size / 8; i += 512)
            EXPECT(clean[i] == 0);
        free(clean);
    }
    return NULL;
}

static const char *sbrk_belongs_to_the_program(void) {
    const char *const before = sbrk(0);
    void *blocks[1000];
    for (size_t i = 0; i < 1000; i++) {
        blocks[i] = malloc(1 + i * 97);
        EXPECT(blocks[i]);
    }
    EXPECT(sbrk(0) == before);
    EXPECT(sbrk(8192) == before);
    memset((void *)(uintptr_t)before, 1, 8192);
    for (size_t i = 0; i < 1000; i++)
        free(blocks[i]);
    EXPECT(sbrk(0) == before + 8192);
    return NULL;
}

int main(int argc, char **argv) {
    tap_limit(argc, argv);
    static const tap_case tests[] = {
        TAP_CASE(every_function_comes_from_the_library),
        TAP_CASE(size_zero_gives_a_block_of_its_own),
        TAP_CASE(blocks_are_aligned_to_16_and_wholly_usable),
        TAP_CASE(blocks_of_size_zero_are_wholly_usable),
        TAP_CASE(calloc_gives_zeros_in_used_memory),
        TAP_CASE(sizes_above_ptrdiff_max_are_refused),
        TAP_CASE(products_and_sums_that_wrap_are_refused),
        TAP_CASE(errno_is_untouched_by_success_and_by_free),
        TAP_CASE(realloc_of_null_and_to_zero),
        TAP_CASE(realloc_keeps_contents_over_all_pairs),
        TAP_CASE(realloc_keeps_the_whole_usable_size),
        TAP_CASE(realloc_within_the_usable_size_stays),
        TAP_CASE(operators_new_and_delete),
        TAP_CASE(realloc_keeps_contents_of_large_blocks),
        TAP_CASE(calloc_gives_zeros_in_large_memory),
        TAP_REUSE_CASE(large_frees_go_back_to_the_system),
        TAP_CASE(sbrk_belongs_to_the_program),
    };
    return tap_run(tests, sizeof tests / sizeof *tests);
}
