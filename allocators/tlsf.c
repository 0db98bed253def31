/* SPDX-License-Identifier: MIT
 *
 * tlsf.c - two-level segregated fit: constant time for every request, whatever the heap looks like.
 *
 *  1. Holes lie in lists by size: each doubling of size is cut into 1 << sli lists of equal width, and two levels of
 *     bitmaps say which lists have holes.
 *  2. A request is rounded up to the least size of a list, and takes the first hole of the first list from there on
 *     that has one: two bit scans, no search.  Every hole there is large enough ("good fit").
 *  3. None: the first hole of the request's own list, if it happens to be large enough; else the top of the heap, which
 *     grows by the `chunk`.
 *  4. The range is cut from the hole's front, the rest goes into its list.
 *  5. free merges with both neighbours at once (boundary tags: in constant time).
 *  6. realloc shrinks by a cut, and grows into the hole behind it or at the top of the heap; else it moves.
 *
 * M. Masmano, I. Ripoll, A. Crespo, J. Real, "TLSF: a new dynamic memory allocator for real-time systems", ECRTS 2004.
 * Two things differ: rule 3, and that a block keeps its size rather than that of its list.
 *
 * Bound: neither alloc nor free has a loop, as long as pages are neither asked for nor given back (trim=0, and a heap
 * that has grown already); with several runs of pages, growing looks at each.  A call then takes at most 300
 * instructions (x86-64, gcc -O3), whatever the heap looks like: a test counts them with callgrind.
 *
 * A block costs 8 bytes and what rounds it up to 16.  Bad at: holes that would fit and are passed over, as they lie in
 * the request's own list behind others: the more of them, the fewer second-level bits there are.
 */
#include "tlsf_heap.h"
#include "tlsf_runs.h"
#include "tlsf_walk.h"

#include <errno.h>
#include <string.h>

/* ----------------------------------------------------------------------------------------------- alloc, free ---- */

static inline size_t tlsf_need(size_t size) {
    return hy_max(hy_align_up(size + TLSF_HEADER, TLSF_GRAIN), TLSF_MIN_RANGE);
}

/* The first hole of the request's own list, if it is large enough. */
static tlsf_range *tlsf_lucky(tlsf_heap *self, size_t size) {
    tlsf_range *const hole = *tlsf_head(self, tlsf_list_of(self->bits, size));
    self->stats.search_steps++;
    return hole && tlsf_size(hole) >= size ? hole : NULL;
}

/* A hole of at least `size` bytes, or NULL. */
static inline tlsf_range *tlsf_find(tlsf_heap *self, size_t size) {
    self->stats.searches++;
    self->stats.search_steps++;
    tlsf_range *hole = tlsf_locate(self, size);
    if (__builtin_expect(hole != NULL, 1))
        return hole;
    hole = tlsf_lucky(self, size);
    return hole ? hole : tlsf_runs_grow(self, size);
}

/* Where in a hole a range starts such that its block is aligned, and nothing or a whole hole is left in front. */
static inline tlsf_range *tlsf_place(tlsf_range *hole, size_t align) {
    const size_t first = (size_t)tlsf_block(hole);
    size_t block = hy_align_up(first, align);
    if (block != first && block - first < TLSF_MIN_RANGE)
        block = hy_align_up(first + TLSF_MIN_RANGE, align);
    return tlsf_range_of((void *)block);
}

/* Something is written up to `end`, and the tags of a hole may follow. */
static inline void tlsf_soil(tlsf_heap *self, char *end) {
    char *const soiled = end + TLSF_TAGS;
    if (soiled > self->fresh && end <= self->fresh_end)
        self->fresh = soiled < self->fresh_end ? soiled : self->fresh_end;
}

/* Makes `need` of the `size` bytes at `range` used, and the rest a hole if it is large enough to be one.  They are in
 * no list, and no hole is behind them. */
static inline void tlsf_cut(tlsf_heap *self, tlsf_range *range, size_t size, size_t need) {
    const size_t rest = size - need;
    if (rest >= TLSF_MIN_RANGE) {
        tlsf_range *const tail = tlsf_at(range, need);
        tlsf_set_hole(tail, rest);
        tlsf_insert(self, tail);
        self->stats.splits++;
        size = need;
    }
    tlsf_set_used(range, size);
    tlsf_soil(self, (char *)range + size);
}

/* The front of a hole stays one. */
static void tlsf_leave_front(tlsf_heap *self, tlsf_range *hole, tlsf_range *range) {
    range->header = 0;
    tlsf_set_hole(hole, (size_t)((char *)range - (char *)hole));
    tlsf_insert(self, hole);
    self->stats.splits++;
}

/* Makes `need` bytes of a hole from `range` on a block. */
static inline void *tlsf_take(tlsf_heap *self, tlsf_range *hole, tlsf_range *range, size_t need) {
    const size_t size = tlsf_size(hole) - (size_t)((char *)range - (char *)hole);
    tlsf_remove(self, hole);
    if (__builtin_expect(range != hole, 0))
        tlsf_leave_front(self, hole, range);
    tlsf_cut(self, range, size, need);
    self->stats.live_blocks++;
    self->stats.live_bytes += tlsf_size(range) - TLSF_HEADER;
    return tlsf_block(range);
}

static void *tlsf_alloc_aligned(tlsf_heap *self, size_t need, size_t align) {
    const size_t size = need + align + TLSF_MIN_RANGE;
    if (align > TLSF_MOST || size > TLSF_MOST)
        return NULL;
    tlsf_range *const hole = tlsf_find(self, size);
    return hole ? tlsf_take(self, hole, tlsf_place(hole, align), need) : NULL;
}

static void *tlsf_alloc(hy_heap *heap, size_t size, size_t align) {
    tlsf_heap *const self = (tlsf_heap *)heap;
    const size_t need = tlsf_need(size);
    if (__builtin_expect(align > TLSF_GRAIN, 0))
        return tlsf_alloc_aligned(self, need, align);
    tlsf_range *const hole = tlsf_find(self, need);
    return __builtin_expect(hole != NULL, 1) ? tlsf_take(self, hole, hole, need) : NULL;
}

/* Makes a used range a hole, and gives the top of the heap back if it has become too large. */
static inline void tlsf_release(tlsf_heap *self, tlsf_range *range) {
    const tlsf_range *const hole = tlsf_merge(self, range);
    if (__builtin_expect(tlsf_size(hole) >= self->trim, 0) && tlsf_behind(hole)->header & TLSF_END)
        tlsf_runs_trim_top(self, tlsf_behind(hole));
}

static void tlsf_free(hy_heap *heap, void *block, size_t size) {
    (void)size;
    tlsf_heap *const self = (tlsf_heap *)heap;
    tlsf_range *const range = tlsf_range_of(block);
    self->stats.live_blocks--;
    self->stats.live_bytes -= tlsf_size(range) - TLSF_HEADER;
    tlsf_release(self, range);
}

static size_t tlsf_usable_size(hy_heap *heap, const void *block) {
    (void)heap;
    return tlsf_size(tlsf_range_of(block)) - TLSF_HEADER;
}

/* Of the block, only what lies below `fresh` was ever written, and a hole's pointer back at its end. */
static void *tlsf_alloc_zeroed(hy_heap *heap, size_t size, size_t align) {
    const tlsf_heap *const self = (tlsf_heap *)heap;
    char *const fresh = self->fresh, *const fresh_end = self->fresh_end;
    char *const block = tlsf_alloc(heap, size, align);
    if (!block)
        return NULL;
    char *const end = (char *)tlsf_behind(tlsf_range_of(block));
    if (fresh_end != self->fresh_end || end <= fresh || end > fresh_end)
        return memset(block, 0, size);
    if (fresh > block)
        memset(block, 0, hy_min(size, (size_t)(fresh - block)));
    memset(end - TLSF_HEADER, 0, TLSF_HEADER);
    return block;
}

/* ----------------------------------------------------------------------------------------------------- realloc ---- */

/* Cuts the tail off a block, if it is large enough to be a hole. */
static void tlsf_shrink(tlsf_heap *self, tlsf_range *range, size_t need) {
    const size_t rest = tlsf_size(range) - need;
    if (rest < TLSF_MIN_RANGE)
        return;
    tlsf_range *const tail = tlsf_at(range, need);
    tail->header = rest;
    tlsf_set_used(range, need);
    self->stats.splits++;
    self->stats.live_bytes -= rest;
    tlsf_release(self, tail);
}

/* Takes what is missing from the hole behind a block, or from the top of the heap.  False: the block must move. */
static bool tlsf_widen(tlsf_heap *self, tlsf_range *range, size_t need) {
    const size_t size = tlsf_size(range);
    tlsf_range *hole = tlsf_behind(range);
    const size_t has = tlsf_is_hole(hole) ? tlsf_size(hole) : 0;
    if (size + has < need) {
        const tlsf_range *const end = tlsf_at(hole, has);
        if (!(end->header & TLSF_END))
            return false;
        hole = tlsf_runs_extend(self, end, need - size);
        if (!hole)
            return false;
    }
    tlsf_remove(self, hole);
    tlsf_cut(self, range, size + tlsf_size(hole), need);
    self->stats.live_bytes += tlsf_size(range) - size;
    return true;
}

static void *tlsf_move(tlsf_heap *self, void *block, size_t align, size_t new_size) {
    void *const moved = tlsf_alloc(&self->heap, new_size, align);
    if (!moved)
        return NULL;
    memcpy(moved, block, hy_min(tlsf_usable_size(&self->heap, block), new_size));
    tlsf_free(&self->heap, block, 0);
    return moved;
}

static void *tlsf_realloc(hy_heap *heap, void *block, size_t old_size, size_t align, size_t new_size) {
    (void)old_size;
    tlsf_heap *const self = (tlsf_heap *)heap;
    tlsf_range *const range = tlsf_range_of(block);
    const size_t need = tlsf_need(new_size);
    if (need <= tlsf_size(range))
        tlsf_shrink(self, range, need);
    else if (!tlsf_widen(self, range, need))
        return tlsf_move(self, block, align, new_size);
    return block;
}

/* ---------------------------------------------------------------------------------------------- the whole heap ---- */

/* Merging is never put off. */
static size_t tlsf_coalesce(hy_heap *heap) {
    (void)heap;
    return 0;
}

static size_t tlsf_trim(hy_heap *heap) {
    return tlsf_runs_trim_all((tlsf_heap *)heap);
}

static void tlsf_reset(hy_heap *heap) {
    tlsf_heap *const self = (tlsf_heap *)heap;
    self->stats.live_blocks = self->stats.live_bytes = 0;
    tlsf_runs_reset(self);
}

static void tlsf_stats(hy_heap *heap, hy_stats *ret) {
    const hy_stats *const stats = &((tlsf_heap *)heap)->stats;
    ret->searches = stats->searches;
    ret->search_steps = stats->search_steps;
    ret->splits = stats->splits;
    ret->merges = stats->merges;
    ret->grows = stats->grows;
    ret->live_blocks = stats->live_blocks;
    ret->live_bytes = stats->live_bytes;
    ret->holes = stats->holes;
}

static int tlsf_create(const hy_setup *setup, hy_heap **ret) {
    const tlsf_params *const params = setup->params;
    const unsigned bits = (unsigned)params->sli;
    const size_t size = sizeof(tlsf_heap) + ((size_t)tlsf_levels(bits) << bits) * sizeof(tlsf_range *);
    tlsf_heap *const self = hy_instance_map(setup->meta, size);
    if (!self)
        return -ENOMEM;
    self->bits = bits;
    self->data = setup->data;
    self->meta = setup->meta;
    self->bounded = setup->data->available != HY_ANY;
    self->chunk = hy_max(hy_pages_round(setup->data, params->chunk), setup->data->granule);
    self->trim = params->trim ? params->trim : SIZE_MAX;
    self->reserve = params->reserve;
    self->instance_size = size;
    *ret = &self->heap;
    return 0;
}

static void tlsf_destroy(hy_heap *heap) {
    tlsf_heap *const self = (tlsf_heap *)heap;
    tlsf_runs_release(self);
    hy_instance_unmap(self->meta, self, self->instance_size);
}

/* -------------------------------------------------------------------------------------------------- data sheet ---- */

#define TLSF_FIELD(key, kind) .name = #key, .type = kind, .offset = offsetof(tlsf_params, key)

static const hy_param tlsf_table[] = {
    {TLSF_FIELD(sli, HY_PARAM_COUNT), .def = "5", .min = 1, .max = TLSF_MAX_BITS,
     .help = "second-level bits: each doubling of size has 2 to the power of this lists"},
    {TLSF_FIELD(chunk, HY_PARAM_SIZE), .def = "64K", .min = 1, .max = (uint64_t)1 << 40,
     .help = "the heap grows by multiples of this"},
    {TLSF_FIELD(trim, HY_PARAM_SIZE), .def = "256K", .min = 0, .max = (uint64_t)1 << 46,
     .help = "a hole this large at the top is given back (0: never)"},
    {TLSF_FIELD(reserve, HY_PARAM_SIZE), .def = "64G", .min = 4096, .max = (uint64_t)1 << 46,
     .help = "address space to reserve for a run"},
    {.name = NULL},
};

const hy_heap_ops hy_tlsf_ops = {
    .name = "tlsf",
    .summary = "two-level segregated fit: constant time, good fit, merging at once",
    .source = "M. Masmano, I. Ripoll, A. Crespo, J. Real, ECRTS 2004",
    .threads = HY_THREADS_NONE,
    .max_align = HY_ANY,
    .max_size = TLSF_MOST - TLSF_MIN_RANGE,
    .params = tlsf_table,
    .params_size = sizeof(tlsf_params),
    .create = tlsf_create,
    .destroy = tlsf_destroy,
    .alloc = tlsf_alloc,
    .free = tlsf_free,
    .realloc = tlsf_realloc,
    .alloc_zeroed = tlsf_alloc_zeroed,
    .usable_size = tlsf_usable_size,
    .reset = tlsf_reset,
    .coalesce = tlsf_coalesce,
    .trim = tlsf_trim,
    .walk = tlsf_walk,
    .check = tlsf_check,
    .stats = tlsf_stats,
};
