/* SPDX-License-Identifier: MIT
 *
 * hole_sizes.c - see hole_sizes.h.
 */
#include "hole_sizes.h"

#include <limits.h>

static unsigned holes_octave(size_t size) {
    return (unsigned)(sizeof size * CHAR_BIT) - 1 - (unsigned)__builtin_clzl(size);
}

/* The octave, and the two bits below its highest one; sizes below 4 have fewer bits, so some classes stay empty. */
unsigned hy_holes_class(size_t size) {
    const unsigned octave = holes_octave(size);
    return 4 * octave + (unsigned)((octave >= 2 ? size >> (octave - 2) : size << (2 - octave)) & 3);
}

size_t hy_holes_least(unsigned class_number) {
    const unsigned octave = class_number / 4, part = 4 + class_number % 4;
    return octave >= 2 ? (size_t)part << (octave - 2) : (part + (1U << (2 - octave)) - 1) >> (2 - octave);
}

static int holes_range(void *context, const hy_range *range) {
    hy_holes *const holes = context;
    if (range->kind != HY_FREE || range->size == 0)
        return 0;
    holes->bytes[hy_holes_class(range->size)] += range->size;
    holes->free += range->size;
    return 0;
}

bool hy_holes_measure(const hy_instance *instance, hy_holes *ret_holes) {
    hy_heap *const heap = instance->heap;
    if (!heap->ops->walk)
        return false;
    *ret_holes = (hy_holes){.free = 0};
    heap->ops->walk(heap, holes_range, ret_holes);
    return true;
}

void hy_holes_say(FILE *out, const hy_holes *holes) {
    size_t smaller = 0;
    for (unsigned c = 0; c < HY_HOLE_CLASSES && smaller < holes->free; c++) {
        if (smaller > 0 || holes->bytes[c] > 0)
            fprintf(out, "point holes %zu %.9g\n", hy_holes_least(c), (double)smaller / (double)holes->free);
        smaller += holes->bytes[c];
        if (smaller == holes->free && c + 1 < HY_HOLE_CLASSES)
            fprintf(out, "point holes %zu 1\n", hy_holes_least(c + 1));
    }
}
