/* SPDX-License-Identifier: MIT
 *
 * test_fit_merge.c - fit's axes together: random sequences under every merge policy on a choice of structures, orders
 * and metadata; what coalesce leaves; failing page requests.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "heap_cases.h"

static const char *const merges[] = {"never",      "immediate", "every:1",   "every:3",  "every:64",
                                     "bytes:1000", "bytes:64K", "count:4",   "count:50", "onfail",
                                     "large:64",   "large:4K",  "quick:1",   "quick:8",  "quick:1000",
                                     "slice:1",    "slice:5",   "ratio:0.1", "ratio:2",  NULL};

static const char *const bases[] = {"fit:policy=first",
                                    "fit:policy=next,order=fifo",
                                    "fit:policy=next,order=address,structure=list",
                                    "fit:policy=best,structure=list,order=address,metadata=header",
                                    "fit:policy=best,structure=bins,grain=1",
                                    "fit:policy=worst,structure=bins,order=address",
                                    "fit:policy=good,order=fifo,grain=1,reserve=256K,chunk=4K",
                                    "fit:policy=next,structure=implicit,metadata=header",
                                    "fit:policy=best,structure=implicit,grain=1,trim=8K,chunk=4K",
                                    "fit:policy=next,structure=address-tree,grain=1",
                                    "fit:policy=worst,structure=address-tree,metadata=header",
                                    "fit:policy=best,structure=size-tree",
                                    "fit:policy=first,metadata=out-of-band",
                                    "fit:policy=best,metadata=out-of-band,grain=1,reserve=256K",
                                    NULL};

static void for_each(const char *const *some_bases, const char *const *some_merges, void (*run)(const char *spec)) {
    char spec[256];
    for (const char *const *base = some_bases; *base; base++) {
        for (const char *const *merge = some_merges; *merge; merge++) {
            snprintf(spec, sizeof spec, "%s,merge=%s", *base, *merge);
            run(spec);
        }
    }
}

/* ------------------------------------------------------------------------------------------------------ random ---- */

/* How many pairs of holes touch. */
typedef struct touch {
    uintptr_t hole_end;
    size_t pairs;
} touch;

static int touch_add(void *context, const hy_range *range) {
    touch *const sum = context;
    if (range->kind == HY_FREE) {
        sum->pairs += range->start == sum->hole_end;
        sum->hole_end = range->start + range->size;
    }
    return 0;
}

static size_t touching(hy_heap *heap) {
    touch sum = {0};
    assert_int_equal(heap->ops->walk(heap, touch_add, &sum), 0);
    return sum.pairs;
}

/* Contents are kept whatever is merged when; now and then all is merged, and no two holes touch. */
static void random_run(const char *spec) {
    hy_instance instance;
    open_heap(spec, NULL, &instance);
    hy_heap *const heap = instance.heap;
    shadow model = {.heap = heap};
    uint64_t state = 1;
    for (unsigned i = 0; i < 1500; i++) {
        expect_fine(shadow_step(&model, &state, i < 1000 ? 150 : 30, i < 1000 ? 12 : 17), spec, "step", i);
        if (i % 8 == 0)
            expect_fine(shadow_check(&model), spec, "check after step", i);
        if (i % 256 != 255)
            continue;
        heap->ops->coalesce(heap);
        assert_int_equal(touching(heap), 0);
        expect_fine(shadow_check(&model), spec, "check after coalesce, step", i);
    }
    assert_int_equal(model.refused, 0);
    expect_fine(shadow_free_all(&model), spec, "freeing all", 0);
    heap->ops->coalesce(heap);
    assert_int_equal(touching(heap), 0);
    assert_int_equal(heap->ops->coalesce(heap), 0);
    expect_fine(shadow_check(&model), spec, "check at the end", 0);
    hy_close(&instance);
}

static void random_sequences(void **state) {
    (void)state;
    for_each(bases, merges, random_run);
}

static void merging_alignments(void **state) {
    (void)state;
    for_each(bases, merges, run_alignments);
}

static void merging_walks(void **state) {
    (void)state;
    for_each(bases, merges, run_walk);
}

static void merging_resets(void **state) {
    (void)state;
    for_each(bases, merges, run_reset);
}

/* --------------------------------------------------------------------------------------------- pages: a selection ----
 */

static const char *const some_merges[] = {"every:7", "onfail", "quick:4", "slice:2", NULL};

static void merging_failing_requests(void **state) {
    static const char *const some_bases[] = {"fit:reserve=256K,chunk=16K", NULL};
    (void)state;
    for_each(some_bases, some_merges, run_failing);
}

static void give_back(const char *spec) {
    run_giving_back(spec, 0);
}

static void merging_giving_back(void **state) {
    (void)state;
    for_each(bases, some_merges, give_back);
}

/* A region of fixed size is full: whoever merges late must merge before he gives up.  Blocks of 48 bytes fill it and
 * are freed, the odd ones first; only then is there room for one large block. */
static void merged_before_giving_up(const char *spec) {
    static char storage[16384];
    array_pages pages = array_pages_of(storage, sizeof storage);
    const hy_open_options options = {.data = &pages.pages, .meta = open_mmap()};
    hy_instance instance;
    open_heap(spec, &options, &instance);
    void *blocks[512];
    size_t count = 0;
    while (count < 512 && (blocks[count] = hy_alloc(instance.heap, 40, 1)))
        count++;
    assert_in_range(count, 300, 420);
    assert_null(hy_alloc(instance.heap, 8192, 1));
    for (size_t i = 1; i < count; i += 2)
        hy_free(instance.heap, blocks[i], 40);
    assert_null(hy_alloc(instance.heap, 8192, 1));
    for (size_t i = 0; i < count; i += 2)
        hy_free(instance.heap, blocks[i], 40);
    void *const large = hy_alloc(instance.heap, 8192, 1);
    if (!large)
        fail_msg("%s: no room", spec);
    assert_null(instance.heap->ops->check(instance.heap));
    hy_close(&instance);
    options.meta->ops->destroy(options.meta);
}

static void never_gives_up_early(void **state) {
    (void)state;
    for_each(bases, merges + 1, merged_before_giving_up); /* all but never */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_sequences),
        cmocka_unit_test(merging_alignments),
        cmocka_unit_test(merging_walks),
        cmocka_unit_test(merging_resets),
        cmocka_unit_test(merging_failing_requests),
        cmocka_unit_test(merging_giving_back),
        cmocka_unit_test(never_gives_up_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
