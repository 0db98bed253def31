/* SPDX-License-Identifier: MIT
 *
 * lines.c - see lines.h.
 *
 * libarchive unpacks: a stream of bytes counts as an archive of one file.  A packed bomb cannot take memory, only time;
 * so it is refused when it unpacks to far more than text ever does.
 */
#include "lines.h"

#include "ctf_folder.h"
#include "source.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER ((size_t)256 << 10)
#define PIECE ((size_t)64 << 10)
#define BOMB_LEAST ((uint64_t)64 << 20) /* what is smaller is none */
#define BOMB_RATIO 400u

struct hy_lines {
    hy_source source;
    hy_ctf_folder ctf; /* the source, if the path is a folder */
    struct archive *archive;
    bool ended, cut;
    uint64_t number, bytes;
    size_t at, end; /* of what is in the buffer and was not given out */
    char piece[PIECE], buffer[BUFFER + 1];
};

static la_ssize_t lines_read(struct archive *archive, void *client, const void **ret_data) {
    hy_lines *const lines = client;
    size_t size;
    const int r = hy_source_read(&lines->source, lines->piece, PIECE, &size);
    *ret_data = lines->piece;
    if (r == 0)
        return (la_ssize_t)size;
    archive_set_error(archive, -r, "%s", strerror(-r));
    return -1;
}

static int lines_fail(const hy_lines *lines, hy_error *error) {
    const char *const why = archive_error_string(lines->archive);
    return hy_fail(error, -EIO, "cannot read: %s", why ? why : "the packed file is broken");
}

/* Only what libarchive can do by itself: some of its filters would start programs. */
static struct archive *lines_new_archive(void) {
    struct archive *const archive = archive_read_new();
    if (!archive)
        return NULL;
    archive_read_support_filter_gzip(archive);
    archive_read_support_filter_bzip2(archive);
    archive_read_support_filter_xz(archive);
    archive_read_support_filter_zstd(archive);
    archive_read_support_format_zip_streamable(archive);
    archive_read_support_format_raw(archive);
    archive_read_support_format_empty(archive);
    return archive;
}

/* Goes to the next regular file of the archive.  1, 0: there is none, -errno. */
static int lines_next_file(hy_lines *lines, hy_error *error) {
    struct archive_entry *entry;
    int r;
    do {
        r = archive_read_next_header(lines->archive, &entry);
        if (r == ARCHIVE_EOF)
            return 0;
        if (r < ARCHIVE_WARN)
            return lines_fail(lines, error);
    } while (archive_entry_filetype(entry) == AE_IFDIR);
    return archive_entry_is_encrypted(entry) ? hy_fail(error, -EACCES, "the file in it is encrypted") : 1;
}

static int lines_start(hy_lines *lines, hy_error *error) {
    lines->archive = lines_new_archive();
    if (!lines->archive)
        return hy_fail(error, -ENOMEM, "no memory");
    if (archive_read_open(lines->archive, lines, NULL, lines_read, NULL) != ARCHIVE_OK)
        return lines_fail(lines, error);
    const int r = lines_next_file(lines, error);
    lines->ended = r == 0;
    return r > 0 ? 0 : r < 0 ? r : hy_ctf_folder_close(&lines->ctf, error);
}

int hy_lines_open(const char *path, hy_lines **ret_lines, hy_error *error) {
    hy_lines *const lines = calloc(1, sizeof *lines);
    if (!lines)
        return hy_fail(error, -ENOMEM, "no memory");
    hy_error why;
    int r = hy_ctf_folder_is(path) ? hy_ctf_folder_open(&lines->ctf, path, &lines->source, error)
                                   : hy_source_open(&lines->source, path, error);
    if (r == 0 && (r = lines_start(lines, &why)) < 0)
        hy_fail(error, r, "%s: %s", lines->source.name, why.text);
    if (r == 0)
        *ret_lines = lines;
    else
        hy_lines_close(lines);
    return r;
}

void hy_lines_close(hy_lines *lines) {
    if (!lines)
        return;
    archive_read_free(lines->archive);
    hy_source_close(&lines->source);
    hy_ctf_folder_close(&lines->ctf, NULL);
    free(lines);
}

static int lines_check_bomb(const hy_lines *lines, hy_error *error) {
    if (lines->bytes < BOMB_LEAST || lines->bytes / BOMB_RATIO < lines->source.offset)
        return 0;
    return hy_fail(error, -EFBIG, "unpacks to more than %u times its size; unpack it yourself and give the text",
                   BOMB_RATIO);
}

/* At the end of the file: there may be no other in the archive, and babeltrace2 must have been content. */
static int lines_end(hy_lines *lines, hy_error *error) {
    lines->ended = true;
    const int r = lines_next_file(lines, error);
    if (r != 0)
        return r < 0 ? r : hy_fail(error, -EINVAL, "the archive holds more than one file; unpack the one you mean");
    return hy_ctf_folder_close(&lines->ctf, error);
}

/* Fills the buffer as far as it goes. */
static int lines_fill(hy_lines *lines, hy_error *error) {
    memmove(lines->buffer, lines->buffer + lines->at, lines->end - lines->at);
    lines->end -= lines->at;
    lines->at = 0;
    while (!lines->ended && lines->end < BUFFER) {
        const la_ssize_t got = archive_read_data(lines->archive, lines->buffer + lines->end, BUFFER - lines->end);
        if (got < 0)
            return lines_fail(lines, error);
        lines->end += (size_t)got;
        lines->bytes += (uint64_t)got;
        const int r = got == 0 ? lines_end(lines, error) : lines_check_bomb(lines, error);
        if (r < 0)
            return r;
    }
    return 0;
}

int hy_lines_peek(hy_lines *lines, const char **ret_head, size_t *ret_size, hy_error *error) {
    const int r = lines_fill(lines, error);
    if (r < 0)
        return r;
    *ret_head = lines->buffer;
    *ret_size = lines->end < HY_LINES_LONGEST ? lines->end : HY_LINES_LONGEST;
    return 0;
}

int hy_lines_next(hy_lines *lines, char **ret_line, hy_error *error) {
    char *end = memchr(lines->buffer + lines->at, '\n', lines->end - lines->at);
    if (!end) {
        const int r = lines_fill(lines, error);
        if (r < 0) {
            lines->number++;
            return r;
        }
        end = memchr(lines->buffer, '\n', lines->end);
    }
    if (!end && lines->at == lines->end)
        return 0;
    lines->number++;
    lines->cut = !end;
    if (!end)
        end = lines->buffer + lines->end;
    char *const start = lines->buffer + lines->at;
    const size_t size = (size_t)(end - start);
    if (memchr(start, '\0', size))
        return hy_fail(error, -EINVAL, "a byte of value 0; expected text");
    if (size >= HY_LINES_LONGEST)
        return hy_fail(error, -EINVAL, "longer than %zu bytes", HY_LINES_LONGEST - 1);
    lines->at += size + !lines->cut;
    if (size > 0 && end[-1] == '\r')
        end--;
    *end = '\0';
    *ret_line = start;
    return 1;
}

bool hy_lines_is_cut(const hy_lines *lines) {
    return lines->cut;
}

uint64_t hy_lines_number(const hy_lines *lines) {
    return lines->number;
}

uint64_t hy_lines_bytes(const hy_lines *lines) {
    return lines->bytes;
}

const char *hy_lines_name(const hy_lines *lines) {
    return lines->source.name;
}
