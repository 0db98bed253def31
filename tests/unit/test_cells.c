/* SPDX-License-Identifier: MIT
 *
 * test_cells.c - measured children that end badly, and campaigns that are interrupted.
 *
 * HEAPYARD_PARTS names the folder of heapyard-cell, HEAPYARD_TEST_PLUGIN a heap that misbehaves on request.
 */
#include "campaign.h"
#include "cell_order.h"
#include "event_list.h"
#include "said.h"
#include "trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVENTS = 3000 };

static char folder[] = "/tmp/heapyard-cells-XXXXXX";
static char trace_path[128], database[128];
static int program_fd = -1;
static hy_event events[EVENTS];

static int make_all(void **state) {
    (void)state;
    hy_trace_writer *writer = NULL;
    const hy_trace_meta meta = {.command = "made by hand"};
    if (!mkdtemp(folder))
        return -1;
    snprintf(trace_path, sizeof trace_path, "%s/mix.hyt", folder);
    snprintf(database, sizeof database, "%s/results.db", folder);
    mix_events(events, EVENTS, 1, 9);
    program_fd = compile_list(HY_FORM_SERIAL, events, EVENTS);
    hy_error error = {""};
    int r = hy_trace_create(trace_path, &meta, &writer, &error);
    for (size_t i = 0; r == 0 && i < EVENTS; i++)
        r = hy_trace_append(writer, &events[i], &error);
    r = r == 0 ? hy_trace_finish(writer, &error) : r;
    if (r < 0)
        fputs(error.text, stderr);
    return r;
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

static void write_trace(const char *path, const hy_event *list, size_t count) {
    hy_trace_writer *writer = NULL;
    const hy_trace_meta meta = {.command = "made by hand"};
    assert_int_equal(hy_trace_create(path, &meta, &writer, NULL), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(hy_trace_append(writer, &list[i], NULL), 0);
    assert_int_equal(hy_trace_finish(writer, NULL), 0);
}

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
    hy_prepared_free(&prepared);
}

/* ------------------------------------------------------------------------------------------------------- layout ----
 */

static void test_layouts_follow_from_seed_and_place(void **state) {
    (void)state;
    unsigned different = 0;
    for (size_t place = 0; place < 100; place++) {
        const hy_layout a = hy_layout_of(HY_LAYOUT_RANDOM, HY_PASS_THROUGHPUT, 5, place);
        const hy_layout again = hy_layout_of(HY_LAYOUT_RANDOM, HY_PASS_CONTROL, 5, place);
        const hy_layout next = hy_layout_of(HY_LAYOUT_RANDOM, HY_PASS_LATENCY, 5, place + 1);
        assert_int_equal(a.environment, again.environment);
        assert_int_equal(a.stack, again.stack);
        assert_true(a.environment <= 4096 && a.environment % 16 == 0);
        assert_true(a.stack <= 4096 && a.stack % 16 == 0 && !a.fixed);
        different += a.environment != next.environment && a.stack != next.stack && a.stack != a.environment;
    }
    assert_true(different > 90);
    const hy_layout counted = hy_layout_of(HY_LAYOUT_RANDOM, HY_PASS_FOOTPRINT, 5, 1);
    const hy_layout fixed = hy_layout_of(HY_LAYOUT_FIXED, HY_PASS_THROUGHPUT, 5, 1);
    assert_true(counted.environment == 0 && counted.stack == 0 && !counted.fixed);
    assert_true(fixed.environment == 0 && fixed.stack == 0 && fixed.fixed);
}

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

/* ---------------------------------------------------------------------------------------------------- campaigns ----
 */

static char *const plan_traces[] = {trace_path};
static char *const plan_specs[] = {"null", "skeleton"};

static hy_campaign_plan make_plan(void) {
    return (hy_campaign_plan){.traces = plan_traces,
                              .trace_count = 1,
                              .specs = plan_specs,
                              .spec_count = 2,
                              .pass = {true, true, true, false},
                              .repetitions = 3,
                              .touch = HY_TOUCH_FIRST,
                              .timeout = 60000000000u,
                              .most_bytes = 1 << 30,
                              .seed = 17,
                              .command = "heapyard replay mix.hyt"};
}

static void test_order_is_random_whole_and_repeatable(void **state) {
    (void)state;
    const hy_campaign_plan plan = make_plan();
    size_t count = 0, again_count = 0, other_count = 0, same = 0;
    hy_slot_in_time *const order = hy_order_make(&plan, 1, &count), *const again =
                                                                        hy_order_make(&plan, 1, &again_count);
    hy_slot_in_time *const other = hy_order_make(&plan, 2, &other_count);
    unsigned seen[2][HY_PASSES][3] = {{{0}}};
    assert_int_equal(count, 2 * 2 * 3 + 2); /* time three times, footprint once */
    assert_int_equal(again_count, count);
    assert_memory_equal(order, again, count * sizeof *order);
    for (size_t i = 0; i < count; i++) {
        seen[order[i].spec][order[i].pass][order[i].repetition]++;
        assert_true(i == 0 || order[i].repetition >= order[i - 1].repetition);
        same += memcmp(&order[i], &other[i], sizeof *order) == 0;
    }
    assert_true(same < count);
    for (int spec = 0; spec < 2; spec++)
        for (unsigned r = 0; r < 3; r++) {
            assert_int_equal(seen[spec][HY_PASS_THROUGHPUT][r], 1);
            assert_int_equal(seen[spec][HY_PASS_LATENCY][r], 1);
            assert_int_equal(seen[spec][HY_PASS_FOOTPRINT][r], r == 0);
        }
    free(order);
    hy_campaign_plan few = plan;
    few.most_latency = 2;
    free(hy_order_make(&few, 1, &count));
    assert_int_equal(count, 2 * (3 + 2) + 2); /* latency twice */
    free(again);
    free(other);
}

static void test_more_rounds_leave_those_before_them_alone(void **state) {
    (void)state;
    hy_campaign_plan plan = make_plan();
    size_t three = 0, nine = 0;
    hy_slot_in_time *const few = hy_order_make(&plan, 7, &three);
    plan.repetitions = 9;
    hy_slot_in_time *const many = hy_order_make(&plan, 7, &nine);
    assert_true(nine > three);
    assert_memory_equal(few, many, three * sizeof *few);
    free(few);
    free(many);
}

static void test_control_is_the_baseline_once_more_in_each_round(void **state) {
    (void)state;
    static char *const specs[] = {"null", "bump", "skeleton", "first-fit"};
    hy_campaign_plan plan = make_plan();
    size_t count = 0, control = 0;
    plan.specs = specs;
    plan.spec_count = 4;
    assert_int_equal(hy_campaign_baseline(&plan), 2); /* the first that is no limit */
    plan.control = 2;
    plan.pass[HY_PASS_CONTROL] = true;
    hy_slot_in_time *const order = hy_order_make(&plan, 1, &count);
    for (size_t i = 0; i < count; i++)
        if (order[i].pass == HY_PASS_CONTROL) {
            assert_int_equal(order[i].spec, 2);
            assert_int_equal(order[i].repetition, control++);
        }
    assert_int_equal(control, 3);
    free(order);
}

static volatile sig_atomic_t stop;

/* Stops before the sixth cell. */
static void stop_later(void *context, const hy_progress *progress) {
    (void)context;
    stop = progress->done == 5;
}

static int count_rows(void *context, int columns, const char *const *text) {
    (void)columns;
    *(long *)context = strtol(text[0], NULL, 10);
    return 0;
}

static long ask(hy_store *store, const char *sql) {
    long answer = -1;
    assert_int_equal(hy_store_query(store, sql, NULL, count_rows, &answer, NULL), 0);
    return answer;
}

static void test_resume_runs_what_is_missing(void **state) {
    (void)state;
    hy_store *store = NULL;
    hy_error error = {""};
    hy_campaign_end first = {0}, second = {0};
    hy_campaign_plan plan = make_plan();
    assert_int_equal(hy_store_open(database, true, &store, &error), 0);
    plan.resume = true;
    assert_true(hy_campaign_run(&plan, store, &first, &error) < 0);
    assert_non_null(strstr(error.text, "nothing to resume"));
    plan.resume = false;
    plan.stop = &stop;
    plan.show_progress = stop_later;
    assert_int_equal(hy_campaign_run(&plan, store, &first, &error), 0);
    assert_int_equal(first.cells, 14);
    assert_int_equal(first.measured, 5);
    assert_int_equal(first.missing, 9);
    assert_int_equal(ask(store, "SELECT count(*) FROM cell"), 5);
    stop = 0;
    plan.show_progress = NULL;
    plan.resume = true;
    plan.seed = 99; /* the stored one counts */
    assert_int_equal(hy_campaign_run(&plan, store, &second, &error), 0);
    assert_int_equal(second.campaign, first.campaign);
    assert_int_equal(second.measured, 9);
    assert_int_equal(second.missing, 0);
    assert_int_equal(ask(store, "SELECT count(*) FROM cell"), 14);
    assert_int_equal(ask(store, "SELECT count(DISTINCT position) FROM cell"), 14);
    assert_int_equal(ask(store, "SELECT count(*) FROM cell WHERE outcome = 'ok'"), 13); /* null has no footprint */
    assert_int_equal(ask(store, "SELECT seed FROM campaign"), 17);
    free(first.traces);
    free(second.traces);
    hy_store_close(store);
}

static void test_a_probe_tells_what_cannot_be_opened(void **state) {
    (void)state;
    const char *const specs[] = {"null", "./no-such-file.so", "fit:grain=7", "skeleton"};
    hy_probed probed[4] = {{false}};
    hy_error error = {""};
    assert_int_equal(hy_probe(specs, 4, probed, &error), 0);
    assert_true(probed[0].ok && probed[3].ok && !probed[1].ok && !probed[2].ok);
    assert_string_equal(probed[1].outcome, "failed");
    assert_non_null(strstr(probed[1].detail, "no-such-file.so"));
    assert_string_equal(probed[2].outcome, "refused");
    assert_string_equal(probed[2].detail, "fit: grain is 1 or 16");
}

static void test_what_cannot_be_opened_is_stored_and_not_run(void **state) {
    (void)state;
    char path[160];
    snprintf(path, sizeof path, "%s/probed.db", folder);
    hy_store *store = NULL;
    hy_error error = {""};
    hy_campaign_end end;
    const hy_probed probed[] = {{.ok = true}, {false, "refused", "because"}};
    hy_campaign_plan plan = make_plan();
    plan.probed = probed;
    assert_int_equal(hy_store_open(path, true, &store, &error), 0);
    assert_int_equal(hy_campaign_run(&plan, store, &end, &error), 0);
    assert_int_equal(end.cells, 3 + 3 + 1 + 3); /* of the second once a pass */
    assert_int_equal(ask(store, "SELECT count(*) FROM cell WHERE spec = 'skeleton' AND outcome = 'refused' AND"
                                " detail = 'because' AND repetition = 0"),
                     3);
    free(end.traces);
    hy_store_close(store);
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
        cmocka_unit_test(test_layouts_follow_from_seed_and_place),
        cmocka_unit_test(test_a_layout_moves_the_stack),
        cmocka_unit_test(test_only_whole_lines_count),
        cmocka_unit_test(test_order_is_random_whole_and_repeatable),
        cmocka_unit_test(test_more_rounds_leave_those_before_them_alone),
        cmocka_unit_test(test_control_is_the_baseline_once_more_in_each_round),
        cmocka_unit_test(test_resume_runs_what_is_missing),
        cmocka_unit_test(test_a_probe_tells_what_cannot_be_opened),
        cmocka_unit_test(test_what_cannot_be_opened_is_stored_and_not_run),
    };
    return cmocka_run_group_tests_name("cells", tests, make_all, remove_all);
}
