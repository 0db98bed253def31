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
        cmocka_unit_test(test_failure_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
