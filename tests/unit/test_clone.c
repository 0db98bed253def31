/* SPDX-License-Identifier: MIT
 *
 * test_clone.c - clones of traces, and traces made from tables: what must be kept is, and what must not be told is not.
 */
#include "difference.h"
#include "generator.h"
#include "random_events.h"
#include "summary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <unistd.h>

static hy_generated generated(const char *spec, const char *allocator, const char *trace) {
    const hy_generate_options options = {.spec = spec, .allocator = allocator, .trace = trace};
    hy_generated got;
    hy_error error;
    if (hy_generate(&options, &got, &error) < 0)
        fail_msg("%s: %s", spec, error.text);
    return got;
}

/* ------------------------------------------------------------------------------------------------------- clones ----
 */

#define ORIGINAL "/tmp/hy-workload-original.hyt"
#define CLONE "/tmp/hy-workload-clone.hyt"

static hy_trace_summary summary_at(const char *path) {
    hy_trace_summary sum;
    hy_error error;
    if (hy_trace_summarise(path, &sum, &error) < 0)
        fail_msg("%s", error.text);
    return sum;
}

/* Births, reallocs and frees of several threads. */
static void write_original(uint64_t seed, size_t count) {
    hy_event *const events = random_stream(seed, count);
    const hy_trace_meta meta = {.command = "secret"};
    hy_trace_writer *writer;
    hy_error error;
    assert_int_equal(hy_trace_create(ORIGINAL, &meta, &writer, &error), 0);
    for (size_t i = 0; i < count; i++) {
        events[i].thread = i < 10 ? 0 : events[i].thread % 2;
        if (events[i].kind <= HY_EVENT_FREE)
            assert_int_equal(hy_trace_append(writer, &events[i], &error), 0);
    }
    assert_int_equal(hy_trace_finish(writer, &error), 0);
    free(events);
}

static void one_run_is_a_copy(void **state) {
    hy_difference difference;
    hy_error error;
    write_original(3, 30000);
    generated("clone:trace=" ORIGINAL ",run=1000000,rare=0,seed=7", NULL, CLONE);
    hy_trace_summary sum = summary_at(ORIGINAL);
    assert_true(sum.events > 1000 && sum.by_kind[HY_EVENT_REALLOC] > 0);
    /* The first run may end anywhere before the end; one of one birth would say nothing. */
    assert_int_equal(hy_trace_difference(ORIGINAL, CLONE, false, &difference, &error), 0);
    assert_true(!difference.differ || difference.number > 1000);
    assert_string_equal(summary_at(CLONE).meta.command, "clone");
}

static void a_clone_is_like_its_original(void **state) {
    generated("sawtooth:live=1M,teeth=6", NULL, ORIGINAL);
    generated("clone:trace=" ORIGINAL ",run=16,rare=0", NULL, CLONE);
    const hy_trace_summary a = summary_at(ORIGINAL), b = summary_at(CLONE);
    hy_difference difference;
    hy_error error;
    assert_int_equal(a.objects, b.objects);
    assert_true(fabs((double)b.events / (double)a.events - 1) < 0.01);
    assert_true(fabs((double)b.total_bytes / (double)a.total_bytes - 1) < 0.01);
    assert_true(fabs((double)b.peak_bytes / (double)a.peak_bytes - 1) < 0.05);
    assert_true(fabs((double)b.peak_objects / (double)a.peak_objects - 1) < 0.05);
    assert_int_equal(hy_trace_difference(ORIGINAL, CLONE, false, &difference, &error), 0);
    assert_true(difference.differ && difference.number < 1000); /* and yet no copy */
}

static void a_clone_of_another_length(void **state) {
    generated("steady:blocks=20000,alive=500", NULL, ORIGINAL);
    const hy_trace_summary a = summary_at(ORIGINAL);
    generated("clone:trace=" ORIGINAL ",events=200000", NULL, CLONE);
    const hy_trace_summary longer = summary_at(CLONE);
    assert_true(fabs((double)longer.events / 200000 - 1) < 0.02);
    assert_true(fabs((double)longer.peak_bytes / (double)a.peak_bytes - 1) < 0.2); /* nothing lives long here */
    generated("clone:trace=" ORIGINAL ",events=4000", NULL, CLONE);
    assert_true(fabs((double)summary_at(CLONE).events / 4000 - 1) < 0.1);
}

static void rare_sizes_are_not_told(void **state) {
    const hy_trace_meta meta = {.pid = 0};
    hy_trace_writer *writer;
    hy_error error;
    assert_int_equal(hy_trace_create(ORIGINAL, &meta, &writer, &error), 0);
    for (uint64_t i = 0; i < 100; i++)
        hy_trace_append(writer, &(hy_event){.id = i, .size = i == 50 ? 4096 + 123 * 16 : 48}, &error);
    assert_int_equal(hy_trace_finish(writer, &error), 0);
    generated("clone:trace=" ORIGINAL ",rare=8", NULL, CLONE);
    const hy_trace_summary sum = summary_at(CLONE);
    assert_int_not_equal(sum.max_size, 4096 + 123 * 16);
    assert_true(sum.max_size >= 5632 && sum.max_size < 6144 + 512 && sum.max_size % 16 == 0);
    assert_int_equal(sum.sizes[6], 99); /* 48 */
}

static void the_same_seed_makes_the_same_clone(void **state) {
    write_original(4, 5000);
    generated("clone:trace=" ORIGINAL ",seed=1", NULL, CLONE);
    const uint64_t first = summary_at(CLONE).hash;
    generated("clone:trace=" ORIGINAL ",seed=1", NULL, CLONE);
    assert_int_equal(summary_at(CLONE).hash, first);
    generated("clone:trace=" ORIGINAL ",seed=2", NULL, CLONE);
    assert_int_not_equal(summary_at(CLONE).hash, first);
    unlink(ORIGINAL);
    unlink(CLONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_run_is_a_copy),
        cmocka_unit_test(a_clone_is_like_its_original),
        cmocka_unit_test(a_clone_of_another_length),
        cmocka_unit_test(rare_sizes_are_not_told),
        cmocka_unit_test(the_same_seed_makes_the_same_clone),
    };
    return cmocka_run_group_tests_name("clone", tests, NULL, NULL);
}
