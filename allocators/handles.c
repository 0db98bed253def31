/* SPDX-License-Identifier: MIT
 *
 * handles.c - a heap whose blocks may be moved: for programs that hold handles, a number or a pointer to a pointer, and
 * no addresses.
 *
 *  1. Ranges lie one behind the other in one reservation, each with a 16-byte head: its size, its alignment, and the
 *     size of the range before it.  Above the last of them, the top, nothing was given out yet.
 *  2. Holes are merged at once.  They stand in lists by size, four to a doubling; alloc looks at a few of its own list,
 *     then takes the first of the next list that has one, then the top.  A free range at the top joins it.
 *  3. compact has two ways to bring the top down.  Evacuating: the block at the top goes into a hole further down, as
 *     long as it finds one; each byte moved is a byte won.  Sliding: blocks move down over the holes before them, the
 *     lowest hole first that the budget reaches; a hole costs all blocks above it.  `both` evacuates first.
 *  4. With partial=C, compact never moves more in all than a C-th of the bytes allocated so far: what Bendersky and
 *     Petrank call a C-partial memory manager.
 *  5. Behind compact no pages remain committed above the top but one chunk.
 *
 * Source: moving by handles is as old as the Burroughs B5000's descriptors (1961) and was the rule on the Macintosh
 * (Inside Macintosh, 1985, the Memory Manager); sliding as in D. E. Knuth, The Art of Computer Programming 1,
 * section 2.5, exercise 33; evacuating from one end into holes at the other as in Edwards' algorithm (the same
 * section). Bad at: programs that cannot tell where their pointers lie, which is most of them.
 */
#include "hnd_heap.h"

#include <errno.h>
#include <string.h>

#define HANDLES_MOST_ALIGN ((size_t)1 << 30)

typedef struct handles_params {
    size_t reserve;
    size_t chunk;
    uint64_t partial;
    uint32_t how;
} handles_params;

static const char *const handles_ways[] = {"both", "evacuate", "slide", NULL};

static const hy_param handles_table[] = {
    {.name = "how",
     .help = "compacting by evacuating the top into holes, by sliding, or by both",
     .def = "both",
     .type = HY_PARAM_CHOICE,
     .offset = offsetof(handles_params, how),
     .choices = handles_ways},
    {.name = "partial",
     .help = "compacting moves at most this part of the bytes allocated: 20 is a twentieth; 0: no limit",
     .def = "0",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(handles_params, partial),
     .max = (uint64_t)1 << 40},
    {.name = "reserve",
     .help = "most bytes there can ever be; a smaller page source gives what it has",
     .def = "64G",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(handles_params, reserve),
     .min = 4096,
     .max = (uint64_t)1 << 36},
    {.name = "chunk",
     .help = "bytes to commit at a time",
     .def = "64K",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(handles_params, chunk),
     .min = 4096,
     .max = (uint64_t)1 << 30},
    {.name = NULL},
};

/* ---------------------------------------------------------------------------------------------------- required ---- */

static void *handles_alloc(hy_heap *heap, size_t size, size_t align) {
    handles_heap *const self = (handles_heap *)heap;
    const size_t need = handles_need(size), at_least = hy_max(align, HANDLES_UNIT);
    handles_hole *const hole = handles_search(self, need, at_least);
    handles_range *const range =
        hole ? handles_from_hole(self, hole, need, at_least) : handles_from_top(self, need, at_least);
    if (!range)
        return NULL;
    range->align = (uint8_t)hy_log2_floor(at_least);
    self->live++;
    self->live_bytes += range->size - sizeof *range;
    self->allocated += range->size;
    return range + 1;
}

static void handles_free(hy_heap *heap, void *block, size_t size) {
    handles_heap *const self = (handles_heap *)heap;
    handles_range *const range = (handles_range *)block - 1;
    (void)size;
    self->live--;
    self->live_bytes -= range->size - sizeof *range;
    handles_release(self, range);
}

static int handles_create(const hy_setup *setup, hy_heap **ret) {
    const handles_params *const params = setup->params;
    handles_heap *const self = hy_instance_map(setup->meta, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->data = setup->data;
    self->meta = setup->meta;
    self->chunk = hy_pages_round(setup->data, params->chunk);
    self->partial = params->partial;
    self->how = (handles_how)params->how;
    self->run = hy_pages_reserve_run(self->data, params->reserve, HANDLES_LEAST + HANDLES_UNIT, &self->reserved);
    if (!self->run) {
        hy_instance_unmap(self->meta, self, sizeof *self);
        return -ENOMEM;
    }
    self->base = self->top = (char *)hy_align_up((uintptr_t)self->run, HANDLES_UNIT);
    self->heap.max_size = (size_t)1 << 35;
    *ret = &self->heap;
    return 0;
}

static void handles_destroy(hy_heap *heap) {
    handles_heap *const self = (handles_heap *)heap;
    self->data->ops->release(self->data, self->run, self->reserved, self->committed);
    hy_instance_unmap(self->meta, self, sizeof *self);
}

/* ---------------------------------------------------------------------------------------------------- optional ---- */

/* Takes the hole behind a block, or the room at the top, into the block's range: `need` bytes in all. */
static bool handles_extend(handles_heap *self, handles_range *range, size_t need) {
    handles_range *const next = handles_next(range);
    if (handles_is_top(self, next)) {
        if (!handles_grow(self, need - range->size))
            return false;
        self->top = (char *)range + need;
        range->size = need;
        self->last = handles_units(need);
        return true;
    }
    if (next->used || range->size + next->size < need)
        return false;
    handles_unlink(self, next);
    range->size += next->size;
    handles_tell(self, range);
    return true;
}

static void *handles_realloc(hy_heap *heap, void *block, size_t old_size, size_t align, size_t new_size) {
    handles_heap *const self = (handles_heap *)heap;
    handles_range *const range = (handles_range *)block - 1;
    const size_t need = handles_need(new_size), old = range->size;
    if (need > old && !handles_extend(self, range, need)) {
        void *const moved = handles_alloc(heap, new_size, align);
        if (!moved)
            return NULL;
        memcpy(moved, block, hy_min(old - sizeof *range, new_size));
        handles_free(heap, block, old_size);
        return moved;
    }
    handles_cut(self, range, need);
    self->live_bytes += range->size - old;
    self->allocated += range->size > old ? range->size - old : 0;
    return block;
}

static size_t handles_usable(hy_heap *heap, const void *block) {
    (void)heap;
    return ((const handles_range *)block - 1)->size - sizeof(handles_range);
}

static void handles_reset(hy_heap *heap) {
    handles_heap *const self = (handles_heap *)heap;
    self->top = self->base;
    memset(self->list, 0, sizeof self->list);
    memset(self->map, 0, sizeof self->map);
    self->last = 0;
    self->live = self->live_bytes = self->holes = 0;
    handles_shrink(self, 0);
}

static size_t handles_trim(hy_heap *heap) {
    return handles_shrink((handles_heap *)heap, 0);
}

static void handles_stats(hy_heap *heap, hy_stats *ret) {
    const handles_heap *const self = (const handles_heap *)heap;
    ret->searches = self->searches;
    ret->search_steps = self->steps;
    ret->failed_searches = self->failed;
    ret->splits = self->splits;
    ret->merges = self->merges;
    ret->grows = self->grows;
    ret->live_blocks = self->live;
    ret->live_bytes = self->live_bytes;
    ret->holes = self->holes + (handles_above(self) >= HANDLES_LEAST && self->committed > 0);
}

const hy_heap_ops hy_handles_ops = {
    .name = "handles",
    .summary = "blocks that may be moved: compacts by evacuating and sliding, within a budget",
    .source = "Inside Macintosh 1985; Knuth 2.5; Bendersky & Petrank 2011",
    .threads = HY_THREADS_NONE,
    .max_align = HANDLES_MOST_ALIGN,
    .max_size = HY_ANY,
    .params = handles_table,
    .params_size = sizeof(handles_params),
    .create = handles_create,
    .destroy = handles_destroy,
    .alloc = handles_alloc,
    .free = handles_free,
    .realloc = handles_realloc,
    .usable_size = handles_usable,
    .reset = handles_reset,
    .trim = handles_trim,
    .compact = handles_compact,
    .walk = handles_walk,
    .check = handles_check,
    .stats = handles_stats,
};
