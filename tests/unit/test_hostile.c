/* SPDX-License-Identifier: MIT
 *
 * test_hostile.c - trace files that lie with right checksums: each lie has its own sentence.
 *
 * They are seeds of the fuzzer, too: HEAPYARD_TEST_SEEDS=tests/fuzz/corpus/trace BUILD/tests/test_hostile writes them.
 */
#include "bytes.h"
#include "format.h"
#include "random_events.h"
#include "trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <unistd.h>
#include <xxhash.h>

#define ROOM 16384

static char folder[64];
static char path[128];

/* A good trace: the description, two blocks of 20 events, the index, the end. */
static uint8_t good[ROOM];
static size_t good_size;
static size_t block_at[5]; /* where each block's head is */

/* What a test spoils. */
static uint8_t bad[ROOM];
static size_t bad_size;

static int set_up(void **state) {
    snprintf(folder, sizeof folder, "/tmp/hy-hostile-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/t.hyt", folder);
    const hy_trace_meta meta = {.command = "good"};
    hy_event *const events = random_stream(4, 40);
    hy_trace_writer *writer;
    if (hy_trace_create(path, &meta, &writer, NULL) < 0)
        return -1;
    for (int i = 0; i < 40; i++)
        if (hy_trace_append(writer, &events[i], NULL) < 0 || (i == 19 && hy_trace_flush(writer, NULL) < 0))
            return -1;
    free(events);
    if (hy_trace_finish(writer, NULL) < 0)
        return -1;
    FILE *const file = fopen(path, "rb");
    good_size = file ? fread(good, 1, sizeof good, file) : 0;
    if (file)
        fclose(file);
    size_t at = HY_FILE_HEAD;
    for (int i = 0; i < 5; i++) {
        block_at[i] = at;
        at += HY_BLOCK_HEAD + hy_get32(good + at + 8);
    }
    return at == good_size ? 0 : -1;
}

static int tear_down(void **state) {
    unlink(path);
    return rmdir(folder);
}

static void copy_good(void **state) {
    memcpy(bad, good, good_size);
    bad_size = good_size;
}

static int start_good(void **state) {
    copy_good(state);
    return 0;
}

/* Rights the checksums of a block. */
static void seal(size_t at) {
    hy_put64(bad + at + 48, XXH3_64bits(bad + at + HY_BLOCK_HEAD, hy_get32(bad + at + 8)));
    hy_put64(bad + at + 56, XXH3_64bits(bad + at, 56));
}

static void write_bad(const char *name) {
    FILE *const file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bad, 1, bad_size, file), bad_size);
    assert_int_equal(fclose(file), 0);
}

static void keep_seed(void) {
    static unsigned lies;
    char name[256];
    const char *const seeds = getenv("HEAPYARD_TEST_SEEDS");
    snprintf(name, sizeof name, "%s/lie-%02u", seeds, lies++);
    if (seeds)
        write_bad(name);
}

/* The sentence that reading gives; "" if it ends well. */
static const char *read_bad(void) {
    static hy_error error;
    write_bad(path);
    keep_seed();
    hy_trace_reader *reader;
    const hy_event *events;
    size_t count;
    error.text[0] = '\0';
    if (hy_trace_open(path, &reader, &error) < 0)
        return error.text;
    while (hy_trace_next(reader, &events, &count, &error) > 0)
        ;
    hy_trace_close(reader);
    return error.text;
}

static void expect_sentence(const char *part) {
    const char *const text = read_bad();
    if (!strstr(text, part) || strchr(text, '\n'))
        fail_msg("\"%s\" does not say \"%s\"", text, part);
}

static void spoil_head32(int block, size_t field, uint32_t value, const char *part) {
    copy_good(NULL);
    hy_put32(bad + block_at[block] + field, value);
    hy_put64(bad + block_at[block] + 56, XXH3_64bits(bad + block_at[block], 56));
    expect_sentence(part);
}

static void spoil_head64(int block, size_t field, uint64_t value, const char *part) {
    copy_good(NULL);
    hy_put64(bad + block_at[block] + field, value);
    hy_put64(bad + block_at[block] + 56, XXH3_64bits(bad + block_at[block], 56));
    expect_sentence(part);
}

static void the_good_one_is_good(void **state) {
    assert_string_equal(read_bad(), "");
}

static void lying_heads_are_refused(void **state) {
    static const uint32_t lengths[] = {0x7fffffff, 0x80000000, UINT32_MAX};
    spoil_head32(1, 0, 0x2121212, "block 1: an unknown kind of block, 0x02121212; 0 blocks (0 events) read");
    spoil_head32(1, 0, HY_BLOCK_META, "block 1: the description must be the first block");
    spoil_head32(0, 0, HY_BLOCK_EVENT, "block 0: the description must be the first block");
    spoil_head32(2, 4, 7, "block 2: it says it is block 7; 1 block (20 events) read");
    for (size_t i = 0; i < 3; i++) {
        spoil_head32(1, 8, lengths[i], "block 1: impossible sizes");
        spoil_head32(1, 12, lengths[i], "block 1: impossible sizes");
        spoil_head32(0, 12, lengths[i], "block 0: impossible sizes");
        spoil_head32(3, 12, lengths[i], "block 3: impossible sizes");
        spoil_head32(4, 12, lengths[i], "block 4: impossible sizes");
        spoil_head32(1, 16, lengths[i], "block 1: it says it has");
    }
    spoil_head32(1, 12, HY_PAYLOAD_MAX, "block 1: the sizes of its columns contradict its head");
    spoil_head32(1, 16, 0, "block 1: it says it has 0 events");
    spoil_head32(1, 16, 262145, "block 1: it says it has 262145 events");
    spoil_head32(1, 16, 19, "block 1: column 0 has 20 bytes");
    spoil_head32(1, 16, 21, "block 1: 20 codes for 21 events");
    spoil_head32(4, 16, 1, "block 4: it says it has 1 events");
    spoil_head32(2, 20, 1000000000, "block 2: it does not go on where the block before it ended");
    spoil_head64(2, 24, 0, "block 2: it does not go on");
    spoil_head64(2, 32, UINT64_MAX, "block 2: it does not go on");
    spoil_head64(2, 40, UINT64_MAX, "block 2: it does not go on");
    spoil_head64(2, 48, 0, "block 2: checksum mismatch; 1 block (20 events) read");
}

static void spoil_end(size_t field, uint64_t value, const char *part) {
    copy_good(NULL);
    hy_put64(bad + block_at[4] + HY_BLOCK_HEAD + field, value);
    seal(block_at[4]);
    expect_sentence(part);
}

static void lying_ends_are_refused(void **state) {
    spoil_end(0, 41, "the end tells of 41 events in 2 blocks; 2 blocks (40 events) read");
    spoil_end(8, UINT64_MAX, "the end tells of");
    spoil_end(24, 0, "the events are not those that the end tells of");
    spoil_end(32, 3, "the end tells of 40 events in 3 blocks");
    spoil_end(40, 0, "the index contradicts the blocks");
}

static void lying_indexes_are_refused(void **state) {
    assert_int_equal(hy_get32(bad + block_at[3] + 12), 2 * HY_INDEX_ENTRY);
    assert_int_equal(hy_get32(bad + block_at[3] + 8), 2 * HY_INDEX_ENTRY); /* too small to be compressed */
    bad[block_at[3] + HY_BLOCK_HEAD] ^= 1;
    seal(block_at[3]);
    expect_sentence("block 4: the index contradicts the blocks");
    copy_good(NULL);
    hy_put32(bad + block_at[3] + 12, 2 * HY_INDEX_ENTRY + 1); /* says zstd, and is none */
    seal(block_at[3]);
    expect_sentence("block 3: it does not decompress: not one whole frame");
}

static void blocks_cannot_be_left_out_or_repeated(void **state) {
    const size_t second = block_at[2], size = block_at[3] - second;
    memmove(bad + second, bad + block_at[3], good_size - block_at[3]);
    bad_size -= size;
    expect_sentence("block 2: it says it is block 3");
    copy_good(NULL);
    memmove(bad + block_at[3] + size, bad + block_at[3], good_size - block_at[3]);
    memcpy(bad + block_at[3], bad + second, size);
    bad_size += size;
    expect_sentence("block 3: it says it is block 2");
    hy_put32(bad + block_at[3] + 4, 3);
    seal(block_at[3]);
    expect_sentence("block 3: it does not go on");
}

/* Events that decode but are not legal, in a block with right checksums. */
static void spoil_event(const hy_event *events, uint32_t count, const char *part) {
    hy_codec *const codec = hy_codec_create(1);
    const hy_block_start start = {.events = count};
    const uint8_t *payload;
    size_t size, plain;
    assert_non_null(codec);
    assert_int_equal(hy_codec_encode(codec, &start, events, &payload, &size, &plain, NULL), 0);
    const hy_block_head head = {.kind = HY_BLOCK_EVENT,
                                .number = 1,
                                .stored = (uint32_t)size,
                                .plain = (uint32_t)plain,
                                .start = start,
                                .checksum = XXH3_64bits(payload, size)};
    hy_block_head_put(&head, bad + block_at[1]);
    memcpy(bad + block_at[1] + HY_BLOCK_HEAD, payload, size);
    bad_size = block_at[1] + HY_BLOCK_HEAD + size;
    hy_codec_destroy(codec);
    expect_sentence(part);
}

static void illegal_events_are_refused(void **state) {
    hy_event e[3] = {{.size = 10}, {.kind = HY_EVENT_FREE}, {.kind = HY_EVENT_FREE}};
    spoil_event(e, 3, "block 1: event 2: free of object 0, which is dead; 0 blocks (0 events) read");
    e[2] = (hy_event){.kind = HY_EVENT_REALLOC, .size = 5};
    spoil_event(e, 3, "event 2: realloc of object 0, which is dead");
    e[1] = (hy_event){.kind = HY_EVENT_REALLOC, .size = 0};
    spoil_event(e, 2, "event 1: realloc to size 0");
    e[1] = (hy_event){.kind = HY_EVENT_FREE, .id = 1};
    spoil_event(e, 2, "event 1: a broken object, or one that was not born");
    e[1] = (hy_event){.id = 1, .size = UINT64_MAX};
    spoil_event(e, 2, "event 1: a size of 18446744073709551615 bytes");
    e[1] = (hy_event){.id = 1, .size = INT64_MAX};
    spoil_event(e, 2, "event 1: all sizes together exceed");
    e[1] = (hy_event){.id = 1, .kind = HY_EVENT_ALIGNED, .align = 63};
    spoil_event(e, 2, "event 1: an alignment of 2^63 for aligned; expected at most 2^47");
    e[1] = (hy_event){.id = 1, .thread = 7};
    spoil_event(e, 2, "event 1: a broken run of events of one thread");
    e[1] = (hy_event){.id = 1, .kind = 200};
    spoil_event(e, 2, "event 1: an unknown kind of event");
}

static void spoil_meta(const char *text, size_t size, const char *part) {
    const hy_block_head head = {
        .kind = HY_BLOCK_META, .stored = (uint32_t)size, .plain = (uint32_t)size, .checksum = XXH3_64bits(text, size)};
    hy_block_head_put(&head, bad + HY_FILE_HEAD);
    memcpy(bad + HY_FILE_HEAD + HY_BLOCK_HEAD, text, size);
    bad_size = HY_FILE_HEAD + HY_BLOCK_HEAD + size;
    expect_sentence(part);
}

static void lying_descriptions_are_refused(void **state) {
    static char longest[2000];
    memset(longest, 'x', sizeof longest);
    memcpy(longest, "command=", 8);
    longest[sizeof longest - 1] = '\n';
    spoil_meta(longest, sizeof longest, "\"command\" has 1991 bytes; expected at most 1023");
    spoil_meta("command=a\0b\n", 12, "byte 9 of the description is a control character");
    spoil_meta("command=\x1b[2J\n", 13, "byte 8 of the description is a control character");
    spoil_meta("command=\xc0\x80\n", 11, "byte 8 of the description");
    spoil_meta("command=\xed\xa0\x80\n", 12, "byte 8 of the description");
    spoil_meta("command=\xc2\x85\n", 11, "byte 8 of the description");
    spoil_meta("command=\xf4\x90\x80\x80\n", 13, "byte 8 of the description");
    spoil_meta("command=a", 9, "not \"key=value\"");
    spoil_meta("command\n", 8, "not \"key=value\"");
    spoil_meta("pid=18446744073709551616\n", 25, "\"pid\" is no number below 2^64");
    spoil_meta("pid=007\n", 8, "\"pid\" is no number");
    spoil_meta("pid=\n", 5, "\"pid\" is no number");
    spoil_meta("later=unknown\npid=18446744073709551615\n", 39, "");
    assert_string_equal(read_bad(), ""); /* cut off after that, which is no error */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_good_one_is_good, start_good),
        cmocka_unit_test_setup(lying_heads_are_refused, start_good),
        cmocka_unit_test_setup(lying_ends_are_refused, start_good),
        cmocka_unit_test_setup(lying_indexes_are_refused, start_good),
        cmocka_unit_test_setup(blocks_cannot_be_left_out_or_repeated, start_good),
        cmocka_unit_test_setup(illegal_events_are_refused, start_good),
        cmocka_unit_test_setup(lying_descriptions_are_refused, start_good),
    };
    return cmocka_run_group_tests_name("hostile", tests, set_up, tear_down);
}
