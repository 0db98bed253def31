/* SPDX-License-Identifier: MIT
 *
 * test_cells.c - measured children that end badly; campaigns are in cells_campaigns.c.
 *
 * HEAPYARD_PARTS names the folder of heapyard-cell, HEAPYARD_TEST_PLUGIN a heap that misbehaves on request.
 */
#include "cells.h"
#include "said.h"
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char folder[64];
char trace_path[128];
static int program_fd = -1;
hy_event events[EVENTS];

void write_trace(const char *path, const hy_event *list, size_t count) {
    hy_trace_writer *writer = NULL;
    const hy_trace_meta meta = {.command = "made by hand"};
    assert_int_equal(hy_trace_create(path, &meta, &writer, NULL), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(hy_trace_append(writer, &list[i], NULL), 0);
    assert_int_equal(hy_trace_finish(writer, NULL), 0);
}

static int make_all(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/heapyard-cells-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(trace_path, sizeof trace_path, "%s/mix.hyt", folder);
    mix_events(events, EVENTS, 1, 9);
    program_fd = compile_list(HY_FORM_SERIAL, events, EVENTS);
    write_trace(trace_path, events, EVENTS);
    return 0;
}

static int remove_all(void **state) {
    (void)state;
    char command[160];
    close(program_fd);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

/* ---------------------------------------------------------------------------------------------------- one cell ---- */

static hy_cell_result run_child(const char *how, hy_pass pass, uint64_t timeout, uint64_t most_bytes) {
    char spec[512];
    hy_error error = {""};
    hy_cell_result result = {0};
    snprintf(spec, sizeof spec, "%s:how=%s", getenv("HEAPYARD_TEST_PLUGIN"), how);
    const hy_child_order order = {.program_fd = program_fd,
                                  .spec = spec,
                                  .pass = pass,
                                  .yard = pass == HY_PASS_YARD ? 16 << 20 : 0,
                                  .touch = HY_TOUCH_FIRST,
                                  .timeout = timeout,
                                  .most_bytes = most_bytes};
    assert_int_equal(hy_child_run(&order, &result, &error), 0);
    return result;
}

static void check_ending(const char *how, const char *outcome, const char *detail) {
    const uint64_t timeout = strcmp(how, "hang") == 0 ? 200000000u : 60000000000u;
    hy_cell_result result = run_child(how, HY_PASS_THROUGHPUT, timeout, 64 << 20);
    if (strcmp(result.outcome, outcome) != 0 || !strstr(result.detail, detail))
        fail_msg("%s: %s: \"%s\"; expected %s: \"%s\"", how, result.outcome, result.detail, outcome, detail);
    if (strcmp(outcome, "ok") != 0)
        assert_int_equal(result.metric_count, 0);
    hy_said_free(&result);
}

static void test_a_good_cell(void **state) {
    (void)state;
    for (hy_pass pass = 0; pass < HY_PASSES; pass++) {
        hy_cell_result result = run_child("nothing", pass, 60000000000u, 1 << 30);
        assert_string_equal(result.outcome, "ok");
        assert_string_equal(result.detail, "");
        assert_string_equal(result.version, HY_VERSION);
        assert_true(result.metric_count > 0);
        assert_int_equal(result.bucket_count > 0, pass == HY_PASS_LATENCY);
        assert_int_equal(result.point_count > 0, pass == HY_PASS_FOOTPRINT);
        hy_said_free(&result);
    }
}

static void test_a_crash_names_the_signal(void **state) {
    (void)state;
    check_ending("crash", "crash", "SIGSEGV");
}

static void test_a_crash_keeps_the_last_words(void **state) {
    (void)state;
    check_ending("shout", "crash", "SIGABRT, Aborted: the list is broken");
}

static void test_a_hanging_cell_is_killed(void **state) {
    (void)state;
    check_ending("hang", "timeout", "not ready after 200");
}

static void test_no_room_says_how_far_it_got(void **state) {
    (void)state;
    check_ending("refuse", "no-room", "of 3000");
}

static void test_a_cell_that_leaves(void **state) {
    (void)state;
    check_ending("leave", "crash", "exit code 3");
}

static void test_a_hungry_cell_is_killed(void **state) {
    (void)state;
    check_ending("hunger", "no-room", "--max-heap, 64.0 MiB");
}

static void test_a_heap_that_cannot_be_made(void **state) {
    (void)state;
    check_ending("create", "failed", "could not be created");
}

/* ----------------------------------------------------------------------------------------------------- streaming ----
 */

static void check_streamed(const hy_prepared *prepared, const char *how, const char *outcome, const char *detail) {
    char spec[512];
    hy_error error = {""};
    hy_cell_result result = {0};
    snprintf(spec, sizeof spec, "%s:how=%s", getenv("HEAPYARD_TEST_PLUGIN"), how);
    const hy_child_order order = {.prepared = prepared,
                                  .spec = spec,
                                  .timeout = strcmp(how, "hang") == 0 ? 200000000u : 60000000000u,
                                  .most_bytes = 1 << 30};
    assert_true(hy_prepared_is_streamed(prepared));
    assert_int_equal(hy_child_run(&order, &result, &error), 0);
    if (strcmp(result.outcome, outcome) != 0 || !strstr(result.detail, detail))
        fail_msg("%s: %s: \"%s\"; expected %s: \"%s\"", how, result.outcome, result.detail, outcome, detail);
    hy_said_free(&result);
}

static void test_a_streamed_cell_may_end_in_any_way(void **state) {
    (void)state;
    const hy_prepare_order order = {.path = trace_path, .form = HY_FORM_SERIAL, .window = 100};
    hy_prepared prepared;
    assert_int_equal(hy_prepare(&order, &prepared, NULL), 0);
    check_streamed(&prepared, "nothing", "ok", "");
    check_streamed(&prepared, "crash", "crash", "SIGSEGV");
    check_streamed(&prepared, "hang", "timeout", "not ready after");
    check_streamed(&prepared, "refuse", "no-room", "of 3000");
    hy_prepared_free(&prepared);
}

/* A child whose tables were made for another trace must not get this one. */
static void test_a_trace_that_changes_is_found_out(void **state) {
    (void)state;
    char path[160];
    static hy_event many[2000];
    const hy_prepare_order order = {.path = path, .form = HY_FORM_SERIAL, .window = 100};
    hy_prepared prepared;
    snprintf(path, sizeof path, "%s/changing.hyt", folder);
    write_trace(path, events, 500);
    assert_int_equal(hy_prepare(&order, &prepared, NULL), 0);
    for (uint64_t i = 0; i < 2000; i++)
        many[i] = (hy_event)BORN(0, i, 8); /* none dies: more slots */
    write_trace(path, many, 2000);
    check_streamed(&prepared, "nothing", "failed", "has changed since it was prepared");
    write_trace(path, events, 300); /* less than was counted: figures would be too good */
    check_streamed(&prepared, "nothing", "failed", "has changed since it was prepared");
    assert_int_equal(unlink(path), 0);
    check_streamed(&prepared, "nothing", "failed", "No such file");
    assert_int_equal(mkfifo(path, 0600), 0);
    const int silent = open(path, O_RDWR | O_CLOEXEC);
    check_streamed(&prepared, "nothing", "failed", "has changed since it was prepared");
    close(silent);
    hy_prepared_free(&prepared);
}

/* A small file in which very much lives. */
static void test_what_lives_has_a_limit(void **state) {
    (void)state;
    enum { LIVING = 20000 };
    char path[160];
    static hy_event many[LIVING];
    hy_prepare_order order = {.path = path, .form = HY_FORM_SERIAL, .most_bytes = 1 << 20};
    hy_prepared prepared;
    hy_error error = {""};
    snprintf(path, sizeof path, "%s/living.hyt", folder);
    for (uint64_t i = 0; i < LIVING; i++)
        many[i] = (hy_event)BORN(0, i, 8);
    write_trace(path, many, LIVING);
    assert_int_equal(hy_prepare(&order, &prepared, &error), -E2BIG);
    assert_non_null(
        strstr(error.text, "living.hyt: so much lives at once that the tables for it would take more than"));
    order.most_bytes = 4 << 20;
    assert_int_equal(hy_prepare(&order, &prepared, &error), 0);
    hy_prepared_free(&prepared);
}

/* ------------------------------------------------------------------------------------------------------- layout ----
 */

/* What the child says of its own stack and environment. */
static void look_inside(hy_layout layout, unsigned long long *ret_stack, size_t *ret_environment) {
    char spec[512];
    hy_error error = {""};
    hy_cell_result result = {0};
    snprintf(spec, sizeof spec, "%s:how=where", getenv("HEAPYARD_TEST_PLUGIN"));
    const hy_child_order order = {.program_fd = program_fd,
                                  .spec = spec,
                                  .touch = HY_TOUCH_FIRST,
                                  .layout = layout,
                                  .timeout = 60000000000u,
                                  .most_bytes = 1 << 30};
    assert_int_equal(hy_child_run(&order, &result, &error), 0);
    const char *const said = strstr(result.detail, "stack ");
    assert_non_null(said);
    assert_int_equal(sscanf(said, "stack %llu environment %zu", ret_stack, ret_environment), 2);
    hy_said_free(&result);
}

static void test_a_layout_moves_the_stack(void **state) {
    (void)state;
    unsigned long long plain, again, lower, padded;
    size_t environment, as_long, longer;
    hy_error error;
    if (hy_layout_check(HY_LAYOUT_FIXED, &error) < 0)
        skip();
    look_inside((hy_layout){.fixed = true}, &plain, &environment);
    look_inside((hy_layout){.fixed = true}, &again, &as_long);
    assert_int_equal(again, plain);
    assert_int_equal(as_long, environment);
    look_inside((hy_layout){.fixed = true, .stack = 1600}, &lower, &as_long);
    assert_int_equal(plain - lower, 1600);
    assert_int_equal(as_long, environment);
    look_inside((hy_layout){.fixed = true, .environment = 1600}, &padded, &longer);
    assert_int_equal(longer - environment, 1600 + sizeof "HEAPYARD_PAD=");
    assert_true(plain - padded >= 1600 && plain - padded <= 1680);
}

/* -------------------------------------------------------------------------------------------------- what is said ----
 */

static void test_only_whole_lines_count(void **state) {
    (void)state;
    hy_cell_result result = {0};
    assert_true(hy_said_read("version 1.2\nmetric ops 3 count\nmetric broken\nnonsense\npoint live 1 2\n"
                             "bucket all 1 2 3\nmetric ns_per_op 4 n",
                             &result));
    assert_string_equal(result.version, "1.2");
    assert_int_equal(result.metric_count, 1);
    assert_true(result.metrics[0].value == 3);
    assert_int_equal(result.point_count, 1);
    assert_int_equal(result.buckets[0].count, 3);
    assert_string_equal(result.outcome, "");
    hy_said_free(&result);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_good_cell),
        cmocka_unit_test(test_a_crash_names_the_signal),
        cmocka_unit_test(test_a_crash_keeps_the_last_words),
        cmocka_unit_test(test_a_hanging_cell_is_killed),
        cmocka_unit_test(test_no_room_says_how_far_it_got),
        cmocka_unit_test(test_a_cell_that_leaves),
        cmocka_unit_test(test_a_hungry_cell_is_killed),
        cmocka_unit_test(test_a_heap_that_cannot_be_made),
        cmocka_unit_test(test_a_streamed_cell_may_end_in_any_way),
        cmocka_unit_test(test_a_trace_that_changes_is_found_out),
        cmocka_unit_test(test_what_lives_has_a_limit),
        cmocka_unit_test(test_a_layout_moves_the_stack),
        cmocka_unit_test(test_only_whole_lines_count),
        cmocka_unit_test(test_resume_runs_what_is_missing),
        cmocka_unit_test(test_who_is_too_slow_is_not_waited_for_again),
        cmocka_unit_test(test_a_changed_trace_is_not_resumed),
        cmocka_unit_test(test_a_probe_tells_what_cannot_be_opened),
        cmocka_unit_test(test_what_cannot_be_opened_is_stored_and_not_run),
    };
    return cmocka_run_group_tests_name("cells", tests, make_all, remove_all);
}
