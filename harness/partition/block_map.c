/* SPDX-License-Identifier: MIT
 *
 * block_map.c - see block_map.h.
 */
#include "block_map.h"

#include <stdlib.h>
#include <string.h>

typedef struct drawing {
    const hy_memory *memory;
    const hy_tenant *tenants;
    size_t count, unit, units;
    size_t *most; /* bytes of each unit that its letter stands for */
    char *letters;
} drawing;

static char letter_of(const drawing *self, const hy_range *range) {
    if (range->kind == HY_FREE)
        return '.';
    for (size_t i = 0; i < self->count; i++)
        if (range->kind == HY_USED && (uintptr_t)self->tenants[i].place == range->block)
            return self->tenants[i].letter;
    return range->kind == HY_USED ? '#' : '+';
}

static int draw_range(void *context, const hy_range *range) {
    drawing *const self = context;
    const size_t from = hy_memory_base(self->memory, (const void *)range->start), to = from + range->size;
    const char letter = letter_of(self, range);
    for (size_t unit = from / self->unit; unit < self->units && unit * self->unit < to; unit++) {
        const size_t start = unit * self->unit, end = start + self->unit;
        const size_t covered = (to < end ? to : end) - (from > start ? from : start);
        if (covered <= self->most[unit])
            continue;
        self->most[unit] = covered;
        self->letters[unit] = letter;
    }
    return 0;
}

char *hy_block_map(const hy_memory *memory, const hy_tenant *tenants, size_t count, size_t unit, size_t width) {
    const size_t units = memory->size / unit, rows = (units + width - 1) / width;
    drawing self = {memory, tenants, count, unit, units, calloc(units + 1, sizeof(size_t)), calloc(1, units + 1)};
    char *const text = calloc(1, units + rows + 1);
    if (!self.most || !self.letters || !text)
        abort();
    memory->heap->ops->walk(memory->heap, draw_range, &self);
    char *out = text;
    for (size_t row = 0; row < rows; row++) {
        const size_t left = units - row * width, size = left < width ? left : width;
        memcpy(out, self.letters + row * width, size);
        out += size;
        *out++ = '\n';
    }
    free(self.most);
    free(self.letters);
    return text;
}
