/* SPDX-License-Identifier: MIT
 *
 * heap_cases.h - what the unit tests of general-purpose heaps have in common; include after cmocka.h.
 */
#ifndef HEAP_CASES_H
#define HEAP_CASES_H

#include "page_doubles.h"
#include "registry.h"
#include "shadow.h"

#include <stdio.h>

static inline void open_heap(const char *spec, const hy_open_options *options, hy_instance *ret) {
    hy_error error;
    if (hy_open(&hy_registry, (hy_text){spec, strlen(spec)}, options, ret, &error) < 0)
        fail_msg("%s: %s", spec, error.text);
}

static inline hy_pages *open_mmap(void) {
    hy_pages *pages = NULL;
    const bool huge[64] = {false};
    const hy_pages_ops *const ops = hy_catalog_pages(&hy_registry, (hy_text){"mmap", 4});
    assert_int_equal(ops->create(huge, &pages), 0);
    return pages;
}

static inline void expect_fine(const char *wrong, const char *spec, const char *what, uint64_t number) {
    if (wrong)
        fail_msg("%s: %s %llu: %s", spec, what, (unsigned long long)number, wrong);
}

/* Random operations against the shadow model, with check at intervals; all freed at the end. */
static inline void run_random(const char *spec, uint64_t seed, unsigned steps, size_t slots, unsigned bits) {
    hy_instance instance;
    open_heap(spec, NULL, &instance);
    shadow model = {.heap = instance.heap};
    uint64_t state = seed;
    for (unsigned i = 0; i < steps; i++) {
        expect_fine(shadow_step(&model, &state, slots, bits), spec, "step", i);
        if (i % 64 == 0)
            expect_fine(shadow_check(&model), spec, "check after step", i);
    }
    assert_int_equal(model.refused, 0);
    expect_fine(shadow_free_all(&model), spec, "freeing all, seed", seed);
    expect_fine(shadow_check(&model), spec, "check at the end, seed", seed);
    hy_stats stats = {.live_blocks = 1, .live_bytes = 1};
    instance.heap->ops->stats(instance.heap, &stats);
    assert_int_equal(stats.live_blocks, 0);
    assert_int_equal(stats.live_bytes, 0);
    hy_close(&instance);
}

/* Every alignment up to 4 MiB, in one heap, with contents checked. */
static inline void run_alignments(const char *spec) {
    hy_instance instance;
    open_heap(spec, NULL, &instance);
    shadow model = {.heap = instance.heap};
    size_t slot = 0;
    for (unsigned shift = 0; shift <= 22; shift++) {
        const size_t sizes[] = {1, 24, 1000, 70000};
        for (size_t i = 0; i < 4; i++)
            expect_fine(shadow_alloc(&model, slot++, sizes[i], (size_t)1 << shift, i % 2), spec, "alignment 2 to the",
                        shift);
        expect_fine(shadow_realloc(&model, slot - 2, 5000), spec, "realloc, alignment 2 to the", shift);
        expect_fine(shadow_check(&model), spec, "check, alignment 2 to the", shift);
    }
    assert_int_equal(model.refused, 0);
    expect_fine(shadow_free_all(&model), spec, "freeing all", 0);
    expect_fine(shadow_check(&model), spec, "check", 0);
    hy_close(&instance);
}

/* The same operations once for each n, the n-th page request failing (or all from it on).  How many requests there
 * are in all. */
static inline uint64_t run_failing_at(const char *spec, uint64_t n, bool forever) {
    hy_pages *const real = open_mmap();
    failing_pages pages = failing_pages_of(real, n, forever);
    hy_instance instance;
    const hy_open_options options = {.data = &pages.pages, .meta = &pages.pages};
    hy_error error;
    if (hy_open(&hy_registry, (hy_text){spec, strlen(spec)}, &options, &instance, &error) == 0) {
        shadow model = {.heap = instance.heap};
        uint64_t state = 7;
        for (unsigned i = 0; i < 300; i++) {
            expect_fine(shadow_step(&model, &state, 60, 20), spec, "failing request", n);
            if (model.refused || i % 32 == 0)
                expect_fine(shadow_check(&model), spec, "check with failing request", n);
        }
        pages.fail_at = 0; /* room again: everything works as before */
        model.refused = 0;
        for (unsigned i = 0; i < 50; i++)
            expect_fine(shadow_step(&model, &state, 60, 20), spec, "after failing request", n);
        assert_int_equal(model.refused, 0);
        expect_fine(shadow_free_all(&model), spec, "freeing after failing request", n);
        expect_fine(shadow_check(&model), spec, "check after failing request", n);
        hy_close(&instance);
    }
    assert_int_equal(real->reserved, 0); /* nothing leaked */
    assert_int_equal(real->committed, 0);
    const uint64_t requests = pages.turn;
    real->ops->destroy(real);
    return requests;
}

static inline void run_failing(const char *spec) {
    const uint64_t requests = run_failing_at(spec, 0, false);
    assert_in_range(requests, 3, 5000);
    for (uint64_t n = 1; n <= requests; n++) {
        run_failing_at(spec, n, false);
        if (n % 4 == 1)
            run_failing_at(spec, n, true);
    }
}

/* Fills, frees all, trims: no more than `most` data bytes may stay committed. */
static inline void run_giving_back(const char *spec, size_t most) {
    hy_instance instance;
    open_heap(spec, NULL, &instance);
    shadow model = {.heap = instance.heap};
    uint64_t state = 3;
    for (unsigned i = 0; i < 2000; i++)
        expect_fine(shadow_step(&model, &state, SHADOW_SLOTS, 18), spec, "step", i);
    assert_true(instance.data->committed > (size_t)1 << 20);
    expect_fine(shadow_free_all(&model), spec, "freeing all", 0);
    const size_t before = instance.data->committed + instance.meta->committed;
    const size_t given = instance.heap->ops->trim(instance.heap);
    assert_int_equal(before - given, instance.data->committed + instance.meta->committed);
    assert_in_range(instance.data->committed, 0, most);
    expect_fine(shadow_check(&model), spec, "check after trim", 0);
    expect_fine(shadow_alloc(&model, 0, 100000, 16, true), spec, "alloc after trim", 0);
    assert_int_equal(model.refused, 0);
    hy_close(&instance);
}

/* What walk visits is in order, without gaps, and has exactly the live blocks. */
typedef struct walk_sum {
    uintptr_t end;
    size_t used, usable, holes;
    bool ordered;
} walk_sum;

static inline int walk_add(void *context, const hy_range *range) {
    walk_sum *const sum = context;
    sum->ordered &= range->start >= sum->end && range->size > 0;
    sum->end = range->start + range->size;
    if (range->kind == HY_USED) {
        sum->used++;
        sum->usable += range->usable;
        sum->ordered &= range->block >= range->start && range->block + range->usable <= sum->end;
    }
    sum->holes += range->kind == HY_FREE;
    return 0;
}

static inline void run_walk(const char *spec) {
    hy_instance instance;
    open_heap(spec, NULL, &instance);
    shadow model = {.heap = instance.heap};
    uint64_t state = 11;
    for (unsigned i = 0; i < 500; i++) {
        expect_fine(shadow_step(&model, &state, 100, 17), spec, "step", i);
        size_t live = 0;
        for (size_t k = 0; k < SHADOW_SLOTS; k++)
            live += model.slots[k].block != NULL;
        walk_sum sum = {.ordered = true};
        assert_int_equal(instance.heap->ops->walk(instance.heap, walk_add, &sum), 0);
        assert_true(sum.ordered);
        assert_int_equal(sum.used, live);
        hy_stats stats;
        instance.heap->ops->stats(instance.heap, &stats);
        assert_int_equal(stats.live_blocks, live);
        assert_int_equal(stats.live_bytes, sum.usable);
    }
    hy_close(&instance);
}

/* Everything freed at once, and the heap works as before. */
static inline void run_reset(const char *spec) {
    hy_instance instance;
    open_heap(spec, NULL, &instance);
    for (unsigned round = 0; round < 3; round++) {
        shadow model = {.heap = instance.heap};
        uint64_t state = 5 + round;
        for (unsigned i = 0; i < 400; i++)
            expect_fine(shadow_step(&model, &state, 100, 18), spec, "step", i);
        instance.heap->ops->reset(instance.heap);
        expect_fine(shadow_check(&model), spec, "check after reset", round);
        walk_sum sum = {.ordered = true};
        instance.heap->ops->walk(instance.heap, walk_add, &sum);
        assert_int_equal(sum.used, 0);
    }
    hy_close(&instance);
}

/* Of a heap with trim=256K and chunk=64K: a large hole at the top goes back without being asked. */
static inline void run_top(const char *spec) {
    hy_instance instance;
    open_heap(spec, NULL, &instance);
    void *const low = hy_alloc(instance.heap, 1000, 16), *const high = hy_alloc(instance.heap, 10 << 20, 16);
    assert_true(instance.data->committed > 10 << 20);
    hy_free(instance.heap, high, 0);
    assert_in_range(instance.data->committed, 4096, 256 << 10);
    assert_null(instance.heap->ops->check(instance.heap));
    hy_free(instance.heap, low, 0);
    hy_close(&instance);
}

/* Of a heap that keeps blocks side by side: the last one grows with the heap, others into the hole behind them; and
 * they shrink where they are. */
static inline void run_realloc_in_place(const char *spec) {
    hy_instance instance;
    open_heap(spec, NULL, &instance);
    hy_heap *const heap = instance.heap;
    char *const one = hy_alloc(heap, 100, 16), *const two = hy_alloc(heap, 1000, 16);
    char *const last = hy_alloc(heap, 100, 16);
    assert_ptr_equal(hy_realloc(heap, last, 100, 16, 5 << 20), last);
    assert_ptr_equal(hy_realloc(heap, last, 5 << 20, 16, 100), last);
    hy_free(heap, two, 1000);
    assert_ptr_equal(hy_realloc(heap, one, 100, 16, 600), one);
    assert_ptr_equal(hy_realloc(heap, one, 600, 16, 1100), one);
    assert_ptr_not_equal(hy_realloc(heap, one, 1100, 16, 1200), one);
    assert_null(heap->ops->check(heap));
    hy_close(&instance);
}

/* ---- cases of their own ---- */

/* For each spec of a list that ends with NULL: HEAP_CASE(walks, specs) among a group's tests. */
#define HEAP_CASE(run, list) cmocka_unit_test_prestate(run, (void *)(uintptr_t)(list))

static inline void random_steps(void **state) {
    for (const char *const *spec = *state; *spec; spec++) {
        run_random(*spec, 1, 6000, SHADOW_SLOTS, 12);
        run_random(*spec, 2, 3000, 40, 17);
    }
}

static inline void alignments(void **state) {
    for (const char *const *spec = *state; *spec; spec++)
        run_alignments(*spec);
}

static inline void failing_requests(void **state) {
    for (const char *const *spec = *state; *spec; spec++)
        run_failing(*spec);
}

static inline void giving_back(void **state) {
    for (const char *const *spec = *state; *spec; spec++)
        run_giving_back(*spec, 0);
}

static inline void walks(void **state) {
    for (const char *const *spec = *state; *spec; spec++)
        run_walk(*spec);
}

static inline void resets(void **state) {
    for (const char *const *spec = *state; *spec; spec++)
        run_reset(*spec);
}

#endif
