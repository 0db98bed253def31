/* SPDX-License-Identifier: MIT
 *
 * codec.c - columns to a payload and back (see codec.h).
 *
 * Payload: a table of the columns' plain and stored sizes (HY_COLUMNS times two 32-bit numbers), then the columns.  A
 * column is a zstd frame if that is smaller, else plain: stored < plain says so.
 */
#include "codec.h"

#include "bytes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define BAD(...) hy_fail(error, -EINVAL, __VA_ARGS__)
#define TABLE_SIZE ((size_t)HY_COLUMNS * 8)

struct hy_codec {
    ZSTD_CCtx *compress; /* made when first needed */
    ZSTD_DCtx *expand;
    int level;
    uint32_t events; /* that there is room for */
    hy_columns columns;
    uint8_t *space; /* all columns */
    uint8_t *payload;
    size_t payload_room;
};

hy_codec *hy_codec_create(int level) {
    hy_codec *const codec = calloc(1, sizeof *codec);
    if (codec)
        hy_codec_set_level(codec, level);
    return codec;
}

void hy_codec_set_level(hy_codec *codec, int level) {
    codec->level = level < 1 ? 1 : level > 19 ? 19 : level;
}

void hy_codec_destroy(hy_codec *codec) {
    if (!codec)
        return;
    ZSTD_freeCCtx(codec->compress);
    ZSTD_freeDCtx(codec->expand);
    free(codec->space);
    free(codec->payload);
    free(codec);
}

/* Room for the columns of so many events. */
static int codec_reserve(hy_codec *codec, uint32_t events) {
    if (events <= codec->events)
        return 0;
    uint32_t room = 256;
    while (room < events)
        room *= 2;
    free(codec->space);
    codec->space = NULL;
    codec->events = 0;
    size_t total = 0;
    for (hy_column c = 0; c < HY_COLUMNS; c++)
        total += hy_column_limit(c, room) + HY_COLUMN_SLACK;
    uint8_t *at = codec->space = calloc(1, total);
    if (!at)
        return -ENOMEM;
    for (hy_column c = 0; c < HY_COLUMNS; c++) {
        codec->columns.data[c] = at;
        at += hy_column_limit(c, room) + HY_COLUMN_SLACK;
    }
    codec->events = room;
    return 0;
}

/* Room for a payload of so many bytes; what was in it is lost. */
static int codec_reserve_payload(hy_codec *codec, size_t size) {
    if (size <= codec->payload_room)
        return 0;
    free(codec->payload);
    codec->payload_room = 0;
    codec->payload = malloc(size + size / 4);
    if (!codec->payload)
        return -ENOMEM;
    codec->payload_room = size + size / 4;
    return 0;
}

/* Writes a column at `at`, compressed if that is smaller, and its line of the table.  Returns what follows it. */
static uint8_t *codec_store(hy_codec *codec, hy_column column, uint8_t *at) {
    const uint8_t *const data = codec->columns.data[column];
    const size_t size = codec->columns.size[column];
    const bool noise = column == HY_COLUMN_TIME || column == HY_COLUMN_BITS; /* of which zstd can make nothing */
    size_t stored = size;
    if (size > 1 && !noise) {
        const size_t packed = ZSTD_compressCCtx(codec->compress, at, size - 1, data, size, codec->level);
        stored = ZSTD_isError(packed) ? size : packed;
    }
    if (stored == size)
        memcpy(at, data, size);
    hy_put32(codec->payload + 8 * column, (uint32_t)size);
    hy_put32(codec->payload + 8 * column + 4, (uint32_t)stored);
    return at + stored;
}

int hy_codec_encode(hy_codec *codec, const hy_block_start *start, const hy_event *events, const uint8_t **ret_payload,
                    size_t *ret_size, size_t *ret_plain, hy_error *error) {
    codec->compress = codec->compress ? codec->compress : ZSTD_createCCtx();
    if (!codec->compress || codec_reserve(codec, start->events) < 0)
        return hy_fail(error, -ENOMEM, "no memory to encode a block of events");
    const int r = hy_columns_encode(start, events, &codec->columns, error);
    if (r < 0)
        return r;
    size_t plain = TABLE_SIZE;
    for (hy_column c = 0; c < HY_COLUMNS; c++)
        plain += codec->columns.size[c];
    if (codec_reserve_payload(codec, plain) < 0)
        return hy_fail(error, -ENOMEM, "no memory to encode a block of events");
    uint8_t *at = codec->payload + TABLE_SIZE;
    for (hy_column c = 0; c < HY_COLUMNS; c++)
        at = codec_store(codec, c, at);
    *ret_payload = codec->payload;
    *ret_size = (size_t)(at - codec->payload);
    *ret_plain = plain;
    return 0;
}

static int codec_load(hy_codec *codec, hy_column column, const uint8_t *data, size_t size, size_t stored,
                      hy_error *error) {
    uint8_t *const to = codec->columns.data[column];
    if (stored == size) {
        memcpy(to, data, size);
    } else {
        if (ZSTD_findFrameCompressedSize(data, stored) != stored)
            return BAD("column %d does not decompress: not one whole frame", (int)column);
        const size_t expanded = ZSTD_decompressDCtx(codec->expand, to, size, data, stored);
        if (ZSTD_isError(expanded))
            return BAD("column %d does not decompress: %s", (int)column, ZSTD_getErrorName(expanded));
        if (expanded != size)
            return BAD("column %d decompresses to %zu bytes; expected %zu", (int)column, expanded, size);
    }
    codec->columns.size[column] = size;
    return 0;
}

int hy_codec_decode(hy_codec *codec, const hy_block_start *start, const uint8_t *payload, size_t size, size_t plain,
                    hy_event *ret_events, hy_error *error) {
    if (size < TABLE_SIZE)
        return BAD("its payload of %zu bytes is shorter than the table of columns", size);
    codec->expand = codec->expand ? codec->expand : ZSTD_createDCtx();
    if (!codec->expand || codec_reserve(codec, start->events) < 0)
        return hy_fail(error, -ENOMEM, "no memory to decode a block of events");
    size_t at = TABLE_SIZE, expected = TABLE_SIZE;
    for (hy_column c = 0; c < HY_COLUMNS; c++) {
        const size_t column = hy_get32(payload + 8 * c), stored = hy_get32(payload + 8 * c + 4);
        if (column > hy_column_limit(c, start->events) || stored > column || stored > size - at)
            return BAD("column %d has %zu bytes, %zu stored, which cannot be", (int)c, column, stored);
        const int r = codec_load(codec, c, payload + at, column, stored, error);
        if (r < 0)
            return r;
        at += stored;
        expected += column;
    }
    if (at != size || expected != plain)
        return BAD("the sizes of its columns contradict its head");
    return hy_columns_decode(start, &codec->columns, ret_events, error);
}
