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
    ZSTD_CCtx *compress; /* made when first needed, like the buffers for encoding */
    ZSTD_DCtx *expand;
    int level;
    uint32_t events; /* that there is room for */
    hy_columns columns;
    uint8_t *space;   /* all columns */
    uint8_t *payload; /* the rest is for encoding */
    uint8_t *packed;
    size_t packed_limit;
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

static void codec_free_buffers(hy_codec *codec) {
    free(codec->space);
    free(codec->payload);
    free(codec->packed);
    codec->space = codec->payload = codec->packed = NULL;
    codec->events = 0;
}

void hy_codec_destroy(hy_codec *codec) {
    if (!codec)
        return;
    ZSTD_freeCCtx(codec->compress);
    ZSTD_freeDCtx(codec->expand);
    codec_free_buffers(codec);
    free(codec);
}

/* Room for the columns of so many events. */
static int codec_reserve(hy_codec *codec, uint32_t events) {
    if (events <= codec->events)
        return 0;
    uint32_t room = 256;
    while (room < events)
        room *= 2;
    codec_free_buffers(codec);
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

static int codec_reserve_encoding(hy_codec *codec, uint32_t events) {
    const int r = codec_reserve(codec, events);
    if (r < 0 || codec->payload)
        return r;
    size_t plain = TABLE_SIZE, largest = 0;
    for (hy_column c = 0; c < HY_COLUMNS; c++) {
        const size_t limit = hy_column_limit(c, codec->events);
        plain += limit;
        largest = limit > largest ? limit : largest;
    }
    codec->packed_limit = ZSTD_compressBound(largest);
    codec->compress = codec->compress ? codec->compress : ZSTD_createCCtx();
    codec->payload = malloc(plain);
    codec->packed = malloc(codec->packed_limit);
    if (codec->compress && codec->payload && codec->packed)
        return 0;
    codec_free_buffers(codec);
    return -ENOMEM;
}

/* Compresses into codec->packed; the plain size means that it did not become smaller. */
static size_t codec_shrink(hy_codec *codec, const uint8_t *data, size_t size) {
    const size_t packed =
        ZSTD_compressCCtx(codec->compress, codec->packed, codec->packed_limit, data, size, codec->level);
    return ZSTD_isError(packed) || packed >= size ? size : packed;
}

static uint8_t *codec_store(hy_codec *codec, hy_column column, uint8_t *at, const uint8_t *data, size_t size,
                            size_t stored) {
    hy_put32(codec->payload + 8 * column, (uint32_t)size);
    hy_put32(codec->payload + 8 * column + 4, (uint32_t)stored);
    memcpy(at, data, stored);
    return at + stored;
}

int hy_codec_encode(hy_codec *codec, const hy_block_start *start, const hy_event *events, const uint8_t **ret_payload,
                    size_t *ret_size, size_t *ret_plain, hy_error *error) {
    hy_columns *const columns = &codec->columns;
    int r = codec_reserve_encoding(codec, start->events);
    if (r < 0)
        return hy_fail(error, r, "no memory to encode a block of events");
    r = hy_columns_encode(start, events, columns, error);
    if (r < 0)
        return r;
    size_t plain = TABLE_SIZE;
    uint8_t *at = codec->payload + TABLE_SIZE;
    for (hy_column c = 0; c < HY_COLUMNS; c++) {
        const size_t size = columns->size[c];
        const bool noise = c == HY_COLUMN_TIME || c == HY_COLUMN_BITS; /* of which zstd can make nothing */
        const size_t stored = noise ? size : codec_shrink(codec, columns->data[c], size);
        at = codec_store(codec, c, at, stored < size ? codec->packed : columns->data[c], size, stored);
        plain += columns->size[c];
    }
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
