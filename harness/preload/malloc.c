/* SPDX-License-Identifier: MIT
 *
 * malloc.c - a heap as the malloc of a process: the family of functions that must come from one object together.
 *
 * The rules, from C23, POSIX 2024 and the manual of the GNU C library:
 *  1. A request of 0 bytes gives a block of its own; free of NULL does nothing; realloc to 0 frees and returns NULL.
 *  2. A size above PTRDIFF_MAX, and a product or sum that wraps: NULL and ENOMEM, the old block as it was.
 *  3. errno is set on failure only.  The heap and its page source never touch it.
 *  4. realloc to a size that the block has room for stays where it is, unless it would leave half the room unused.  It
 *     never fails: where there is no room to move to, it stays, too.
 *  5. Sizes that the program claims at free are not passed on: after a realloc in place they need not be what the heap
 *     was asked for.
 *
 * malloc and free ask the allocator's direct calls first, if it has them.  Beside that this knows no allocator, and no
 * allocator knows it.  Compiled once for each allocator.
 */
#include "caller.h"
#include "yard.h"

#ifndef HY_DIRECT
static inline void *hy_direct_alloc(size_t size) {
    (void)size;
    return NULL;
}

static inline void *hy_direct_more(hy_heap *heap, size_t size) {
    return heap->ops->alloc(heap, size, HY_MALLOC_ALIGN);
}

static inline bool hy_direct_free(void *block) {
    (void)block;
    return false;
}

static inline bool hy_direct_post(void *block) {
    (void)block;
    return false;
}

static inline size_t hy_direct_size(const void *block) {
    (void)block;
    return 0;
}
#endif

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void free_sized(void *block, size_t size);
void free_aligned_sized(void *block, size_t align, size_t size);
void cfree(void *block);

/* Begins a line of the instruction cache, wherever the linker would put it: of segregated, the hot paths of malloc and
 * of free fit into one line each. */
#define YARD_HOT __attribute__((aligned(64)))

/* Larger blocks are left to the heap, which may know that they are zero. */
#define CALLOC_DIRECT ((size_t)1024)
/* Larger blocks may grow where they are. */
#define REALLOC_DIRECT ((size_t)32768)

static void *no_room(void) {
    errno = ENOMEM;
    return NULL;
}

static bool is_power_of_two(size_t x) {
    return x != 0 && (x & (x - 1)) == 0;
}

/* `align` is a power of two. */
static void *allocate_aligned(size_t align, size_t size) {
    hy_heap *const heap = yard_heap();
    size = size ? size : 1;
    align = align > HY_MALLOC_ALIGN ? align : HY_MALLOC_ALIGN;
    if (align > yard_heap_open->ops->max_align || align > yard_limit || size > yard_limit - align)
        return NULL;
    return heap->ops->alloc(heap, size, align);
}

static __attribute__((noinline)) void *heap_alloc(size_t size) {
    hy_heap *const heap = yard_heap();
    size = size ? size : 1;
    void *block = NULL;
    if (size <= yard_limit)
        block = heap == yard_heap_direct ? hy_direct_more(heap, size) : heap->ops->alloc(heap, size, HY_MALLOC_ALIGN);
    return __builtin_expect(block != NULL, 1) ? block : no_room();
}

static __attribute__((noinline)) void heap_free(void *block) {
    if (!block)
        return;
    hy_heap *const heap = yard_heap();
    if (heap != yard_heap_open || !hy_direct_post(block))
        heap->ops->free(heap, block, 0);
}

/* The functions of the family by themselves, whoever calls them. */

static inline void *serve_malloc(size_t size) {
    void *const block = hy_direct_alloc(size);
    return __builtin_expect(block != NULL, 1) ? block : heap_alloc(size);
}

static inline void serve_free(void *block) {
    if (__builtin_expect(!hy_direct_free(block), 0))
        heap_free(block);
}

static __attribute__((noinline)) void *serve_realloc(void *block, size_t size) {
    if (!block)
        return yard_malloc(size);
    if (size == 0) {
        yard_free(block);
        return NULL;
    }
    const size_t known = hy_direct_size(block);
    if (size <= known && size >= known / 2)
        return block;
    void *const direct = known - 1 < REALLOC_DIRECT ? hy_direct_alloc(size) : NULL;
    if (direct) {
        memcpy(direct, block, size < known ? size : known);
        hy_direct_free(block);
        return direct;
    }
    hy_heap *const heap = yard_heap();
    if (size > yard_limit)
        return no_room();
    const size_t usable = known ? known : heap->ops->usable_size(heap, block);
    if (size <= usable && size >= usable / 2)
        return block;
    void *const moved = heap->ops->realloc(heap, block, 0, HY_MALLOC_ALIGN, size);
    if (!moved)
        return size <= usable ? block : no_room();
    return moved;
}

static __attribute__((noinline)) void *serve_aligned(size_t align, size_t size) {
    if (!is_power_of_two(align)) {
        errno = EINVAL;
        return NULL;
    }
    void *const block = allocate_aligned(align, size);
    return block ? block : no_room();
}

#if HY_DIRECT_CALLER
void *yard_malloc(size_t size) {
    return serve_malloc(size);
}

void yard_free(void *block) {
    serve_free(block);
}
#endif

YARD_EXPORT YARD_HOT void *malloc(size_t size) {
    YARD_CALLED();
    return serve_malloc(size);
}

YARD_EXPORT YARD_HOT void free(void *block) {
    YARD_CALLED();
    serve_free(block);
}

YARD_EXPORT void *calloc(size_t count, size_t width) {
    size_t size = 0;
    YARD_CALLED();
    if (__builtin_mul_overflow(count, width, &size))
        return no_room();
    void *block = size <= CALLOC_DIRECT ? hy_direct_alloc(size) : NULL;
    if (block)
        return memset(block, 0, size);
    hy_heap *const heap = yard_heap();
    block = size <= yard_limit ? heap->ops->alloc_zeroed(heap, size ? size : 1, HY_MALLOC_ALIGN) : NULL;
    return block ? block : no_room();
}

YARD_EXPORT void *realloc(void *block, size_t size) {
    YARD_CALLED();
    return serve_realloc(block, size);
}

YARD_EXPORT void *reallocarray(void *block, size_t count, size_t width) {
    size_t size = 0;
    YARD_CALLED();
    return __builtin_mul_overflow(count, width, &size) ? no_room() : serve_realloc(block, size);
}

YARD_EXPORT void *aligned_alloc(size_t align, size_t size) {
    YARD_CALLED();
    return serve_aligned(align, size);
}

/* An odd alignment becomes the next power of two, as in the GNU C library. */
void *yard_memalign(size_t align, size_t size) {
    if (align > SIZE_MAX / 2 + 1) {
        errno = EINVAL;
        return NULL;
    }
    size_t power = HY_MALLOC_ALIGN;
    while (power < align)
        power *= 2;
    return serve_aligned(power, size);
}

YARD_EXPORT void *memalign(size_t align, size_t size) {
    YARD_CALLED();
    return yard_memalign(align, size);
}

YARD_EXPORT int posix_memalign(void **ret, size_t align, size_t size) {
    YARD_CALLED();
    if (!is_power_of_two(align) || align % sizeof(void *) != 0)
        return EINVAL;
    void *const block = allocate_aligned(align, size);
    if (!block)
        return ENOMEM;
    *ret = block;
    return 0;
}

YARD_EXPORT void *valloc(size_t size) {
    YARD_CALLED();
    return serve_aligned((size_t)sysconf(_SC_PAGESIZE), size);
}

/* Whole pages, at least one. */
YARD_EXPORT void *pvalloc(size_t size) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t rounded = 0;
    YARD_CALLED();
    if (__builtin_add_overflow(size ? size : 1, page - 1, &rounded))
        return no_room();
    return serve_aligned(page, rounded & ~(page - 1));
}

YARD_EXPORT size_t malloc_usable_size(void *block) {
    YARD_CALLED();
    if (!block)
        return 0;
    hy_heap *const heap = yard_heap();
    return heap->ops->usable_size(heap, block);
}

YARD_EXPORT void free_sized(void *block, size_t size) {
    (void)size;
    YARD_CALLED();
    yard_free(block);
}

YARD_EXPORT void free_aligned_sized(void *block, size_t align, size_t size) {
    (void)align;
    (void)size;
    YARD_CALLED();
    yard_free(block);
}

YARD_EXPORT void cfree(void *block) {
    YARD_CALLED();
    yard_free(block);
}

/* The names under which the C library has its own malloc, for programs that ask for it past all others: memory from
 * there would be freed into us. */
#if __has_attribute(copy)
#define YARD_COPY(own) copy(own)
#else
#define YARD_COPY(own)
#endif
#define YARD_ALIAS(own, name) extern YARD_EXPORT __typeof__(own) name __attribute__((alias(#own), YARD_COPY(own)))
YARD_ALIAS(malloc, __libc_malloc);
YARD_ALIAS(free, __libc_free);
YARD_ALIAS(calloc, __libc_calloc);
YARD_ALIAS(realloc, __libc_realloc);
YARD_ALIAS(memalign, __libc_memalign);
YARD_ALIAS(valloc, __libc_valloc);
YARD_ALIAS(pvalloc, __libc_pvalloc);
