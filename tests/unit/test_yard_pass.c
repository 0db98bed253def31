/* SPDX-License-Identifier: MIT
 *
 * test_yard_pass.c - heaps in memory of a fixed size: what fails, why, and that the replay goes on.
 */
#include "event_list.h"
#include "fixed_pages.h"
#include "registry.h"
#include "replay.h"
#include "said_figure.h"

#include <stdlib.h>
#include <string.h>

static char memory[1 << 17] __attribute__((aligned(4096)));

/* What the yard pass says; to be freed. */
static char *run_yard(const char *spec, size_t size, const hy_program *program) {
    static hy_instance instance;
    hy_error error = {""};
    hy_replay replay;
    hy_ending ending;
    hy_pages *yard = NULL;
    char *text = NULL;
    size_t text_size = 0;
    FILE *const out = open_memstream(&text, &text_size);
    assert_int_equal(hy_fixed_pages_over(memory, size, 1, &yard), 0);
    const hy_open_options options = {.data = yard, .meta = yard};
    assert_int_equal(hy_open(&hy_registry, (hy_text){spec, strlen(spec)}, &options, &instance, &error), 0);
    assert_int_equal(hy_replay_start(&replay, program, &instance, HY_TOUCH_ALL, &error), 0);
    hy_pass_yard(&replay, out, &ending);
    assert_string_equal(ending.outcome, "ok");
    assert_true(!instance.heap->ops->check || instance.heap->ops->check(instance.heap) == NULL);
    hy_replay_end(&replay);
    hy_close(&instance);
    assert_int_equal(yard->committed, 0);
    yard->ops->destroy(yard);
    fclose(out);
    return text;
}

static void test_enough_room(void **state) {
    (void)state;
    const hy_event events[] = {BORN(0, 0, 5000), BORN(0, 1, 5000), RESIZED(0, 0, 9000), DEAD(0, 1), DEAD(0, 0)};
    hy_program p = MAP_LIST(HY_FORM_SERIAL, events);
    char *const text = run_yard("best-fit", sizeof memory, &p);
    assert_int_equal(said_figure(text, "yard"), sizeof memory);
    assert_int_equal(said_figure(text, "failures"), 0);
    assert_int_equal(said_figure(text, "failed_bytes"), 0);
    assert_int_equal(said_figure(text, "skipped_ops"), 0);
    assert_int_equal(said_figure(text, "external_failures"), 0);
    assert_null(strstr(text, "first_failure"));
    free(text);
    hy_program_unmap(&p);
}

/* An object without room is absent from then on; one that cannot grow lives on as it was. */
static void test_failures_are_counted_and_left_out(void **state) {
    (void)state;
    const hy_event events[] = {BORN(0, 0, 40000),    BORN(0, 1, 40000), BORN(0, 2, 60000),     /* no room */
                               RESIZED(0, 2, 70000), DEAD(0, 2),        RESIZED(0, 1, 100000), /* no room */
                               RESIZED(0, 1, 30000), DEAD(0, 0),        ZEROED(0, 3, 30000),   DEAD(0, 1)};
    static const char *const specs[] = {"best-fit", "tlsf", "segregated", "guard+first-fit"};
    hy_program p = MAP_LIST(HY_FORM_SERIAL, events);
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        char *const text = run_yard(specs[i], sizeof memory, &p);
        if (said_figure(text, "failures") != 2)
            fail_msg("%s:\n%s", specs[i], text);
        assert_int_equal(said_figure(text, "failed_bytes"), 160000);
        assert_int_equal(said_figure(text, "first_failure"), 3);
        assert_int_equal(said_figure(text, "skipped_ops"), 2);
        assert_int_equal(said_figure(text, "failures_walked"), 2);
        assert_int_equal(said_figure(text, "external_failures"), 0);
        free(text);
    }
    hy_program_unmap(&p);
}

/* Two holes of 24 000 bytes each have 47 000 bytes together, and no room for them. */
static void test_scattered_room_is_told_from_none(void **state) {
    (void)state;
    const hy_event events[] = {BORN(0, 0, 24000), BORN(0, 1, 24000), BORN(0, 2, 24000), BORN(0, 3, 24000),
                               DEAD(0, 0),        DEAD(0, 2),        BORN(0, 4, 47000), BORN(0, 5, 120000)};
    hy_program p = MAP_LIST(HY_FORM_SERIAL, events);
    char *const text = run_yard("first-fit", sizeof memory, &p);
    assert_int_equal(said_figure(text, "failures"), 2);
    assert_int_equal(said_figure(text, "first_failure"), 7);
    assert_int_equal(said_figure(text, "failures_walked"), 2);
    assert_int_equal(said_figure(text, "external_failures"), 1);
    free(text);
    hy_program_unmap(&p);
}

/* Larger than any block of the heap: it is not asked. */
static void test_too_large_for_the_heap(void **state) {
    (void)state;
    const hy_event events[] = {BORN(0, 0, 64), BORN(0, 1, 65), DEAD(0, 1), DEAD(0, 0)};
    hy_program p = MAP_LIST(HY_FORM_SERIAL, events);
    char *const text = run_yard("pool:size=64", sizeof memory, &p);
    assert_int_equal(said_figure(text, "failures"), 1);
    assert_int_equal(said_figure(text, "first_failure"), 2);
    free(text);
    hy_program_unmap(&p);
}

/* A long mix in a yard of all sizes. */
static void test_no_yard_is_too_small(void **state) {
    (void)state;
    enum { COUNT = 5000 };
    static const char *const specs[] = {"best-fit",   "fit:order=address", "tlsf", "buddy",
                                        "segregated", "skeleton",          "bump"};
    static hy_event events[COUNT];
    mix_events(events, COUNT, 1, 3);
    hy_program p = map_list(HY_FORM_SERIAL, events, COUNT);
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++)
        for (size_t size = 20000; size < sizeof memory; size += 9999) {
            char *const text = run_yard(specs[i], size, &p);
            assert_true(said_figure(text, "failures") < COUNT);
            assert_true(said_figure(text, "external_failures") <= said_figure(text, "failures_walked"));
            free(text);
        }
    hy_program_unmap(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_enough_room),
        cmocka_unit_test(test_failures_are_counted_and_left_out),
        cmocka_unit_test(test_scattered_room_is_told_from_none),
        cmocka_unit_test(test_too_large_for_the_heap),
        cmocka_unit_test(test_no_yard_is_too_small),
    };
    return cmocka_run_group_tests_name("yard_pass", tests, NULL, NULL);
}
