/* SPDX-License-Identifier: MIT
 *
 * test_choice.c - which allocator the report tells people to take.
 */
#include "report.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 4 };

typedef struct fixture {
    hy_entry entry[MOST];
    hy_study study;
} fixture;

/* In order of time, as the report keeps them.  low: of the interval of its time to the fastest one's; 0: it is that. */
static hy_entry *add(fixture *f, const char *spec, double time, double footprint, double low) {
    hy_entry *const e = &f->entry[f->study.count++];
    *e = (hy_entry){.spec = (char *)spec, .role = HY_ROLE_GENERAL, .time = {time, NAN, NAN}, .footprint = footprint};
    e->pass[HY_REPORT_THROUGHPUT] = (hy_pass_result){.cells = 9, .good = 9};
    e->behind = (hy_judgement){.ratio = time / f->entry[0].time.middle, .low = low, .word = ""};
    if (low > 0)
        e->behind.word = low > 1.02 ? HY_WORD_SLOWER : HY_WORD_INCONCLUSIVE;
    e->speed.word = e->size.word = f->study.aa.word = "";
    f->study.entries = f->entry;
    return e;
}

static hy_entry *add_baseline(fixture *f, double time, double footprint, double low) {
    return (hy_entry *)(f->study.baseline = add(f, "system", time, footprint, low));
}

static void expect(const fixture *f, const char *spec, const char *verb) {
    const hy_choice choice = hy_choose(&f->study);
    assert_non_null(choice.take);
    assert_string_equal(choice.take->spec, spec);
    assert_string_equal(hy_choice_verb(&f->study, &choice), verb);
}

static void test_leanest_of_the_fastest(void **state) {
    fixture f = {.study.count = 0};
    add(&f, "fast", 10, 200, 0)->speed.word = HY_WORD_FASTER;
    add(&f, "alike", 10.2, 120, 0.99)->speed.word = HY_WORD_FASTER;
    add_baseline(&f, 20, 100, 1.9);
    add(&f, "lean", 50, 90, 4.8)->speed.word = HY_WORD_SLOWER;
    expect(&f, "alike", "Take");
    const hy_choice choice = hy_choose(&f.study);
    assert_int_equal(choice.rivals, 1);
    assert_int_equal(choice.savers, 2);
    assert_string_equal(choice.saver[0]->spec, "system");
    assert_string_equal(choice.saver[1]->spec, "lean");
}

static void test_baseline_stays_unless_something_is_better(void **state) {
    fixture f = {.study.count = 0};
    hy_entry *const other = add(&f, "other", 10, 99, 0);
    add_baseline(&f, 10.1, 100, 0.98);
    expect(&f, "system", "Stay with"); /* as fast, and 1 % of memory is within the margin */
    other->footprint = 90;
    expect(&f, "other", "Take");
}

static void test_who_is_not_shown_to_be_faster_is_not_taken_for_memory(void **state) {
    fixture f = {.study.count = 0};
    add(&f, "fast", 10, 200, 0)->speed.word = HY_WORD_FASTER;
    add(&f, "unclear", 15, 120, 0.95)->speed.word = HY_WORD_INCONCLUSIVE;
    add_baseline(&f, 20, 100, 1.9);
    expect(&f, "fast", "Take");
}

static void test_who_failed_cannot_be_taken(void **state) {
    fixture f = {.study.count = 0};
    add(&f, "fast", 10, 50, 0)->pass[HY_REPORT_VERIFY] = (hy_pass_result){.cells = 1, .outcome = "failed"};
    add_baseline(&f, 20, 100, 1.9);
    expect(&f, "system", "Stay with");
    f.entry[1].footprint = NAN;
    assert_null(hy_choose(&f.study).take);
}

static void test_special_and_limits_are_no_choice(void **state) {
    fixture f = {.study.count = 0};
    add(&f, "null", 1, NAN, 0)->role = HY_ROLE_LIMIT;
    add(&f, "region", 2, 10, 0)->role = HY_ROLE_SPECIAL;
    add_baseline(&f, 20, 100, 0);
    expect(&f, "system", "Stay with");
}

static void test_no_verdict_is_said(void **state) {
    const char *const none = "No verdict. By the medians alone:";
    fixture f = {.study.count = 0};
    add(&f, "fast", 10, 200, 0)->speed.word = HY_WORD_WITHHELD;
    add_baseline(&f, 20, 100, 1.9)->behind.word = HY_WORD_WITHHELD;
    f.study.aa.word = HY_WORD_SLOWER;
    expect(&f, "fast", none);
    f.study.aa.word = HY_WORD_EQUIVALENT;
    expect(&f, "fast", "Take");
    f.entry[0].pass[HY_REPORT_THROUGHPUT].good = 4;
    f.entry[0].pass[HY_REPORT_THROUGHPUT].cells = 4;
    expect(&f, "fast", none);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_leanest_of_the_fastest),
        cmocka_unit_test(test_baseline_stays_unless_something_is_better),
        cmocka_unit_test(test_who_is_not_shown_to_be_faster_is_not_taken_for_memory),
        cmocka_unit_test(test_who_failed_cannot_be_taken),
        cmocka_unit_test(test_special_and_limits_are_no_choice),
        cmocka_unit_test(test_no_verdict_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
