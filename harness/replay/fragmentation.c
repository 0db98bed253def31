/* SPDX-License-Identifier: MIT
 *
 * fragmentation.c - see fragmentation.h.
 *
 *   internal  (usable - asked) / usable        bytes of living blocks that nobody asked for
 *   external  1 - largest hole / free bytes    how badly the free bytes are scattered (0: all in one hole)
 *   metadata  (in band + metadata pages) / committed
 */
#include "fragmentation.h"

static int add_range(void *context, const hy_range *range) {
    hy_fragmentation *const f = context;
    switch (range->kind) {
    case HY_USED:
        f->blocks++;
        f->usable += range->usable;
        f->in_band += range->size - range->usable;
        break;
    case HY_FREE:
        f->holes++;
        f->free += range->size;
        f->largest_hole = range->size > f->largest_hole ? range->size : f->largest_hole;
        break;
    case HY_META: f->in_band += range->size; break;
    }
    return 0;
}

bool hy_fragmentation_measure(const hy_instance *instance, hy_fragmentation *ret_sums) {
    hy_heap *const heap = instance->heap;
    if (!heap->ops->walk)
        return false;
    *ret_sums = (hy_fragmentation){0};
    heap->ops->walk(heap, add_range, ret_sums);
    return true;
}

double hy_fragmentation_internal(const hy_fragmentation *sums, size_t asked) {
    return sums->usable > asked ? (double)(sums->usable - asked) / (double)sums->usable : 0;
}

double hy_fragmentation_external(const hy_fragmentation *sums) {
    return sums->free ? 1.0 - (double)sums->largest_hole / (double)sums->free : 0;
}

double hy_fragmentation_metadata(const hy_fragmentation *sums, const hy_instance *instance) {
    const size_t own = instance->meta != instance->data ? instance->meta->committed : 0;
    const size_t committed = hy_instance_committed(instance);
    return committed ? (double)(sums->in_band + own) / (double)committed : 0;
}

size_t hy_instance_committed(const hy_instance *instance) {
    return instance->data->committed + (instance->meta != instance->data ? instance->meta->committed : 0);
}
