/* SPDX-License-Identifier: MIT
 *
 * test_guard.c - the guard layer: what it finds, and that it changes nothing else.
 */
#include "exercise.h"

static char said[512];

static void hear(const char *text) {
    snprintf(said, sizeof said, "%s", text);
}

static void open_guarded(const char *spec, hy_instance *heap) {
    static hy_host host;
    host = hy_host_default;
    host.fatal = hear;
    said[0] = '\0';
    exercise_open_with(spec, &(hy_open_options){.host = &host}, heap);
}

static void expect_said(const char *words) {
    if (!strstr(said, words))
        fail_msg("expected \"%s\", heard \"%s\"", words, said);
    said[0] = '\0';
}

static void keeps_contents(void **state) {
    (void)state;
    static const char *const specs[] = {"guard+skeleton:chunk=16K", "guard+fit",          "guard:poison=no,tail=1+fit",
                                        "guard+guard+fit",          "guard+simple",       "guard+stack",
                                        "guard+region:chunk=64K",   "guard+pool:size=4K", "guard+bump:chunk=64K"};
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        hy_instance heap;
        open_guarded(specs[i], &heap);
        if (strcmp(specs[i], "guard+stack") != 0) /* its check tells of frees in the wrong order */
            exercise_run(heap.heap, 2000, heap.heap->ops->max_align, 1500, i);
        assert_string_equal(said, "");
        hy_close(&heap);
    }
}

static void finds_an_overflow(void **state) {
    (void)state;
    hy_instance heap;
    open_guarded("guard+fit", &heap);
    char *const block = hy_alloc(heap.heap, 21, 16);
    assert_int_equal(heap.heap->ops->usable_size(heap.heap, block), 21);
    exercise_check(heap.heap);
    block[21] ^= 1; /* one byte is enough */
    assert_non_null(heap.heap->ops->check(heap.heap));
    hy_free(heap.heap, block, 21);
    expect_said("overflow");
    block[21] ^= 1;
    hy_free(heap.heap, block, 21);
    assert_string_equal(said, "");
    hy_close(&heap);
}

static void finds_bytes_written_in_front(void **state) {
    (void)state;
    hy_instance heap;
    open_guarded("guard+fit", &heap);
    for (int i = 1; i <= 24; i++) {
        char *const block = hy_alloc(heap.heap, 40, 16);
        block[-i] ^= 0x10;
        hy_free(heap.heap, block, 40);
        expect_said("in front of it were overwritten");
        block[-i] ^= 0x10;
        hy_free(heap.heap, block, 40);
        assert_string_equal(said, "");
    }
    hy_close(&heap);
}

static void finds_a_double_free(void **state) {
    (void)state;
    hy_instance heap;
    open_guarded("guard+pool:size=256", &heap);
    char *const block = hy_alloc(heap.heap, 40, 16);
    hy_free(heap.heap, block, 40);
    hy_free(heap.heap, block, 40);
    expect_said("double free");
    assert_null(hy_realloc(heap.heap, block, 40, 16, 50));
    expect_said("realloc: block 0x");
    hy_close(&heap);
}

static void finds_a_wrong_size_and_a_wild_address(void **state) {
    (void)state;
    hy_instance heap;
    open_guarded("guard+fit", &heap);
    char *const block = hy_alloc(heap.heap, 100, 16);
    hy_free(heap.heap, block, 99);
    expect_said("another size");
    hy_free(heap.heap, block + 48, 0);
    expect_said("is no block of this heap");
    hy_free(heap.heap, block, 0);
    assert_string_equal(said, "");
    hy_close(&heap);
}

static void poisons(void **state) {
    (void)state;
    hy_instance heap;
    open_guarded("guard+bump", &heap);
    unsigned char *const block = hy_alloc(heap.heap, 100, 16);
    assert_int_equal(block[0], 0xaf);
    assert_int_equal(block[99], 0xaf);
    hy_free(heap.heap, block, 100);
    assert_int_equal(block[0], 0xdf);
    assert_int_equal(block[99], 0xdf);
    unsigned char *const zeroed = hy_alloc_zeroed(heap.heap, 100, 16);
    assert_int_equal(zeroed[0] | zeroed[99], 0);
    hy_close(&heap);
}

static void walks_as_the_caller_sees_it(void **state) {
    (void)state;
    hy_instance heap;
    exercise_map map;
    open_guarded("guard+bump", &heap);
    char *const small = hy_alloc(heap.heap, 33, 16);
    char *const aligned = hy_alloc(heap.heap, 7, 1024);
    char *const dead = hy_alloc(heap.heap, 50, 16);
    hy_free(heap.heap, dead, 50);
    exercise_walk(heap.heap, &map);
    assert_int_equal(map.count, 5); /* the chunk's header, three blocks, the rest */
    assert_int_equal(map.range[1].block, small);
    assert_int_equal(map.range[1].usable, 33);
    assert_int_equal(map.range[2].block, aligned);
    assert_int_equal(map.range[2].usable, 7);
    assert_int_equal((uintptr_t)aligned % 1024, 0);
    assert_int_equal(map.range[3].kind, HY_FREE);
    assert_int_equal(map.range[3].usable, 0);
    hy_close(&heap);
}

static void refuses_what_cannot_be_guarded(void **state) {
    (void)state;
    hy_instance heap;
    hy_error error;
    assert_true(hy_open(&hy_registry, (hy_text){"guard+null", 10}, NULL, &heap, &error) < 0);
    assert_true(hy_open(&hy_registry, (hy_text){"guard+pool:size=48", 18}, NULL, &heap, &error) < 0);
    open_guarded("guard+pool:size=64", &heap);
    assert_int_equal(heap.heap->max_size, 16);
    assert_non_null(hy_alloc(heap.heap, 16, 16));
    assert_null(hy_alloc(heap.heap, 17, 16));
    hy_close(&heap);
    open_guarded("guard+fit", &heap);
    assert_null(hy_alloc(heap.heap, SIZE_MAX - 40, 16));
    assert_null(hy_alloc(heap.heap, PTRDIFF_MAX, 16));
    assert_null(hy_alloc(heap.heap, 1, (size_t)1 << 63));
    hy_close(&heap);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_contents),
        cmocka_unit_test(finds_an_overflow),
        cmocka_unit_test(finds_bytes_written_in_front),
        cmocka_unit_test(finds_a_double_free),
        cmocka_unit_test(finds_a_wrong_size_and_a_wild_address),
        cmocka_unit_test(poisons),
        cmocka_unit_test(walks_as_the_caller_sees_it),
        cmocka_unit_test(refuses_what_cannot_be_guarded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
