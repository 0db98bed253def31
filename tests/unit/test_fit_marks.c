/* SPDX-License-Identifier: MIT
 *
 * test_fit_marks.c - marks of addresses: against a naive set, growing and shrinking, without memory, at the largest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fit_marks.h"
#include "fixed_pages.h"
#include "heap_cases.h"

enum { MOST = 20000 }; /* marks of the naive set: three levels have more than one word each */

/* Marks are only counted from the base: the addresses of a run are never touched. */
static char *const base = (char *)((uintptr_t)1 << 40) + 8;

typedef struct naive {
    bool set[MOST];
    size_t bits, grain;
} naive;

static char *address_of(const naive *model, size_t bit) {
    return base + bit * model->grain;
}

static const char *naive_next(const naive *model, size_t bit) {
    while (bit < model->bits && !model->set[bit])
        bit++;
    return bit < model->bits ? address_of(model, bit) : NULL;
}

static const char *naive_previous(const naive *model, size_t bit) {
    while (bit > 0 && !model->set[bit - 1])
        bit--;
    return bit > 0 ? address_of(model, bit - 1) : NULL;
}

static void expect_same(const fit_marks *marks, const naive *model, size_t bit) {
    char *const address = address_of(model, bit);
    if (bit < model->bits)
        assert_int_equal(fit_marks_test(marks, address), model->set[bit]);
    assert_ptr_equal(fit_marks_next(marks, address), naive_next(model, bit));
    if (bit <= model->bits)
        assert_ptr_equal(fit_marks_previous(marks, address), naive_previous(model, bit));
}

static void resize(fit_marks *marks, naive *model, size_t bits) {
    if (bits >= model->bits) {
        assert_true(fit_marks_grow(marks, address_of(model, bits)));
        model->bits = bits;
        return;
    }
    fit_marks_shrink(marks, address_of(model, bits));
    memset(model->set + bits, 0, model->bits - bits);
    model->bits = bits;
}

/* One operation on both: mostly sparse, so that words become empty; now and then all is dense or forgotten. */
static void step(fit_marks *marks, naive *model, uint64_t *random) {
    const uint64_t what = shadow_random(random) % 100;
    const size_t bit = shadow_random(random) % MOST;
    if (what == 0) {
        resize(marks, model, bit);
    } else if (what == 1 && shadow_random(random) % 8 == 0) {
        fit_marks_clear_all(marks);
        memset(model->set, 0, sizeof model->set);
    } else if (bit < model->bits) {
        const size_t length = what < 4 ? hy_min(model->bits - bit, 300) : 1;
        const bool set = what % 2 == 0;
        for (size_t i = bit; i < bit + length; i++) {
            model->set[i] = set;
            (set ? fit_marks_set : fit_marks_clear)(marks, address_of(model, i));
        }
    }
    expect_same(marks, model, bit);
    expect_same(marks, model, shadow_random(random) % (model->bits + 1));
}

static void compare_with_naive_set(hy_pages *meta, size_t grain) {
    naive model = {.grain = grain};
    fit_marks marks;
    assert_true(fit_marks_reserve(&marks, meta, base, MOST * grain, grain));
    assert_true(meta->reserved <= fit_marks_cost(meta, MOST * grain, grain));
    assert_int_equal(meta->committed, 0);
    resize(&marks, &model, MOST);
    uint64_t random = grain;
    for (unsigned i = 0; i < 30000; i++) {
        step(&marks, &model, &random);
        if (i % 1000 == 0)
            assert_null(fit_marks_check(&marks));
    }
    resize(&marks, &model, MOST);
    assert_true(meta->committed <= fit_marks_cost(meta, MOST * grain, grain));
    resize(&marks, &model, 0);
    assert_int_equal(meta->committed, 0);
    fit_marks_release(&marks);
    assert_int_equal(meta->reserved, 0);
}

static void same_as_naive_set(void **state) {
    (void)state;
    hy_pages *const pages = open_mmap();
    compare_with_naive_set(pages, 16);
    compare_with_naive_set(pages, 1);
    pages->ops->destroy(pages);
}

/* In memory that is neither aligned nor zero, of which there is just enough. */
static void in_fixed_memory(void **state) {
    (void)state;
    static char memory[8192];
    for (size_t shift = 0; shift < 8; shift += 3) {
        hy_pages *pages = NULL;
        memset(memory, 0xA5, sizeof memory);
        assert_int_equal(hy_fixed_pages_over(memory + shift, MOST / 8 + MOST / 512 + 64, 1, &pages), 0);
        compare_with_naive_set(pages, 16);
        pages->ops->destroy(pages);
    }
}

/* Grows, at the second try if the first finds no memory.  Whether it was the second. */
static bool grow_at_last(fit_marks *marks, const char *limit) {
    const size_t before = marks->level[0].bits;
    if (fit_marks_grow(marks, limit))
        return false;
    assert_int_equal(marks->level[0].bits, before);
    assert_null(fit_marks_check(marks));
    assert_true(fit_marks_grow(marks, limit));
    return true;
}

/* The n-th request for memory fails.  Whether anybody noticed. */
static bool fails_once(hy_pages *real, uint64_t n) {
    failing_pages pages = failing_pages_of(real, n, false);
    fit_marks marks;
    bool failed = false;
    if (!fit_marks_reserve(&marks, &pages.pages, base, (size_t)1 << 30, 16)) {
        failed = true;
        assert_true(fit_marks_reserve(&marks, &pages.pages, base, (size_t)1 << 30, 16));
    }
    for (size_t size = 1 << 16; size <= (size_t)1 << 24; size *= 16) {
        failed |= grow_at_last(&marks, base + size);
        fit_marks_set(&marks, base + size - 16);
    }
    assert_ptr_equal(fit_marks_next(&marks, base), base + (1 << 16) - 16);
    fit_marks_shrink(&marks, base + (1 << 20)); /* to fail at giving back does no harm */
    assert_ptr_equal(fit_marks_previous(&marks, base + (1 << 20)), base + (1 << 20) - 16);
    failed |= grow_at_last(&marks, base + (1 << 24));
    assert_null(fit_marks_next(&marks, base + (1 << 20)));
    assert_null(fit_marks_check(&marks));
    fit_marks_release(&marks);
    assert_int_equal(real->reserved, 0);
    assert_int_equal(real->committed, 0);
    return failed;
}

static void without_memory(void **state) {
    (void)state;
    hy_pages *const real = open_mmap();
    unsigned failures = 0;
    for (uint64_t n = 1; n < 20; n++)
        failures += fails_once(real, n);
    assert_in_range(failures, 6, 15); /* the reservation, a page for each table, growth of the lowest */
    real->ops->destroy(real);
}

/* The marks of 64 GiB: address space only, and a far mark is found. */
static void marks_of_a_large_run(void **state) {
    (void)state;
    hy_pages *const pages = open_mmap();
    fit_marks marks;
    const size_t run = (size_t)64 << 30, used = (size_t)1 << 30;
    assert_true(fit_marks_reserve(&marks, pages, base, run, 16));
    assert_in_range(pages->reserved, run / 128, run / 128 + run / 4096);
    assert_true(fit_marks_grow(&marks, base + used));
    assert_in_range(pages->committed, used / 128, used / 128 + used / 4096);
    fit_marks_set(&marks, base);
    fit_marks_set(&marks, base + used - 16);
    assert_ptr_equal(fit_marks_next(&marks, base + 16), base + used - 16);
    assert_ptr_equal(fit_marks_previous(&marks, base + used - 16), base);
    assert_null(fit_marks_check(&marks));
    fit_marks_release(&marks);
    pages->ops->destroy(pages);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_as_naive_set),
        cmocka_unit_test(in_fixed_memory),
        cmocka_unit_test(without_memory),
        cmocka_unit_test(marks_of_a_large_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
