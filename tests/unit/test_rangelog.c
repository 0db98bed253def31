/* SPDX-License-Identifier: MIT
 *
 * test_rangelog.c - the range log: written for any heap, read back, and written again as it was.
 */
#include "exercise.h"
#include "rangelog.h"

/* The classic demonstration's last table before malloc(300), with the addresses of one real run. */
static const char classic[] =
    "[0x55e68c41f1ac] Memory was freed\n"
    "  [0x55e68c41f040 -> 0x55e68c41f0ac) : 0x800000000000006c (allocated, size = 108 bytes)\n"
    "  [0x55e68c41f0ac -> 0x55e68c41f1a4) : 0x00000000000000f8 (free, size = 248 bytes)\n"
    "  [0x55e68c41f1a4 -> 0x55e68c41f2ac) : 0x0000000000000108 (free, size = 264 bytes)\n"
    "  [0x55e68c41f2ac -> 0x55e68c41f401) : 0x8000000000000155 (allocated, size = 341 bytes)\n"
    "  [0x55e68c41f401 -> 0x55e68c420040) : 0x0000000000000c3f (free, size = 3135 bytes)\n";

static int read_text(const char *text, hy_log *ret_log, hy_error *error) {
    FILE *const in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    const int r = hy_log_read(in, "a.log", ret_log, error);
    fclose(in);
    return r;
}

static hy_log must_read(const char *text) {
    hy_log log;
    hy_error error;
    if (read_text(text, &log, &error) < 0)
        fail_msg("%s", error.text);
    return log;
}

static char *print_lines(const hy_log *log) {
    char *text = NULL;
    size_t size = 0;
    FILE *const out = open_memstream(&text, &size);
    for (size_t i = 0; i < log->count; i++)
        hy_log_print(out, &log->lines[i]);
    fclose(out);
    return text;
}

static void expect_identity(const char *text) {
    hy_log log = must_read(text);
    char *const again = print_lines(&log);
    assert_string_equal(again, text);
    free(again);
    hy_log_free(&log);
}

/* The demonstration on any allocator, as text. */
static char *demo(const char *spec, bool rebase) {
    static const size_t sizes[] = {100, 240, 256, 333};
    char *text = NULL;
    size_t size = 0;
    FILE *const out = open_memstream(&text, &size);
    hy_instance heap;
    hy_log_writer *writer = NULL;
    exercise_open(spec, &heap);
    const hy_log_options options = {.rebase = rebase, .zero_is_null = true};
    const size_t align = heap.heap->ops->max_align < 16 ? heap.heap->ops->max_align : 16;
    assert_int_equal(hy_log_start(heap.heap, out, &options, &writer, NULL), 0);
    void *blocks[4];
    for (size_t i = 0; i < 4; i++)
        blocks[i] = hy_log_alloc(writer, sizes[i], align);
    assert_null(hy_log_alloc(writer, 0, align));
    hy_log_release(writer, NULL, 0);
    hy_log_release(writer, blocks[1], sizes[1]);
    hy_log_release(writer, blocks[2], sizes[2]);
    hy_log_alloc(writer, 300, align);
    hy_log_alloc(writer, (size_t)1 << 50, align);
    hy_log_stop(writer);
    hy_close(&heap);
    fclose(out);
    return text;
}

static void the_classic_listing_is_read(void **state) {
    (void)state;
    expect_identity(classic);
    hy_log log = must_read(classic);
    size_t count = 0;
    const hy_log_line *const rows = hy_log_last_table(&log, &count);
    assert_int_equal(count, 5);
    assert_int_equal(rows[2].start, 0x55e68c41f1a4);
    assert_int_equal(hy_log_range_size(rows[2].header), 264);
    assert_int_equal(rows[0].header, 0x800000000000006c);
    hy_log_free(&log);
}

/* Our demonstration's rows, counted from the storage's start, are the classic's. */
static void simple_ends_with_the_classic_table(void **state) {
    (void)state;
    char *const text = demo("simple:storage=4096", true);
    hy_log ours = must_read(text), theirs = must_read(classic);
    size_t freed = 0, wanted = 0;
    for (size_t i = 0; i < ours.count; i++)
        freed = ours.lines[i].kind == HY_LOG_FREED ? i : freed;
    const hy_log_line *const rows = hy_log_last_table(&theirs, &wanted);
    for (size_t i = 0; i < wanted; i++) {
        const hy_log_line *const row = &ours.lines[freed + 1 + i];
        assert_int_equal(row->kind, HY_LOG_ROW);
        assert_int_equal(row->start, rows[i].start - rows[0].start);
        assert_int_equal(row->end, rows[i].end - rows[0].start);
        assert_int_equal(row->header, rows[i].header);
    }
    assert_int_equal(ours.lines[freed + 1 + wanted].kind, HY_LOG_EMPTY);
    assert_non_null(strstr(text, "[0x3c1] Set header to 0x8000000000000134 (allocated, size = 308 bytes)\n"));
    assert_non_null(strstr(text, "[0x3c9] Memory was allocated, size 300 bytes\n"));
    assert_non_null(strstr(text, "\nTrying to allocate 1125899906842624 bytes\nHeap exhausted.\n"));
    assert_null(strstr(text, "allocate 0 bytes"));
    assert_memory_equal(text, "Simple heap init:\nStorage [0x0 -> 0x1000) (4096 bytes)\n", 55);
    hy_log_free(&ours);
    hy_log_free(&theirs);
    free(text);
}

static void every_walkable_heap_is_logged(void **state) {
    (void)state;
    size_t logged = 0;
    for (const hy_listing *entry = hy_listings; entry->ops; entry++) {
        const bool fits = !(entry->ops->flags & (HY_FAKE | HY_FOREIGN));
        if (!fits || !entry->ops->walk)
            continue;
        for (int rebase = 0; rebase < 2; rebase++) {
            char *const text = demo(entry->ops->name, rebase);
            expect_identity(text);
            assert_non_null(strstr(text, "[0x"));
            free(text);
        }
        logged++;
    }
    assert_true(logged >= 6);
}

static void a_heap_that_cannot_be_walked_is_refused(void **state) {
    (void)state;
    hy_instance heap;
    hy_log_writer *writer = NULL;
    hy_error error;
    exercise_open("null", &heap);
    assert_true(hy_log_start(heap.heap, stdout, &(hy_log_options){.rebase = false}, &writer, &error) < 0);
    assert_string_equal(error.text, "null cannot be walked, so its ranges cannot be logged");
    hy_close(&heap);
}

static void extremes_are_kept(void **state) {
    (void)state;
    expect_identity("[-0x10] Memory was freed\n[0x7fffffffffffffff] Freeing allocation\n");
    expect_identity("Trying to allocate 18446744073709551615 bytes\n");
    expect_identity("  [-0x8 -> 0x7ffffffffffffff0) : 0x7ffffffffffffff8 (free, size = 9223372036854775800 bytes)\n");
    expect_identity("\n\nHeap exhausted.\n\n");
}

/* The original prints sizes with %u. */
static void a_size_cut_to_32_bits_is_read(void **state) {
    (void)state;
    hy_log log = must_read("  [0x0 -> 0x100000010) : 0x0000000100000010 (free, size = 16 bytes)\n");
    assert_int_equal(hy_log_range_size(log.lines[0].header), 0x100000010);
    hy_log_free(&log);
}

static void what_is_no_log_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "hello\n",
        "Simple heap init\n",
        "Simple heap init: \n",
        "Heap exhausted.\r\n",
        "[0x10] Memory was lost\n",
        "[10] Memory was freed\n",
        "[0x] Memory was freed\n",
        "[0x8000000000000000] Memory was freed\n",
        "[0x123456789abcdef01] Memory was freed\n",
        "[0x10 Memory was freed\n",
        "[0x10] Freeing allocation now\n",
        "[0x10] Memory was allocated, size -1 bytes\n",
        "Trying to allocate bytes\n",
        "Trying to allocate 18446744073709551616 bytes\n",
        "Storage [0x0 -> 0x1000) (4095 bytes)\n",
        "Storage [0x1000 -> 0x0) (4096 bytes)\n",
        "  [0x0 -> 0x10) : 0x0000000000000010 (allocated, size = 16 bytes)\n",
        "  [0x0 -> 0x10) : 0x8000000000000010 (free, size = 16 bytes)\n",
        "  [0x0 -> 0x11) : 0x0000000000000010 (free, size = 16 bytes)\n",
        "  [0x0 -> 0x10) : 0x0000000000000010 (free, size = 17 bytes)\n",
        "  [0x0 -> 0x10) : 0x10 (free, size = 16 bytes)\n",
        "  [0x10 -> 0x0) : 0x0000000000000010 (free, size = 16 bytes)\n",
        " [0x0 -> 0x10) : 0x0000000000000010 (free, size = 16 bytes)\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        hy_log log;
        hy_error error;
        if (read_text(bad[i], &log, &error) == 0)
            fail_msg("this was read: %s", bad[i]);
        assert_non_null(strstr(error.text, "a.log: line 1: no line of a range log"));
    }
}

static void a_refusal_says_the_line(void **state) {
    (void)state;
    hy_log log;
    hy_error error;
    assert_true(read_text("Simple heap init:\n\nHeap is full\n", &log, &error) < 0);
    assert_string_equal(error.text, "a.log: line 3: no line of a range log: \"Heap is full\"");
    char text[400];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_true(read_text(text, &log, &error) < 0);
    assert_string_equal(error.text, "a.log: line 1: longer than any line of a range log");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_classic_listing_is_read),
        cmocka_unit_test(simple_ends_with_the_classic_table),
        cmocka_unit_test(every_walkable_heap_is_logged),
        cmocka_unit_test(a_heap_that_cannot_be_walked_is_refused),
        cmocka_unit_test(extremes_are_kept),
        cmocka_unit_test(a_size_cut_to_32_bits_is_read),
        cmocka_unit_test(what_is_no_log_is_refused),
        cmocka_unit_test(a_refusal_says_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
