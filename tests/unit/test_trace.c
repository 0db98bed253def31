/* SPDX-License-Identifier: MIT
 *
 * test_trace.c - trace files: what goes in comes out; what is cut or damaged is said to be so.
 */
#include "random_events.h"
#include "trace_files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static void round_trip(uint64_t seed, size_t count, size_t flush_every) {
    hy_event *const events = random_stream(seed, count);
    write_trace(events, count, flush_every);
    const outcome o = read_trace(events, count);
    if (o.opened != 0 || o.code != 0)
        fail_msg("%s", o.text);
    assert_int_equal(o.events, count);
    assert_false(o.warned);
    free(events);
}

static void what_goes_in_comes_out(void **state) {
    round_trip(1, 0, 0);
    round_trip(2, 1, 0);
    for (uint64_t seed = 3; seed < 60; seed++)
        round_trip(seed, seed * 37, seed % 3 ? 0 : seed);
    round_trip(60, 262144, 0);
    round_trip(61, 200000, 0);
    round_trip(62, 100000, 3333);
}

static void the_description_comes_out(void **state) {
    write_trace(NULL, 0, 0);
    hy_trace_reader *reader;
    hy_error error;
    const hy_event *events;
    size_t count;
    assert_int_equal(hy_trace_open(path, &reader, &error), 0);
    assert_string_equal(hy_trace_get_meta(reader)->command, description.command);
    assert_string_equal(hy_trace_get_meta(reader)->origin, "test");
    assert_int_equal(hy_trace_get_meta(reader)->pid, 17);
    assert_int_equal(hy_trace_next(reader, &events, &count, &error), 0);
    assert_int_equal(hy_trace_get_meta(reader)->dropped, 3);
    hy_trace_close(reader);
}

/* ---- damage ---- */

static void every_cut_is_reported(void **state) {
    hy_event *const events = random_stream(5, 100);
    write_trace(events, 100, 20);
    size_t size, least = 100;
    free(read_file(&size));
    for (size_t cut = size; cut-- > 0;) {
        assert_int_equal(truncate(path, (off_t)cut), 0);
        const outcome o = read_trace(events, 100);
        if (o.opened == 0) {
            assert_int_equal(o.code, 0);
            assert_true(o.warned);
            assert_non_null(strstr(o.text, "cut off"));
            assert_int_equal(o.events % 20, 0);
            assert_true(o.events <= least);
            assert_true(o.events == 100 || cut + 200 < size); /* the index and the end are shorter than that */
            least = o.events;
        } else {
            assert_int_equal(o.opened, -EINVAL);
            assert_true(least == 0 && strlen(o.text) > 20);
        }
    }
    assert_int_equal(least, 0);
    free(events);
}

/* Any byte changed to anything: never a clean end. */
static void every_flip_is_reported(void **state) {
    hy_event *const events = random_stream(6, 60);
    write_trace(events, 60, 20);
    size_t size;
    uint8_t *const data = read_file(&size);
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    for (size_t at = 0; at < size; at++) {
        static const uint8_t flips[] = {0x01, 0x10, 0x80, 0xff};
        for (size_t i = 0; i < sizeof flips; i++) {
            put_byte(fd, at, data[at] ^ flips[i]);
            const outcome o = read_trace(events, 60);
            assert_true(o.opened < 0 || o.code < 0);
            if (at >= 16)
                assert_non_null(strstr(o.text, "block "));
        }
        put_byte(fd, at, data[at]);
    }
    assert_int_equal(read_trace(events, 60).code, 0);
    close(fd);
    free(data);
    free(events);
}

static void trailing_bytes_are_refused(void **state) {
    hy_event *const events = random_stream(7, 60);
    write_trace(events, 60, 0);
    size_t size;
    uint8_t *const data = read_file(&size);
    data[size] = 0;
    write_file(data, size + 1);
    const outcome o = read_trace(events, 60);
    assert_int_equal(o.code, -EINVAL);
    assert_non_null(strstr(o.text, "follows the end"));
    free(data);
    free(events);
}

/* Somebody cuts the file while it is read: what is gone is missed, and nothing else happens. */
static void a_file_that_shrinks_is_cut_off(void **state) {
    hy_event *const events = random_stream(7, 60);
    hy_trace_reader *reader;
    const hy_event *some;
    size_t count, read = 0;
    hy_error error;
    int r;
    write_trace(events, 60, 20);
    assert_int_equal(hy_trace_open(path, &reader, &error), 0);
    while ((r = hy_trace_next(reader, &some, &count, &error)) > 0) {
        read += count;
        assert_int_equal(truncate(path, (off_t)hy_trace_position(reader) + 70), 0);
    }
    assert_int_equal(r, 0);
    assert_int_equal(read, 20);
    assert_non_null(strstr(hy_trace_warning(reader), "cut off in block 2"));
    hy_trace_close(reader);
    free(events);
}

/* ---- what is no trace ---- */

static void expect_refusal(const char *name, const char *part) {
    hy_trace_reader *reader;
    hy_error error = {""};
    assert_true(hy_trace_open(name, &reader, &error) < 0);
    if (!strstr(error.text, part))
        fail_msg("\"%s\" does not say \"%s\"", error.text, part);
    assert_null(strchr(error.text, '\n'));
}

static void refuse_bytes(const void *data, size_t size, const char *part) {
    write_file(data, size);
    expect_refusal(path, part);
}

static void what_is_no_trace_is_refused(void **state) {
    expect_refusal("/nonexistent/t.hyt", "No such file");
    expect_refusal("/tmp", "a directory");
    expect_refusal("/dev/zero", "not a trace");
    expect_refusal("/dev/null", "empty");
    expect_refusal("/nonexistent/a\nb", "a?b");
    refuse_bytes("", 0, "empty");
    refuse_bytes("\x89HYT", 4, "cut off at byte 4");
    refuse_bytes("hello", 5, "not a trace");
    refuse_bytes("\x89HYT\n\x1a\n\0\0\0\0\0\0\0\0\0", 16, "line ends");
    refuse_bytes("\x89HYT\r\n\x1a\n\1\2\3\4\0\0\0\1", 16, "big-endian");
    refuse_bytes("\x89HYT\r\n\x1a\n\4\3\2\1\4\0\0\0", 16, "version 4; this heapyard reads version 3");
    refuse_bytes("\x89HYT\r\n\x1a\n\4\3\2\1\3\0\0\0", 16, "cut off before block 0");
    refuse_bytes("\x89HYT\r\n\x1a\n\4\3\2\1\1\0\0\0", 16, "version 1, which is read no more");
    refuse_bytes("\x89HYT\r\n\x1a\n\4\3\2\1\0\0\0\0", 16, "version 0");
    refuse_bytes("\x89HYT\r\n\x1a\n\4\3\2\1\2\0\0\0", 16, "cut off before block 0");
}

static void a_fifo_does_not_hold_us_up(void **state) {
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    expect_refusal(path, "a pipe that nobody writes to");
    unlink(path);
}

static void a_sparse_terabyte_is_refused(void **state) {
    write_trace(NULL, 0, 0);
    assert_int_equal(truncate(path, 16), 0);
    assert_int_equal(truncate(path, (off_t)1 << 40), 0);
    expect_refusal(path, "checksum mismatch");
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(truncate(path, (off_t)1 << 40), 0);
    expect_refusal(path, "not a trace");
}

/* ---- the writer refuses what the reader would ---- */

static void refuse_event(const hy_event *event, const char *part) {
    hy_trace_writer *writer;
    hy_error error = {""};
    assert_int_equal(hy_trace_create(path, &description, &writer, &error), 0);
    const hy_event birth = {.size = 10, .time = 5};
    assert_int_equal(hy_trace_append(writer, &birth, &error), 0);
    assert_true(hy_trace_append(writer, event, &error) < 0);
    if (!strstr(error.text, part))
        fail_msg("\"%s\" does not say \"%s\"", error.text, part);
    assert_int_equal(hy_trace_finish(writer, &error), 0);
}

static void illegal_events_are_refused(void **state) {
    refuse_event(&(hy_event){.id = 0, .time = 9}, "expected 1, the next birth number");
    refuse_event(&(hy_event){.kind = HY_EVENT_FREE, .id = 1, .time = 9}, "only 1 were born");
    refuse_event(&(hy_event){.kind = HY_EVENT_FREE, .id = 0, .size = 3, .time = 9}, "a size for free");
    refuse_event(&(hy_event){.kind = HY_EVENT_REALLOC, .id = 0, .time = 9}, "size 0");
    refuse_event(&(hy_event){.id = 1, .time = 4}, "a time of 4 ns after one of 5 ns");
    refuse_event(&(hy_event){.id = 1, .time = 9, .thread = 2}, "thread 2; expected at most 1");
    refuse_event(&(hy_event){.id = 1, .time = 9, .size = UINT64_MAX}, "more than any object");
    refuse_event(&(hy_event){.id = 1, .time = 9, .size = INT64_MAX}, "all sizes together");
    refuse_event(&(hy_event){.id = 1, .time = 9, .align = 3}, "an alignment of 2^3 for malloc");
    refuse_event(&(hy_event){.kind = HY_EVENT_ALIGNED, .id = 1, .time = 9, .align = 63}, "at most 2^47");
    refuse_event(&(hy_event){.kind = HY_EVENT_KINDS, .time = 9}, "unknown kind of event, 7");
    refuse_event(&(hy_event){.kind = HY_EVENT_THREAD_END, .id = 1, .time = 9}, "for thread-end");
}

static void a_full_disk_is_reported(void **state) {
    hy_trace_writer *writer;
    hy_error error = {""};
    assert_int_equal(hy_trace_create("/dev/full", &description, &writer, &error), -ENOSPC);
    assert_non_null(strstr(error.text, "No space left"));
    assert_int_equal(hy_trace_create("/tmp", &description, &writer, &error), -EISDIR);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_goes_in_comes_out),     cmocka_unit_test(the_description_comes_out),
        cmocka_unit_test(every_cut_is_reported),      cmocka_unit_test(every_flip_is_reported),
        cmocka_unit_test(trailing_bytes_are_refused), cmocka_unit_test(what_is_no_trace_is_refused),
        cmocka_unit_test(a_fifo_does_not_hold_us_up), cmocka_unit_test(a_sparse_terabyte_is_refused),
        cmocka_unit_test(illegal_events_are_refused), cmocka_unit_test(a_file_that_shrinks_is_cut_off),
        cmocka_unit_test(a_full_disk_is_reported),
    };
    return cmocka_run_group_tests_name("trace", tests, set_up, tear_down);
}
