/* SPDX-License-Identifier: MIT
 *
 * hnd_walk.c - what lies where, and whether it is as it should be (see handles.c).
 */
#include "hnd_heap.h"

int handles_walk(hy_heap *heap, hy_visit *visit, void *context) {
    const handles_heap *const self = (const handles_heap *)heap;
    const uintptr_t top = (uintptr_t)self->top, base = (uintptr_t)self->base;
    const uintptr_t end = (uintptr_t)self->run + self->committed;
    int r = 0;
    if (self->committed == 0)
        return 0;
    if (base > (uintptr_t)self->run) {
        const hy_range pad = {.start = (uintptr_t)self->run, .size = base - (uintptr_t)self->run, .kind = HY_META};
        r = visit(context, &pad);
    }
    for (uintptr_t at = base; r == 0 && at < top;) {
        const handles_range *const range = (const handles_range *)at;
        const size_t size = range->size;
        const hy_range seen = {at, size, at + sizeof *range, size - sizeof *range, range->used ? HY_USED : HY_FREE};
        r = visit(context, &seen);
        at += size;
    }
    if (r != 0 || end <= top)
        return r;
    const size_t left = end - top;
    const hy_range rest = {.start = top,
                           .size = left,
                           .usable = left < HANDLES_LEAST ? 0 : left - sizeof(handles_range),
                           .kind = left < HANDLES_LEAST ? HY_META : HY_FREE};
    return visit(context, &rest);
}

const char *handles_check(hy_heap *heap) {
    const handles_heap *const self = (const handles_heap *)heap;
    uint64_t holes = 0, live = 0;
    uint32_t before = 0;
    bool hole_before = false;
    for (char *at = self->base; at < self->top;) {
        const handles_range *const range = handles_at(at);
        if (range->size < HANDLES_LEAST || range->size % HANDLES_UNIT != 0 || (size_t)(self->top - at) < range->size)
            return "a range has an impossible size";
        if (range->before != before)
            return "a range does not know the size of the one before it";
        if (!range->used && hole_before)
            return "two holes lie side by side";
        if (range->used && (uintptr_t)(range + 1) % ((size_t)1 << range->align) != 0)
            return "a block has lost its alignment";
        hole_before = !range->used;
        holes += !range->used;
        live += range->used;
        before = handles_units(range->size);
        at += range->size;
    }
    if (before != self->last || hole_before)
        return "the top does not know the last range, or that is a hole";
    if (holes != self->holes || live != self->live)
        return "the numbers of holes and blocks are not what they are counted to be";
    for (unsigned i = 0; i < HANDLES_LISTS; i++)
        for (const handles_hole *hole = self->list[i]; hole; hole = hole->next)
            if (hole->range.used || handles_list(hole->range.size) != i)
                return "a list holds a block, or a hole of another size";
    return NULL;
}
