/* SPDX-License-Identifier: MIT
 *
 * reader_blocks.c - see reader_blocks.h.
 *
 * 1. A head is believed when its checksum is right and it continues what was read, a payload when its checksum is
 * right.
 * 2. Memory does not depend on what the file says: payloads and blocks have an upper limit.
 */
#include "reader_blocks.h"

#include "units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define RESERVE_STEP ((size_t)65536) /* buffers grow to a multiple of it, and so not much beyond what is needed */

int hy_reader_fail(hy_trace_reader *reader, int code, const char *format, ...) {
    char what[384];
    va_list list;
    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    reader->code = hy_fail(&reader->error, code, "%s: block %" PRIu32 ": %s; %" PRIu64 " block%s (%s event%s) read",
                           reader->source.name, reader->blocks, what, reader->entries, reader->entries == 1 ? "" : "s",
                           hy_show_count(reader->events).text, reader->events == 1 ? "" : "s");
    return code;
}

/* ---- bytes ---- */

int hy_reader_read(hy_trace_reader *reader, void *data, size_t size, size_t *ret_read) {
    const int r = hy_source_read(&reader->source, data, size, ret_read);
    return r < 0 ? hy_reader_fail(reader, r, "cannot read at byte %" PRIu64 ": %s", reader->source.offset, strerror(-r))
                 : 0;
}

/* The file ends where a block should go on, or where one should begin. */
static int reader_cut(hy_trace_reader *reader, bool inside) {
    reader->ended = true;
    hy_note_reader_forget(&reader->notes);
    hy_fail(&reader->warning, 0,
            "%s: cut off %s block %" PRIu32 " at byte %" PRIu64 "; %" PRIu64 " block%s (%s event%s) read",
            reader->source.name, inside ? "in" : "before", reader->blocks, reader->source.offset, reader->entries,
            reader->entries == 1 ? "" : "s", hy_show_count(reader->events).text, reader->events == 1 ? "" : "s");
    return 0;
}

/* ---- blocks ---- */

static bool head_sizes_possible(const hy_block_head *head) {
    const size_t limit = head->kind == HY_BLOCK_META    ? HY_META_MAX
                         : head->kind == HY_BLOCK_INDEX ? HY_INDEX_ENTRY * HY_INDEX_ENTRIES
                         : head->kind == HY_BLOCK_END   ? HY_END_SIZE
                         : head->kind == HY_BLOCK_NOTE  ? HY_NOTE_MAX
                                                        : HY_PAYLOAD_MAX;
    return head->plain <= limit && head->stored <= head->plain;
}

/* A head must go on where the block before it ended. */
static int reader_check_head(hy_trace_reader *reader, const hy_block_head *head) {
    const hy_block_start *const start = &head->start;
    const bool note = head->kind == HY_BLOCK_NOTE && reader->version > HY_TRACE_PLAIN;
    if (head->kind != HY_BLOCK_META && head->kind != HY_BLOCK_EVENT && head->kind != HY_BLOCK_INDEX &&
        head->kind != HY_BLOCK_END && !note)
        return hy_reader_fail(reader, -EINVAL, "an unknown kind of block, 0x%08" PRIx32, head->kind);
    if ((head->kind == HY_BLOCK_META) != (reader->blocks == 0))
        return hy_reader_fail(reader, -EINVAL, "the description must be the first block, and only that");
    if (head->number != reader->blocks)
        return hy_reader_fail(reader, -EINVAL, "it says it is block %" PRIu32, head->number);
    if (!head_sizes_possible(head))
        return hy_reader_fail(reader, -EINVAL, "impossible sizes: %" PRIu32 " bytes, %" PRIu32 " stored", head->plain,
                              head->stored);
    if (head->kind == HY_BLOCK_EVENT ? start->events == 0 || start->events > HY_BLOCK_EVENTS : start->events != 0)
        return hy_reader_fail(reader, -EINVAL, "it says it has %" PRIu32 " events", start->events);
    if (start->first_event != reader->events || start->first_birth != reader->check.live.born ||
        start->base_time != reader->check.time || start->threads != reader->check.threads)
        return hy_reader_fail(reader, -EINVAL, "it does not go on where the block before it ended");
    return 0;
}

int hy_reader_reserve(hy_trace_reader *reader, void **buffer, size_t *room, size_t size) {
    if (*buffer && size <= *room)
        return 0;
    const size_t grown = (size / RESERVE_STEP + 1) * RESERVE_STEP;
    free(*buffer);
    *buffer = malloc(grown);
    *room = *buffer ? grown : 0;
    return *buffer ? 0 : hy_reader_fail(reader, -ENOMEM, "no memory for %zu bytes", grown);
}

int hy_reader_block(hy_trace_reader *reader, hy_block_head *ret_head) {
    uint8_t bytes[HY_BLOCK_HEAD];
    size_t got = 0;
    int r = hy_reader_read(reader, bytes, sizeof bytes, &got);
    if (r < 0)
        return r;
    if (got < sizeof bytes)
        return reader_cut(reader, got > 0);
    if (!hy_block_head_get(bytes, ret_head))
        return hy_reader_fail(reader, -EINVAL, "checksum mismatch in its head");
    if ((r = reader_check_head(reader, ret_head)) < 0)
        return r;
    if ((r = hy_reader_reserve(reader, &reader->payload, &reader->payload_room, ret_head->stored)) < 0)
        return r;
    if ((r = hy_reader_read(reader, reader->payload, ret_head->stored, &got)) < 0)
        return r;
    if (got < ret_head->stored)
        return reader_cut(reader, true);
    if (XXH3_64bits(reader->payload, got) != ret_head->checksum)
        return hy_reader_fail(reader, -EINVAL, "checksum mismatch");
    return 1;
}

int hy_reader_expand(hy_trace_reader *reader, const hy_block_head *head) {
    const int r = hy_reader_reserve(reader, &reader->plain, &reader->plain_room, head->plain);
    if (r < 0)
        return r;
    if (head->stored == head->plain) {
        memcpy(reader->plain, reader->payload, head->plain);
        return 0;
    }
    if (ZSTD_findFrameCompressedSize(reader->payload, head->stored) != head->stored)
        return hy_reader_fail(reader, -EINVAL, "it does not decompress: not one whole frame");
    const size_t size = ZSTD_decompress(reader->plain, head->plain, reader->payload, head->stored);
    if (ZSTD_isError(size))
        return hy_reader_fail(reader, -EINVAL, "it does not decompress: %s", ZSTD_getErrorName(size));
    if (size != head->plain)
        return hy_reader_fail(reader, -EINVAL, "it decompresses to %zu bytes; expected %" PRIu32, size, head->plain);
    return 0;
}
