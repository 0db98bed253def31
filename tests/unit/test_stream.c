/* SPDX-License-Identifier: MIT
 *
 * test_stream.c - raw records in, events out: each rule of stream.c; ranges of addresses are in record_spans.c.
 */
#include "record_spans.h"
#include "stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[64];
static hy_stream stream;
static hy_stream_thread threads[2];
static char said[4096]; /* the events of the file as words */

static int setup(void **state) {
    strcpy(path, "/tmp/heapyard-stream-XXXXXX");
    close(mkstemp(path));
    stream = (hy_stream){.path = path, .limit = UINT64_MAX, .start = 1000, .tick = 1};
    memset(threads, 0, sizeof threads);
    return 0;
}

static int teardown(void **state) {
    return unlink(path);
}

static void take(unsigned thread, hy_raw_kind kind, uint64_t address, uint64_t size) {
    static uint64_t ticks = 1000;
    hy_error error = {""};
    const hy_raw_record record = {.ticks = ticks++, .address = address, .size = size, .kind = kind, .extra = 0};
    if (hy_stream_take(&stream, &threads[thread], &record, UINT_MAX, &error) < 0)
        fail_msg("%s", error.text);
}

/* Closes the stream and reads its file: "thread:kind id/size" for each event but the thread ones. */
static const char *finish(uint64_t dropped) {
    hy_error error = {""};
    hy_trace_reader *reader;
    const hy_event *events;
    size_t count, used = 0;
    assert_int_equal(hy_stream_close(&stream, dropped, &error), 0);
    if (hy_trace_open(path, &reader, &error) < 0)
        fail_msg("%s", error.text);
    said[0] = '\0';
    while (hy_trace_next(reader, &events, &count, &error) == 1)
        for (size_t i = 0; i < count; i++)
            if (events[i].kind < HY_EVENT_THREAD_START)
                used += (size_t)snprintf(said + used, sizeof said - used, "%s%u:%s %llu/%llu", used ? " " : "",
                                         events[i].thread, hy_event_name(events[i].kind),
                                         (unsigned long long)events[i].id, (unsigned long long)events[i].size);
    assert_null(hy_trace_warning(reader));
    snprintf(said + used, sizeof said - used, " dropped %llu", (unsigned long long)hy_trace_get_meta(reader)->dropped);
    hy_trace_close(reader);
    return said;
}

static void births_and_deaths(void **state) {
    take(0, HY_RAW_MALLOC, 0x100, 5);
    take(1, HY_RAW_CALLOC, 0x200, 6);
    take(1, HY_RAW_FREE, 0x100, 0);
    take(0, HY_RAW_ALIGNED, 0x100, 0);
    take(0, HY_RAW_FREE, 0x100, 0);
    assert_string_equal(finish(0), "0:malloc 0/5 1:calloc 1/6 1:free 0/0 0:aligned 2/0 0:free 2/0 dropped 0");
}

static void unknown_frees_are_counted(void **state) {
    take(0, HY_RAW_MALLOC, 0x100, 5);
    take(0, HY_RAW_FREE, 0x300, 0);
    take(0, HY_RAW_FREE, 0x100, 0);
    take(0, HY_RAW_FREE, 0x100, 0);
    assert_string_equal(finish(7), "0:malloc 0/5 0:free 0/0 dropped 9");
}

static void another_thread_gets_the_address_during_realloc(void **state) {
    take(0, HY_RAW_MALLOC, 0x100, 5);
    take(0, HY_RAW_REALLOC_OUT, 0x100, 50);
    take(1, HY_RAW_MALLOC, 0x100, 6);
    take(0, HY_RAW_REALLOC_IN, 0x200, 50);
    take(1, HY_RAW_FREE, 0x100, 0);
    take(1, HY_RAW_FREE, 0x200, 0);
    assert_string_equal(finish(0), "0:malloc 0/5 1:malloc 1/6 0:realloc 0/50 1:free 1/0 1:free 0/0 dropped 0");
}

static void failed_realloc_changes_nothing(void **state) {
    take(0, HY_RAW_MALLOC, 0x100, 5);
    take(0, HY_RAW_REALLOC_OUT, 0x100, 50);
    take(0, HY_RAW_REALLOC_IN, 0, 50);
    take(0, HY_RAW_FREE, 0x100, 0);
    assert_string_equal(finish(0), "0:malloc 0/5 0:free 0/0 dropped 0");
}

static void realloc_to_nothing(void **state) {
    take(0, HY_RAW_MALLOC, 0x100, 5);
    take(0, HY_RAW_REALLOC_OUT, 0x100, 0);
    take(0, HY_RAW_REALLOC_IN, 0, 0); /* as glibc: freed */
    take(0, HY_RAW_MALLOC, 0x100, 6);
    take(0, HY_RAW_REALLOC_OUT, 0x100, 0);
    take(0, HY_RAW_REALLOC_IN, 0x200, 0); /* as others: a new, empty block */
    take(0, HY_RAW_FREE, 0x200, 0);
    assert_string_equal(finish(0), "0:malloc 0/5 0:free 0/0 0:malloc 1/6 0:free 1/0 0:malloc 2/0 0:free 2/0 dropped 0");
}

static void realloc_of_an_unknown_block_is_a_birth(void **state) {
    take(0, HY_RAW_REALLOC_OUT, 0x100, 50);
    take(0, HY_RAW_REALLOC_IN, 0x200, 50);
    take(0, HY_RAW_FREE, 0x200, 0);
    assert_string_equal(finish(0), "0:malloc 0/50 0:free 0/0 dropped 1");
}

static void an_address_that_comes_back_ends_its_object(void **state) {
    take(0, HY_RAW_MALLOC, 0x100, 5);
    take(1, HY_RAW_MALLOC, 0x100, 6);
    take(0, HY_RAW_MALLOC, 0x200, 7);
    take(0, HY_RAW_REALLOC_OUT, 0x200, 8);
    take(0, HY_RAW_REALLOC_IN, 0x100, 8);
    take(0, HY_RAW_FREE, 0x100, 0);
    assert_string_equal(finish(0), "0:malloc 0/5 1:free 0/0 1:malloc 1/6 0:malloc 2/7 0:free 1/0 0:realloc 2/8 "
                                   "0:free 2/0 dropped 0");
    assert_int_equal(stream.lost, 2);
}

static void inherited_blocks_are_born_first(void **state) {
    stream.inherited = calloc(2, sizeof *stream.inherited);
    stream.inherited[0] = (hy_block){.address = 0x100, .size = 5, .id = 77, .kind = HY_EVENT_CALLOC};
    stream.inherited[1] = (hy_block){.address = 0x200, .size = 6, .id = 99, .kind = HY_EVENT_ALIGNED, .align = 6};
    stream.inherited_count = 2;
    take(0, HY_RAW_FREE, 0x200, 0);
    assert_string_equal(finish(0), "0:calloc 0/5 0:aligned 1/6 0:free 1/0 dropped 0");
}

static void the_limit_is_exact(void **state) {
    stream.limit = 3; /* the start of the thread is one */
    for (uint64_t i = 1; i < 10; i++)
        take(0, HY_RAW_MALLOC, 0x100 * i, i);
    assert_true(stream.full);
    assert_string_equal(finish(0), "0:malloc 0/1 0:malloc 1/2 dropped 0");
}

static void nonsense_is_an_error(void **state) {
    hy_error error = {""};
    const hy_raw_record record = {.ticks = 1, .kind = 99};
    assert_true(hy_stream_take(&stream, &threads[0], &record, 0, &error) < 0);
    assert_non_null(strstr(error.text, "kind 99"));
    assert_int_equal(hy_stream_close(&stream, 0, &error), 0);
}

/* Whether the record had to wait; it is taken if not. */
static bool waits(unsigned thread, hy_raw_kind kind, uint64_t address, uint64_t ticks, unsigned put_back) {
    hy_error error = {""};
    const hy_raw_record record = {
        .ticks = ticks + put_back * HY_RAW_LOOK_AHEAD, .address = address, .size = 1, .kind = kind};
    const int r = hy_stream_take(&stream, &threads[thread], &record, put_back, &error);
    assert_true(r >= 0);
    return r > 0;
}

static void what_is_out_of_turn_waits(void **state) {
    assert_false(waits(0, HY_RAW_FREE, 0x300, 90000, 0)); /* there is nobody to wait for */
    assert_false(waits(0, HY_RAW_MALLOC, 0x100, 90001, 0));
    assert_false(waits(1, HY_RAW_MALLOC, 0x200, 90002, 0));
    assert_true(waits(1, HY_RAW_FREE, 0x300, 90003, 0));
    assert_true(waits(0, HY_RAW_REALLOC_OUT, 0x300, 90004, 0));
    assert_true(waits(1, HY_RAW_MALLOC, 0x100, 90005, 0));
    assert_false(waits(0, HY_RAW_FREE, 0x100, 90006, 0));
    assert_false(waits(1, HY_RAW_MALLOC, 0x100, 90005, 1)); /* its turn */
    assert_false(waits(0, HY_RAW_REALLOC_OUT, 0x200, 90007, 0));
    assert_true(waits(0, HY_RAW_REALLOC_IN, 0x100, 90008, 0));
    assert_false(waits(0, HY_RAW_REALLOC_IN, 0, 90008, 0));
    assert_false(waits(0, HY_RAW_FREE, 0x300, 90009, 64)); /* nobody has come */
    assert_string_equal(finish(0), "0:malloc 0/1 1:malloc 1/1 0:free 0/0 1:malloc 2/1 dropped 2");
}

/* Thread 0 has 0x100 and gives it back, then thread 1 gets it, but was stamped first. */
static void twins_live_one_after_the_other(void **state) {
    take(0, HY_RAW_MALLOC, 0x200, 7);
    assert_false(waits(1, HY_RAW_MALLOC, 0x100, 90000, 0));
    assert_true(waits(0, HY_RAW_MALLOC, 0x100, 90100, 15));
    assert_false(waits(0, HY_RAW_MALLOC, 0x100, 90100, 16));
    assert_false(waits(0, HY_RAW_FREE, 0x100, 90200, 0));
    assert_false(waits(0, HY_RAW_FREE, 0x200, 90300, 0));
    assert_false(waits(1, HY_RAW_FREE, 0x100, 990000, 0));
    assert_int_equal(stream.lost, 0);
    assert_string_equal(finish(0), "0:malloc 0/7 1:malloc 1/1 0:malloc 2/1 0:free 2/0 0:free 0/0 1:free 1/0 dropped 0");
}

static void an_old_block_is_no_twin(void **state) {
    assert_false(waits(0, HY_RAW_MALLOC, 0x100, 90000, 0));
    assert_false(waits(1, HY_RAW_MALLOC, 0x200, 90001, 0));
    assert_false(waits(1, HY_RAW_MALLOC, 0x100, 90000 + 3 * HY_RAW_LOOK_AHEAD, 16));
    assert_int_equal(stream.lost, 1);
    finish(0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(births_and_deaths),
        CASE(unknown_frees_are_counted),
        CASE(another_thread_gets_the_address_during_realloc),
        CASE(failed_realloc_changes_nothing),
        CASE(realloc_to_nothing),
        CASE(realloc_of_an_unknown_block_is_a_birth),
        CASE(an_address_that_comes_back_ends_its_object),
        CASE(inherited_blocks_are_born_first),
        CASE(the_limit_is_exact),
        CASE(nonsense_is_an_error),
        CASE(what_is_out_of_turn_waits),
        CASE(twins_live_one_after_the_other),
        CASE(an_old_block_is_no_twin),
        cmocka_unit_test(spans_are_found_as_by_looking_at_all),
        cmocka_unit_test(of_spans_that_are_alike_the_lower_rank_counts),
    };
    return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
