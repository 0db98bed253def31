/* SPDX-License-Identifier: MIT
 *
 * stress_calls.c - the functions under test.  What a block must be like is checked here, what it holds in
 * stress_slots.c.
 */
#include "stress_calls.h"

#include "stress_fail.h"
#include "stress_random.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#define PAGE ((size_t)4096)

typedef void *call_new(size_t size);
typedef void *call_new_nothrow(size_t size, const void *nothrow);
typedef void *call_new_aligned(size_t size, size_t align);
typedef void call_delete(void *block);
typedef void call_delete_sized(void *block, size_t size);
typedef void call_delete_aligned(void *block, size_t align);
typedef void call_delete_aligned_sized(void *block, size_t size, size_t align);
typedef void call_free_aligned_sized(void *block, size_t align, size_t size);

/* NULL: this library does not have it. */
static struct {
    call_delete_sized *free_sized;
    call_free_aligned_sized *free_aligned_sized;
    call_new *new_one, *new_array;
    call_new_nothrow *new_nothrow;
    call_new_aligned *new_aligned;
    call_delete *delete_one, *delete_array;
    call_delete_sized *delete_sized, *delete_array_sized;
    call_delete_aligned *delete_aligned;
    call_delete_aligned_sized *delete_aligned_sized;
} calls;

void calls_init(void) {
    calls.free_sized = (call_delete_sized *)dlsym(RTLD_DEFAULT, "free_sized");
    calls.free_aligned_sized = (call_free_aligned_sized *)dlsym(RTLD_DEFAULT, "free_aligned_sized");
    calls.new_one = (call_new *)dlsym(RTLD_DEFAULT, "_Znwm");
    calls.new_array = (call_new *)dlsym(RTLD_DEFAULT, "_Znam");
    calls.new_nothrow = (call_new_nothrow *)dlsym(RTLD_DEFAULT, "_ZnwmRKSt9nothrow_t");
    calls.new_aligned = (call_new_aligned *)dlsym(RTLD_DEFAULT, "_ZnwmSt11align_val_t");
    calls.delete_one = (call_delete *)dlsym(RTLD_DEFAULT, "_ZdlPv");
    calls.delete_array = (call_delete *)dlsym(RTLD_DEFAULT, "_ZdaPv");
    calls.delete_sized = (call_delete_sized *)dlsym(RTLD_DEFAULT, "_ZdlPvm");
    calls.delete_array_sized = (call_delete_sized *)dlsym(RTLD_DEFAULT, "_ZdaPvm");
    calls.delete_aligned = (call_delete_aligned *)dlsym(RTLD_DEFAULT, "_ZdlPvSt11align_val_t");
    calls.delete_aligned_sized = (call_delete_aligned_sized *)dlsym(RTLD_DEFAULT, "_ZdlPvmSt11align_val_t");
}

#define CALL(name, expression) (stress_here.call = (name), (expression))

/* ------------------------------------------------------------------------------------------------- allocation ---- */

/* The alignment that malloc promises for this size at least: small blocks need no more than they are large. */
static size_t natural_align(size_t size) {
    size_t align = 1;
    while (align < 16 && align * 2 <= size)
        align *= 2;
    return align;
}

/* Fills in the rest of a block, and checks the library's promises. */
static call_block accept(void *at, size_t size, size_t align, call_kind kind) {
    STRESS_EXPECT(at, "no room for %zu bytes aligned to %zu", size, align);
    STRESS_EXPECT((uintptr_t)at % align == 0, "%p of %zu bytes is not aligned to %zu", at, size, align);
    const size_t usable = malloc_usable_size(at);
    STRESS_EXPECT(usable >= size, "%p has %zu usable bytes; %zu were asked for", at, usable, size);
    return (call_block){.at = at, .size = size, .usable = usable, .align = align, .kind = kind};
}

static call_block accept_natural(void *at, size_t size, call_kind kind) {
    return accept(at, size, natural_align(size), kind);
}

call_block call_malloc(size_t size) {
    return accept_natural(CALL("malloc", malloc(size)), size, CALL_MALLOC);
}

static void expect_zero(const call_block *block) {
    unsigned char any = 0;
    for (size_t i = 0; i < block->size; i++)
        any |= block->at[i];
    for (size_t i = 0; any && i < block->size; i++)
        STRESS_EXPECT(block->at[i] == 0, "byte %zu of %p of %zu bytes is %#x and not 0", i, (void *)block->at,
                      block->size, block->at[i]);
}

/* As several elements, where that comes out even. */
static call_block alloc_zeroed(size_t size, uint64_t *rng) {
    const size_t width = (size_t)1 << random_below(rng, 6);
    const size_t count = size % width == 0 ? size / width : 1;
    const size_t each = size % width == 0 ? width : size;
    const call_block block = accept_natural(CALL("calloc", calloc(count, each)), size, CALL_MALLOC);
    expect_zero(&block);
    return block;
}

/* From 8 to 8192, now and then to 4 MiB. */
static size_t random_align(uint64_t *rng) {
    return (size_t)8 << random_below(rng, random_once_in(rng, 200) ? 20 : 11);
}

static call_block alloc_aligned(size_t size, uint64_t *rng) {
    const size_t align = random_align(rng);
    void *at = NULL;
    switch (random_below(rng, 5)) {
    case 0: {
        const size_t rounded = (size + align - 1) & ~(align - 1); /* as C11 asked for */
        return accept(CALL("aligned_alloc", aligned_alloc(align, rounded)), rounded, align, CALL_ALIGNED);
    }
    case 1: return accept(CALL("memalign", memalign(align, size)), size, align, CALL_ALIGNED);
    case 2: {
        const int error = CALL("posix_memalign", posix_memalign(&at, align, size));
        STRESS_EXPECT(error == 0, "no room for %zu bytes aligned to %zu: %d", size, align, error);
        return accept(at, size, align, CALL_ALIGNED);
    }
    case 3: return accept(CALL("valloc", valloc(size)), size, PAGE, CALL_ALIGNED);
    default: {
        const size_t pages = (size + PAGE - 1) & ~(PAGE - 1);
        call_block block = accept(CALL("pvalloc", pvalloc(size)), pages, PAGE, CALL_ALIGNED);
        block.size = size;
        return block;
    }
    }
}

/* Where there is no operator new, malloc. */
static call_block alloc_new(size_t size, uint64_t *rng) {
    static const char nothrow;
    switch (random_below(rng, 4)) {
    case 0:
        if (calls.new_one && calls.delete_one)
            return accept_natural(CALL("new", calls.new_one(size)), size, CALL_NEW);
        break;
    case 1:
        if (calls.new_array && calls.delete_array)
            return accept_natural(CALL("new[]", calls.new_array(size)), size, CALL_NEW_ARRAY);
        break;
    case 2:
        if (calls.new_nothrow && calls.delete_one)
            return accept_natural(CALL("new(nothrow)", calls.new_nothrow(size, &nothrow)), size, CALL_NEW);
        break;
    default:
        if (calls.new_aligned && calls.delete_aligned) {
            const size_t align = random_align(rng);
            return accept(CALL("new(align_val_t)", calls.new_aligned(size, align)), size, align, CALL_NEW_ALIGNED);
        }
    }
    return call_malloc(size);
}

call_block call_alloc(size_t size, uint64_t *rng) {
    const size_t way = random_below(rng, 100);
    if (way < 55)
        return call_malloc(size);
    if (way < 70)
        return alloc_zeroed(size, rng);
    if (way < 80)
        return alloc_new(size, rng);
    if (way < 90)
        return alloc_aligned(size, rng);
    if (way < 95)
        return accept_natural(CALL("realloc of NULL", realloc(NULL, size)), size, CALL_MALLOC);
    return accept_natural(CALL("reallocarray of NULL", reallocarray(NULL, size, 1)), size, CALL_MALLOC);
}

/* ----------------------------------------------------------------------------------------------- free, resize ---- */

static void free_plain(const call_block *block, bool sized) {
    if (sized && block->kind == CALL_MALLOC && calls.free_sized)
        CALL("free_sized", calls.free_sized(block->at, block->size));
    else if (sized && block->kind == CALL_ALIGNED && calls.free_aligned_sized)
        CALL("free_aligned_sized", calls.free_aligned_sized(block->at, block->align, block->size));
    else
        CALL("free", free(block->at));
}

void call_free(const call_block *block, uint64_t *rng) {
    const bool sized = random_once_in(rng, 4);
    switch (block->kind) {
    case CALL_MALLOC:
    case CALL_ALIGNED: free_plain(block, sized); return;
    case CALL_NEW:
        if (sized && calls.delete_sized)
            CALL("delete with size", calls.delete_sized(block->at, block->size));
        else
            CALL("delete", calls.delete_one(block->at));
        return;
    case CALL_NEW_ARRAY:
        if (sized && calls.delete_array_sized)
            CALL("delete[] with size", calls.delete_array_sized(block->at, block->size));
        else
            CALL("delete[]", calls.delete_array(block->at));
        return;
    case CALL_NEW_ALIGNED:
        if (sized && calls.delete_aligned_sized)
            CALL("delete(align_val_t) with size", calls.delete_aligned_sized(block->at, block->size, block->align));
        else
            CALL("delete(align_val_t)", calls.delete_aligned(block->at, block->align));
    }
}

bool call_resize(call_block *block, size_t size, uint64_t *rng) {
    void *const at = random_once_in(rng, 4) ? CALL("reallocarray", reallocarray(block->at, 1, size))
                                            : CALL("realloc", realloc(block->at, size));
    if (!at && size == 0)
        return false;
    const uint64_t id = block->id;
    *block = accept_natural(at, size, CALL_MALLOC);
    block->id = id;
    return true;
}

/* ---------------------------------------------------------------------------------------- refusals, questions ---- */

static void expect_refusal(const void *block, int expected) {
    STRESS_EXPECT(!block, "%p was given for what nobody can give", block);
    STRESS_EXPECT(errno == expected, "errno is %d and not %d", errno, expected);
    errno = 0;
}

void call_refusals(call_block *block, uint64_t *rng) {
    const volatile size_t huge = (size_t)PTRDIFF_MAX + 1 + random_below(rng, 1u << 20);
    errno = 0;
    expect_refusal(CALL("malloc of too much", malloc(huge)), ENOMEM);
    expect_refusal(CALL("calloc of too much", calloc(huge, 2)), ENOMEM);
    expect_refusal(CALL("memalign of too much", memalign(64, huge)), ENOMEM);
    if (block->kind != CALL_MALLOC)
        return;
    expect_refusal(CALL("realloc to too much", realloc(block->at, huge)), ENOMEM);
    expect_refusal(CALL("reallocarray to too much", reallocarray(block->at, huge, 16)), ENOMEM);
}

void call_questions(uint64_t *rng) {
    if (random_once_in(rng, 2)) {
        CALL("malloc_trim", malloc_trim(random_below(rng, 1u << 20)));
    } else {
        const struct mallinfo2 info = CALL("mallinfo2", mallinfo2());
        STRESS_EXPECT(info.uordblks <= info.arena + info.hblkhd, "more is used (%zu) than there is (%zu)",
                      info.uordblks, info.arena + info.hblkhd);
    }
}
