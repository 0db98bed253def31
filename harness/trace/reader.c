/* SPDX-License-Identifier: MIT
 *
 * reader.c - a trace file to events, block by block (see trace.h and traces/README.md).
 *
 * 1. Nothing in the file is believed: whole blocks (reader_blocks.h) must fit together, and events must be legal.
 * 2. What is missing at the end is a warning; what is wrong is an error.
 */
#include "trace.h"

#include "bytes.h"
#include "check.h"
#include "codec.h"
#include "format.h"
#include "note_reader.h"
#include "reader_blocks.h"
#include "source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* ---- blocks ---- */

static int reader_events(hy_trace_reader *reader, const hy_block_head *head) {
    const hy_block_start *const start = &head->start;
    int r = hy_reader_reserve(reader, &reader->plain, &reader->plain_room, start->events * sizeof(hy_event));
    if (r < 0)
        return r;
    hy_event *const events = reader->plain;
    hy_error why;
    r = hy_codec_decode(reader->codec, start, reader->payload, head->stored, head->plain, events, &why);
    if (r < 0)
        return hy_reader_fail(reader, r, "%s", why.text);
    for (uint32_t i = 0; i < start->events; i++) {
        if ((r = hy_check_event(&reader->check, &events[i], &why)) < 0)
            return hy_reader_fail(reader, r, "event %" PRIu64 ": %s", start->first_event + i, why.text);
    }
    if (reader->version > HY_TRACE_PLAIN && (r = hy_note_reader_fit(&reader->notes, start, events, &why)) < 0)
        return hy_reader_fail(reader, r, "%s", why.text);
    uint8_t entry[HY_INDEX_ENTRY];
    hy_put64(entry, reader->source.offset - head->stored - HY_BLOCK_HEAD);
    hy_put32(entry + 8, start->events);
    XXH3_64bits_update(reader->entry_hash[0], entry, sizeof entry);
    XXH3_64bits_update(reader->hash, events, start->events * sizeof *events);
    reader->events += start->events;
    reader->entries++;
    return 0;
}

static int reader_note(hy_trace_reader *reader, const hy_block_head *head) {
    hy_error why;
    const int r = hy_note_reader_take(&reader->notes, reader->payload, head->stored, head->plain, &why);
    return r < 0 ? hy_reader_fail(reader, r, "%s", why.text) : 0;
}

/* What is noted behind the last event. */
static int reader_last_notes(hy_trace_reader *reader) {
    const hy_block_start end = {.first_event = reader->events, .threads = (uint32_t)reader->check.threads};
    hy_error why;
    if (reader->version > HY_TRACE_PLAIN && reader->notes.blocks == 0)
        return hy_reader_fail(reader, -EINVAL, "it has no notes, which its version says that it has");
    const int r = hy_note_reader_fit(&reader->notes, &end, NULL, &why);
    return r < 0 ? hy_reader_fail(reader, r, "%s", why.text) : 0;
}

static int reader_index(hy_trace_reader *reader, const hy_block_head *head) {
    const int r = hy_reader_expand(reader, head);
    if (r < 0)
        return r;
    reader->indexed += head->plain / HY_INDEX_ENTRY;
    if (head->plain == 0 || head->plain % HY_INDEX_ENTRY != 0 || reader->indexed > reader->entries)
        return hy_reader_fail(reader, -EINVAL, "an index of %" PRIu64 " blocks", reader->indexed);
    XXH3_64bits_update(reader->entry_hash[1], reader->plain, head->plain);
    return 0;
}

static int reader_end(hy_trace_reader *reader, const hy_block_head *head) {
    const uint8_t *const end = reader->payload;
    const int last = reader_last_notes(reader);
    if (last < 0)
        return last;
    if (head->stored != HY_END_SIZE)
        return hy_reader_fail(reader, -EINVAL, "an end of %" PRIu32 " bytes; expected %u", head->stored, HY_END_SIZE);
    if (hy_get64(end) != reader->events || hy_get64(end + 8) != reader->check.live.born ||
        hy_get64(end + 32) != reader->entries)
        return hy_reader_fail(reader, -EINVAL, "the end tells of %" PRIu64 " events in %" PRIu64 " blocks",
                              hy_get64(end), hy_get64(end + 32));
    if (hy_get64(end + 24) != XXH3_64bits_digest(reader->hash))
        return hy_reader_fail(reader, -EINVAL, "the events are not those that the end tells of");
    if (reader->indexed != reader->entries || hy_get64(end + 40) != reader->index_at ||
        XXH3_64bits_digest(reader->entry_hash[0]) != XXH3_64bits_digest(reader->entry_hash[1]))
        return hy_reader_fail(reader, -EINVAL, "the index contradicts the blocks");
    reader->meta.dropped = hy_get64(end + 16);
    uint8_t more;
    size_t got = 0;
    const int r = hy_reader_read(reader, &more, 1, &got);
    if (r < 0)
        return r;
    if (got > 0)
        return hy_reader_fail(reader, -EINVAL, "something follows the end of the trace at byte %" PRIu64,
                              reader->source.offset - 1);
    reader->ended = true;
    return 0;
}

/* ---- opening ---- */

static int reader_begin(hy_trace_reader *reader, hy_error *error) {
    uint8_t bytes[HY_FILE_HEAD];
    size_t got = 0;
    const int r = hy_reader_read(reader, bytes, sizeof bytes, &got);
    if (r < 0)
        return hy_fail(error, r, "%s: cannot read: %s", reader->source.name, strerror(-r));
    if (got == 0)
        return hy_fail(error, -EINVAL, "%s: empty%s; expected a trace", reader->source.name,
                       reader->source.pipe ? ", a pipe that nobody writes to" : "");
    uint8_t whole[HY_FILE_HEAD];
    hy_file_head_put(HY_TRACE_PLAIN, whole);
    if (got < sizeof bytes && memcmp(bytes, whole, got < 12 ? got : 12) == 0)
        return hy_fail(error, -EINVAL, "%s: cut off at byte %zu, before the first block; nothing can be read",
                       reader->source.name, got);
    if (got < sizeof bytes)
        return hy_fail(error, -EINVAL, "%s: not a trace (only %zu bytes, and not those of a .hyt file)",
                       reader->source.name, got);
    hy_error why;
    const int known = hy_file_head_check(bytes, &reader->version, &why);
    return known < 0 ? hy_fail(error, known, "%s: %s", reader->source.name, why.text) : 0;
}

static int reader_describe(hy_trace_reader *reader, hy_error *error) {
    hy_block_head head;
    hy_error why;
    int r = hy_reader_block(reader, &head);
    if (r == 0)
        return hy_fail(error, -EINVAL, "%s", reader->warning.text);
    if (r > 0)
        r = hy_reader_expand(reader, &head);
    if (r == 0 && (r = hy_meta_get(reader->plain, head.plain, &reader->meta, &why)) < 0)
        r = hy_reader_fail(reader, r, "%s", why.text);
    if (r < 0)
        return hy_fail(error, r, "%s", reader->error.text);
    reader->blocks++;
    reader->index_at = reader->source.offset;
    return 0;
}

static hy_trace_reader *reader_create(void) {
    hy_trace_reader *const reader = calloc(1, sizeof *reader);
    if (!reader)
        return NULL;
    reader->source.fd = -1;
    reader->codec = hy_codec_create(1);
    reader->hash = XXH3_createState();
    reader->entry_hash[0] = XXH3_createState();
    reader->entry_hash[1] = XXH3_createState();
    if (reader->codec && reader->hash && reader->entry_hash[0] && reader->entry_hash[1]) {
        XXH3_64bits_reset(reader->hash);
        XXH3_64bits_reset(reader->entry_hash[0]);
        XXH3_64bits_reset(reader->entry_hash[1]);
        return reader;
    }
    hy_trace_close(reader);
    return NULL;
}

int hy_trace_open(const char *path, hy_trace_reader **ret_reader, hy_error *error) {
    hy_trace_reader *const reader = reader_create();
    if (!reader)
        return hy_fail(error, -ENOMEM, "no memory to read a trace");
    int r = hy_source_open(&reader->source, path, error);
    if (r == 0)
        r = reader_begin(reader, error);
    if (r == 0)
        r = reader_describe(reader, error);
    if (r < 0) {
        hy_trace_close(reader);
        return r;
    }
    *ret_reader = reader;
    return 0;
}

/* ---- reading ---- */

/* 1: events were read, 0: something else, -errno. */
static int reader_take(hy_trace_reader *reader, const hy_block_head *head) {
    int r;
    if (reader->indexed > 0 && (head->kind == HY_BLOCK_EVENT || head->kind == HY_BLOCK_NOTE))
        return hy_reader_fail(reader, -EINVAL, "events after the index");
    if (head->kind == HY_BLOCK_EVENT)
        r = reader_events(reader, head);
    else if (head->kind == HY_BLOCK_NOTE)
        r = reader_note(reader, head);
    else
        r = head->kind == HY_BLOCK_INDEX ? reader_index(reader, head) : reader_end(reader, head);
    if (r < 0)
        return r;
    reader->blocks++;
    if (head->kind == HY_BLOCK_EVENT)
        reader->index_at = reader->source.offset;
    return head->kind == HY_BLOCK_EVENT;
}

int hy_trace_next(hy_trace_reader *reader, const hy_event **ret_events, size_t *ret_count, hy_error *error) {
    hy_block_head head;
    int r = reader->code;
    if (!reader->ended)
        hy_note_reader_forget(&reader->notes);
    while (r == 0 && !reader->ended) {
        r = hy_reader_block(reader, &head);
        if (r > 0)
            r = reader_take(reader, &head);
    }
    if (r < 0)
        return hy_fail(error, r, "%s", reader->error.text);
    if (r > 0) {
        *ret_events = reader->plain;
        *ret_count = head.start.events;
    }
    return r;
}

const char *hy_trace_warning(const hy_trace_reader *reader) {
    return reader->warning.text[0] ? reader->warning.text : NULL;
}

bool hy_trace_has_notes(const hy_trace_reader *reader) {
    return reader->version > HY_TRACE_PLAIN;
}

const hy_sites *hy_trace_sites(const hy_trace_reader *reader) {
    return &reader->notes.sites;
}

void hy_trace_take_sites(hy_trace_reader *reader, hy_sites *ret_sites) {
    *ret_sites = reader->notes.sites;
    reader->notes.sites = (hy_sites){.site_count = 0};
}

const char *hy_trace_table(const hy_trace_reader *reader, size_t *ret_size) {
    *ret_size = reader->notes.text_size;
    return reader->notes.text;
}

const uint32_t *hy_trace_event_sites(const hy_trace_reader *reader) {
    return reader->notes.has_sites ? reader->notes.by_event : NULL;
}

const hy_mark *hy_trace_marks(const hy_trace_reader *reader, size_t *ret_count) {
    *ret_count = reader->notes.mark_count;
    return reader->notes.marks;
}

const hy_trace_meta *hy_trace_get_meta(const hy_trace_reader *reader) {
    return &reader->meta;
}

uint64_t hy_trace_hash(const hy_trace_reader *reader) {
    return XXH3_64bits_digest(reader->hash);
}

uint64_t hy_trace_position(const hy_trace_reader *reader) {
    return reader->source.offset;
}

void hy_trace_close(hy_trace_reader *reader) {
    if (!reader)
        return;
    hy_source_close(&reader->source);
    hy_check_clear(&reader->check);
    hy_note_reader_clear(&reader->notes);
    hy_codec_destroy(reader->codec);
    XXH3_freeState(reader->hash);
    XXH3_freeState(reader->entry_hash[0]);
    XXH3_freeState(reader->entry_hash[1]);
    free(reader->payload);
    free(reader->plain);
    free(reader);
}
