/* SPDX-License-Identifier: MIT
 *
 * malloc_api.c - the rules of the malloc family, one case a rule; runs under a preload library.
 */
#include "tap.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>

/* Newer than the C library's headers. */
__attribute__((weak)) void free_sized(void *block, size_t size);
__attribute__((weak)) void free_aligned_sized(void *block, size_t align, size_t size);

/* Keeps the compiler from knowing what a size is. */
static volatile size_t zero = 0, too_much = PTRDIFF_MAX;

static size_t page_size(void) {
    return (size_t)sysconf(_SC_PAGESIZE);
}

static bool aligned_to(const void *block, size_t align) {
    return (uintptr_t)block % align == 0;
}

/* A pattern that depends on the position. */
static void fill(unsigned char *block, size_t size, unsigned seed) {
    for (size_t i = 0; i < size; i++)
        block[i] = (unsigned char)(i * 7 + seed);
}

static bool filled(const unsigned char *block, size_t size, unsigned seed) {
    for (size_t i = 0; i < size; i++)
        if (block[i] != (unsigned char)(i * 7 + seed))
            return false;
    return true;
}

/* ------------------------------------------------------------------------------------------------- who serves ---- */

static const char *every_function_comes_from_the_library(void) {
    static char wrong[128], names[] =
                                "malloc free calloc realloc reallocarray aligned_alloc memalign posix_memalign valloc "
                                "pvalloc malloc_usable_size free_sized free_aligned_sized cfree mallopt mallinfo "
                                "mallinfo2 malloc_trim malloc_stats malloc_info _Znwm _Znam _ZnwmRKSt9nothrow_t "
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

static bool refused(const void *block) {
    const bool is = !block && errno == ENOMEM;
    errno = 0;
    return is;
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
    errno = 77;
    for (size_t size = 1; size < (size_t)64 << 20; size *= 5) {
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

/* -------------------------------------------------------------------------------------------- the rest, limits ---- */

static const char *questions_have_answers(void) {
    char *text = NULL;
    size_t size = 0;
    void *const block = malloc(1 << 20);
    memset(block, 1, 1 << 20);
    EXPECT(mallopt(M_MMAP_THRESHOLD, 1 << 16) == 1 && mallopt(M_TRIM_THRESHOLD, 1 << 16) == 1);
    EXPECT(mallopt(12345, 0) == 0);
    const struct mallinfo2 info = mallinfo2();
    EXPECT(info.arena >= 1 << 20 && info.uordblks >= 1 << 20 && info.uordblks <= info.arena);
    const int trimmed = malloc_trim(0);
    EXPECT(trimmed == 0 || trimmed == 1);
    FILE *const file = open_memstream(&text, &size);
    EXPECT(file && malloc_info(1, file) == -1 && errno == EINVAL);
    EXPECT(malloc_info(0, file) == 0 && fclose(file) == 0);
    EXPECT(strncmp(text, "<malloc version=", 16) == 0);
    free(text);
    free(block);
    return NULL;
}

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

static const char *large_frees_go_back_to_the_system(void) {
    const size_t size = (size_t)96 << 20;
    long before = 0, during = 0, after = 0;
    char line[64];
    long *const figures[] = {&before, &during, &after};
    unsigned char *block = NULL;
    for (int i = 0; i < 3; i++) {
        if (i == 1) {
            block = malloc(size);
            EXPECT(block);
            memset(block, 1, size);
        }
        if (i == 2)
            free(block);
        FILE *const statm = fopen("/proc/self/statm", "r");
        EXPECT(statm && fgets(line, sizeof line, statm));
        EXPECT(sscanf(line, "%*d %ld", figures[i]) == 1);
        fclose(statm);
    }
    EXPECT(during - before > (long)(size / page_size() * 9 / 10));
    EXPECT(after - before < (long)(size / page_size() / 10));
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

int main(void) {
    static const tap_case tests[] = {
        TAP_CASE(every_function_comes_from_the_library),
        TAP_CASE(size_zero_gives_a_block_of_its_own),
        TAP_CASE(blocks_are_aligned_to_16_and_wholly_usable),
        TAP_CASE(calloc_gives_zeros_in_used_memory),
        TAP_CASE(sizes_above_ptrdiff_max_are_refused),
        TAP_CASE(products_and_sums_that_wrap_are_refused),
        TAP_CASE(errno_is_untouched_by_success_and_by_free),
        TAP_CASE(realloc_of_null_and_to_zero),
        TAP_CASE(realloc_keeps_contents_over_all_pairs),
        TAP_CASE(realloc_keeps_the_whole_usable_size),
        TAP_CASE(realloc_within_the_usable_size_stays),
        TAP_CASE(posix_memalign_refuses_and_touches_nothing),
        TAP_CASE(aligned_alloc_takes_powers_of_two_and_any_size),
        TAP_CASE(alignments_from_1_to_4_mib),
        TAP_CASE(valloc_and_pvalloc_give_pages),
        TAP_CASE(questions_have_answers),
        TAP_CASE(operators_new_and_delete),
        TAP_CASE(large_frees_go_back_to_the_system),
        TAP_CASE(sbrk_belongs_to_the_program),
    };
    return tap_run(tests, sizeof tests / sizeof *tests);
}
