/* SPDX-License-Identifier: MIT
 *
 * fuzz_codec.c - the columns of a block, without compression and checksums in the way.
 *
 * Input, first byte not 0: how many events; 1 byte, threads known; 13 bytes, the size of each column; the columns.
 * First byte 0: 2 bytes, the seed of random events; 1 byte, how many, in 20; the rest damages their columns, 4 bytes a
 * time: which column, where in it (2 bytes, as a share of it), and the new byte, or that it ends there.
 *
 * What was not damaged decodes to the same events, and what decodes must encode and decode to the same events.
 */
#include "check.h"
#include "codec.h"

#include "../unit/random_events.h"

#include <stdlib.h>
#include <string.h>

#define HEAD (2u + HY_COLUMNS)
#define MADE_HEAD 4u
#define MADE_STEP 20u
#define MOST_EVENTS (256u * MADE_STEP)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int is) {
    if (!is)
        abort();
}

/* Memory of exactly a column's size, and the slack that decoding may touch. */
static void hold(hy_columns *columns, int c, const uint8_t *data, size_t size) {
    columns->data[c] = calloc(1, size + HY_COLUMN_SLACK);
    expect(columns->data[c] != NULL);
    memcpy(columns->data[c], data, size);
    columns->size[c] = size;
}

static void drop(hy_columns *columns) {
    for (int c = 0; c < HY_COLUMNS; c++)
        free(columns->data[c]);
}

static void fill(const uint8_t *data, size_t size, hy_columns *columns) {
    size_t at = HEAD;
    for (int c = 0; c < HY_COLUMNS; c++) {
        const size_t left = size - at, wanted = data[2 + c], got = wanted < left ? wanted : left;
        hold(columns, c, data + at, got);
        at += got;
    }
}

static void encode(const hy_block_start *start, const hy_event *events, hy_columns *ret_columns) {
    hy_columns wide;
    hy_error error;
    for (int c = 0; c < HY_COLUMNS; c++) {
        wide.data[c] = malloc(hy_column_limit((hy_column)c, start->events));
        expect(wide.data[c] != NULL);
    }
    expect(hy_columns_encode(start, events, &wide, &error) == 0);
    for (int c = 0; c < HY_COLUMNS; c++)
        hold(ret_columns, c, wide.data[c], wide.size[c]);
    drop(&wide);
}

/* The sizes shrink only, so that what lies beyond an end is the column's own or its slack. */
static void damage(const uint8_t *data, size_t size, hy_columns *columns) {
    for (; size >= 4; data += 4, size -= 4) {
        const unsigned c = data[0] % HY_COLUMNS;
        const size_t at = columns->size[c] * (size_t)(data[1] << 8 | data[2]) >> 16;
        if (data[0] / HY_COLUMNS % 8 == 7)
            columns->size[c] = at;
        else if (at < columns->size[c])
            columns->data[c][at] = data[3];
    }
}

/* Only what hy_check passes may be encoded. */
static int all_legal(const hy_block_start *start, const hy_event *events) {
    hy_check check = {.threads = start->threads};
    hy_error error;
    uint32_t legal = 0;
    while (legal < start->events && hy_check_event(&check, &events[legal], &error) == 0)
        legal++;
    hy_check_clear(&check);
    return legal == start->events;
}

static void go_round(const hy_block_start *start, const hy_event *events) {
    static hy_codec *codec;
    static hy_event back[MOST_EVENTS];
    if (!codec)
        codec = hy_codec_create(1);
    expect(codec != NULL);
    const uint8_t *payload;
    size_t stored, plain;
    hy_error error;
    expect(hy_codec_encode(codec, start, events, &payload, &stored, &plain, &error) == 0);
    uint8_t *const copy = malloc(stored);
    expect(copy != NULL);
    memcpy(copy, payload, stored);
    expect(hy_codec_decode(codec, start, copy, stored, plain, back, &error) == 0);
    expect(memcmp(back, events, start->events * sizeof *events) == 0);
    free(copy);
}

/* Decodes into memory for exactly so many events; if they are legal, they go round. */
static void decode(const hy_block_start *start, const hy_columns *columns, const hy_event *expected) {
    hy_event *const events = malloc(start->events * sizeof *events);
    hy_error error;
    expect(events != NULL);
    const bool good = hy_columns_decode(start, columns, events, &error) == 0 && all_legal(start, events);
    if (good)
        go_round(start, events);
    expect(!expected || (good && memcmp(events, expected, start->events * sizeof *events) == 0));
    free(events);
}

static void damage_made(const uint8_t *data, size_t size) {
    const hy_block_start start = {.events = (1u + data[3]) * MADE_STEP};
    hy_event *const events = random_stream((uint64_t)(data[1] << 8 | data[2]), start.events);
    hy_columns columns;
    encode(&start, events, &columns);
    damage(data + MADE_HEAD, size - MADE_HEAD, &columns);
    decode(&start, &columns, size < MADE_HEAD + 4 ? events : NULL);
    drop(&columns);
    free(events);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size >= MADE_HEAD && data[0] == 0) {
        damage_made(data, size);
    } else if (size >= HEAD) {
        const hy_block_start start = {.events = data[0], .threads = data[1]};
        hy_columns columns;
        fill(data, size, &columns);
        decode(&start, &columns, NULL);
        drop(&columns);
    }
    return 0;
}
