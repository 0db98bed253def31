/* SPDX-License-Identifier: MIT
 *
 * fuzz_codec.c - the columns of a block, without compression and checksums in the way.
 *
 * Input: 1 byte, how many events; 1 byte, threads known; 13 bytes, the size of each column; the columns.  What decodes
 * must encode and decode to the same events.
 */
#include "check.h"
#include "codec.h"

#include <stdlib.h>
#include <string.h>

#define HEAD (2u + HY_COLUMNS)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int is) {
    if (!is)
        abort();
}

/* Copies each column into memory of exactly its size (and the slack that decoding may touch). */
static void fill(const uint8_t *data, size_t size, hy_columns *columns) {
    size_t at = HEAD;
    for (int c = 0; c < HY_COLUMNS; c++) {
        const size_t left = size - at, wanted = data[2 + c], got = wanted < left ? wanted : left;
        columns->data[c] = calloc(1, got + HY_COLUMN_SLACK);
        expect(columns->data[c] != NULL);
        memcpy(columns->data[c], data + at, got);
        columns->size[c] = got;
        at += got;
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
    static hy_event back[256];
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < HEAD)
        return 0;
    const hy_block_start start = {.events = data[0] ? data[0] : 1, .threads = data[1]};
    static hy_event events[256];
    hy_columns columns;
    hy_error error;
    fill(data, size, &columns);
    if (hy_columns_decode(&start, &columns, events, &error) == 0 && all_legal(&start, events))
        go_round(&start, events);
    for (int c = 0; c < HY_COLUMNS; c++)
        free(columns.data[c]);
    return 0;
}
