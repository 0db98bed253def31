/* SPDX-License-Identifier: MIT
 *
 * test_cutting.c - parts of traces, where traces differ, what is wrong in them; ranges against a plain table.
 */
#include "cutting.h"
#include "difference.h"
#include "faults.h"
#include "importers.h"
#include "random_events.h"
#include "ranges.h"
#include "summary.h"
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char folder[64];
static char whole[128], part[128], text[128];

static int set_up(void **state) {
    snprintf(folder, sizeof folder, "/tmp/hy-cutting-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(whole, sizeof whole, "%s/t.hyt", folder);
    snprintf(part, sizeof part, "%s/u.hyt", folder);
    snprintf(text, sizeof text, "%s/t.txt", folder);
    return 0;
}

static int tear_down(void **state) {
    unlink(whole);
    unlink(part);
    unlink(text);
    return rmdir(folder);
}

static void import(const char *lines, const char *trace) {
    hy_error error;
    FILE *const file = fopen(text, "wb");
    assert_non_null(file);
    fputs(lines, file);
    assert_int_equal(fclose(file), 0);
    if (hy_text_import(text, trace, &error) < 0)
        fail_msg("%s", error.text);
}

static hy_cut_counts cut(hy_cut what) {
    hy_cut_counts counts;
    hy_error error;
    if (hy_trace_cut(whole, part, &what, &counts, &error) < 0)
        fail_msg("%s", error.text);
    return counts;
}

/* The part must be these lines, times included. */
static void assert_part(const char *lines) {
    char expected[128];
    hy_difference difference;
    hy_error error;
    snprintf(expected, sizeof expected, "%s/e.hyt", folder);
    import(lines, expected);
    const int r = hy_trace_difference(expected, part, true, &difference, &error);
    unlink(expected);
    if (r < 0)
        fail_msg("%s", error.text);
    char line[HY_EVENT_LINE] = "the end";
    if (difference.differ && difference.b_has)
        hy_event_line(&difference.b, line);
    if (difference.differ)
        fail_msg("event %llu is \"%s\"", (unsigned long long)difference.number, line);
}

#define NONE HY_CUT_ALL_THREADS
#define EVENTS                                                                                                         \
    "10 0 malloc 0 100\n"                                                                                              \
    "20 0 aligned 1 50 64\n"                                                                                           \
    "30 1 thread-start\n"                                                                                              \
    "40 1 calloc 2 8\n"                                                                                                \
    "50 1 realloc 0 160\n"                                                                                             \
    "60 0 free 2\n"                                                                                                    \
    "70 1 malloc 3 5\n"                                                                                                \
    "80 0 free 1\n"                                                                                                    \
    "90 1 free 3\n"

/* ---- cut ---- */

static void what_lives_at_the_cut_is_born_at_once(void **state) {
    import(EVENTS, whole);
    const hy_cut_counts counts = cut((hy_cut){.from = 5, .to = 8, .thread = NONE});
    assert_int_equal(counts.prologue, 3);
    assert_int_equal(counts.events, 3);
    assert_part("0 0 malloc 0 160\n" /* as large as it had become, of the thread that resized it */
                "0 1 aligned 1 50 64\n"
                "0 0 calloc 2 8\n"
                "0 1 free 2\n"
                "10 0 malloc 3 5\n"
                "20 1 free 1\n");
}

/* The whole text of the part, notes included. */
static void assert_part_text(const char *lines) {
    char found[4096] = "";
    hy_trace_reader *reader;
    hy_error error;
    FILE *const file = fmemopen(found, sizeof found, "w");
    assert_non_null(file);
    assert_int_equal(hy_trace_open(part, &reader, &error), 0);
    assert_int_equal(hy_text_export(reader, file, &error), 0);
    hy_trace_close(reader);
    assert_int_equal(fclose(file), 0);
    assert_string_equal(strchr(strstr(found, "@pid="), '\n') + 1, lines);
}

#define TABLE "@module\t\t/bin/p\n@frame\t0\t10\n@frame\t0\t20\n@site\t0\t0\n@site\t1\t1\n"
#define NAME "@name\t1\tmain\ta.c\t3\n"

static void sites_and_phases_are_kept(void **state) {
    import(TABLE "0 0 phase load\n10 0 malloc 0 100 @1\n20 1 malloc 1 7 @2\n25 1 phase work\n30 0 realloc 0 200 @2\n"
                 "40 1 free 1\n45 0 phase rest\n50 0 malloc 2 9\n60 1 phase\n60 0 malloc 3 1 @1\n" NAME,
           whole);
    cut((hy_cut){.from = 3, .to = 5, .thread = NONE});
    assert_part_text(TABLE NAME "0 0 phase load\n0 0 malloc 0 200 @2\n0 1 phase work\n0 1 malloc 1 7 @2\n0 1 free 1\n"
                                "5 0 phase rest\n10 0 malloc 2 9\n@dropped=0\n");
    cut((hy_cut){.to = HY_CUT_NO_END, .thread = 1}); /* who was in a phase before the first event that is kept */
    assert_part_text(TABLE NAME "10 0 malloc 0 7 @2\n15 0 phase work\n30 0 free 0\n50 0 phase\n@dropped=0\n");
}

static void times_cut_where_they_say(void **state) {
    import(EVENTS, whole);
    cut((hy_cut){.by_time = true, .from = 55, .to = 90, .thread = NONE});
    assert_part("0 0 malloc 0 160\n0 1 aligned 1 50 64\n0 0 calloc 2 8\n"
                "5 1 free 2\n15 0 malloc 3 5\n25 1 free 1\n");
}

static void a_thread_is_cut_out_with_its_objects(void **state) {
    import(EVENTS, whole);
    const hy_cut_counts counts = cut((hy_cut){.from = 0, .to = HY_CUT_NO_END, .thread = 1});
    assert_int_equal(counts.left_out, 4);
    assert_part("20 0 thread-start\n30 0 calloc 0 8\n50 1 free 0\n60 0 malloc 1 5\n80 0 free 1\n");
}

static void a_cut_behind_the_end_is_refused(void **state) {
    const hy_cut what = {.from = 9, .to = HY_CUT_NO_END, .thread = NONE};
    hy_cut_counts counts;
    hy_error error;
    import(EVENTS, whole);
    assert_int_equal(hy_trace_cut(whole, part, &what, &counts, &error), -EINVAL);
    assert_string_equal(error.text, "the trace ends before the cut begins: it has 9 events");
    assert_int_equal(access(part, F_OK), -1);
}

static void a_cut_that_cannot_begin_leaves_what_is_there(void **state) {
    const hy_cut what = {.from = 0, .to = HY_CUT_NO_END, .thread = NONE};
    hy_cut_counts counts;
    hy_error error;
    import(EVENTS, whole);
    unlink(part);
    assert_int_equal(hy_trace_cut(part, whole, &what, &counts, &error), -ENOENT);
    assert_int_equal(hy_trace_cut(text, whole, &what, &counts, &error), -EINVAL);
    assert_int_equal(access(whole, F_OK), 0);
}

static hy_trace_summary summary_of(const char *path) {
    hy_trace_summary sum;
    hy_error error;
    if (hy_trace_summarise(path, &sum, &error) < 0)
        fail_msg("%s", error.text);
    return sum;
}

/* Wherever a cut begins, what lives at its end is what lives there in the original. */
static void random_cuts_end_alike(void **state) {
    enum { COUNT = 20000 };
    hy_event *const events = random_stream(21, COUNT);
    hy_trace_meta meta = {.pid = 0};
    hy_trace_writer *writer;
    hy_error error;
    assert_int_equal(hy_trace_create(whole, &meta, &writer, &error), 0);
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(hy_trace_append(writer, &events[i], &error), 0);
    assert_int_equal(hy_trace_finish(writer, &error), 0);
    for (uint64_t to = 4999; to <= COUNT; to += 5000) {
        cut((hy_cut){.from = 0, .to = to, .thread = NONE});
        const hy_trace_summary expected = summary_of(part);
        for (uint64_t from = 1; from < to; from += 1777) {
            cut((hy_cut){.from = from, .to = to, .thread = NONE});
            const hy_trace_summary got = summary_of(part);
            assert_int_equal(got.end_bytes, expected.end_bytes);
            assert_int_equal(got.end_objects, expected.end_objects);
        }
    }
    free(events);
}

/* ---- difference ---- */

static void differences_are_found(void **state) {
    hy_difference difference;
    hy_error error;
    import("1 0 malloc 0 8\n2 0 free 0\n", whole);
    import("1 0 malloc 0 8\n3 0 free 0\n", part);
    assert_int_equal(hy_trace_difference(whole, part, false, &difference, &error), 0);
    assert_false(difference.differ);
    assert_int_equal(hy_trace_difference(whole, part, true, &difference, &error), 0);
    assert_true(difference.differ && difference.number == 1 && difference.b.time == 3);
    import("1 0 malloc 0 8\n", part);
    assert_int_equal(hy_trace_difference(whole, part, false, &difference, &error), 0);
    assert_true(difference.differ && difference.number == 1 && difference.a_has && !difference.b_has);
}

/* ---- faults ---- */

static hy_faults faults_of(const char *lines, bool addresses) {
    hy_faults faults;
    hy_error error;
    if (hy_faults_find_text(lines, strlen(lines), addresses, &faults, &error) < 0)
        fail_msg("%s", error.text);
    return faults;
}

static void assert_fault(const hy_faults *faults, hy_fault fault, uint64_t count, uint64_t place) {
    if (faults->of[fault].count != count || (count && faults->of[fault].place != place))
        fail_msg("%s: %llu, the first in line %llu", hy_fault_names[fault], (unsigned long long)faults->of[fault].count,
                 (unsigned long long)faults->of[fault].place);
}

static void each_fault_is_found(void **state) {
    const hy_faults faults = faults_of("# a comment\n"
                                       "0 0 malloc 0 8\n"
                                       "1 0 free 0\n"
                                       "2 0 free 0\n"
                                       "2 0 free 0\n"
                                       "2 0 free 9\n"
                                       "2 0 realloc 0 5\n"
                                       "2 0 malloc 1 0\n"
                                       "2 0 malloc 5 7\n"
                                       "2 0 malloc 5 7\n"
                                       "1 3 free 1\n"
                                       "what\n",
                                       false);
    assert_fault(&faults, HY_FAULT_DOUBLE_FREE, 2, 4);
    assert_fault(&faults, HY_FAULT_UNKNOWN_FREE, 1, 6);
    assert_fault(&faults, HY_FAULT_DEAD_REALLOC, 1, 7);
    assert_fault(&faults, HY_FAULT_ZERO_SIZE, 1, 8);
    assert_fault(&faults, HY_FAULT_WRONG_BIRTH, 2, 9);
    assert_fault(&faults, HY_FAULT_TIME, 1, 11);
    assert_fault(&faults, HY_FAULT_THREAD, 1, 11);
    assert_fault(&faults, HY_FAULT_UNREADABLE, 1, 12);
    assert_fault(&faults, HY_FAULT_LEAK, 1, 9);
    assert_fault(&faults, HY_FAULT_OVERLAP, 0, 0);
    assert_int_equal(faults.leaked_bytes, 7);
}

static void addresses_may_come_again_but_not_overlap(void **state) {
    const hy_faults good = faults_of("0 0 malloc 64 8\n0 0 free 64\n0 0 malloc 64 16\n0 0 malloc 80 1\n"
                                     "0 0 realloc 64 16\n0 0 free 80\n0 0 free 64\n",
                                     true);
    for (unsigned i = 0; i < HY_FAULTS; i++)
        assert_fault(&good, i, 0, 0);
    const hy_faults bad =
        faults_of("0 0 malloc 64 8\n0 0 malloc 71 8\n0 0 realloc 64 99\n0 0 free 71\n0 0 free 71\n", true);
    assert_fault(&bad, HY_FAULT_OVERLAP, 1, 2);
    assert_fault(&bad, HY_FAULT_DOUBLE_FREE, 1, 5);
    assert_fault(&bad, HY_FAULT_LEAK, 1, 1);
}

static void a_cut_off_trace_is_a_fault(void **state) {
    hy_faults faults;
    hy_error error;
    import(EVENTS, whole);
    assert_int_equal(hy_faults_find(whole, false, &faults, &error), 0);
    assert_fault(&faults, HY_FAULT_UNREADABLE, 0, 0);
    assert_fault(&faults, HY_FAULT_LEAK, 1, 0);
    assert_int_equal(truncate(whole, 100), 0);
    assert_int_equal(hy_faults_find(whole, false, &faults, &error), 0);
    assert_int_equal(faults.of[HY_FAULT_UNREADABLE].count, 1);
}

static void text_ends_at_a_byte_of_zero(void **state) {
    static const char lines[] = "0 0 malloc 0 8\r\n0 0 free 0\0 0\n0 0 free 0\n";
    hy_faults faults;
    hy_error error;
    assert_int_equal(hy_faults_find_text(lines, sizeof lines - 1, false, &faults, &error), 0);
    assert_fault(&faults, HY_FAULT_UNREADABLE, 1, 2);
    assert_fault(&faults, HY_FAULT_LEAK, 1, 1);
    assert_int_equal(faults.events, 1);
}

static void a_pipe_with_a_name_is_read_from_its_begin(void **state) {
    static const char lines[] = "0 0 malloc 0 8\n0 0 free 0\n0 0 free 0\n";
    char path[32];
    int ends[2];
    hy_faults faults;
    hy_error error;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], lines, sizeof lines - 1), sizeof lines - 1);
    close(ends[1]);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    assert_int_equal(hy_faults_find(path, false, &faults, &error), 0);
    close(ends[0]);
    assert_fault(&faults, HY_FAULT_DOUBLE_FREE, 1, 3);
    assert_int_equal(faults.events, 3);
}

/* ---- ranges ---- */

static void ranges_agree_with_a_table(void **state) {
    enum { PLACES = 512 };
    static uint16_t owner[PLACES]; /* start + 1 of the range that lies there */
    hy_ranges ranges = {.root = 0};
    random_events random = {.state = 5};
    for (unsigned i = 0; i < 20000; i++) {
        const uint64_t from = random_next(&random) % PLACES;
        uint64_t to = from + 1 + random_next(&random) % 12, other = 0;
        to = to < PLACES ? to : PLACES;
        if (random_next(&random) % 2) {
            hy_ranges_remove(&ranges, from);
            for (size_t k = 0; k < PLACES; k++)
                owner[k] = owner[k] == from + 1 ? 0 : owner[k];
            continue;
        }
        bool overlaps = false;
        for (uint64_t k = from; k < to; k++)
            overlaps = overlaps || owner[k];
        assert_int_equal(hy_ranges_add(&ranges, from, to, &other), !overlaps);
        for (uint64_t k = from; k < to && !overlaps; k++)
            owner[k] = (uint16_t)(from + 1);
        if (overlaps) {
            bool is_one = false;
            for (uint64_t k = from; k < to; k++)
                is_one = is_one || owner[k] == other + 1;
            assert_true(is_one);
        }
    }
    hy_ranges_clear(&ranges);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_lives_at_the_cut_is_born_at_once),
        cmocka_unit_test(sites_and_phases_are_kept),
        cmocka_unit_test(times_cut_where_they_say),
        cmocka_unit_test(a_thread_is_cut_out_with_its_objects),
        cmocka_unit_test(a_cut_behind_the_end_is_refused),
        cmocka_unit_test(a_cut_that_cannot_begin_leaves_what_is_there),
        cmocka_unit_test(random_cuts_end_alike),
        cmocka_unit_test(differences_are_found),
        cmocka_unit_test(each_fault_is_found),
        cmocka_unit_test(addresses_may_come_again_but_not_overlap),
        cmocka_unit_test(a_cut_off_trace_is_a_fault),
        cmocka_unit_test(text_ends_at_a_byte_of_zero),
        cmocka_unit_test(a_pipe_with_a_name_is_read_from_its_begin),
        cmocka_unit_test(ranges_agree_with_a_table),
    };
    return cmocka_run_group_tests_name("cutting", tests, set_up, tear_down);
}
