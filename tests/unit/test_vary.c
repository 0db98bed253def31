/* SPDX-License-Identifier: MIT
 *
 * test_vary.c - variations: lists, ranges of every type, steps, and each sentence that refuses one; their products.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "points.h"
#include "registry.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---------------------------------------------------------------------------------------------------- one list ---- */

static const char *const words[] = {"first", "best", NULL};
static const char *const rules[] = {"never", "every:COUNT", "bytes:SIZE", "ratio:REAL", NULL};
static const hy_param params[] = {
    {.name = "count", .type = HY_PARAM_COUNT},
    {.name = "size", .type = HY_PARAM_SIZE},
    {.name = "time", .type = HY_PARAM_TIME},
    {.name = "flag", .type = HY_PARAM_BOOL},
    {.name = "choice", .type = HY_PARAM_CHOICE, .choices = words},
    {.name = "rule", .type = HY_PARAM_RULE, .choices = rules},
    {.name = "text", .type = HY_PARAM_TEXT},
    {.name = NULL},
};

typedef struct found {
    char text[4096];
    size_t count;
} found;

static int take(void *context, hy_text value) {
    found *const f = context;
    const size_t used = strlen(f->text);
    if (f->count++ < 40)
        snprintf(f->text + used, sizeof f->text - used, "%s%.*s", used ? " " : "", (int)value.size, value.at);
    return 0;
}

/* What a variation of the parameter named in it goes through, or the sentence. */
static int go_through(const char *text, found *ret, hy_error *error) {
    hy_vary vary;
    *ret = (found){.count = 0};
    const int r = hy_vary_parse((hy_text){text, strlen(text)}, &vary, error);
    if (r < 0)
        return r;
    const hy_param *param = params;
    while (param->name && !hy_text_is(vary.key, param->name))
        param++;
    assert_non_null(param->name);
    return hy_vary_each(&vary, param, take, ret, error);
}

static void expect(const char *text, const char *expected) {
    found f;
    hy_error error = {""};
    assert_int_equal(go_through(text, &f, &error), 0);
    assert_string_equal(f.text, expected);
}

static void expect_bad(const char *text, const char *sentence) {
    found f;
    hy_error error = {""};
    assert_int_equal(go_through(text, &f, &error), -EINVAL);
    assert_string_equal(error.text, sentence);
}

static void test_lists(void **state) {
    (void)state;
    expect("choice=first", "first");
    expect("choice=first,best", "first best");
    expect("flag=yes,no", "yes no");
    expect("text=a\\,b,c", "a\\,b c");
    expect("text=../a.so,b..c", "../a.so b..c");
    expect("flag=0..1", "0..1"); /* no number: the parameter's table refuses it */
    expect("count=1,5,2..8,9", "1 5 2 4 8 9");
}

static void test_doubling(void **state) {
    (void)state;
    expect("count=1..16", "1 2 4 8 16");
    expect("count=1..100", "1 2 4 8 16 32 64 100");
    expect("count=3..3", "3");
    expect("count=0..4", "0 1 2 4");
    expect("count=0..0", "0");
    expect("count=0..1", "0 1");
    expect("size=4K..64K", "4K 8K 16K 32K 64K");
    expect("size=512..4K", "512 1K 2K 4K");
    expect("size=512M..2G", "512M 1G 2G");
    expect("size=1000..3000", "1000 2000 3000");
    expect("time=1ms..5ms", "1ms 2ms 4ms 5ms");
    expect("time=500us..2ms", "500us 1ms 2ms");
    expect("time=1..3", "1ns 2ns 3ns");
    expect("count=1..9223372036854775807*1000000000000000000", "1 1000000000000000000 9223372036854775807");
}

static void test_steps(void **state) {
    (void)state;
    expect("count=1..1000*10", "1 10 100 1000");
    expect("count=0..1000*10", "0 1 10 100 1000");
    expect("count=0..160+32", "0 32 64 96 128 160");
    expect("count=0..10+4", "0 4 8 10");
    expect("count=9223372036854775806..9223372036854775807+3", "9223372036854775806 9223372036854775807");
    expect("size=0..128K+64K", "0 64K 128K");
    expect("time=0..1s+500ms", "0 500ms 1s");
    expect("count=1..1000/4", "1 10 100 1000");
    expect("count=1..8/10", "1 2 3 4 5 6 8"); /* rounding makes some alike */
    expect("count=0..100/2", "0 100");
    expect("count=0..100/4", "0 1 10 100");
    expect("count=5..100/2", "5 100");
    expect("size=1K..1M/3", "1K 32K 1M");
}

static void test_rules(void **state) {
    (void)state;
    expect("rule=never,every:1..8,bytes:4K..16K", "never every:1 every:2 every:4 every:8 bytes:4K bytes:8K bytes:16K");
    expect("rule=ratio:0.1..1", "ratio:0.1 ratio:0.2 ratio:0.4 ratio:0.8 ratio:1");
    expect("rule=ratio:50%..2", "ratio:0.5 ratio:1 ratio:2");
    expect("rule=ratio:0.25..1+0.25", "ratio:0.25 ratio:0.5 ratio:0.75 ratio:1");
    expect("rule=every:64", "every:64");
}

static void test_refusals(void **state) {
    (void)state;
    expect_bad("", "\"\" varies nothing; expected KEY=VALUE,VALUE,… as in merge=never,immediate");
    expect_bad("merge", "\"merge\" varies nothing; expected KEY=VALUE,VALUE,… as in merge=never,immediate");
    expect_bad("=1", "\"=1\" varies nothing; expected KEY=VALUE,VALUE,… as in merge=never,immediate");
    expect_bad("a,b=1", "\"a,b=1\" varies nothing; expected KEY=VALUE,VALUE,… as in merge=never,immediate");
    expect_bad("count=", "\"count=\": a value is missing; expected KEY=VALUE,VALUE,…");
    expect_bad("count=1,,2", "\"count=1,,2\": a value is missing; expected KEY=VALUE,VALUE,…");
    expect_bad("count=1,", "\"count=1,\": a value is missing; expected KEY=VALUE,VALUE,…");
    expect_bad("count=1..", "count=1..: expected a number at both ends of a range, as in 1..64");
    expect_bad("count=..4", "count=..4: expected a number at both ends of a range, as in 1..64");
    expect_bad("count=1K..4K", "count=1K..4K: expected a number at both ends of a range, as in 1..64");
    expect_bad("size=4K..x", "size=4K..x: expected a number at both ends of a range, as in 4K..1M");
    expect_bad("time=1K..1s", "time=1K..1s: expected a number at both ends of a range, as in 1ms..1s");
    expect_bad("count=1..9223372036854775808",
               "count=1..9223372036854775808: expected a number at both ends of a range, as in 1..64");
    expect_bad("rule=every:a..4", "rule=every:a..4: expected a number at both ends of a range, as in every:1..64");
    expect_bad("rule=ratio:.5..4", "rule=ratio:.5..4: expected a number at both ends of a range, as in ratio:0.1..10");
    expect_bad("size=1M..4K", "size=1M..4K: a range goes upwards; expected 4K..1M");
    expect_bad("rule=every:8..1", "rule=every:8..1: a range goes upwards; expected every:1..8");
    expect_bad("count=1..8*1",
               "count=1..8*1: unknown step \"*1\"; expected *2 or more (times), /2 or more (values), or "
               "a distance as in +4");
    expect_bad("size=4K..1M+0", "size=4K..1M+0: unknown step \"+0\"; expected *2 or more (times), /2 or more (values), "
                                "or a distance as in +64K");
    expect_bad("time=1ms..1s/x",
               "time=1ms..1s/x: unknown step \"/x\"; expected *2 or more (times), /2 or more (values), "
               "or a distance as in +100ms");
    expect_bad("size=0..1M",
               "size=0..1M: no ratio leads up from 0; expected a start above it, or a distance as in +64K");
    expect_bad("rule=ratio:0..1",
               "rule=ratio:0..1: no ratio leads up from 0; expected a start above it, or a distance as in +0.5");
    expect_bad("rule=1..4", "rule=1..4: a range follows a rule that takes a number; `heapyard show` lists them");
    expect_bad("rule=never:1..4",
               "rule=never:1..4: a range follows a rule that takes a number; `heapyard show` lists them");
    expect_bad("rule=ever:1..4",
               "rule=ever:1..4: a range follows a rule that takes a number; `heapyard show` lists them");
    expect_bad("count=1..65536+1",
               "count=1..65536+1: more than 1000 values; a longer step, or a range by ratios, gives fewer");
    expect_bad("count=1..65536/1001",
               "count=1..65536/1001: more than 1000 values; a longer step, or a range by ratios, gives fewer");
    char text[128] = "count=";
    memset(text + 6, '1', 64);
    strcpy(text + 70, "..2");
    found f;
    hy_error error = {""};
    assert_int_equal(go_through(text, &f, &error), -EINVAL);
    assert_non_null(strstr(error.text, "a number has fewer than 64 characters"));
}

static void test_most_values(void **state) {
    (void)state;
    found f;
    hy_error error = {""};
    assert_int_equal(go_through("count=1..1000+1", &f, &error), 0);
    assert_int_equal(f.count, 1000);
}

/* ------------------------------------------------------------------------------------------------------ points ---- */

static int points_of(const char *specs, const char *const *texts, hy_points *ret, hy_error *error) {
    char *list[4], buffer[4][128];
    hy_vary vary[4];
    size_t spec_count = 0, vary_count = 0;
    hy_text rest = {specs, strlen(specs)}, spec;
    for (; hy_spec_next(&rest, &spec); spec_count++) {
        snprintf(buffer[spec_count], sizeof buffer[0], "%.*s", (int)spec.size, spec.at);
        list[spec_count] = buffer[spec_count];
    }
    for (; texts[vary_count]; vary_count++)
        assert_int_equal(
            hy_vary_parse((hy_text){texts[vary_count], strlen(texts[vary_count])}, &vary[vary_count], error), 0);
    return hy_points_make(&hy_registry, list, spec_count, vary, vary_count, ret, error);
}

#define POINTS(specs, expected, again_expected, ...)                                                                   \
    do {                                                                                                               \
        const char *const texts[] = {__VA_ARGS__, NULL};                                                               \
        check_points(specs, expected, again_expected, texts);                                                          \
    } while (0)

static void check_points(const char *specs, const char *expected, size_t again, const char *const *texts) {
    hy_points points;
    hy_error error = {""};
    found f = {.count = 0};
    assert_int_equal(points_of(specs, texts, &points, &error), 0);
    for (size_t i = 0; i < points.count; i++)
        take(&f, (hy_text){points.spec[i], strlen(points.spec[i])});
    assert_string_equal(f.text, expected);
    assert_int_equal(points.again, again);
    hy_points_free(&points);
}

static void test_products(void **state) {
    (void)state;
    POINTS("fit", "fit:policy=first fit:policy=best", 0, "policy=first,best");
    POINTS("fit", "fit:policy=first,grain=1 fit:policy=first,grain=16 fit:policy=best,grain=1 fit:policy=best,grain=16",
           0, "policy=first,best", "grain=1,16");
    POINTS("fit:grain=1,first-fit", "fit:grain=1,chunk=4K fit:grain=1,chunk=8K first-fit:chunk=4K first-fit:chunk=8K",
           0, "chunk=4K..8K");
    POINTS("guard+lock+fit:chunk=8K,policy=best", "guard+lock+fit:policy=best,chunk=4K", 0, "chunk=4K");
    POINTS("fit:chunk=8K", "fit:chunk=4K fit:chunk=16K", 0, "chunk=4K,16K");
    POINTS("system", "system:mxfast=0 system:mxfast=32 system:mxfast=64", 0, "mxfast=0..64+32");
}

static void test_each_setting_once(void **state) {
    (void)state;
    POINTS("fit", "fit:chunk=64K", 1, "chunk=64K,65536");
    POINTS("fit", "fit:merge=ratio:50% fit:merge=never", 2, "merge=ratio:50%,ratio:0.5,never,never");
    POINTS("fit:chunk=4K,fit", "fit:policy=best,chunk=4K", 1, "policy=best", "chunk=4K");
    POINTS("fit:grain=16,fit", "fit:grain=16,policy=best", 1, "policy=best"); /* 16 is what grain is anyway */
    POINTS("guard+fit,fit", "guard+fit:policy=best fit:policy=best", 0, "policy=best");
    /* A malloc of others is told what is said, and its own default is not known here. */
    POINTS("system:mxfast=0,system", "system:mxfast=0,perturb=0 system:perturb=0", 0, "perturb=0");
}

static void expect_no_points(const char *specs, const char *vary, const char *sentence) {
    const char *const texts[] = {vary, NULL};
    hy_points points;
    hy_error error = {""};
    assert_int_equal(points_of(specs, texts, &points, &error), -EINVAL);
    assert_string_equal(error.text, sentence);
}

static void test_refused_products(void **state) {
    (void)state;
    expect_no_points("fit:grain=1,stack", "polcy=best",
                     "fit:grain=1 has no parameter \"polcy\" to vary; did you mean \"policy\"?");
    expect_no_points("bump", "wholly=1", "bump has no parameter \"wholly\" to vary; `heapyard show` lists them");
    expect_no_points("fit,system", "chunk=4K", "system has no parameter \"chunk\" to vary; `heapyard show` lists them");
    expect_no_points("system", "mxfast=0..320*3", "system:mxfast=243: expected 0 to 160");
    hy_points points;
    hy_error error = {""};
    const char *const twice[] = {"policy=best", "policy=first", NULL};
    assert_int_equal(points_of("fit", twice, &points, &error), -EINVAL);
    assert_string_equal(error.text, "policy is varied twice; put all its values into one list");
    const char *const many[] = {"chunk=4K..1M+4K", "trim=1..1000+1", NULL};
    assert_int_equal(points_of("fit", many, &points, &error), -EINVAL);
    assert_string_equal(error.text, "more than 20000 settings; vary less at a time");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_doubling),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_most_values),
        cmocka_unit_test(test_products),
        cmocka_unit_test(test_each_setting_once),
        cmocka_unit_test(test_refused_products),
    };
    return cmocka_run_group_tests_name("vary", tests, NULL, NULL);
}
