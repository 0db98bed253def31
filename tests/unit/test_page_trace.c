/* SPDX-License-Identifier: MIT
 *
 * test_page_trace.c - references from text and files, curves; page tables and TLBs are in page_tables.c.
 */
#include "page_cases.h"

#include "heap_pages.h"
#include "miss_curve.h"
#include "random.h"
#include "trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- what shows a trace as words: "f1 r2 w3" by granule numbers; a space other than 0 behind a colon ---- */

static void show(const hy_page_trace *trace, char *ret, size_t room) {
    size_t used = 0;
    ret[0] = '\0';
    for (uint64_t i = 0; i < trace->count && used < room; i++) {
        const hy_granule granule = trace->granule[trace->reference[i] >> 2];
        used += (size_t)snprintf(ret + used, room - used, "%s%c%llx", i ? " " : "", "rwf"[trace->reference[i] & 3],
                                 (unsigned long long)granule.number);
        if (granule.space)
            used += (size_t)snprintf(ret + used, room - used, ":%u", granule.space);
    }
}

static void assert_shows(const hy_page_trace *trace, const char *expected) {
    char text[1024];
    show(trace, text, sizeof text);
    assert_string_equal(text, expected);
}

hy_page_trace parsed(const char *words) {
    hy_page_trace trace;
    hy_page_trace_start(&trace, 12);
    assert_int_equal(hy_page_trace_parse(words, &trace, NULL), 0);
    return trace;
}

/* ---- lackey's text ---- */

static int read_line(const char *line, hy_page_trace *trace, hy_error *error) {
    char copy[200];
    snprintf(copy, sizeof copy, "%s", line);
    return hy_lackey_line(copy, 0, trace, error);
}

static void test_lackey(void **state) {
    static const char *const good[] = {"==123== Lackey, an example Valgrind tool",
                                       "I  0401ab70,3",
                                       " S 1fff000718,8",
                                       " L 1ffffffff8,16",
                                       " M 0401b000,4",
                                       "--123-- warning",
                                       "",
                                       " S 00000fff,1"};
    hy_page_trace trace;
    hy_error error = {""};
    hy_page_trace_start(&trace, 12);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(read_line(good[i], &trace, &error), 1);
    assert_shows(&trace, "f401a w1fff000 r1ffffff r2000000 r401b w401b w0");
    assert_int_equal(trace.granules, 6);
    static const char *const bad[] = {"I 0401ab70,3",          "I  0401ab70",     "I  ,3",   " S 1fff000718,0",
                                      " S 1fff000718,8x",      " X 1fff000718,8", "hello",   " S 11111222223333344,8",
                                      " S 1fff000718,1000000", "  S 1ff,8",       " S1ff,8", "I  zz,1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (read_line(bad[i], &trace, &error) != -EINVAL || !strstr(error.text, "expected"))
            fail_msg("%s: %s", bad[i], error.text);
    trace.most = trace.count + 1;
    assert_int_equal(read_line(" S 1fff000718,8", &trace, &error), 1);
    assert_true(read_line(" S 1fff000718,8", &trace, &error) < 0);
    trace.cut = true;
    assert_int_equal(read_line(" S 2fff000718,8", &trace, &error), 0);
    assert_int_equal(trace.granules, 6); /* what was left out is not known either */
    hy_page_trace_clear(&trace);
}

static void test_words(void **state) {
    hy_page_trace trace = parsed(" 1 2,3w\t40 ");
    assert_shows(&trace, "r1 r2 w3 r28");
    hy_page_trace_clear(&trace);
    static const char *const bad[] = {"", "  ", "1 x", "1w2", "-1", "1234567890", "1 w"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        hy_error error = {""};
        hy_page_trace_start(&trace, 12);
        assert_int_equal(hy_page_trace_parse(bad[i], &trace, &error), -EINVAL);
        assert_non_null(strstr(error.text, "expected numbers"));
        hy_page_trace_clear(&trace);
    }
}

/* ---- files ---- */

hy_page_trace random_trace(uint64_t seed, size_t n, uint64_t spread) {
    hy_page_trace trace;
    hy_page_trace_start(&trace, 12);
    for (size_t i = 0; i < n; i++) {
        const uint64_t number = hy_random_below(seed, 3 * i, spread) * hy_random_below(seed, i / 7, spread);
        assert_int_equal(hy_page_trace_add(&trace, 0, number % ((uint64_t)1 << 35),
                                           (hy_page_kind)hy_random_below(seed, 3 * i + 1, 3),
                                           1 + hy_random_below(seed, 3 * i + 2, 4), NULL),
                         0);
    }
    return trace;
}

static void assert_same(const hy_page_trace *a, const hy_page_trace *b) {
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->granules, b->granules);
    assert_int_equal(a->shift, b->shift);
    assert_string_equal(a->command, b->command);
    assert_memory_equal(a->reference, b->reference, a->count * sizeof *a->reference);
    for (uint32_t i = 0; i < a->granules; i++)
        assert_true(a->granule[i].number == b->granule[i].number);
}

static const hy_page_read_options plain = {.shift = 12};

static size_t file_bytes(const char *path, char *ret, size_t room) {
    FILE *const in = fopen(path, "rb");
    assert_non_null(in);
    const size_t size = fread(ret, 1, room, in);
    fclose(in);
    return size;
}

static int read_bytes(const char *path, const char *bytes, size_t size, hy_page_trace *trace, hy_error *error) {
    FILE *const out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    assert_int_equal(fclose(out), 0);
    return hy_page_trace_read(path, &plain, trace, error);
}

static void test_files(void **state) {
    char path[] = "/tmp/heapyard-page-XXXXXX", bytes[8192];
    close(mkstemp(path));
    for (uint64_t seed = 0; seed < 20; seed++) {
        hy_page_trace trace = random_trace(seed, 200 * seed, 1 + seed * 50), back;
        snprintf(trace.command, sizeof trace.command, "command %d", (int)seed);
        assert_int_equal(hy_page_trace_write(path, &trace, NULL), 0);
        assert_int_equal(hy_page_trace_read(path, &plain, &back, NULL), 0);
        assert_same(&trace, &back);
        hy_page_trace_clear(&trace);
        hy_page_trace_clear(&back);
    }
    /* Cut at every byte, and every byte changed: refused, or still the same. */
    hy_page_trace trace = random_trace(5, 300, 200), back;
    hy_error error = {""};
    assert_int_equal(hy_page_trace_write(path, &trace, NULL), 0);
    const size_t size = file_bytes(path, bytes, sizeof bytes);
    assert_in_range(size, 20, sizeof bytes - 1);
    for (size_t cut = 0; cut < size; cut++)
        assert_true(read_bytes(path, bytes, cut, &back, &error) < 0 && strstr(error.text, path));
    for (size_t at = 0; at < size; at++) {
        bytes[at] ^= 0x10;
        if (read_bytes(path, bytes, size, &back, &error) == 0)
            assert_same(&trace, &back);
        hy_page_trace_clear(&back);
        bytes[at] ^= 0x10;
    }
    bytes[size] = 'x';
    assert_true(read_bytes(path, bytes, size + 1, &back, &error) < 0);
    assert_non_null(strstr(error.text, "something follows"));
    const hy_page_read_options first = {.shift = 12, .references = 7};
    assert_int_equal(hy_page_trace_write(path, &trace, NULL), 0);
    assert_int_equal(hy_page_trace_read(path, &first, &back, NULL), 0);
    assert_int_equal(back.count, 7);
    hy_page_trace_clear(&back);
    hy_page_trace_clear(&trace);
    unlink(path);
}

static void test_decode(void **state) {
    static const struct {
        const char *bytes;
        size_t size;
        const char *says;
    } bad[] = {{"", 0, "it ends within"},
               {"\x0c\x05ls", 4, "it ends within"},
               {"\x05\x00\x03\x00", 4, "granules of 2^5 bytes"},
               {"\x0c\x00\x07", 3, "repetition of nothing"},
               {"\x0c\x00\x08\x03\x02", 5, "it says 2 references and has 1"},
               {"\x0c\x00\x08\x03\x01y", 6, "1 bytes follow"},
               {"\x0c\x00\x0c\x03\x01", 5, "beyond all addresses"}, /* -2 */
               {"\x0c\x00\x08\xff\xff\xff\xff\xff\xff\x7f\x03\x01", 12, "more than 268435456 references"},
               {"\x0c\x00\x88\x00\x03\x01", 6, "it ends within"}}; /* a longer spelling of 8 */
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        hy_page_trace trace;
        hy_error error = {""};
        hy_page_trace_start(&trace, 12);
        assert_true(hy_page_trace_decode((const uint8_t *)bad[i].bytes, bad[i].size, &trace, &error) < 0);
        if (!strstr(error.text, bad[i].says))
            fail_msg("%zu: %s", i, error.text);
        hy_page_trace_clear(&trace);
    }
    hy_page_trace trace;
    hy_page_trace_start(&trace, 12);
    /* Granules of 4K, "ls"; read 1, twice more; fetch 2; write 1 below the read: 0. */
    static const uint8_t good[] = {12, 2, 'l', 's', 2 << 2 | 0, 2 << 2 | 3, 4 << 2 | 2, 1 << 2 | 1, 3, 5};
    assert_int_equal(hy_page_trace_decode(good, sizeof good, &trace, NULL), 0);
    assert_shows(&trace, "r1 r1 r1 f2 w0");
    assert_string_equal(trace.command, "ls");
    hy_page_trace_clear(&trace);
}

/* ---- pages and turns ---- */

static void test_pages(void **state) {
    hy_page_trace trace = parsed("0 3w 4 8 5 0");
    hy_page_refs refs;
    assert_int_equal(hy_page_refs_make(&trace, 14, HY_PAGE_ALL, &refs, NULL), 0);
    const uint32_t pages[] = {0, 0, 1, 2, 1, 0};
    assert_int_equal(refs.pages, 3);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(refs.ref[i], hy_page_refer(pages[i], i == 1));
    hy_page_refs_clear(&refs);
    hy_error error;
    assert_true(hy_page_refs_make(&trace, 11, HY_PAGE_ALL, &refs, &error) < 0);
    assert_int_equal(hy_page_trace_add(&trace, 0, 99, HY_PAGE_FETCH, 2, NULL), 0);
    assert_int_equal(hy_page_refs_make(&trace, 12, HY_PAGE_CODE, &refs, NULL), 0);
    assert_int_equal(refs.count, 2);
    hy_page_refs_clear(&refs);
    assert_int_equal(hy_page_refs_make(&trace, 12, HY_PAGE_DATA, &refs, NULL), 0);
    assert_int_equal(refs.count, 6);
    hy_page_refs_clear(&refs);
    hy_page_trace_clear(&trace);
}

static void test_turns(void **state) {
    hy_page_trace parts[2] = {parsed("1 2 3 4 5"), parsed("1w 2")}, all;
    assert_int_equal(hy_page_trace_interleave(parts, 2, 2, &all, NULL), 0);
    assert_shows(&all, "r1 r2 w1:1 r2:1 r3 r4 r5");
    assert_int_equal(all.granules, 7);
    for (int i = 0; i < 2; i++)
        hy_page_trace_clear(&parts[i]);
    hy_page_trace_clear(&all);
}

/* ---- curves ---- */

static void test_stack_distances(void **state) {
    const char spec[] = "lru";
    hy_pager_choice lru;
    assert_int_equal(hy_pager_choose((hy_text){spec, 3}, &lru, NULL), 0);
    for (uint64_t seed = 1; seed < 7; seed++) {
        hy_page_trace trace = random_trace(seed, 1500, 3 * seed);
        hy_page_refs refs;
        hy_paging_counts counts;
        assert_int_equal(hy_page_refs_make(&trace, 12, HY_PAGE_ALL, &refs, NULL), 0);
        uint64_t *const faults = calloc(refs.pages + 1, sizeof *faults);
        assert_int_equal(hy_lru_faults(&refs, faults, NULL), 0);
        assert_int_equal(faults[0], refs.count);
        assert_int_equal(faults[refs.pages], refs.pages);
        for (uint32_t frames = 1; frames <= refs.pages; frames += 1 + frames / 4) {
            assert_int_equal(hy_paging_simulate(lru.ops, lru.params, frames, refs.ref, refs.count, &counts, NULL), 0);
            assert_int_equal(counts.faults, faults[frames]);
        }
        free(faults);
        hy_page_refs_clear(&refs);
        hy_page_trace_clear(&trace);
    }
}

static void test_knee(void **state) {
    const hy_miss_curve curve = {.point = {{1, 1000, 0}, {2, 900, 0}, {4, 80, 0}, {8, 60, 0}, {16, 50, 0}},
                                 .points = 5,
                                 .references = 2000,
                                 .cold = 50};
    assert_int_equal(hy_miss_knee(&curve), 2);            /* 4 × 80 is least */
    assert_int_equal(hy_miss_enough(&curve, 100, 1), 8);  /* (60 - 50) × 100 is not above 2000; 30 × 100 is */
    assert_int_equal(hy_miss_enough(&curve, 1e6, 1), 16); /* what comes once only does not count */
    assert_int_equal(hy_miss_enough(&curve, 0.001, 1), 1);
    uint32_t frames[HY_MISS_POINTS_MOST];
    assert_int_equal(hy_miss_frames(1, frames), 1);
    const size_t count = hy_miss_frames(UINT32_MAX / 2, frames);
    assert_int_equal(frames[0], 1);
    assert_int_equal(frames[count - 1], UINT32_MAX / 2);
    for (size_t i = 1; i < count; i++)
        assert_true(frames[i] > frames[i - 1]);
}

/* ---- allocations ---- */

/* A block of 10000 bytes is written when it is made and read when it dies; one that grows is written on. */
static void test_heap_pages(void **state) {
    char path[] = "/tmp/heapyard-heap-XXXXXX";
    const hy_trace_meta meta = {.pid = 1};
    static const hy_event events[] = {{.kind = HY_EVENT_MALLOC, .id = 0, .size = 10000},
                                      {.kind = HY_EVENT_FREE, .id = 0, .time = 1},
                                      {.kind = HY_EVENT_MALLOC, .id = 1, .size = 1, .time = 2},
                                      {.kind = HY_EVENT_REALLOC, .id = 1, .size = 50000, .time = 3}};
    hy_trace_writer *writer;
    close(mkstemp(path));
    assert_int_equal(hy_trace_create(path, &meta, &writer, NULL), 0);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(hy_trace_append(writer, &events[i], NULL), 0);
    assert_int_equal(hy_trace_finish(writer, NULL), 0);
    hy_page_trace trace;
    uint64_t refused = 9, of[HY_PAGE_KINDS] = {0};
    hy_page_trace_start(&trace, 12);
    assert_int_equal(hy_heap_pages(path, "first-fit", &trace, &refused, NULL), 0);
    assert_int_equal(refused, 0);
    for (uint64_t i = 0; i < trace.count; i++)
        of[trace.reference[i] & 3]++;
    assert_in_range(of[HY_PAGE_READ], 3, 4 + 1);                /* 10000 bytes; the byte, if it moved */
    assert_in_range(of[HY_PAGE_WRITE], 3 + 1 + 12, 4 + 1 + 14); /* 10000, 1, 50000 */
    assert_int_equal(of[HY_PAGE_FETCH], 0);
    hy_page_trace_clear(&trace);
    hy_error error = {""};
    hy_page_trace_start(&trace, 12);
    assert_true(hy_heap_pages("/nowhere.hyt", "first-fit", &trace, &refused, &error) < 0 && error.text[0]);
    unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lackey),     cmocka_unit_test(test_words),           cmocka_unit_test(test_files),
        cmocka_unit_test(test_decode),     cmocka_unit_test(test_pages),           cmocka_unit_test(test_turns),
        cmocka_unit_test(test_walk),       cmocka_unit_test(test_tlb_by_hand),     cmocka_unit_test(test_tlb_laws),
        cmocka_unit_test(test_tlb_words),  cmocka_unit_test(test_stack_distances), cmocka_unit_test(test_knee),
        cmocka_unit_test(test_heap_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
