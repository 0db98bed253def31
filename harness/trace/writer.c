/* SPDX-License-Identifier: MIT
 *
 * writer.c - events to a trace file, block by block (see trace.h and traces/README.md).
 *
 * Every block goes out by one write, so that a writer which is killed leaves whole blocks behind.
 */
#include "trace.h"

#include "bytes.h"
#include "check.h"
#include "format.h"
#include "note_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

#define DEFAULT_LEVEL 9

struct hy_trace_writer {
    int fd;
    bool failed; /* nothing more is written */
    char name[256];
    uint64_t written, events, dropped;
    uint64_t events_end; /* where the last event block ends, or the description */
    uint32_t blocks;     /* of any kind */
    uint32_t version;    /* of the format */
    hy_note_writer notes;
    size_t early; /* marks, the last ones, of a thread whose first event comes next */
    hy_check check;
    hy_codec *codec;
    XXH3_state_t *hash;
    hy_block_start start; /* of the block being filled */
    hy_event *block;
    uint8_t *index; /* HY_INDEX_ENTRY bytes for each event block */
    size_t entries, entries_capacity;
    uint8_t packed[HY_INDEX_ENTRY * HY_INDEX_ENTRIES]; /* of what is no event */
};

/* ---- bytes ---- */

static int writer_fail(hy_trace_writer *writer, int code, const char *what, hy_error *error) {
    writer->failed = true;
    return hy_fail(error, code, "%s: %s", writer->name, what);
}

/* Both parts at once, as far as the system takes them so. */
static int writer_write(hy_trace_writer *writer, const void *head, size_t head_size, const void *data, size_t size,
                        hy_error *error) {
    struct iovec parts[2] = {{(void *)head, head_size}, {(void *)data, size}};
    if (writer->failed)
        return hy_fail(error, -EIO, "%s: writing failed before", writer->name);
    while (parts[0].iov_len + parts[1].iov_len > 0) {
        ssize_t done = writev(writer->fd, parts, 2);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0) {
            const int code = errno;
            writer->failed = true;
            return hy_fail(error, -code, "%s: cannot write at byte %" PRIu64 ": %s", writer->name, writer->written,
                           strerror(code));
        }
        writer->written += (uint64_t)done;
        for (int i = 0; i < 2; i++) {
            const size_t part = (size_t)done < parts[i].iov_len ? (size_t)done : parts[i].iov_len;
            if (part > 0) /* an empty part may have no base */
                parts[i].iov_base = (char *)parts[i].iov_base + part;
            parts[i].iov_len -= part;
            done -= (ssize_t)part;
        }
    }
    return 0;
}

static int writer_block(hy_trace_writer *writer, hy_block_kind kind, uint32_t events, const void *payload,
                        size_t stored, size_t plain, hy_error *error) {
    hy_block_head head = {.kind = kind,
                          .number = writer->blocks++,
                          .stored = (uint32_t)stored,
                          .plain = (uint32_t)plain,
                          .start = writer->start,
                          .checksum = XXH3_64bits(payload, stored)};
    uint8_t bytes[HY_BLOCK_HEAD];
    head.start.events = events;
    hy_block_head_put(&head, bytes);
    return writer_write(writer, bytes, sizeof bytes, payload, stored, error);
}

/* The same for other things than events: compressed if that is smaller. */
static int writer_blob(hy_trace_writer *writer, hy_block_kind kind, const void *data, size_t size, hy_error *error) {
    const size_t packed =
        kind == HY_BLOCK_END ? size : ZSTD_compress(writer->packed, sizeof writer->packed, data, size, DEFAULT_LEVEL);
    if (ZSTD_isError(packed) || packed >= size)
        return writer_block(writer, kind, 0, data, size, size, error);
    return writer_block(writer, kind, 0, writer->packed, packed, size, error);
}

/* ---- opening ---- */

static int writer_open(hy_trace_writer *writer, const char *path, hy_error *error) {
    if (strcmp(path, "-") == 0) {
        writer->fd = STDOUT_FILENO;
        return 0;
    }
    writer->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return writer->fd < 0 ? hy_fail(error, -errno, "%s: cannot create it: %s", writer->name, strerror(errno)) : 0;
}

static void writer_free(hy_trace_writer *writer) {
    hy_check_clear(&writer->check);
    hy_note_writer_clear(&writer->notes);
    hy_codec_destroy(writer->codec);
    XXH3_freeState(writer->hash);
    free(writer->block);
    free(writer->index);
    free(writer);
}

static hy_trace_writer *writer_create(const char *path) {
    hy_trace_writer *const writer = calloc(1, sizeof *writer);
    if (!writer)
        return NULL;
    writer->fd = -1;
    hy_text_clean(writer->name, sizeof writer->name, strcmp(path, "-") == 0 ? "standard output" : path);
    writer->codec = hy_codec_create(DEFAULT_LEVEL);
    writer->hash = XXH3_createState();
    writer->block = calloc(HY_BLOCK_EVENTS, sizeof *writer->block);
    if (writer->codec && writer->hash && writer->block)
        return writer;
    writer_free(writer);
    return NULL;
}

static int writer_begin(hy_trace_writer *writer, const hy_trace_meta *meta, hy_error *error) {
    uint8_t head[HY_FILE_HEAD];
    char text[HY_META_MAX];
    hy_file_head_put(writer->version, head);
    const int r = writer_write(writer, head, sizeof head, NULL, 0, error);
    return r < 0 ? r : writer_blob(writer, HY_BLOCK_META, text, hy_meta_put(meta, text), error);
}

static int writer_new(const char *path, uint32_t version, const hy_trace_meta *meta, hy_trace_writer **ret_writer,
                      hy_error *error) {
    hy_trace_writer *const writer = writer_create(path);
    if (!writer)
        return hy_fail(error, -ENOMEM, "no memory to write a trace");
    XXH3_64bits_reset(writer->hash);
    writer->version = version;
    writer->dropped = meta->dropped;
    int r = writer_open(writer, path, error);
    if (r == 0)
        r = writer_begin(writer, meta, error);
    writer->events_end = writer->written;
    if (r < 0) {
        if (writer->fd > STDERR_FILENO)
            close(writer->fd);
        writer_free(writer);
        return r;
    }
    *ret_writer = writer;
    return 0;
}

int hy_trace_create(const char *path, const hy_trace_meta *meta, hy_trace_writer **ret_writer, hy_error *error) {
    return writer_new(path, HY_TRACE_PLAIN, meta, ret_writer, error);
}

int hy_trace_create_noted(const char *path, const hy_trace_meta *meta, hy_trace_writer **ret_writer, hy_error *error) {
    return writer_new(path, HY_TRACE_VERSION, meta, ret_writer, error);
}

void hy_trace_drop(const char *path) {
    struct stat is;
    if (strcmp(path, "-") != 0 && lstat(path, &is) == 0 && S_ISREG(is.st_mode))
        unlink(path);
}

/* ---- events ---- */

static int writer_enter(hy_trace_writer *writer, uint64_t offset, uint32_t events, hy_error *error) {
    if (writer->entries == writer->entries_capacity) {
        const size_t capacity = writer->entries_capacity ? 2 * writer->entries_capacity : 64;
        uint8_t *const grown = realloc(writer->index, capacity * HY_INDEX_ENTRY);
        if (!grown)
            return writer_fail(writer, -ENOMEM, "no memory for its index", error);
        writer->index = grown;
        writer->entries_capacity = capacity;
    }
    uint8_t *const entry = writer->index + writer->entries++ * HY_INDEX_ENTRY;
    hy_put64(entry, offset);
    hy_put32(entry + 8, events);
    return 0;
}

static int writer_note_all(hy_trace_writer *writer, bool whole, hy_error *error) {
    const uint8_t *payload;
    size_t size, plain;
    if (hy_note_writer_pack(&writer->notes, writer->block, writer->start.first_event, writer->start.events, whole,
                            &payload, &size, &plain) < 0)
        return writer_fail(writer, -ENOMEM, "no memory to write notes", error);
    return writer_block(writer, HY_BLOCK_NOTE, 0, payload, size, plain, error);
}

/* Writes what is noted, if anything is; with `whole`, the sites and marks of the block that follows, too. */
static int writer_note(hy_trace_writer *writer, bool whole, hy_error *error) {
    return hy_note_writer_is_empty(&writer->notes) ? 0 : writer_note_all(writer, whole, error);
}

int hy_trace_flush(hy_trace_writer *writer, hy_error *error) {
    const uint32_t events = writer->start.events;
    if (events == 0)
        return 0;
    const uint8_t *payload;
    size_t size, plain;
    int r = writer_note(writer, true, error);
    if (r == 0)
        r = hy_codec_encode(writer->codec, &writer->start, writer->block, &payload, &size, &plain, error);
    if (r < 0)
        return writer_fail(writer, r, "no memory to encode a block of events", error);
    XXH3_64bits_update(writer->hash, writer->block, events * sizeof *writer->block);
    const uint64_t offset = writer->written;
    if ((r = writer_block(writer, HY_BLOCK_EVENT, events, payload, size, plain, error)) < 0)
        return r;
    writer->events_end = writer->written;
    writer->start = (hy_block_start){.first_event = writer->events,
                                     .first_birth = writer->check.live.born,
                                     .base_time = writer->check.time,
                                     .threads = (uint32_t)writer->check.threads};
    return writer_enter(writer, offset, events, error);
}

/* Whether `thread` may come now: behind marks of a thread that has no event yet comes its first. */
static int writer_keep_early(const hy_trace_writer *writer, uint32_t thread, hy_error *error) {
    return writer->early == 0 || thread == writer->check.threads
               ? 0
               : hy_fail(error, -EINVAL,
                         "of thread %" PRIu32 ", behind a mark of thread %" PRIu64 ", which is not there yet", thread,
                         (uint64_t)writer->check.threads);
}

int hy_trace_append_from(hy_trace_writer *writer, const hy_event *event, uint32_t site, hy_error *error) {
    hy_error why;
    if (writer->failed)
        return hy_fail(error, -EIO, "%s: writing failed before", writer->name);
    int r = writer_keep_early(writer, event->thread, &why);
    if (r == 0)
        r = hy_note_writer_knows(&writer->notes, site, &why);
    if (r == 0)
        r = hy_check_event(&writer->check, event, &why); /* the last that may refuse it: from here on it counts */
    if (r < 0)
        return hy_fail(error, r, "%s: event %" PRIu64 ": %s", writer->name, writer->events, why.text);
    if ((r = hy_note_writer_site(&writer->notes, writer->start.events, site, &why)) < 0)
        return writer_fail(writer, r, why.text, error);
    writer->block[writer->start.events++] = *event;
    writer->events++;
    writer->early = 0;
    return writer->start.events == HY_BLOCK_EVENTS ? hy_trace_flush(writer, error) : 0;
}

int hy_trace_append(hy_trace_writer *writer, const hy_event *event, hy_error *error) {
    return hy_trace_append_from(writer, event, 0, error);
}

/* ---- notes ---- */

/* The file becomes one of the version that has notes. */
static int writer_promise_notes(hy_trace_writer *writer, hy_error *error) {
    uint8_t head[HY_FILE_HEAD];
    if (writer->version == HY_TRACE_VERSION)
        return 0;
    hy_file_head_put(HY_TRACE_VERSION, head);
    if (writer->fd == STDOUT_FILENO || pwrite(writer->fd, head, sizeof head, 0) != sizeof head)
        return hy_fail(error, -ESPIPE, "%s: sites and phases are written to files only, not to pipes", writer->name);
    writer->version = HY_TRACE_VERSION;
    return 0;
}

int hy_trace_add_table(hy_trace_writer *writer, const char *lines, size_t size, hy_error *error) {
    hy_error why;
    int r = size > 0 ? writer_promise_notes(writer, error) : 0;
    if (r < 0)
        return r;
    r = hy_note_writer_table(&writer->notes, lines, size, &why);
    if (r == -EAGAIN) {
        if ((r = writer_note(writer, false, error)) < 0)
            return r;
        r = hy_note_writer_table(&writer->notes, lines, size, &why);
    }
    return r < 0 ? hy_fail(error, r, "%s: %s", writer->name, why.text) : 0;
}

int hy_trace_mark_phase(hy_trace_writer *writer, uint32_t thread, uint64_t time, const char *name, hy_error *error) {
    hy_mark mark = {.event = writer->events, .time = time, .thread = thread};
    hy_error why;
    int r = writer_promise_notes(writer, error);
    if (r < 0)
        return r;
    if (thread > writer->check.threads || time > HY_EVENT_MAX_TOTAL)
        return hy_fail(error, -EINVAL, "%s: a mark of thread %" PRIu32 ", which is not there", writer->name, thread);
    if ((r = writer_keep_early(writer, thread, &why)) < 0)
        return hy_fail(error, r, "%s: a mark %s", writer->name, why.text);
    hy_text_clean(mark.name, sizeof mark.name, name);
    r = hy_note_writer_mark(&writer->notes, &mark, &why);
    if (r == -EAGAIN && writer->start.events > 0) {
        if ((r = hy_trace_flush(writer, error)) < 0)
            return r;
        r = hy_note_writer_mark(&writer->notes, &mark, &why);
    }
    if (r == 0 && thread == writer->check.threads)
        writer->early++;
    return r < 0 && r != -EAGAIN ? hy_fail(error, r, "%s: %s", writer->name, why.text) : 0;
}

/* What is noted behind the last event; where notes were promised there must be some.  A thread that never came has no
 * marks. */
static int writer_last_notes(hy_trace_writer *writer, hy_error *error) {
    hy_note_writer_forget(&writer->notes, writer->early);
    if (writer->version > HY_TRACE_PLAIN && writer->notes.blocks == 0)
        return writer_note_all(writer, true, error);
    return writer_note(writer, true, error);
}

void hy_trace_set_level(hy_trace_writer *writer, int level) {
    hy_codec_set_level(writer->codec, level);
}

void hy_trace_set_dropped(hy_trace_writer *writer, uint64_t dropped) {
    writer->dropped = dropped;
}

uint64_t hy_trace_written(const hy_trace_writer *writer, uint64_t *ret_events) {
    if (ret_events)
        *ret_events = writer->events;
    return writer->written;
}

/* ---- the end ---- */

static int writer_index(hy_trace_writer *writer, hy_error *error) {
    int r = 0;
    for (size_t at = 0; r == 0 && at < writer->entries; at += HY_INDEX_ENTRIES) {
        const size_t left = writer->entries - at, count = left < HY_INDEX_ENTRIES ? left : HY_INDEX_ENTRIES;
        r = writer_blob(writer, HY_BLOCK_INDEX, writer->index + at * HY_INDEX_ENTRY, count * HY_INDEX_ENTRY, error);
    }
    return r;
}

static int writer_end(hy_trace_writer *writer, hy_error *error) {
    int r = hy_trace_flush(writer, error);
    if (r < 0)
        return r;
    r = writer_last_notes(writer, error);
    if (r == 0)
        r = writer_index(writer, error);
    if (r < 0)
        return r;
    uint8_t end[HY_END_SIZE];
    hy_put64(end, writer->events);
    hy_put64(end + 8, writer->check.live.born);
    hy_put64(end + 16, writer->dropped);
    hy_put64(end + 24, XXH3_64bits_digest(writer->hash));
    hy_put64(end + 32, writer->entries);
    hy_put64(end + 40, writer->events_end);
    return writer_blob(writer, HY_BLOCK_END, end, sizeof end, error);
}

int hy_trace_finish(hy_trace_writer *writer, hy_error *error) {
    int r =
        writer->failed ? hy_fail(error, -EIO, "%s: writing failed before", writer->name) : writer_end(writer, error);
    if (writer->fd != STDOUT_FILENO && close(writer->fd) < 0 && r == 0)
        r = hy_fail(error, -errno, "%s: cannot write: %s", writer->name, strerror(errno));
    writer_free(writer);
    return r;
}
