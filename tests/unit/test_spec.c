/* SPDX-License-Identifier: MIT
 *
 * test_spec.c - the grammar of specs: lists, layers, escapes, parameters; numbers with units; the nearest word.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "spec.h"

#include <string.h>

static hy_text text_of(const char *text) {
    return (hy_text){text, strlen(text)};
}

/* The specs of a list, joined with blanks. */
static void expect_list(const char *list, const char *expected) {
    char found[512] = "";
    hy_text rest = text_of(list), spec;
    while (hy_spec_next(&rest, &spec)) {
        strcat(found, found[0] ? " " : "");
        strncat(found, spec.at, spec.size);
    }
    assert_string_equal(found, expected);
}

static void test_lists(void **state) {
    expect_list("", "");
    expect_list("tlsf", "tlsf");
    expect_list("tlsf,fit", "tlsf fit");
    expect_list("fit:policy=best,merge=every:64,tlsf", "fit:policy=best,merge=every:64 tlsf");
    expect_list("a:x=1,y=2,b:x=1,c", "a:x=1,y=2 b:x=1 c");
    expect_list("./my.so,fit", "./my.so fit");
    expect_list("./my.so:x=1,y=/tmp,/lib/a=b.so", "./my.so:x=1,y=/tmp /lib/a=b.so");
    expect_list("guard+fit:a=1,lock+fit", "guard+fit:a=1 lock+fit");
    expect_list("fit:name=a\\,b,pool", "fit:name=a\\,b pool");
}

static void test_unescape(void **state) {
    char plain[8];
    assert_true(hy_unescape(text_of("a\\,b"), plain, sizeof plain));
    assert_string_equal(plain, "a,b");
    assert_true(hy_unescape(text_of("\\\\\\:x\\"), plain, sizeof plain));
    assert_string_equal(plain, "\\:x\\");
    assert_true(hy_unescape(text_of("1234567"), plain, sizeof plain));
    assert_false(hy_unescape(text_of("12345678"), plain, sizeof plain));
}

static void expect_parts(const char *text, const char *expected) {
    hy_spec spec;
    hy_error error = {""};
    char found[512] = "";
    assert_int_equal(hy_spec_parse(text_of(text), &spec, &error), 0);
    for (size_t i = 0; i < spec.count; i++) {
        strcat(found, i ? " " : "");
        strncat(found, spec.part[i].name.at, spec.part[i].name.size);
        strcat(found, "[");
        strncat(found, spec.part[i].params.at, spec.part[i].params.size);
        strcat(found, "]");
    }
    assert_string_equal(found, expected);
}

static void test_parts(void **state) {
    expect_parts("fit", "fit[]");
    expect_parts("fit:", "fit[]");
    expect_parts("guard+lock+fit:policy=best", "guard[] lock[] fit[policy=best]");
    expect_parts("guard:a=1,b=2+fit:c=3", "guard[a=1,b=2] fit[c=3]");
    expect_parts("guard+./c++/lib.so:x=1", "guard[] ./c++/lib.so[x=1]");
    expect_parts("fit:a=b:c", "fit[a=b:c]");
    expect_parts("fi\\+t", "fi\\+t[]");
}

static void expect_bad(const char *text) {
    hy_spec spec;
    hy_error error = {""};
    assert_true(hy_spec_parse(text_of(text), &spec, &error) < 0);
    assert_true(error.text[0] != '\0');
}

static void test_bad_specs(void **state) {
    char wide[HY_SPEC_SIZE + 1];
    memset(wide, 'a', sizeof wide);
    wide[HY_SPEC_SIZE] = '\0';
    expect_bad("");
    expect_bad("+fit");
    expect_bad("fit+");
    expect_bad(":a=1");
    expect_bad("a+b+c+d+e+f+g+h+i");
    expect_bad(wide);
}

static void test_parameters(void **state) {
    char key[HY_TEXT_SIZE], value[HY_TEXT_SIZE];
    hy_error error = {""};
    hy_text rest = text_of("a=1,b=x\\,y\\\\z,c=,d=p=q");
    const char *const expected[][2] = {{"a", "1"}, {"b", "x,y\\z"}, {"c", ""}, {"d", "p=q"}};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(hy_params_next(&rest, key, value, &error), 1);
        assert_string_equal(key, expected[i][0]);
        assert_string_equal(value, expected[i][1]);
    }
    assert_int_equal(hy_params_next(&rest, key, value, &error), 0);
    const char *const bad[] = {"a", "=1", ",a=1"};
    for (size_t i = 0; i < 3; i++) {
        rest = text_of(bad[i]);
        assert_true(hy_params_next(&rest, key, value, &error) < 0);
    }
}

static void test_nearest(void **state) {
    static const char *const words[] = {"best", "first", "worst", NULL};
    assert_string_equal(hy_nearest("bset", 4, words), "best");
    assert_string_equal(hy_nearest("firts", 5, words), "first");
    assert_null(hy_nearest("zzzzzz", 6, words));
    assert_string_equal(hy_nearest("best", 4, words), "best");
    char wide[100];
    memset(wide, 'b', sizeof wide);
    assert_null(hy_nearest(wide, sizeof wide, words));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),     cmocka_unit_test(test_unescape),   cmocka_unit_test(test_parts),
        cmocka_unit_test(test_bad_specs), cmocka_unit_test(test_parameters), cmocka_unit_test(test_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
