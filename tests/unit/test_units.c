/* SPDX-License-Identifier: MIT
 *
 * test_units.c - numbers as people read them, at the edges of the units.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "units.h"

static void test_bytes(void **state) {
    assert_string_equal(hy_show_bytes(0).text, "0 B");
    assert_string_equal(hy_show_bytes(1023).text, "1023 B");
    assert_string_equal(hy_show_bytes(4096).text, "4.00 KiB");
    assert_string_equal(hy_show_bytes(1536u << 10).text, "1.50 MiB");
    assert_string_equal(hy_show_bytes(10234).text, "9.99 KiB");
    assert_string_equal(hy_show_bytes(10235).text, "10.0 KiB");
    assert_string_equal(hy_show_bytes(1048524).text, "1023.9 KiB");
    assert_string_equal(hy_show_bytes(1048575).text, "1.00 MiB");
    assert_string_equal(hy_show_bytes(UINT64_MAX).text, "16.0 EiB");
}

static void test_counts(void **state) {
    assert_string_equal(hy_show_count(0).text, "0");
    assert_string_equal(hy_show_count(999).text, "999");
    assert_string_equal(hy_show_count(1000).text, "1 000");
    assert_string_equal(hy_show_count(1234567).text, "1 234 567");
    assert_string_equal(hy_show_count(UINT64_MAX).text, "18 446 744 073 709 551 615");
}

static void test_times(void **state) {
    assert_string_equal(hy_show_time(0).text, "0.00 ns");
    assert_string_equal(hy_show_time(12.34).text, "12.3 ns");
    assert_string_equal(hy_show_time(4560).text, "4.56 µs");
    assert_string_equal(hy_show_time(7.8e6).text, "7.80 ms");
    assert_string_equal(hy_show_time(1.2e11).text, "120.0 s");
    assert_string_equal(hy_show_time(999.94).text, "999.9 ns");
    assert_string_equal(hy_show_time(999.96).text, "1.00 µs");
    assert_string_equal(hy_show_time(9.996).text, "10.0 ns");
}

static void test_widths(void **state) {
    assert_int_equal(hy_text_width(""), 0);
    assert_int_equal(hy_text_width("4.56 us"), 7);
    assert_int_equal(hy_text_width("4.56 µs"), 7);
    assert_int_equal(hy_text_width("1 × 2 €"), 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bytes), cmocka_unit_test(test_counts),
                                       cmocka_unit_test(test_times), cmocka_unit_test(test_widths)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
