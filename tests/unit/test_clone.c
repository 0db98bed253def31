/* SPDX-License-Identifier: MIT
 *
 * test_clone.c - clones of traces, and traces made from tables: what must be kept is, and what must not be told is not.
 */
#include "difference.h"
#include "generator.h"
#include "random_events.h"
#include "summary.h"
#include "table_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
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

#define ORIGINAL "original.hyt"
#define TABLE "table.csv"
#define CLONE "clone.hyt"

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

/* Ten threads one after the other, whose blocks live for 300 births, or for ever. */
static void write_threads(bool frees) {
    const hy_trace_meta meta = {.pid = 0};
    hy_trace_writer *writer;
    hy_error error;
    assert_int_equal(hy_trace_create(ORIGINAL, &meta, &writer, &error), 0);
    for (uint32_t thread = 0, born = 0; thread < 10; thread++) {
        hy_trace_append(writer, &(hy_event){.kind = HY_EVENT_THREAD_START, .thread = thread}, &error);
        for (uint32_t i = 0; i < 800; i++) {
            if (i < 500)
                hy_trace_append(writer, &(hy_event){.id = born++, .size = 48, .thread = thread}, &error);
            if (frees && i >= 300)
                hy_trace_append(
                    writer, &(hy_event){.kind = HY_EVENT_FREE, .id = 500 * thread + i - 300, .thread = thread}, &error);
        }
        hy_trace_append(writer, &(hy_event){.kind = HY_EVENT_THREAD_END, .thread = thread}, &error);
    }
    assert_int_equal(hy_trace_finish(writer, &error), 0);
}

static void check_thread_ends(void) {
    hy_trace_reader *reader;
    const hy_event *events;
    size_t count;
    hy_error error;
    bool ended[10] = {false};
    unsigned ends = 0;
    assert_int_equal(hy_trace_open(CLONE, &reader, &error), 0);
    while (hy_trace_next(reader, &events, &count, &error) > 0) {
        for (size_t i = 0; i < count; i++) {
            assert_true(events[i].thread < 10 && !ended[events[i].thread]);
            ended[events[i].thread] = events[i].kind == HY_EVENT_THREAD_END;
            ends += ended[events[i].thread];
        }
    }
    hy_trace_close(reader);
    assert_int_equal(ends, 10);
}

static void no_thread_goes_on_after_its_end(void **state) {
    write_threads(true);
    generated("clone:trace=" ORIGINAL ",events=2000", NULL, CLONE);
    check_thread_ends();
    write_threads(false);
    generated("clone:trace=" ORIGINAL ",events=10000", NULL, CLONE);
    check_thread_ends();
}

/* Twenty sizes that are asked for once, among many that are asked for often. */
static void write_rare(uint64_t often) {
    const hy_trace_meta meta = {.pid = 0};
    hy_trace_writer *writer;
    hy_error error;
    assert_int_equal(hy_trace_create(ORIGINAL, &meta, &writer, &error), 0);
    for (uint64_t i = 0; i < 100; i++)
        hy_trace_append(writer, &(hy_event){.id = i, .size = i % 5 ? often : 8192 + 16 * 7 * i}, &error);
    assert_int_equal(hy_trace_finish(writer, &error), 0);
}

static void rare_sizes_are_not_told(void **state) {
    write_rare(48);
    generated("clone:trace=" ORIGINAL ",rare=8", NULL, CLONE);
    const hy_trace_summary a = summary_at(ORIGINAL), b = summary_at(CLONE);
    assert_int_equal(b.sizes[6], 80); /* 48 */
    assert_int_not_equal(a.total_bytes, b.total_bytes);
    assert_true(fabs((double)b.total_bytes / (double)a.total_bytes - 1) < 0.02);
}

/* Else whoever guesses the seed can tell which size it was. */
static void what_a_rare_size_becomes_hangs_on_all_events(void **state) {
    write_rare(48);
    generated("clone:trace=" ORIGINAL ",run=1000000", NULL, CLONE);
    const uint64_t first = summary_at(CLONE).total_bytes - 80 * 48;
    write_rare(32);
    generated("clone:trace=" ORIGINAL ",run=1000000", NULL, CLONE);
    assert_int_not_equal(summary_at(CLONE).total_bytes - 80 * 32, first);
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

/* ------------------------------------------------------------------------------------------------------- tables ----
 */

static hy_size_table parsed(const char *text) {
    hy_size_table table;
    hy_error error;
    if (hy_size_table_parse(text, strlen(text), "t", 1 << 20, &table, &error) < 0)
        fail_msg("%s", error.text);
    return table;
}

static void tables_are_read(void **state) {
    hy_size_table table = parsed("# sizes\n16, 30, 3\r\n\n24-40\t10 1\n2M 5 5\nphase 3\n 1K 2.5 1e3\n");
    assert_int_equal(table.count, 3); /* 2 MiB is too large here */
    assert_int_equal(table.phase_count, 2);
    assert_true(table.weight == 4 && table.phases[0].rate == 40 && table.phases[0].bytes == 16 * 3 + 32);
    assert_true(table.entries[1].from == 24 && table.entries[1].to == 40 && table.entries[1].rate_below == 30);
    assert_true(table.entries[2].from == 1024 && table.phases[1].live == 1000 && table.entries[2].rate_below == 0);
    hy_size_table_clear(&table);
}

static void refuse_table(const char *text, const char *why) {
    hy_size_table table;
    hy_error error = {.text = ""};
    assert_int_equal(hy_size_table_parse(text, strlen(text), "t", 1 << 20, &table, &error), -EINVAL);
    if (!strstr(error.text, why))
        fail_msg("\"%s\" does not say \"%s\"", error.text, why);
}

static void bad_tables_are_refused(void **state) {
    refuse_table("#\n", "t: no sizes in it");
    refuse_table("16\n", "t: line 1: the rate is missing");
    refuse_table("1 1 1\n16 1\n", "t: line 2: the number of living blocks is missing");
    refuse_table("16 x 1\n", "the rate is \"x\"");
    refuse_table("16 -1 1\n", "expected a number from 0");
    refuse_table("16 nan 1\n", "expected a number from 0");
    refuse_table("0 1 1\n", "the size is \"0\"");
    refuse_table("9-8 1 1\n", "sizes from 9 to 8");
    refuse_table("16 1 1 1\n", "\"1\" is too much");
    refuse_table("16 0 1\n", "nothing is asked for in phase 1");
    refuse_table("16 1 1\nphase 1\n", "nothing is asked for in phase 2");
    refuse_table("phase 0\n", "a phase of no births");
}

/* Three of four births are of 64 bytes, a tenth of the living are; 1 MiB lives. */
static void births_and_the_living_are_as_the_table_says(void **state) {
    FILE *const file = fopen(TABLE, "wb");
    assert_non_null(file);
    fputs("64 3 100\n1024 1 900\n", file);
    assert_int_equal(fclose(file), 0);
    generated("table:file=" TABLE ",live=1M,blocks=40000,threads=3,handover=50", NULL, CLONE);
    const hy_trace_summary sum = summary_at(CLONE);
    const double first = (1 << 20) * 1000. / (100 * 64 + 900 * 1024); /* blocks that live on the mean */
    unlink(TABLE);
    unlink(CLONE);
    assert_true(fabs((double)sum.objects / (40000 + first) - 1) < 0.01);
    assert_true(fabs((double)sum.sizes[7] / (30000 + first / 10) - 1) < 0.03);
    assert_true(fabs((double)sum.end_objects / first - 1) < 0.15);
    assert_true(fabs((double)sum.end_bytes / (1 << 20) - 1) < 0.15);
    assert_int_equal(sum.threads, 3);
    assert_true(fabs((double)sum.handovers / (double)sum.by_kind[HY_EVENT_FREE] - 0.5) < 0.02);
}

static void what_is_handed_over_is_freed_by_others(void **state) {
    generated("handover:blocks=5000,producers=2,consumers=3,depth=50,sizes=uniform,least=8,largest=8", NULL, CLONE);
    const hy_trace_summary sum = summary_at(CLONE);
    unlink(CLONE);
    assert_int_equal(sum.objects, 5000);
    assert_int_equal(sum.handovers, 5000);
    assert_int_equal(sum.end_objects, 0);
    assert_int_equal(sum.peak_objects, 50);
    assert_int_equal(sum.threads, 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_run_is_a_copy),
        cmocka_unit_test(a_clone_is_like_its_original),
        cmocka_unit_test(a_clone_of_another_length),
        cmocka_unit_test(no_thread_goes_on_after_its_end),
        cmocka_unit_test(rare_sizes_are_not_told),
        cmocka_unit_test(what_a_rare_size_becomes_hangs_on_all_events),
        cmocka_unit_test(the_same_seed_makes_the_same_clone),
        cmocka_unit_test(tables_are_read),
        cmocka_unit_test(bad_tables_are_refused),
        cmocka_unit_test(births_and_the_living_are_as_the_table_says),
        cmocka_unit_test(what_is_handed_over_is_freed_by_others),
    };
    char folder[] = "/tmp/hy-clone-XXXXXX";
    if (!mkdtemp(folder) || chdir(folder) != 0)
        return 1;
    const int failed = cmocka_run_group_tests_name("clone", tests, NULL, NULL);
    unlink(ORIGINAL);
    unlink(CLONE);
    rmdir(folder);
    return failed;
}
