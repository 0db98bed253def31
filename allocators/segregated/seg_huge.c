/* SPDX-License-Identifier: MIT
 *
 * seg_huge.c - blocks with reservations of their own (see seg_huge.h).
 */
#include "seg_huge.h"

#include <string.h>

/* How many entries start below `address`. */
static size_t huge_below(const seg_heap *self, const void *address) {
    size_t low = 0, high = self->huge_count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (self->huge[middle].start < (const char *)address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool huge_reserve_entry(seg_heap *self) {
    if (self->huge_count < self->huge_capacity)
        return true;
    const size_t wanted = hy_max(2 * self->huge_capacity, 64);
    const size_t size = hy_pages_round(self->meta, wanted * sizeof(seg_huge));
    seg_huge *const table = hy_pages_map(self->meta, size, hy_max(self->meta->granule, sizeof(void *)));
    if (!table)
        return false;
    if (self->huge) {
        memcpy(table, self->huge, self->huge_count * sizeof *table);
        hy_pages_unmap(self->meta, self->huge, self->huge_table_size);
    }
    self->huge = table;
    self->huge_table_size = size;
    self->huge_capacity = size / sizeof *table;
    return true;
}

static void huge_enter(seg_heap *self, char *start, size_t size) {
    const size_t at = huge_below(self, start);
    memmove(&self->huge[at + 1], &self->huge[at], (self->huge_count - at) * sizeof *self->huge);
    self->huge[at] = (seg_huge){start, size};
    self->huge_count++;
}

static void huge_remove(seg_heap *self, seg_huge *huge) {
    self->huge_count--;
    memmove(huge, huge + 1, (size_t)(&self->huge[self->huge_count] - huge) * sizeof *huge);
}

static seg_huge *huge_find(const seg_heap *self, const void *block) {
    const size_t at = huge_below(self, block);
    return at < self->huge_count && self->huge[at].start == block ? &self->huge[at] : NULL;
}

void *seg_huge_alloc(seg_heap *self, size_t size, size_t align) {
    const size_t rounded = hy_pages_round(self->data, size);
    char *const start = hy_pages_map(self->data, rounded, hy_max(align, hy_max(self->data->granule, HY_MALLOC_ALIGN)));
    if (!start)
        return NULL;
    seg_lock(self);
    const bool entered = huge_reserve_entry(self);
    if (entered) {
        huge_enter(self, start, rounded);
        self->grows++;
    }
    seg_unlock(self);
    if (entered)
        return start;
    hy_pages_unmap(self->data, start, rounded);
    return NULL;
}

size_t seg_huge_size(seg_heap *self, const void *block) {
    seg_lock(self);
    const seg_huge *const huge = huge_find(self, block);
    const size_t size = huge ? huge->size : 0;
    seg_unlock(self);
    return size;
}

void seg_huge_free(seg_heap *self, void *block) {
    seg_lock(self);
    seg_huge *const huge = huge_find(self, block);
    const size_t size = huge->size;
    huge_remove(self, huge);
    seg_unlock(self);
    hy_pages_unmap(self->data, block, size);
}

/* The lock is held: where a block is may not change unseen. */
static void *huge_resize(seg_heap *self, seg_huge *huge, size_t rounded, size_t align) {
    const hy_pages_ops *const ops = self->data->ops;
    if (rounded == huge->size)
        return huge->start;
    if (ops->resize(self->data, huge->start, huge->size, rounded) == 0) {
        huge->size = rounded;
        return huge->start;
    }
    if (!ops->move || align > self->data->granule)
        return NULL;
    char *const moved = ops->move(self->data, huge->start, huge->size, rounded);
    if (!moved)
        return NULL;
    huge_remove(self, huge);
    huge_enter(self, moved, rounded);
    return moved;
}

void *seg_huge_resize(seg_heap *self, void *block, size_t new_size, size_t align) {
    seg_lock(self);
    void *const resized = huge_resize(self, huge_find(self, block), hy_pages_round(self->data, new_size), align);
    seg_unlock(self);
    return resized;
}

void seg_huge_free_all(seg_heap *self) {
    while (self->huge_count > 0)
        seg_huge_free(self, self->huge[self->huge_count - 1].start);
    if (self->huge)
        hy_pages_unmap(self->meta, self->huge, self->huge_table_size);
    self->huge = NULL;
    self->huge_capacity = self->huge_table_size = 0;
}
