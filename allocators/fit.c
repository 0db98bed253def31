/* SPDX-License-Identifier: MIT
 *
 * fit.c - the classic heap: one row of ranges, each a block or a hole, and a policy that chooses among the holes.
 *
 *  1. A request becomes a range: 8 bytes of header in front of the block, at least 32 bytes in all; with
 *     metadata out of band, no header and at least 16 bytes.
 *  2. The placement policy names a hole; the range is cut from its front (or from its middle, if aligned beyond the
 *     grain); what is left over stays a hole, unless it is too small to be one.
 *  3. No hole will do: what merging was put off is done now, and if that does not help, the heap grows at its top.
 *  4. free makes the range a hole again; when it becomes one with the holes beside it is the merge policy's choice.
 *  5. realloc shrinks by a cut, and grows into the hole behind it or at the top of the heap; else it moves.
 *
 * Four axes, which go together in nearly every way (fit_axes.c tells which do not, and why):
 *
 *   policy     first, next, best, worst, good: which hole serves               (fit_place.h)
 *   structure  implicit, list, bins, size-tree, address-tree: how the holes are held, and in which order  (fit_holes.h)
 *   merge      never, immediate, or put off by one of eight rules              (fit_merge.h, fit_merge.c)
 *   metadata   headers and footers, headers alone, or nothing beside blocks    (fit_range.h)
 *
 * A block costs 8 bytes (out of band: none) and what rounds it up to the grain; grain 1 rounds nothing, aligns nothing.
 *
 * Worst case of memory: Robson (1977), about log2(largest / smallest) times the live bytes for first fit, and about
 * largest / smallest times for best fit.  Bad at: time, with a structure that does not suit the policy; then a search
 * looks at one hole after the other, a request costs more as holes grow in number, and every step is likely a cache
 * miss.
 */
#include "fit_axes.h"
#include "fit_merge.h"
#include "fit_place.h"
#include "fit_runs.h"
#include "fit_take.h"
#include "fit_walk.h"

#include <errno.h>

/* ------------------------------------------------------------------------------------------------- the engine ---- */

/* There is no hole for a request: what merging was put off is done now, or the heap grows. */
static __attribute__((noinline)) fit_spot fit_make_room(fit_heap *self, size_t need, size_t align) {
    if (fit_merge_pass(self)) {
        const fit_spot spot = place(self, need, align);
        if (spot.hole)
            return spot;
    }
    const size_t slack = align <= self->grain ? 0 : align + fit_least(self);
    if (!fit_runs_grow(self, need + slack))
        return (fit_spot){NULL, NULL};
    return place(self, need, align);
}

FIT_FOLDED fit_spot fit_find(fit_heap *self, size_t need, size_t align) {
    const fit_spot spot = place(self, need, align);
    return __builtin_expect(spot.hole != NULL, 1) ? spot : fit_make_room(self, need, align);
}

/* What comes before the search if merging is put off: a block from a quick list, or NULL. */
static inline void *fit_reuse(fit_heap *self, size_t need, size_t align) {
    if (__builtin_expect(self->merge.choice == FIT_IMMEDIATE, 1))
        return NULL;
    char *const range = fit_merge_before(self, need, align);
    return range ? fit_count_in(self, range, need) : NULL;
}

/* Gives up a used range, and gives the top of the heap back if it has become too large. */
FIT_FOLDED void fit_release(fit_heap *self, char *range) {
    if (__builtin_expect(self->merge.choice != FIT_IMMEDIATE, 0)) {
        fit_merge_later(self, range);
        return;
    }
    char *const hole = merge_freed(self, range);
    if (__builtin_expect(range_size(self, hole) >= self->trim, 0))
        fit_runs_trim_top(self, hole, self->chunk);
}

FIT_FOLDED void fit_free_in(fit_heap *self, void *block) {
    char *const range = range_of(self, block);
    self->clock++;
    self->stats.live_blocks--;
    self->stats.live_bytes -= range_size(self, range) - fit_header(self);
    fit_release(self, range);
}

/* The two commonest kinds of heaps have copies of all this in which structure and metadata are constants; in the third
 * copy they are asked for at each step. */
static inline bool fit_is(const fit_heap *self, fit_structure structure) {
    return self->structure == structure && self->metadata == FIT_TAGS;
}

#define FIT_COPY(name, condition)                                                                                      \
    static __attribute__((noinline)) void *fit_take_##name(fit_heap *self, fit_spot spot, size_t need) {               \
        if (!(condition))                                                                                              \
            __builtin_unreachable();                                                                                   \
        return fit_take_in(self, spot, need);                                                                          \
    }                                                                                                                  \
    static __attribute__((noinline)) void fit_free_##name(fit_heap *self, void *block) {                               \
        if (!(condition))                                                                                              \
            __builtin_unreachable();                                                                                   \
        fit_free_in(self, block);                                                                                      \
    }

FIT_COPY(list, fit_is(self, FIT_LIST))
FIT_COPY(bins, fit_is(self, FIT_SIZES))
FIT_COPY(any, true)

static inline void *fit_take_by(fit_heap *self, fit_spot spot, size_t need) {
    if (fit_is(self, FIT_LIST))
        return fit_take_list(self, spot, need);
    return fit_is(self, FIT_SIZES) ? fit_take_bins(self, spot, need) : fit_take_any(self, spot, need);
}

/* Where holes may be pending: what is left of one is pending, if it was. */
static __attribute__((noinline)) void *fit_take_pending(fit_heap *self, fit_spot spot, size_t need) {
    const char *const end = range_next(self, spot.hole);
    const bool pending = fit_pending_take(self, spot.hole);
    void *const block = fit_take_by(self, spot, need);
    const char *const rest = range_next(self, spot.range);
    if (pending && spot.range != spot.hole)
        fit_pending_mark(self, spot.hole);
    if (pending && rest != end)
        fit_pending_mark(self, rest);
    return block;
}

static inline void *fit_take(fit_heap *self, fit_spot spot, size_t need) {
    return self->pending ? fit_take_pending(self, spot, need) : fit_take_by(self, spot, need);
}

static void *fit_alloc(hy_heap *heap, size_t size, size_t align) {
    fit_heap *const self = (fit_heap *)heap;
    const size_t need = fit_need(self, size);
    self->clock++;
    void *const block = fit_reuse(self, need, align);
    if (block)
        return block;
    const fit_spot spot = fit_find(self, need, align);
    return __builtin_expect(spot.hole != NULL, 1) ? fit_take(self, spot, need) : NULL;
}

static void fit_free(hy_heap *heap, void *block, size_t size) {
    (void)size;
    fit_heap *const self = (fit_heap *)heap;
    if (fit_is(self, FIT_LIST))
        fit_free_list(self, block);
    else if (fit_is(self, FIT_SIZES))
        fit_free_bins(self, block);
    else
        fit_free_any(self, block);
}

static size_t fit_usable_size(hy_heap *heap, const void *block) {
    const fit_heap *const self = (fit_heap *)heap;
    return range_size(self, range_of(self, block)) - fit_header(self);
}

/* -------------------------------------------------------------------------------------------- alloc_zeroed ---- */

/* Zeroes a block of which [fresh, fresh_end) was never written, but for a hole's footer at its end. */
static void fit_zero(const fit_heap *self, char *block, size_t size, const char *fresh, const char *fresh_end) {
    char *const end = range_byte(self, range_next(self, range_of(self, block)));
    if (end <= fresh || end > fresh_end) {
        memset(block, 0, size);
        return;
    }
    if (fresh > block)
        memset(block, 0, hy_min(size, (size_t)(fresh - block)));
    memset(end - fit_header(self), 0, fit_header(self));
}

static void *fit_alloc_zeroed(hy_heap *heap, size_t size, size_t align) {
    fit_heap *const self = (fit_heap *)heap;
    const size_t need = fit_need(self, size);
    self->clock++;
    void *const quick = fit_reuse(self, need, align);
    if (quick)
        return memset(quick, 0, size);
    const fit_spot spot = fit_find(self, need, align);
    if (!spot.hole)
        return NULL;
    const char *const fresh = self->fresh, *const fresh_end = self->fresh_end;
    char *const block = fit_take(self, spot, need);
    fit_zero(self, block, size, fresh, fresh_end);
    return block;
}

/* ----------------------------------------------------------------------------------------------------- realloc ---- */

/* Cuts the tail off a block, if it is large enough to be a hole. */
static void fit_shrink(fit_heap *self, char *range, size_t need) {
    const size_t rest = range_size(self, range) - need;
    if (rest < fit_least(self))
        return;
    char *const tail = range + need;
    range_begin(self, tail, 0);
    range_set_used(self, range, need);
    range_set_used(self, tail, rest);
    self->stats.splits++;
    self->stats.live_bytes -= rest;
    fit_release(self, tail);
}

/* Takes what is missing from the hole behind a block, or from the top of the heap.  False: the block must move. */
static bool fit_widen(fit_heap *self, char *range, size_t need) {
    const size_t missing = need - range_size(self, range);
    char *const next = range_next(self, range);
    const size_t hole_size = range_used(self, next) ? 0 : range_size(self, next);
    if (hole_size < missing) {
        char *const end = next + hole_size;
        if (!range_is_end(self, end) || !fit_runs_extend(self, end, missing))
            return false;
    }
    const char *const end = range_next(self, next);
    const bool pending = fit_pending_take(self, next);
    const size_t size = fit_cut(self, next, missing);
    if (pending && next + size != end)
        fit_pending_mark(self, next + size);
    self->stats.live_bytes += size;
    range_set_used(self, range, range_size(self, range) + size);
    return true;
}

static void *fit_move(fit_heap *self, void *block, size_t align, size_t new_size) {
    void *const moved = fit_alloc(&self->heap, new_size, align);
    if (!moved)
        return NULL;
    memcpy(moved, block, hy_min(range_size(self, range_of(self, block)) - fit_header(self), new_size));
    fit_free(&self->heap, block, 0);
    return moved;
}

static void *fit_realloc(hy_heap *heap, void *block, size_t old_size, size_t align, size_t new_size) {
    (void)old_size;
    fit_heap *const self = (fit_heap *)heap;
    char *const range = range_of(self, block);
    const size_t need = fit_need(self, new_size);
    if (need <= range_size(self, range))
        fit_shrink(self, range, need);
    else if (!fit_widen(self, range, need))
        return fit_move(self, block, align, new_size);
    return block;
}

/* ---------------------------------------------------------------------------------------------- the whole heap ---- */

static size_t fit_coalesce(hy_heap *heap) {
    return fit_merge_all((fit_heap *)heap);
}

static size_t fit_trim(hy_heap *heap) {
    fit_heap *const self = (fit_heap *)heap;
    const size_t before = fit_runs_committed(self);
    fit_merge_pass(self);
    fit_runs_trim_all(self);
    return before - fit_runs_committed(self);
}

static void fit_reset(hy_heap *heap) {
    fit_heap *const self = (fit_heap *)heap;
    self->stats.live_blocks = self->stats.live_bytes = 0;
    fit_runs_reset(self);
}

static void fit_stats(hy_heap *heap, hy_stats *ret) {
    const fit_heap *const self = (fit_heap *)heap;
    *ret = self->stats;
    if (self->quick)
        ret->holes += self->pending;
    if (self->regret == 0)
        ret->merges_wasted = HY_UNKNOWN;
    if (!self->marked)
        ret->merge_passes = ret->pass_steps = ret->longest_pass = HY_UNKNOWN;
}

/* Bytes of an instance: itself, the table of quick lists, a small table of runs. */
static size_t fit_size(const fit_params *params) {
    const size_t quick = params->merge.choice == FIT_QUICK ? fit_quick_bytes(params->grain) : 0;
    return sizeof(fit_heap) + quick + 2 * sizeof(fit_run);
}

static void fit_init(fit_heap *self, const hy_setup *setup, const fit_params *params, size_t size) {
    const bool quick = params->merge.choice == FIT_QUICK;
    fit_run *const runs = (fit_run *)(void *)((char *)(self + 1) + (quick ? fit_quick_bytes(params->grain) : 0));
    *self = (fit_heap){.grain = params->grain,
                       .search = fit_place_search(params->structure, params->policy, params->metadata),
                       .structure = (fit_structure)params->structure,
                       .policy = (fit_policy)params->policy,
                       .order = (fit_order)params->order,
                       .metadata = (fit_metadata)params->metadata,
                       .regret = params->regret,
                       .merge = params->merge,
                       .marked = params->merge.choice != FIT_NEVER && params->merge.choice != FIT_IMMEDIATE,
                       .quick = quick ? (fit_quick *)(void *)(self + 1) : NULL,
                       .data = setup->data,
                       .meta = setup->meta,
                       .bounded = setup->data->available != HY_ANY,
                       .chunk = hy_max(hy_align_up(params->chunk, setup->data->granule), setup->data->granule),
                       .trim = params->trim ? params->trim : SIZE_MAX,
                       .reserve = params->reserve,
                       .runs = runs,
                       .run_capacity = (size - (size_t)((char *)runs - (char *)self)) / sizeof(fit_run),
                       .meta_size = size};
    holes_init(self);
    fit_merge_reset(self);
}

static int fit_create(const hy_setup *setup, hy_heap **ret) {
    fit_params params = *(const fit_params *)setup->params;
    if (params.grain != 1 && params.grain != HY_MALLOC_ALIGN)
        return hy_refuse(setup, -EINVAL, "grain is 1 or 16");
    const char *const why = fit_axes_settle(&params);
    if (why)
        return hy_refuse(setup, -EINVAL, why);
    const size_t size = hy_pages_round(setup->meta, fit_size(&params));
    fit_heap *const self = hy_pages_map(setup->meta, size, hy_max(setup->meta->granule, sizeof(void *)));
    if (!self)
        return -ENOMEM;
    fit_init(self, setup, &params, size);
    *ret = &self->heap;
    return 0;
}

static void fit_destroy(hy_heap *heap) {
    fit_heap *const self = (fit_heap *)heap;
    fit_runs_release(self);
    hy_pages_unmap(self->meta, self, self->meta_size);
}

/* ------------------------------------------------------------------------------------------------ data sheets ---- */

#define FIT_FIELD(key, kind) .name = #key, .type = kind, .offset = offsetof(fit_params, key)
#define FIT_PARAMS(default_policy)                                                                                     \
    {                                                                                                                  \
        {FIT_FIELD(policy, HY_PARAM_CHOICE), .def = default_policy, .choices = fit_policies,                           \
         .help = "which hole serves a request"},                                                                       \
            {FIT_FIELD(structure, HY_PARAM_CHOICE), .def = "auto", .choices = fit_structures,                          \
             .help = "how holes are held: none, one list, bins by size, a tree (auto: what serves the policy best)"},  \
            {FIT_FIELD(order, HY_PARAM_CHOICE), .def = "auto", .choices = fit_orders,                                  \
             .help = "of holes: last freed first, first freed first, by address (auto: lifo where it can be)"},        \
            {FIT_FIELD(merge, HY_PARAM_RULE), .def = "immediate", .choices = fit_merges,                               \
             .help = "when freed ranges become one with the holes beside them"},                                       \
            {FIT_FIELD(metadata, HY_PARAM_CHOICE), .def = "tags", .choices = fit_metadatas,                            \
             .help = "headers and, in holes, footers; headers alone; or nothing beside blocks"},                       \
            {FIT_FIELD(regret, HY_PARAM_COUNT), .def = "100", .min = 0, .max = 1000000000,                             \
             .help = "a merge is wasted if its hole is cut within so many allocs and frees (0: not counted)"},         \
            {FIT_FIELD(grain, HY_PARAM_COUNT), .def = "16", .min = 1, .max = 16,                                       \
             .help = "alignment of blocks and of sizes: 1 or 16"},                                                     \
            {FIT_FIELD(chunk, HY_PARAM_SIZE), .def = "64K", .min = 1, .max = (uint64_t)1 << 40,                        \
             .help = "the heap grows by multiples of this"},                                                           \
            {FIT_FIELD(trim, HY_PARAM_SIZE), .def = "256K", .min = 0, .max = (uint64_t)1 << 46,                        \
             .help = "a hole this large at the top is given back (0: never)"},                                         \
            {FIT_FIELD(reserve, HY_PARAM_SIZE), .def = "64G", .min = 4096, .max = (uint64_t)1 << 46,                   \
             .help = "address space to reserve for a run"},                                                            \
            {.name = NULL},                                                                                            \
    }

#define FIT_OPS(id, title, default_policy, text, book)                                                                 \
    static const hy_param id##_table[] = FIT_PARAMS(default_policy);                                                   \
    const hy_heap_ops hy_##id##_ops = {                                                                                \
        .name = title,                                                                                                 \
        .summary = text,                                                                                               \
        .source = book,                                                                                                \
        .threads = HY_THREADS_NONE,                                                                                    \
        .max_align = HY_ANY,                                                                                           \
        .max_size = (size_t)1 << 47,                                                                                   \
        .params = id##_table,                                                                                          \
        .params_size = sizeof(fit_params),                                                                             \
        .create = fit_create,                                                                                          \
        .destroy = fit_destroy,                                                                                        \
        .alloc = fit_alloc,                                                                                            \
        .free = fit_free,                                                                                              \
        .realloc = fit_realloc,                                                                                        \
        .alloc_zeroed = fit_alloc_zeroed,                                                                              \
        .usable_size = fit_usable_size,                                                                                \
        .reset = fit_reset,                                                                                            \
        .coalesce = fit_coalesce,                                                                                      \
        .trim = fit_trim,                                                                                              \
        .walk = fit_walk,                                                                                              \
        .check = fit_check,                                                                                            \
        .stats = fit_stats,                                                                                            \
    }

FIT_OPS(fit, "fit", "first", "ranges and holes: policy, structure, merging and metadata are parameters",
        "D. E. Knuth, The Art of Computer Programming 1, 2.5");
FIT_OPS(first_fit, "first-fit", "first", "fit with policy=first: the first hole that is large enough",
        "D. E. Knuth, The Art of Computer Programming 1, 2.5, algorithm A");
FIT_OPS(next_fit, "next-fit", "next", "fit with policy=next: first fit from the last placement on",
        "D. E. Knuth, The Art of Computer Programming 1, 2.5, exercise 6; C. Bays, CACM 20(3), 1977");
FIT_OPS(best_fit, "best-fit", "best", "fit with policy=best: the smallest hole that is large enough",
        "D. E. Knuth, The Art of Computer Programming 1, 2.5; J. E. Shore, CACM 18(8), 1975");
FIT_OPS(worst_fit, "worst-fit", "worst", "fit with policy=worst: the largest hole", "J. E. Shore, CACM 18(8), 1975");
