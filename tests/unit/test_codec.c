/* SPDX-License-Identifier: MIT
 *
 * test_codec.c - blocks: round trips, sizes, and payloads that lie although their checksums are right.
 */
#include "bytes.h"
#include "codec.h"
#include "random_events.h"
#include "varint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

static hy_codec *codec;

static int set_up(void **state) {
    codec = hy_codec_create(3);
    return codec ? 0 : -1;
}

static int tear_down(void **state) {
    hy_codec_destroy(codec);
    return 0;
}

/* ---- varints ---- */

static void varints_have_one_spelling(void **state) {
    static const uint64_t values[] = {0, 1, 127, 128, 16383, 16384, UINT32_MAX, INT64_MAX, UINT64_MAX - 1, UINT64_MAX};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        uint8_t bytes[HY_VARINT_MAX + 1];
        const uint8_t *const end = hy_varint_put(bytes, values[i]), *at = bytes;
        uint64_t value = 0;
        assert_true(end - bytes <= HY_VARINT_MAX);
        assert_true(hy_varint_get(&at, end, &value));
        assert_true(value == values[i] && at == end);
        at = bytes;
        assert_false(hy_varint_get(&at, end - 1, &value));
        assert_true(hy_unzigzag(hy_zigzag(values[i])) == values[i]);
    }
    static const struct {
        const char *bytes;
        size_t size;
    } bad[] = {{"\x80\x00", 2},
               {"\x81\x80\x00", 3},
               {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10},
               {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x00", 11},
               {"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 11},
               {"", 0}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const uint8_t *at = (const uint8_t *)bad[i].bytes;
        uint64_t value;
        assert_false(hy_varint_get(&at, at + bad[i].size, &value));
    }
}

/* ---- round trips ---- */

/* Returns the size of the payload. */
static size_t events_go_round(const hy_block_start *start, const hy_event *events) {
    hy_event *const back = malloc(start->events * sizeof *back);
    assert_non_null(back);
    const uint8_t *payload;
    size_t size, plain;
    hy_error error;
    assert_int_equal(hy_codec_encode(codec, start, events, &payload, &size, &plain, &error), 0);
    assert_true(size <= plain && plain <= HY_PAYLOAD_MAX);
    uint8_t *const copy = malloc(size); /* so that a sanitizer sees what is read beyond it */
    assert_non_null(copy);
    memcpy(copy, payload, size);
    if (hy_codec_decode(codec, start, copy, size, plain, back, &error) < 0)
        fail_msg("%s", error.text);
    assert_memory_equal(events, back, start->events * sizeof *events);
    free(copy);
    free(back);
    return size;
}

static void block_goes_round(uint64_t seed, uint32_t count) {
    hy_event *const events = random_stream(seed, count);
    events_go_round(&(hy_block_start){.events = count}, events);
    free(events);
}

static void blocks_go_round(void **state) {
    for (uint32_t count = 1; count < 70; count++)
        block_goes_round(count, count);
    block_goes_round(100, HY_BLOCK_EVENTS);
}

/* The largest of everything fits. */
static void the_worst_block_fits(void **state) {
    static hy_event events[HY_BLOCK_EVENTS];
    const hy_block_start start = {
        .events = HY_BLOCK_EVENTS, .first_birth = UINT64_C(1) << 62, .threads = UINT32_MAX - 1};
    uint64_t time = 0;
    for (uint32_t i = 0; i < HY_BLOCK_EVENTS; i++) {
        time += (UINT64_C(1) << 44) + i;
        events[i] = (hy_event){.kind = HY_EVENT_REALLOC,
                               .id = (uint64_t)(i % 2) << 61,
                               .size = (UINT64_C(1) << 62) + i,
                               .thread = UINT32_MAX - 1 - (i & 1),
                               .time = time};
    }
    events_go_round(&start, events);
}

/* Repetition costs next to nothing. */
static void a_loop_takes_little_room(void **state) {
    static hy_event events[HY_BLOCK_EVENTS];
    for (uint32_t i = 0; i < HY_BLOCK_EVENTS; i++)
        events[i] = i % 2 ? (hy_event){.kind = HY_EVENT_FREE, .id = i / 2, .time = i * 100}
                          : (hy_event){.id = i / 2, .size = 100000 + i / 2 % 3, .time = i * 100};
    const hy_block_start start = {.events = HY_BLOCK_EVENTS};
    assert_true(events_go_round(&start, events) < HY_BLOCK_EVENTS / 50);
}

/* ---- lies ---- */

/* malloc 24, malloc 24, realloc 0 to 99, free 1, aligned 24, all by thread 0, 3 ns apart but for the last. */
static const hy_event sample[] = {
    {.size = 24, .time = 3},
    {.id = 1, .size = 24, .time = 6},
    {.kind = HY_EVENT_REALLOC, .size = 99, .time = 9},
    {.kind = HY_EVENT_FREE, .id = 1, .time = 12},
    {.kind = HY_EVENT_ALIGNED, .id = 2, .size = 24, .time = 1014, .align = 5},
};
static const hy_block_start sample_start = {.events = 5};

typedef struct own_columns {
    hy_columns columns;
    uint8_t space[HY_COLUMNS][32768];
} own_columns;

static void fill_columns(own_columns *own) {
    hy_error error;
    memset(own, 0, sizeof *own);
    for (int c = 0; c < HY_COLUMNS; c++)
        own->columns.data[c] = own->space[c];
    assert_int_equal(hy_columns_encode(&sample_start, sample, &own->columns, &error), 0);
}

static void refuse_columns(const hy_columns *columns, const char *part) {
    hy_event back[5];
    hy_error error = {""};
    assert_int_equal(hy_columns_decode(&sample_start, columns, back, &error), -EINVAL);
    if (!strstr(error.text, part))
        fail_msg("\"%s\" does not say \"%s\"", error.text, part);
}

static void refuse_change(hy_column column, size_t at, uint8_t value, const char *part) {
    own_columns own;
    fill_columns(&own);
    assert_true(at < own.columns.size[column]);
    own.space[column][at] = value;
    refuse_columns(&own.columns, part);
}

static void lying_columns_are_refused(void **state) {
    refuse_change(HY_COLUMN_CODE, 0, 1, "event 0: a word without a meaning");
    refuse_change(HY_COLUMN_CODE, 0, 254, "event 0: a word without a meaning");
    refuse_change(HY_COLUMN_CODE, 0, 255, "event 0: a broken object");
    refuse_change(HY_COLUMN_CODE, 2, 0, "rare words left over");
    refuse_change(HY_COLUMN_WORD, 0, 7, "word 0: an unknown kind of event");
    refuse_change(HY_COLUMN_WORD, 0, HY_EVENT_ALIGNED, "word 0: a broken size");
    refuse_change(HY_COLUMN_WORD, 1, 0x80, "word 0: a broken size");
    refuse_change(HY_COLUMN_RARE, 0, 255, "event 2: an unknown kind of event");
    refuse_change(HY_COLUMN_RARE, 1, 0x80, "event 4: an unknown kind of event");
    refuse_change(HY_COLUMN_RARE, 3, HY_NAMES, "event 3: an object named in an unknown way");
    refuse_change(HY_COLUMN_RARE, 3, HY_NAME_AGE + 2, "event 3: a broken object, or one that was not born");
    refuse_change(HY_COLUMN_RARE, 3, HY_NAME_FAR_STEP, "event 3: a broken object");
    refuse_change(HY_COLUMN_NAME, 0, HY_NAMES, "event 2: a broken object");
    refuse_change(HY_COLUMN_NAME, 0, 1, "event 2: a broken object, or one that was not born");
    refuse_change(HY_COLUMN_THREAD, 0, 1, "a broken run");
    refuse_change(HY_COLUMN_THREAD, 0, 0x80, "a broken run");
    refuse_change(HY_COLUMN_RUN, 0, 0, "a broken run");
    refuse_change(HY_COLUMN_RUN, 0, 4, "a broken run");
    refuse_change(HY_COLUMN_RUN, 0, 6, "threads left over");
}

static void lying_times_are_refused(void **state) {
    refuse_change(HY_COLUMN_TICK, 4, 0, "a tick of 0 / 2^32 ns");
    refuse_change(HY_COLUMN_TICK, 7, 0xff, "a tick of");
    refuse_change(HY_COLUMN_TICK, 8, 0, "event 0: a broken stretch of ticks");
    refuse_change(HY_COLUMN_TICK, 8, 4, "event 4: a broken stretch of ticks");
    refuse_change(HY_COLUMN_TICK, 8, 6, "stretches of ticks left over");
    refuse_change(HY_COLUMN_TICK, 9, 0x80, "a broken stretch of ticks");
    refuse_change(HY_COLUMN_CHANCE, 0, 1, "broken chances of times in context 0");
    refuse_change(HY_COLUMN_CHANCE, 0, 253, "broken chances of times in context 0");
    refuse_change(HY_COLUMN_CHANCE, 1, HY_TIME_SYMBOLS, "broken chances of times in context 0");
    refuse_change(HY_COLUMN_CHANCE, 4, 1, "broken chances of times in context 0");
    refuse_change(HY_COLUMN_TIME, 2, 0, "");
    refuse_change(HY_COLUMN_TIME, 0, 0xff, "");
    refuse_change(HY_COLUMN_TIME, 7, 0xff, "");
    refuse_change(HY_COLUMN_BITS, 0, 0xff, "not filled up with 0");
}

/* A tick that is no whole number of ns is found, costs nothing in exactness, and makes small what else would be large.
 */
static void ticks_are_found(void **state) {
    static hy_event events[HY_BLOCK_EVENTS];
    random_events r = {.state = 7};
    uint64_t ticks = 12345;
    for (uint32_t i = 0; i < HY_BLOCK_EVENTS; i++) {
        ticks += random_next(&r) % 1000 ? 1 + random_next(&r) % 4 : random_wide(&r, 20);
        const uint64_t shift = i < HY_BLOCK_EVENTS / 2 ? 0 : 7777; /* a clock that was set */
        events[i] = (hy_event){.id = i, .size = 8, .time = (uint64_t)((double)ticks * 10.0149015 + 0.25) + shift};
    }
    const hy_block_start start = {.events = HY_BLOCK_EVENTS, .base_time = 77};
    /* 2 bits an event are random; in ns it would be over 5 */
    assert_true(events_go_round(&start, events) < HY_BLOCK_EVENTS / 3);
}

/* A last event where a stretch becomes too long for its arithmetic, on both sides of it. */
static void long_stretches_are_exact(void **state) {
    enum { COUNT = 2048, AROUND = 4, TICKS = 8 };
    static hy_event events[COUNT];
    random_events r = {.state = 9};
    for (int length = 0; length < TICKS; length++) {
        const double tick = 10.0149 + 0.001 * length;
        uint64_t ticks = 0;
        for (uint32_t i = 0; i < COUNT; i++) {
            ticks += 1 + random_next(&r) % 4;
            events[i] = (hy_event){.id = i, .size = 8, .time = (uint64_t)((double)ticks * tick)};
        }
        for (uint64_t after = 0; after < 2 * AROUND; after++) {
            events[COUNT - 1].time = events[0].time + (UINT64_C(1) << 31) - AROUND + after;
            events_go_round(&(hy_block_start){.events = COUNT}, events);
        }
    }
}

static void wrong_lengths_are_refused(void **state) {
    for (hy_column c = 0; c < HY_COLUMNS; c++) {
        own_columns own;
        fill_columns(&own);
        own.columns.size[c]++;
        refuse_columns(&own.columns, "");
        fill_columns(&own);
        if (own.columns.size[c] == 0)
            continue;
        own.columns.size[c]--;
        refuse_columns(&own.columns, "");
    }
}

static void refuse_payload(const uint8_t *payload, size_t size, size_t plain, const char *part) {
    hy_event back[5];
    hy_error error = {""};
    uint8_t *const copy = malloc(size ? size : 1); /* so that a sanitizer sees what is read beyond it */
    assert_non_null(copy);
    memcpy(copy, payload, size);
    assert_int_equal(hy_codec_decode(codec, &sample_start, copy, size, plain, back, &error), -EINVAL);
    if (!strstr(error.text, part))
        fail_msg("\"%s\" does not say \"%s\"", error.text, part);
    free(copy);
}

static void lying_tables_are_refused(void **state) {
    const uint8_t *payload;
    size_t size, plain;
    hy_error error;
    assert_int_equal(hy_codec_encode(codec, &sample_start, sample, &payload, &size, &plain, &error), 0);
    uint8_t good[512], bad[512];
    assert_true(size < sizeof good - 8);
    memcpy(good, payload, size);
    refuse_payload(good, 8 * HY_COLUMNS - 1, plain, "shorter than the table");
    refuse_payload(good, 0, plain, "shorter than the table");
    refuse_payload(good, size - 1, plain, "cannot be");
    refuse_payload(good, size + 1, plain, "contradict");
    refuse_payload(good, size, plain + 1, "contradict");
    static const uint32_t lengths[] = {0, 1, 4, 6, 0x7fffffff, 0x80000000, UINT32_MAX};
    for (size_t field = 0; field < 2 * HY_COLUMNS; field++) {
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            memcpy(bad, good, size);
            if (hy_get32(bad + 4 * field) == lengths[i])
                continue;
            hy_put32(bad + 4 * field, lengths[i]);
            refuse_payload(bad, size, plain, "");
        }
    }
    /* "stored less than plain" says zstd, and this is none */
    memcpy(bad, good, size);
    hy_put32(bad + 4, 4);
    refuse_payload(bad, size, plain, "does not decompress");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(varints_have_one_spelling), cmocka_unit_test(blocks_go_round),
        cmocka_unit_test(the_worst_block_fits),      cmocka_unit_test(a_loop_takes_little_room),
        cmocka_unit_test(lying_columns_are_refused), cmocka_unit_test(wrong_lengths_are_refused),
        cmocka_unit_test(lying_tables_are_refused),  cmocka_unit_test(lying_times_are_refused),
        cmocka_unit_test(ticks_are_found),           cmocka_unit_test(long_stretches_are_exact),
    };
    return cmocka_run_group_tests_name("codec", tests, set_up, tear_down);
}
