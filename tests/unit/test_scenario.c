/* SPDX-License-Identifier: MIT
 *
 * test_scenario.c - scenarios as text, their conditions, and the cells of a heap map.  tests/scenarios plays them.
 */
#include "heapmap.h"
#include "registry.h"
#include "scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static hy_scenario *must_parse(const char *text) {
    hy_scenario *scenario = NULL;
    hy_error error;
    if (hy_scenario_parse(text, strlen(text), "a.scenario", &scenario, &error) < 0)
        fail_msg("%s", error.text);
    return scenario;
}

static void lines_become_steps(void **state) {
    (void)state;
    hy_scenario *const s =
        must_parse("# nothing\n\non simple\non fit:grain=1\nunit 0x10\r\n"
                   "case one two\nalloc a 1K align 8 # why\n[policy=first] free a\n"
                   "[else] expect holes 1:2 3:4\nexpect a at +0x6c\nexpect map\n| ab\n  | cd\nmerge");
    assert_int_equal(s->count, 10);
    assert_int_equal(s->steps[2].number, 16);
    assert_string_equal(s->steps[3].text, "one two");
    const hy_step *const alloc = &s->steps[4], *const holes = &s->steps[6], *const at = &s->steps[7];
    assert_int_equal(alloc->line, 7);
    assert_int_equal(alloc->number, 1024);
    assert_int_equal(alloc->align, 8);
    assert_null(alloc->condition);
    assert_string_equal(s->steps[5].condition, "policy=first");
    assert_int_equal(holes->hole_count, 2);
    assert_int_equal(holes->holes[1].start, 3);
    assert_int_equal(holes->holes[1].size, 4);
    assert_int_equal(at->number, 0x6c);
    assert_string_equal(s->steps[8].text, "abcd");
    assert_int_equal(s->steps[8].number, 2);
    assert_string_equal(hy_scenario_spec(s, 1), "fit:grain=1");
    assert_null(hy_scenario_spec(s, 2));
    hy_scenario_free(s);
}

/* Each is refused with file, line and a sentence that has these words. */
static void broken_lines_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"", "nothing is in it"},
        {"# only words\n", "nothing is in it"},
        {"\nalocc a 1\n", "a.scenario:2: unknown word \"alocc\"; did you mean \"alloc\"?"},
        {"alloc a\n", ":1: expected alloc NAME SIZE"},
        {"alloc a 1 2\n", "expected alloc NAME SIZE"},
        {"alloc a 1 align 3\n", "no power of two"},
        {"alloc 1a 1\n", "is no name"},
        {"alloc a ten\n", "\"ten\" is no number"},
        {"alloc a -1\n", "\"-1\" is no number"},
        {"alloc a 99999999999999\n", "out of range"},
        {"storage 31\nmerge\n", "out of range; expected 32"},
        {"alloc a 1\nfree b\n", ":2: no line above allocates \"b\""},
        {"alloc a 1\nunit 8\n", ":2: unit is a setting"},
        {"merge now\n", "expected merge"},
        {"compact all\n", "expected compact"},
        {"grant a 4\n", "expected grant NAME MINIMUM PREFERRED"},
        {"grant a 8 4\n", "4 is preferred, which is less than the minimum, 8"},
        {"grant a 0 4\n", "out of range"},
        {"alloc a 1\nexpect a gets\n", "expected expect NAME gets LENGTH"},
        {"expect waste none\n", "is no number"},
        {"expect a is 3\n", "expect NAME at"},
        {"expect\n", "expect NAME at"},
        {"expect holes 3\n", "expected START:LENGTH"},
        {"expect holes 3:0\n", "out of range"},
        {"alloc a 1\nexpect a fails badly\n", "externally"},
        {"[policy=best\nfree a\n", "without its ]"},
        {"[policy=best]\n", "nothing stands behind"},
        {"[] merge\n", "without words"},
        {"[policy=] merge\n", "is no condition"},
        {"[a||b] merge\n", "is no condition"},
        {"[a]merge\n", "blanks around"},
        {"[else] merge\n", "[else] without a condition"},
        {"[a] case one\n", "a case has no condition"},
        {"[a] on simple\n", "no condition"},
        {"| ab\n", "the line above is no"},
        {"expect map\nmerge\n", ":1: a map without rows"},
        {"expect map\n| ab\n| abc\n", ":3: a row of 3"},
        {"expect map\n|ab\n", "expected | and one word"},
        {"merge\x01\n", "a control character (0x01)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hy_scenario *scenario = NULL;
        hy_error error = {""};
        assert_true(hy_scenario_parse(cases[i].text, strlen(cases[i].text), "a.scenario", &scenario, &error) < 0);
        if (!strstr(error.text, cases[i].words) || !strstr(error.text, "a.scenario"))
            fail_msg("%s gave %s", cases[i].text, error.text);
    }
}

static void a_zero_byte_is_no_text(void **state) {
    (void)state;
    hy_scenario *scenario = NULL;
    hy_error error;
    assert_true(hy_scenario_parse("merge\0x", 7, "a", &scenario, &error) < 0);
    assert_non_null(strstr(error.text, "zero byte"));
}

static bool holds(const char *spec, const char *condition) {
    return hy_condition_holds(&hy_registry, (hy_text){spec, strlen(spec)}, condition);
}

static void conditions_know_names_values_and_defaults(void **state) {
    (void)state;
    assert_true(holds("fit", "fit"));
    assert_false(holds("fit", "simple"));
    assert_true(holds("fit", "simple|fit"));
    assert_true(holds("fit", "policy=first"));
    assert_true(holds("best-fit", "policy=best grain=16"));
    assert_false(holds("best-fit", "policy=best grain=1"));
    assert_true(holds("fit:policy=worst", "policy=best|worst"));
    assert_false(holds("fit:policy=worst", "!policy=best|worst"));
    assert_true(holds("simple", "fit|simple|policy=best"));
    assert_true(holds("simple", "policy=-"));
    assert_false(holds("fit", "policy=-"));
    assert_true(holds("lock+simple", "lock simple"));
    assert_true(holds("fit", "!lock !simple"));
}

static int visit_three(hy_heap *heap, hy_visit *visit, void *context) {
    (void)heap;
    static const hy_range ranges[] = {
        {100, 30, 108, 22, HY_USED}, {130, 10, 0, 10, HY_FREE}, {1000, 8, 0, 0, HY_META}, {1008, 32, 0, 32, HY_FREE}};
    for (size_t i = 0; i < 4; i++)
        visit(context, &ranges[i]);
    return 0;
}

static void cells_leave_gaps_out(void **state) {
    (void)state;
    hy_heap_ops ops = {.walk = visit_three};
    hy_heap heap = {.ops = &ops};
    hy_heapmap map = {0};
    hy_heapmap_take(&map, &heap);
    assert_int_equal(map.bytes, 80);
    assert_int_equal(map.pieces, 2);
    hy_heapmap_place place = {0};
    hy_heapmap_cell cell;
    char letters[8] = "";
    static const uintptr_t starts[] = {100, 120, 1000, 1020};
    size_t count = 0;
    for (; hy_heapmap_next(&map, &place, 20, &cell); count++) {
        assert_int_equal(cell.start, starts[count]);
        letters[count] = hy_heapmap_letter(&cell);
    }
    assert_int_equal(count, 4);
    assert_string_equal(letters, "#o:.");
    hy_heapmap_free(&map);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_become_steps),     cmocka_unit_test(broken_lines_are_refused),
        cmocka_unit_test(a_zero_byte_is_no_text), cmocka_unit_test(conditions_know_names_values_and_defaults),
        cmocka_unit_test(cells_leave_gaps_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
