/* SPDX-License-Identifier: MIT */
#include "heapmap.h"

#include <stdlib.h>

static int heapmap_add(void *context, const hy_range *range) {
    hy_heapmap *const map = context;
    if (map->count == map->room) {
        map->room = map->room ? 2 * map->room : 256;
        map->ranges = realloc(map->ranges, map->room * sizeof *map->ranges);
        if (!map->ranges)
            abort();
    }
    const hy_range *const last = map->count ? &map->ranges[map->count - 1] : NULL;
    map->pieces += !last || last->start + last->size != range->start;
    map->bytes += range->size;
    map->ranges[map->count++] = *range;
    return 0;
}

void hy_heapmap_take(hy_heapmap *map, hy_heap *heap) {
    map->count = map->bytes = map->pieces = 0;
    heap->ops->walk(heap, heapmap_add, map);
}

void hy_heapmap_free(hy_heapmap *map) {
    free(map->ranges);
    *map = (hy_heapmap){0};
}

bool hy_heapmap_next(const hy_heapmap *map, hy_heapmap_place *at, size_t size, hy_heapmap_cell *ret_cell) {
    if (at->range == map->count)
        return false;
    *ret_cell = (hy_heapmap_cell){.start = map->ranges[at->range].start + at->offset};
    for (size_t left = size; left > 0 && at->range < map->count;) {
        const hy_range *const range = &map->ranges[at->range];
        const size_t rest = range->size - at->offset, taken = rest < left ? rest : left;
        ret_cell->bytes[range->kind] += taken;
        left -= taken;
        at->offset += taken;
        if (at->offset == range->size)
            *at = (hy_heapmap_place){.range = at->range + 1};
    }
    return true;
}

char hy_heapmap_letter(const hy_heapmap_cell *cell) {
    const size_t used = cell->bytes[HY_USED], holes = cell->bytes[HY_FREE], meta = cell->bytes[HY_META];
    const size_t all = used + holes + meta;
    if (meta > all / 2)
        return '+';
    if (used >= all - all / 8)
        return '#';
    if (holes >= all - all / 8)
        return '.';
    return used >= holes ? 'o' : ':';
}
