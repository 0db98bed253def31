/* SPDX-License-Identifier: MIT
 *
 * test_fit_apart.c - fit with metadata out of band: what blocks cost, what an overflow can break, memory that is short.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fit_heap.h"
#include "fixed_pages.h"
#include "heap_cases.h"
#include "support.h"

#define PAGE ((size_t)4096)

/* ------------------------------------------------------------------------------------------ with the other axes ----
 */

static const char *const policies[] = {"first", "next", "best", "worst", "good", NULL};
static const char *const structures[] = {"implicit", "list", "bins", "size-tree", "address-tree", NULL};
static const char *const orders[] = {"lifo", "fifo", "address", NULL};
static const char *const merges[] = {"immediate", "never", "every:7", "quick:4", "slice:2", "count:20", NULL};

static bool is_refused(const char *spec) {
    hy_instance instance;
    hy_error error;
    if (hy_open(&hy_registry, (hy_text){spec, strlen(spec)}, NULL, &instance, &error) < 0)
        return true;
    hy_close(&instance);
    return false;
}

/* Runs what may be combined with metadata out of band.  How many combinations there are. */
static unsigned for_each_merge(const char *format, const char *policy, const char *structure, const char *order,
                               void (*run)(const char *spec)) {
    unsigned count = 0;
    for (const char *const *merge = merges; *merge; merge++) {
        char spec[256];
        snprintf(spec, sizeof spec, format, policy, structure, order, *merge);
        if (is_refused(spec))
            return 0;
        run(spec);
        count++;
    }
    return count;
}

static void for_each(const char *more, void (*run)(const char *spec)) {
    unsigned count = 0;
    char format[256];
    snprintf(format, sizeof format, "fit:metadata=out-of-band,policy=%%s,structure=%%s,order=%%s,merge=%%s%s", more);
    for (const char *const *policy = policies; *policy; policy++)
        for (const char *const *structure = structures; *structure; structure++)
            for (const char *const *order = orders; *order; order++)
                count += for_each_merge(format, *policy, *structure, *order, run);
    assert_in_range(count, 6 * 25, 6 * 5 * 5 * 3);
}

static void random_run(const char *spec) {
    run_random(spec, 1, 600, 100, 12);
    run_random(spec, 2, 300, 30, 17);
}

static void random_sequences(void **state) {
    (void)state;
    for_each("", random_run);
    for_each(",grain=1,chunk=4K,trim=8K", random_run);
    for_each(",reserve=64K,chunk=4K", random_run);
}

static void alignments_walks_resets(void **state) {
    (void)state;
    for_each(",grain=1", run_alignments);
    for_each("", run_walk);
    for_each("", run_reset);
}

static void apart_giving_back(void **state) {
    (void)state;
    run_giving_back("first-fit:metadata=out-of-band", 256 << 10);
    run_giving_back("best-fit:metadata=out-of-band,grain=1,reserve=1M", 256 << 10);
    run_giving_back("best-fit:metadata=out-of-band,merge=every:64", 256 << 10);
}

static void apart_failing_requests(void **state) {
    (void)state;
    run_failing("first-fit:metadata=out-of-band,chunk=4K");
    run_failing("best-fit:metadata=out-of-band,reserve=64K,chunk=4K,trim=8K");
    run_failing("first-fit:metadata=out-of-band,merge=every:5,reserve=256K");
}

/* ------------------------------------------------------------------------------------------------------- cost ---- */

/* Many blocks of 16 bytes take 16 bytes each, and one grain for the end of the run. */
static void small_blocks_cost_what_they_hold(void **state) {
    (void)state;
    const size_t blocks = 40000;
    hy_instance instance;
    open_heap("first-fit:metadata=out-of-band,chunk=4K", NULL, &instance);
    const size_t instance_size = instance.meta->committed;
    char *const first = hy_alloc(instance.heap, 16, 16);
    for (size_t i = 1; i < blocks; i++)
        assert_ptr_equal(hy_alloc(instance.heap, 16, 16), first + 16 * i);
    assert_int_equal(instance.heap->ops->usable_size(instance.heap, first), 16);
    assert_int_equal(instance.data->committed, hy_align_up(16 * blocks + 16, PAGE));
    /* Two bits for each 16 bytes, with a summary's page or two on top. */
    const size_t marks = hy_align_up(blocks / 8 + 1, PAGE);
    assert_in_range(instance.meta->committed - instance_size, 2 * marks, 2 * marks + 6 * PAGE);
    assert_null(instance.heap->ops->check(instance.heap));
    hy_close(&instance);
}

/* A region is full to the last grain but one, and every byte of each block is its owner's. */
static void a_fixed_region_is_used_up(void **state) {
    (void)state;
    static _Alignas(16) char region[4096];
    hy_pages *data = NULL, *const meta = open_mmap();
    assert_int_equal(hy_fixed_pages_over(region, sizeof region, 1, &data), 0);
    hy_instance instance;
    open_heap("first-fit:metadata=out-of-band", &(hy_open_options){.data = data, .meta = meta}, &instance);
    for (size_t i = 0; i < sizeof region / 16 - 1; i++) {
        char *const block = hy_alloc(instance.heap, 16, 16);
        assert_ptr_equal(block, region + 16 * i);
        memset(block, 0xFF, 16);
    }
    assert_null(hy_alloc(instance.heap, 1, 1));
    assert_null(instance.heap->ops->check(instance.heap));
    hy_close(&instance);
    data->ops->destroy(data);
    meta->ops->destroy(meta);
}

/* Grain 1: any address, any size from 16 bytes on. */
static void single_bytes_are_not_rounded(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("first-fit:metadata=out-of-band,grain=1", NULL, &instance);
    char *const one = hy_alloc(instance.heap, 1, 1), *const two = hy_alloc(instance.heap, 33, 1);
    char *const three = hy_alloc(instance.heap, 1, 1);
    assert_int_equal(two - one, 16);
    assert_int_equal(three - two, 33);
    assert_int_equal(instance.heap->ops->usable_size(instance.heap, two), 33);
    hy_close(&instance);
}

/* --------------------------------------------------------------------------------------------------- overflow ---- */

typedef struct shape {
    size_t used, holes;
    uintptr_t at[8]; /* where the first ranges start */
    size_t size[8];
} shape;

static int add_range(void *context, const hy_range *range) {
    shape *const found = context;
    const size_t i = found->used + found->holes;
    if (i < 8 && range->kind != HY_META) {
        found->at[i] = range->start;
        found->size[i] = range->size;
    }
    found->used += range->kind == HY_USED;
    found->holes += range->kind == HY_FREE;
    return 0;
}

static shape shape_of(hy_heap *heap) {
    shape found = {0};
    heap->ops->walk(heap, add_range, &found);
    return found;
}

static void expect_same_shape(hy_heap *heap, const shape *before) {
    const shape now = shape_of(heap);
    assert_memory_equal(&now, before, sizeof now);
}

/* Who writes behind his block into another's breaks the other's contents, and nothing of the heap's. */
static void overflow_into_a_block(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("first-fit:metadata=out-of-band", NULL, &instance);
    char *const one = hy_alloc(instance.heap, 48, 16), *const two = hy_alloc(instance.heap, 48, 16);
    assert_ptr_equal(two, one + 48);
    const shape before = shape_of(instance.heap);
    memset(one, 0xFF, 96);
    expect_same_shape(instance.heap, &before);
    assert_null(instance.heap->ops->check(instance.heap));
    hy_free(instance.heap, one, 48);
    hy_free(instance.heap, two, 48);
    assert_null(instance.heap->ops->check(instance.heap));
    assert_int_equal(shape_of(instance.heap).used, 0);
    hy_close(&instance);
}

/* Into a hole: its two links lie there, and are lost; sizes and states are not. */
static void overflow_into_a_hole(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("first-fit:metadata=out-of-band,structure=list", NULL, &instance);
    char *const one = hy_alloc(instance.heap, 48, 16), *const two = hy_alloc(instance.heap, 48, 16);
    char *const three = hy_alloc(instance.heap, 48, 16);
    hy_free(instance.heap, two, 48);
    const shape before = shape_of(instance.heap);
    assert_int_equal(before.used, 2);
    assert_int_equal(before.holes, 2);
    char links[16];
    memcpy(links, two, sizeof links);
    memset(one + 48, 0xFF, 48);
    expect_same_shape(instance.heap, &before);
    assert_int_equal(instance.heap->ops->usable_size(instance.heap, one), 48);
    assert_int_equal(instance.heap->ops->usable_size(instance.heap, three), 48);
    memcpy(two, links, sizeof links); /* the links were all that was missing */
    assert_null(instance.heap->ops->check(instance.heap));
    hy_close(&instance);
}

/* Whether check objects to a mark more at an address, or one less. */
static bool is_found(hy_heap *heap, fit_marks *marks, const char *range) {
    const bool was_set = fit_marks_test(marks, range);
    (was_set ? fit_marks_clear : fit_marks_set)(marks, range);
    const bool found = heap->ops->check(heap) != NULL;
    (was_set ? fit_marks_set : fit_marks_clear)(marks, range);
    assert_null(heap->ops->check(heap));
    return found;
}

static void damaged_marks_are_found(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("first-fit:metadata=out-of-band", NULL, &instance);
    char *const one = hy_alloc(instance.heap, 48, 16), *const two = hy_alloc(instance.heap, 48, 16);
    char *const three = hy_alloc(instance.heap, 48, 16);
    hy_free(instance.heap, two, 48);
    fit_run *const run = ((fit_heap *)instance.heap)->runs;
    const char *const first = one - FIT_HEADER, *const hole = two - FIT_HEADER, *const last = three - FIT_HEADER;
    assert_true(is_found(instance.heap, &run->starts, first));
    assert_true(is_found(instance.heap, &run->starts, hole));
    assert_true(is_found(instance.heap, &run->starts, last));
    assert_true(is_found(instance.heap, &run->starts, last + 16));
    assert_true(is_found(instance.heap, &run->starts, run->end_mark));
    assert_true(is_found(instance.heap, &run->holes, first));
    assert_true(is_found(instance.heap, &run->holes, hole));
    assert_true(is_found(instance.heap, &run->holes, hole + 16));
    assert_true(is_found(instance.heap, &run->holes, run->end_mark));
    hy_close(&instance);
}

/* ---------------------------------------------------------------------------------------------------- reserve ---- */

/* Steps until nothing is refused any more or something is; then all is freed. */
static size_t churn(hy_heap *heap, const char *what, unsigned steps, unsigned bits) {
    shadow model = {.heap = heap};
    uint64_t random = 5;
    for (unsigned i = 0; i < steps; i++) {
        expect_fine(shadow_step(&model, &random, SHADOW_SLOTS, bits), what, "step", i);
        if (i % 64 == 0)
            expect_fine(shadow_check(&model), what, "check after step", i);
    }
    expect_fine(shadow_free_all(&model), what, "freeing all", 0);
    expect_fine(shadow_check(&model), what, "check at the end", 0);
    return model.refused;
}

/* Blocks and marks out of one limited source: the marks take their part, the run nearly all of the rest. */
static void one_source_for_both(void **state) {
    (void)state;
    for (size_t size = 32 << 10; size <= 1 << 20; size *= 32) {
        static char region[1 << 20];
        hy_pages *pages = NULL;
        assert_int_equal(hy_fixed_pages_over(region, size, 1, &pages), 0);
        hy_instance instance;
        open_heap("best-fit:metadata=out-of-band", &(hy_open_options){.data = pages, .meta = pages}, &instance);
        assert_true(churn(instance.heap, "one source", 4000, 16) > 0 || size > 32 << 10);
        instance.heap->ops->trim(instance.heap);
        const size_t most = pages->available - pages->reserved;
        char *const block = hy_alloc(instance.heap, most - most / 32 - 256, 16);
        assert_non_null(block);
        hy_close(&instance);
        assert_int_equal(pages->reserved, 0);
        pages->ops->destroy(pages);
    }
}

/* Where there is little room for marks, runs are as large as the marks that fit. */
static void little_room_for_marks(void **state) {
    (void)state;
    static char region[256 << 10];
    hy_pages *meta = NULL, *const data = open_mmap();
    assert_int_equal(hy_fixed_pages_over(region, sizeof region, 1, &meta), 0);
    hy_instance instance;
    open_heap("first-fit:metadata=out-of-band", &(hy_open_options){.data = data, .meta = meta}, &instance);
    assert_int_equal(churn(instance.heap, "little room for marks", 4000, 15), 0);
    assert_true(data->reserved < (size_t)1 << 30);
    hy_close(&instance);
    assert_int_equal(meta->reserved, 0);
    assert_int_equal(data->reserved, 0);
    data->ops->destroy(data);
    meta->ops->destroy(meta);
}

/* What is given back takes its marks along. */
static void marks_go_back(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("first-fit:metadata=out-of-band,trim=0", NULL, &instance);
    char *const small = hy_alloc(instance.heap, 16, 16);
    const size_t before = instance.meta->committed;
    char *const large = hy_alloc(instance.heap, 64 << 20, 16);
    assert_true(instance.meta->committed >= before + 2 * (64 << 20) / 128);
    hy_free(instance.heap, large, 0);
    assert_true(instance.heap->ops->trim(instance.heap) > 0);
    assert_int_equal(instance.meta->committed, before);
    hy_free(instance.heap, small, 16);
    assert_null(instance.heap->ops->check(instance.heap));
    hy_close(&instance);
}

/* What trim leaves of a hole is large enough to be one, wherever it begins. */
static void trimmed_to_a_hole(void **state) {
    (void)state;
    for (size_t size = 4064; size <= 4112; size++) {
        hy_instance instance;
        open_heap("fit:metadata=out-of-band,grain=1", NULL, &instance);
        assert_non_null(hy_alloc(instance.heap, size, 1));
        instance.heap->ops->trim(instance.heap);
        expect_fine(instance.heap->ops->check(instance.heap), "fit", "trim behind a block of", size);
        hy_close(&instance);
    }
}

/* A hole too large for a value of the tree, whose size the marks tell alone, is cut at the top. */
static void large_hole_goes_back(void **state) {
    (void)state;
    const char *const spec = "fit:policy=best,structure=size-tree,metadata=out-of-band,grain=1";
    hy_instance instance;
    open_heap(spec, NULL, &instance);
    hy_heap *const heap = instance.heap;
    void *const block = hy_alloc(heap, 1 << 20, 1), *const guard = hy_alloc(heap, 16, 1);
    void *const huge = hy_alloc(heap, (size_t)3 << 30, 1);
    assert_non_null(block && guard ? huge : NULL);
    hy_free(heap, block, 0);
    hy_free(heap, huge, 0);
    expect_fine(heap->ops->check(heap), spec, "after trimming", 0);
    assert_true(instance.data->committed < (size_t)4 << 20);
    hy_close(&instance);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_sequences),
        cmocka_unit_test(alignments_walks_resets),
        cmocka_unit_test(apart_giving_back),
        cmocka_unit_test(apart_failing_requests),
        cmocka_unit_test(small_blocks_cost_what_they_hold),
        cmocka_unit_test(a_fixed_region_is_used_up),
        cmocka_unit_test(single_bytes_are_not_rounded),
        cmocka_unit_test(overflow_into_a_block),
        cmocka_unit_test(overflow_into_a_hole),
        cmocka_unit_test(damaged_marks_are_found),
        cmocka_unit_test(one_source_for_both),
        cmocka_unit_test(little_room_for_marks),
        cmocka_unit_test(marks_go_back),
        cmocka_unit_test(trimmed_to_a_hole),
        cmocka_unit_test(large_hole_goes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
