/* SPDX-License-Identifier: MIT
 *
 * test_trace_notes.c - what a trace says beside its events: where calls come from, and phases.
 */
#include "random_events.h"
#include "trace_files.h"

#include <errno.h>
#include <fcntl.h>

enum { NOTED_SITES = 600 };

/* The site of event i: few are frequent, many are rare. */
static uint32_t site_of(const hy_event *event, size_t i) {
    const uint32_t mixed = (uint32_t)(i * 2654435761u) >> 8;
    if (event->kind > HY_EVENT_REALLOC || mixed % 11 == 0)
        return 0;
    return 1 + (mixed % 3 ? mixed % 4 : mixed % NOTED_SITES);
}

static bool is_marked(size_t i) {
    return i % 37 == 5;
}

static void write_table(hy_trace_writer *writer) {
    char line[HY_TABLE_LINE];
    hy_error error;
    assert_int_equal(
        hy_trace_add_table(writer, line, hy_module_line("0123ab", "/usr/bin/pro\tg \xc3\xa4", line), &error), 0);
    for (uint32_t i = 0; i < 40; i++)
        assert_int_equal(hy_trace_add_table(writer, line, hy_frame_line(0, 0xfedcba9876543210u - i, line), &error), 0);
    for (uint32_t i = 0; i < NOTED_SITES; i++)
        assert_int_equal(hy_trace_add_table(writer, line, hy_site_line(i / 2, i % 40, line), &error), 0);
}

static void write_noted(const hy_event *events, size_t count, size_t flush_every) {
    hy_trace_writer *writer;
    hy_error error;
    char line[HY_TABLE_LINE], name[32];
    assert_int_equal(hy_trace_create(path, &description, &writer, &error), 0);
    write_table(writer);
    for (size_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "phase %zu", i);
        if (is_marked(i))
            assert_int_equal(hy_trace_mark_phase(writer, events[i].thread, events[i].time, name, &error), 0);
        assert_int_equal(hy_trace_append_from(writer, &events[i], site_of(&events[i], i), &error), 0);
        if (flush_every && (i + 1) % flush_every == 0)
            assert_int_equal(hy_trace_flush(writer, &error), 0);
    }
    if (count > 0)
        assert_int_equal(hy_trace_mark_phase(writer, 0, 7, "", &error), 0);
    assert_int_equal(hy_trace_add_table(writer, line, hy_name_line(3, "main", "a.c", 12, line), &error), 0);
    assert_int_equal(hy_trace_finish(writer, &error), 0);
}

/* Looks at the notes of a block whose first event is number `first`; returns how many marks it has. */
static size_t check_notes(const hy_trace_reader *reader, const hy_event *events, size_t count, size_t first) {
    const uint32_t *const sites = hy_trace_event_sites(reader);
    size_t marks, next = 0;
    const hy_mark *const mark = hy_trace_marks(reader, &marks);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(sites ? sites[i] : 0, site_of(&events[i], first + i));
        if (!is_marked(first + i))
            continue;
        char name[32];
        snprintf(name, sizeof name, "phase %zu", first + i);
        assert_true(next < marks);
        assert_string_equal(mark[next].name, name);
        assert_int_equal(mark[next].thread, events[i].thread);
        assert_int_equal(mark[next].time, events[i].time);
        assert_int_equal(mark[next++].event, first + i);
    }
    assert_int_equal(next, count ? marks : next);
    return marks;
}

static void notes_round_trip(uint64_t seed, size_t count, size_t flush_every) {
    hy_event *const events = random_stream(seed, count);
    hy_trace_reader *reader;
    hy_error error;
    const hy_event *got;
    size_t size, read = 0;
    write_noted(events, count, flush_every);
    assert_int_equal(read_trace(events, count).code, 0);
    assert_int_equal(hy_trace_open(path, &reader, &error), 0);
    assert_true(hy_trace_has_notes(reader));
    for (; hy_trace_next(reader, &got, &size, &error) > 0; read += size)
        check_notes(reader, got, size, read);
    assert_int_equal(read, count);
    assert_int_equal(check_notes(reader, NULL, 0, count), count > 0);
    const hy_sites *const sites = hy_trace_sites(reader);
    char shown[256];
    assert_int_equal(sites->site_count, NOTED_SITES + 1);
    assert_int_equal(sites->sites[300].caller, 149);
    assert_int_equal(sites->sites[300].frame, 299 % 40);
    assert_int_equal(sites->frames[7].offset, 0xfedcba9876543210u - 7);
    assert_string_equal(sites->modules[0].path, "/usr/bin/pro?g \xc3\xa4");
    assert_string_equal(sites->modules[0].build_id, "0123ab");
    hy_frame_show(sites, 3, shown, sizeof shown);
    assert_string_equal(shown, "main (a.c:12)");
    hy_frame_show(sites, 4, shown, sizeof shown);
    assert_string_equal(shown, "pro?g \xc3\xa4+0xfedcba987654320c");
    hy_trace_close(reader);
    free(events);
}

static void notes_come_out(void **state) {
    notes_round_trip(80, 0, 0);
    notes_round_trip(81, 1, 0);
    for (uint64_t seed = 82; seed < 110; seed++)
        notes_round_trip(seed, seed * 7, seed % 3 ? 0 : seed);
    notes_round_trip(110, 200000, 0); /* more marks than a block takes */
    notes_round_trip(111, 20000, 3333);
}

static void every_flip_in_notes_is_reported(void **state) {
    hy_event *const events = random_stream(8, 60);
    write_noted(events, 60, 20);
    size_t size;
    uint8_t *const data = read_file(&size);
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    for (size_t at = 0; at < size; at++) {
        put_byte(fd, at, data[at] ^ 0x01);
        const outcome o = read_trace(events, 60);
        assert_true(o.opened < 0 || o.code < 0);
        put_byte(fd, at, data[at]);
    }
    for (size_t cut = size; cut-- > 0;) {
        assert_int_equal(truncate(path, (off_t)cut), 0);
        const outcome o = read_trace(events, 60);
        assert_true(o.opened < 0 || (o.code == 0 && o.warned && o.events % 20 == 0));
    }
    close(fd);
    free(data);
    free(events);
}

static void a_trace_without_notes_is_of_version_2(void **state) {
    hy_trace_writer *writer;
    hy_error error;
    size_t size;
    write_trace(NULL, 0, 0);
    uint8_t *data = read_file(&size);
    assert_int_equal(data[12], 2);
    free(data);
    assert_int_equal(hy_trace_create_noted(path, &description, &writer, &error), 0);
    assert_int_equal(hy_trace_finish(writer, &error), 0);
    assert_int_equal(read_trace(NULL, 0).code, 0);
    data = read_file(&size);
    assert_int_equal(data[12], 3);
    free(data);
}

/* More lines than one block of notes takes, and more than a trace does. */
static void a_table_is_as_large_as_can_be(void **state) {
    hy_trace_writer *writer;
    hy_trace_reader *reader;
    hy_error error;
    char line[HY_TABLE_LINE], text[1024];
    uint32_t number = 0;
    const hy_event *events;
    size_t count;
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_int_equal(hy_trace_create(path, &description, &writer, &error), 0);
    while (hy_trace_add_table(writer, line, hy_module_line("", text, line), &error) == 0)
        number++;
    assert_non_null(strstr(error.text, "takes no more"));
    assert_int_equal(number, (1u << 26) / strlen(line));
    assert_int_equal(hy_trace_finish(writer, &error), 0);
    assert_int_equal(hy_trace_open(path, &reader, &error), 0);
    if (hy_trace_next(reader, &events, &count, &error) != 0)
        fail_msg("%s", error.text);
    assert_int_equal(hy_trace_sites(reader)->module_count, number);
    hy_trace_close(reader);
}

static void refuse_line(const char *line, const char *part) {
    hy_sites sites = {.site_count = 0};
    hy_error error = {""};
    static const char before[] = "module\t\tm\nframe\t0\tff\nsite\t0\t0\n";
    assert_int_equal(hy_sites_take(&sites, before, sizeof before - 1, &error), 0);
    if (hy_sites_take(&sites, line, strlen(line), &error) != -EINVAL || !strstr(error.text, part))
        fail_msg("%s: \"%s\" does not say \"%s\"", line, error.text, part);
    hy_sites_clear(&sites);
}

static void illegal_tables_are_refused(void **state) {
    refuse_line("site\t2\t0\n", "called from site 2");
    refuse_line("site\t1\t1\n", "in frame 1");
    refuse_line("site\t1\n", "unknown line");
    refuse_line("site\t1\t0\t3\n", "unknown line");
    refuse_line("site\t-1\t0\n", "a number");
    refuse_line("site\t\t0\n", "a number");
    refuse_line("site\t99999999999999999999\t0\n", "a number");
    refuse_line("frame\t1\t0\n", "in module 1");
    refuse_line("frame\t0\tFF\n", "a number");
    refuse_line("frame\t0\t1ffffffffffffffff\n", "a number");
    refuse_line("name\t1\tf\tg\t0\n", "frame 1");
    refuse_line("name\t0\tf\tg\t0\nname\t0\tf\tg\t0\n", "has one");
    refuse_line("name\t0\tf\tg\t0\t\n", "more than 5 fields");
    refuse_line("module\t\ta\x01\n", "no text");
    refuse_line("module\t\ta", "middle of a line");
    refuse_line("\n", "unknown line");
}

static void illegal_notes_are_refused(void **state) {
    hy_trace_writer *writer;
    hy_error error;
    const hy_event birth = {.size = 1};
    assert_int_equal(hy_trace_create(path, &description, &writer, &error), 0);
    assert_int_equal(hy_trace_append_from(writer, &birth, 1, &error), -EINVAL);
    assert_non_null(strstr(error.text, "from site 1"));
    assert_int_equal(hy_trace_mark_phase(writer, 2, 0, "x", &error), -EINVAL);
    assert_non_null(strstr(error.text, "of thread 2"));
    /* what was refused is not in the way of what follows: the trace can be read */
    const hy_event late = {.id = 1, .size = 1, .time = 9};
    assert_int_equal(hy_trace_append(writer, &birth, &error), 0);
    assert_int_equal(hy_trace_append_from(writer, &late, 1, &error), -EINVAL);
    assert_int_equal(hy_trace_finish(writer, &error), 0);
    hy_trace_reader *reader;
    const hy_event *events;
    size_t count;
    assert_int_equal(hy_trace_open(path, &reader, &error), 0);
    assert_int_equal(hy_trace_next(reader, &events, &count, &error), 1);
    assert_int_equal(count, 1);
    assert_int_equal(hy_trace_next(reader, &events, &count, &error), 0);
    hy_trace_close(reader);
}

/* The next event after them is of the thread that they are of; at the end they are left out. */
static void marks_of_threads_without_events(void **state) {
    hy_trace_writer *writer;
    hy_trace_reader *reader;
    const hy_event *events;
    hy_error error;
    size_t count;
    const hy_event birth = {.size = 1}, death = {.kind = HY_EVENT_FREE}, other = {.kind = HY_EVENT_FREE, .thread = 1};
    assert_int_equal(hy_trace_create(path, &description, &writer, &error), 0);
    assert_int_equal(hy_trace_mark_phase(writer, 0, 0, "a", &error), 0);
    assert_int_equal(hy_trace_append(writer, &birth, &error), 0);
    assert_int_equal(hy_trace_mark_phase(writer, 0, 0, "kept", &error), 0);
    assert_int_equal(hy_trace_mark_phase(writer, 1, 0, "b", &error), 0);
    assert_int_equal(hy_trace_mark_phase(writer, 1, 0, "c", &error), 0);
    assert_int_equal(hy_trace_append(writer, &death, &error), -EINVAL);
    assert_non_null(strstr(error.text, "behind a mark of thread 1, which is not there yet"));
    assert_int_equal(hy_trace_mark_phase(writer, 0, 0, "d", &error), -EINVAL);
    assert_int_equal(hy_trace_append(writer, &other, &error), 0);
    assert_int_equal(hy_trace_mark_phase(writer, 1, 0, "kept, too", &error), 0);
    assert_int_equal(hy_trace_mark_phase(writer, 2, 0, "left out", &error), 0);
    assert_int_equal(hy_trace_finish(writer, &error), 0);

    const char *const names[] = {"a", "kept", "b", "c", "kept, too"};
    size_t marks = 0;
    assert_int_equal(hy_trace_open(path, &reader, &error), 0);
    int r;
    do { /* after the end come those behind the last event */
        r = hy_trace_next(reader, &events, &count, &error);
        const hy_mark *const some = hy_trace_marks(reader, &count);
        for (size_t i = 0; i < count; i++, marks++)
            assert_string_equal(some[i].name, names[marks]);
    } while (r > 0);
    assert_int_equal(marks, sizeof names / sizeof *names);
    hy_trace_close(reader);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notes_come_out),
        cmocka_unit_test(every_flip_in_notes_is_reported),
        cmocka_unit_test(a_trace_without_notes_is_of_version_2),
        cmocka_unit_test(a_table_is_as_large_as_can_be),
        cmocka_unit_test(illegal_tables_are_refused),
        cmocka_unit_test(illegal_notes_are_refused),
        cmocka_unit_test(marks_of_threads_without_events),
    };
    return cmocka_run_group_tests_name("trace_notes", tests, set_up, tear_down);
}
