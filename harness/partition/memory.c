/* SPDX-License-Identifier: MIT
 *
 * memory.c - see memory.h.
 */
#include "memory.h"

#include "fixed_pages.h"
#include "registry.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/* A range that is all the heap has to give, to begin with. */
static int add_free(void *context, const hy_range *range) {
    *(size_t *)context += range->kind == HY_FREE ? range->size : 0;
    return 0;
}

/* Some take their memory only when the first program comes, and only then show it as free. */
static void wake(hy_memory *memory) {
    hy_heap *const heap = memory->heap;
    void *const first = hy_alloc(heap, 1, 1);
    memory->unit = first && heap->ops->usable_size ? heap->ops->usable_size(heap, first) : 1;
    hy_free(heap, first, 1);
}

static int open_once(size_t size, const char *spec, hy_memory *ret, hy_error *error) {
    *ret = (hy_memory){.size = size, .mapped = size};
    ret->start = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (ret->start == MAP_FAILED)
        return hy_fail(error, -errno, "no address space for a memory of %zu bytes", size);
    int r = hy_fixed_pages_over(ret->start, size, 1, &ret->pages);
    if (r < 0)
        hy_fail(error, r, "no memory for a page source");
    else
        r = hy_open(&hy_registry, (hy_text){spec, strlen(spec)}, &(hy_open_options){.data = ret->pages}, &ret->instance,
                    error);
    if (r == 0) {
        ret->heap = ret->instance.heap;
        wake(ret);
        return 0;
    }
    if (ret->pages)
        ret->pages->ops->destroy(ret->pages);
    munmap(ret->start, size);
    return r;
}

int hy_memory_open(size_t size, const char *spec, hy_memory *ret, hy_error *error) {
    size_t has = 0;
    int r = open_once(size, spec, ret, error);
    if (r < 0)
        return r;
    if (!ret->heap->ops->walk) {
        hy_memory_close(ret);
        return hy_fail(error, -ENOTSUP, "%s cannot be walked, so nothing can be said of its memory", spec);
    }
    ret->heap->ops->walk(ret->heap, add_free, &has);
    if (has + 1 != size)
        return 0;
    hy_memory_close(ret);
    r = open_once(size + 1, spec, ret, error);
    ret->size = size;
    return r;
}

void hy_memory_close(hy_memory *memory) {
    hy_close(&memory->instance);
    memory->pages->ops->destroy(memory->pages);
    munmap(memory->start, memory->mapped);
}
