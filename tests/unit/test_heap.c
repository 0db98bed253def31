/* SPDX-License-Identifier: MIT
 *
 * test_heap.c - from a spec to a running heap: stacking, the lock that is added, and failures that leave nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "registry.h"

#include <errno.h>
#include <string.h>

static int open_spec(const char *spec, bool threads, hy_instance *ret, hy_error *error) {
    const hy_open_options options = {.threads = threads};
    return hy_open(&hy_registry, (hy_text){spec, strlen(spec)}, &options, ret, error);
}

static void test_open_and_close(void **state) {
    hy_instance in;
    hy_error error = {""};
    assert_int_equal(open_spec("fit", false, &in, &error), 0);
    assert_int_equal(in.depth, 1);
    assert_false(in.locked);
    assert_string_equal(in.heap->ops->name, "fit");
    void *const block = hy_alloc(in.heap, 0, 16);
    assert_non_null(block);
    hy_free(in.heap, block, 0);
    hy_close(&in);
    assert_null(in.heap);
}

static void test_layers(void **state) {
    hy_instance in;
    hy_error error = {""};
    assert_int_equal(open_spec("lock+fit", false, &in, &error), 0);
    assert_int_equal(in.depth, 2);
    assert_string_equal(in.heap->ops->name, "lock");
    assert_string_equal(in.base->name, "fit");
    hy_close(&in);
    assert_int_equal(open_spec("lock+stack", false, &in, &error), 0);
    assert_true(in.heap->ops->flags & HY_LIFO);
    hy_close(&in);
}

static void test_lock_is_added(void **state) {
    hy_instance in;
    hy_error error = {""};
    assert_int_equal(open_spec("fit", true, &in, &error), 0);
    assert_true(in.locked);
    assert_string_equal(in.heap->ops->name, "lock");
    assert_string_equal(in.base->name, "fit");
    hy_close(&in);
    assert_int_equal(open_spec("null", true, &in, &error), 0);
    assert_false(in.locked);
    hy_close(&in);
}

static void test_refusals(void **state) {
    static const char *const bad[] = {"fitt", "fit+fit", "gaurd+fit", "fit:policy=none", "", "lock"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        hy_instance in;
        hy_error error = {""};
        assert_true(open_spec(bad[i], false, &in, &error) < 0);
        assert_true(error.text[0] != '\0');
        assert_null(in.heap);
        assert_int_equal(in.depth, 0);
    }
}

/* No object may be larger than that, whatever an allocator says of itself: `null` says nothing. */
static void test_no_block_above_ptrdiff_max(void **state) {
    hy_instance in;
    hy_error error = {""};
    assert_int_equal(open_spec("null", false, &in, &error), 0);
    assert_int_equal(in.heap->max_size, PTRDIFF_MAX);
    void *const block = hy_alloc(in.heap, PTRDIFF_MAX, 16);
    assert_non_null(block);
    assert_null(hy_alloc(in.heap, (size_t)PTRDIFF_MAX + 1, 16));
    assert_null(hy_alloc_zeroed(in.heap, SIZE_MAX, 16));
    assert_null(hy_realloc(in.heap, block, 1, 16, (size_t)PTRDIFF_MAX + 1));
    hy_close(&in);
    assert_int_equal(open_spec("lock+null", false, &in, &error), 0);
    assert_int_equal(in.heap->max_size, PTRDIFF_MAX);
    hy_close(&in);
}

static void test_refusals_say_why(void **state) {
    static const char *const bad[][2] = {{"lock", "lock is a layer; it needs an allocator behind it, as in lock+fit"},
                                         {"pool+fit", "pool is an allocator and no layer"},
                                         {"fitt", "did you mean \"fit\"?"},
                                         {"fit:grain=2", "fit: grain is 1 or 16"},
                                         {"fit:structure=bins", "structure=bins is for policy=best, worst and good"},
                                         {"pool:align=3", "pool: align is a power of two"},
                                         {"region+simple", "must align to 16"},
                                         {"guard+null", "cannot be guarded"},
                                         {"guard+pool:size=48", "too small to be guarded"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        hy_instance in;
        hy_error error = {""};
        assert_int_equal(open_spec(bad[i][0], false, &in, &error), -EINVAL);
        if (!strstr(error.text, bad[i][1]))
            fail_msg("%s: \"%s\" does not say \"%s\"", bad[i][0], error.text, bad[i][1]);
    }
}

/* ---------------------------------------------------------------------------------- what the core fills in ---- */

static char thin_room[64];

static int thin_create(const hy_setup *setup, hy_heap **ret) {
    static hy_heap heap;
    (void)setup;
    *ret = &heap;
    return 0;
}

static void thin_destroy(hy_heap *heap) {
    (void)heap;
}

static void *thin_alloc(hy_heap *heap, size_t size, size_t align) {
    (void)heap, (void)size, (void)align;
    return thin_room + 32;
}

static void thin_free(hy_heap *heap, void *block, size_t size) {
    (void)heap, (void)block, (void)size;
}

/* With nothing but the four required functions, a realloc must be told the old size, or it cannot keep the contents. */
static void test_realloc_without_usable_size(void **state) {
    static const hy_heap_ops thin = {.name = "thin",
                                     .summary = "one block",
                                     .source = "this test",
                                     .max_align = 16,
                                     .max_size = 32,
                                     .create = thin_create,
                                     .destroy = thin_destroy,
                                     .alloc = thin_alloc,
                                     .free = thin_free};
    static const hy_heap_ops *const heaps[] = {&thin, NULL};
    const hy_catalog catalog = {.heaps = heaps, .pages = hy_registry.pages};
    hy_instance in;
    assert_int_equal(hy_open(&catalog, (hy_text){"thin", 4}, NULL, &in, NULL), 0);
    strcpy(thin_room, "contents");
    assert_null(hy_realloc(in.heap, thin_room, 0, 16, 20));
    assert_string_equal(thin_room, "contents");
    assert_ptr_equal(hy_realloc(in.heap, thin_room, 9, 16, 20), thin_room + 32);
    assert_string_equal(thin_room + 32, "contents");
    hy_close(&in);
}

/* The second layer does not exist; the heap below it was made and must be gone again. */
static void test_failure_leaves_nothing(void **state) {
    const hy_pages_ops *const ops = hy_catalog_pages(&hy_registry, (hy_text){"mmap", 4});
    _Alignas(16) char params[HY_PARAMS_SIZE];
    hy_pages *pages = NULL;
    hy_instance in;
    hy_error error = {""};
    assert_int_equal(hy_params_parse(ops->params, ops->name, (hy_text){"", 0}, params, ops->params_size, &error), 0);
    assert_int_equal(ops->create(params, &pages), 0);
    const hy_open_options options = {.data = pages, .meta = pages};
    const char *const spec = "gaurd+fit";
    assert_int_equal(hy_open(&hy_registry, (hy_text){spec, strlen(spec)}, &options, &in, &error), -EINVAL);
    assert_true(pages->calls > 0);
    assert_int_equal(pages->reserved, 0);
    assert_int_equal(pages->committed, 0);
    ops->destroy(pages);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_and_close),         cmocka_unit_test(test_layers),
        cmocka_unit_test(test_lock_is_added),          cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_failure_leaves_nothing), cmocka_unit_test(test_no_block_above_ptrdiff_max),
        cmocka_unit_test(test_refusals_say_why),       cmocka_unit_test(test_realloc_without_usable_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
