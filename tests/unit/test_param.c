/* SPDX-License-Identifier: MIT
 *
 * test_param.c - values: units, fractions, overflow, ranges, words, rules with their numbers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "spec.h"

#include <errno.h>
#include <string.h>

typedef struct values {
    size_t size;
    uint64_t count, time;
    bool flag;
    uint32_t choice;
    char text[HY_TEXT_SIZE];
    hy_rule rule;
} values;

static const char *const choices[] = {"first", "best", NULL};
static const char *const rules[] = {"never", "every:COUNT", "bytes:SIZE", "ratio:REAL", NULL};
static const hy_param table[] = {
    {.name = "size",
     .help = "h",
     .def = "4K",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(values, size),
     .min = 16,
     .max = 1 << 20},
    {.name = "count", .help = "h", .def = "7", .type = HY_PARAM_COUNT, .offset = offsetof(values, count)},
    {.name = "time", .help = "h", .def = "1ms", .type = HY_PARAM_TIME, .offset = offsetof(values, time)},
    {.name = "flag", .help = "h", .def = "yes", .type = HY_PARAM_BOOL, .offset = offsetof(values, flag)},
    {.name = "choice",
     .help = "h",
     .def = "best",
     .type = HY_PARAM_CHOICE,
     .offset = offsetof(values, choice),
     .choices = choices},
    {.name = "text", .help = "h", .def = "hello", .type = HY_PARAM_TEXT, .offset = offsetof(values, text)},
    {.name = "rule",
     .help = "h",
     .def = "never",
     .type = HY_PARAM_RULE,
     .offset = offsetof(values, rule),
     .choices = rules},
    {.name = NULL},
};

static int parse(const char *params, values *ret, hy_error *error) {
    return hy_params_parse(table, "thing", (hy_text){params, strlen(params)}, ret, sizeof *ret, error);
}

static void test_sizes(void **state) {
    static const struct {
        const char *text;
        uint64_t bytes;
    } good[] = {{"0", 0},
                {"4096", 4096},
                {"64K", 65536},
                {"1.5M", 1572864},
                {"2G", (uint64_t)2 << 30},
                {"1TiB", (uint64_t)1 << 40},
                {"0x10", 16},
                {"18446744073709551615", UINT64_MAX}};
    uint64_t bytes = 0;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(hy_parse_size(good[i].text, &bytes), 0);
        assert_true(bytes == good[i].bytes);
    }
    assert_int_equal(hy_parse_size("18446744073709551616", &bytes), -ERANGE);
    assert_int_equal(hy_parse_size("17179869184G", &bytes), -ERANGE);
    const char *const bad[] = {"", "K", "-1", "4Q", "4 K", "1.5.5K", "0x", " 4", "1.", "1.5", "0.5B"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(hy_parse_size(bad[i], &bytes), -EINVAL);
}

static void test_counts_and_times(void **state) {
    uint64_t n = 0;
    assert_int_equal(hy_parse_count("1000", &n), 0);
    assert_true(n == 1000);
    assert_int_equal(hy_parse_count("1K", &n), -EINVAL);
    assert_int_equal(hy_parse_count("1.5", &n), -EINVAL);
    assert_int_equal(hy_parse_time("2ms", &n), 0);
    assert_true(n == 2000000);
    assert_int_equal(hy_parse_time("20µs", &n), 0);
    assert_true(n == 20000);
    assert_int_equal(hy_parse_time("0.5s", &n), 0);
    assert_true(n == 500000000);
    assert_int_equal(hy_parse_time("3", &n), 0);
    assert_true(n == 3);
    assert_int_equal(hy_parse_time("9999999h", &n), -ERANGE);
}

static void test_defaults(void **state) {
    values v;
    hy_error error = {""};
    assert_int_equal(parse("", &v, &error), 0);
    assert_true(v.size == 4096 && v.count == 7 && v.time == 1000000 && v.flag && v.choice == 1);
    assert_string_equal(v.text, "hello");
}

static void test_values(void **state) {
    values v;
    hy_error error = {""};
    assert_int_equal(parse("size=64K,flag=off,choice=first,text=a\\,b,size=32", &v, &error), 0);
    assert_true(v.size == 32 && !v.flag && v.choice == 0);
    assert_string_equal(v.text, "a,b");
}

static void expect_refused(const char *params, const char *words) {
    values v;
    hy_error error = {""};
    assert_int_equal(parse(params, &v, &error), -EINVAL);
    if (!strstr(error.text, words))
        fail_msg("\"%s\" does not say \"%s\"", error.text, words);
}

static void test_refusals(void **state) {
    expect_refused("size=15", "16 to 1048576");
    expect_refused("size=2M", "16 to 1048576");
    expect_refused("size=many", "expected a size");
    expect_refused("count=-1", "whole number");
    expect_refused("time=soon", "expected a time");
    expect_refused("flag=maybe", "yes or no");
    expect_refused("choice=bst", "did you mean \"best\"?");
    expect_refused("sizee=1", "did you mean \"size\"?");
    expect_refused("size", "key=value");
}

static void expect_rule(const char *params, uint32_t choice, uint64_t number) {
    values v;
    hy_error error = {""};
    assert_int_equal(parse(params, &v, &error), 0);
    assert_int_equal(v.rule.choice, choice);
    assert_true(v.rule.number == number);
}

static void test_rules(void **state) {
    expect_rule("", 0, 0);
    expect_rule("rule=never", 0, 0);
    expect_rule("rule=every:64", 1, 64);
    expect_rule("rule=bytes:64K,flag=no", 2, 65536);
    expect_rule("rule=bytes:1.5K", 2, 1536);
    expect_rule("rule=ratio:0.5", 3, 500000);
    expect_rule("rule=ratio:2", 3, 2000000);
    expect_rule("rule=ratio:12.5%", 3, 125000);
    expect_rule("rule=every:3,rule=never", 0, 0);
}

static void test_refused_rules(void **state) {
    expect_refused("rule=every", "rule=every: a number is missing, as in every:64");
    expect_refused("rule=every:", "a number is missing, as in every:64");
    expect_refused("rule=bytes", "as in bytes:64K");
    expect_refused("rule=never:3", "rule=never:3: this takes no number");
    expect_refused("rule=every:0", "expected a whole number above 0");
    expect_refused("rule=every:1K", "expected a whole number");
    expect_refused("rule=every:1.5", "expected a whole number");
    expect_refused("rule=every:18446744073709551615", "expected a whole number");
    expect_refused("rule=bytes:many", "expected a size above 0");
    expect_refused("rule=ratio:-1", "expected a number above 0");
    expect_refused("rule=ratio:0.0000001", "expected a number above 0");
    expect_refused("rule=evry:3",
                   "expected one of never, every:COUNT, bytes:SIZE, ratio:REAL; did you mean \"every:COUNT\"");
    expect_refused("rule=", "expected one of");
}

static void test_shares(void **state) {
    static const hy_param share = {.name = "in", .type = HY_PARAM_SHARE, .min = 0, .max = HY_RULE_REAL};
    static const struct {
        const char *text;
        uint64_t millionths;
    } good[] = {{"25%", 250000}, {"0.25", 250000}, {"0", 0}, {"1", 1000000}, {"0.5%", 5000}};
    uint64_t value = 9;
    hy_error error = {""};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(hy_param_set(&share, "thing", good[i].text, &value, &error), 0);
        assert_true(value == good[i].millionths);
    }
    assert_int_equal(hy_param_set(&share, "thing", "101%", &value, &error), -EINVAL);
    assert_string_equal(error.text, "thing:in=101%: expected 0% to 100%");
    assert_int_equal(hy_param_set(&share, "thing", "half", &value, &error), -EINVAL);
    assert_non_null(strstr(error.text, "a part such as 25%"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares),   cmocka_unit_test(test_sizes),         cmocka_unit_test(test_counts_and_times),
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_values),        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_rules),    cmocka_unit_test(test_refused_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
