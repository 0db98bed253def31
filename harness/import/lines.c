/* SPDX-License-Identifier: MIT
 *
 * lines.c - see lines.h.
 */
#include "lines.h"

#include "ctf_folder.h"
#include "source.h"
#include "unpack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER ((size_t)256 << 10)
#define PIECE ((size_t)64 << 10)

struct hy_lines {
    hy_source source;
    hy_ctf_folder ctf; /* the source, if the path is a folder */
    hy_unpack *unpack; /* NULL: the source is not packed */
    bool ended, cut;
    int code;     /* < 0: why it ended early */
    hy_error why; /* and the part of a sentence */
    uint64_t number, bytes;
    size_t at, end;             /* of what is in the buffer and was not given out */
    size_t piece_at, piece_end; /* of what was read of the source, and not used */
    char piece[PIECE], buffer[BUFFER + 1];
};

/* Reads a piece of the source, if the last was used up.  0 or -errno. */
static int lines_read(hy_lines *lines) {
    if (lines->piece_at < lines->piece_end)
        return 0;
    lines->piece_at = lines->piece_end = 0;
    return hy_source_read(&lines->source, lines->piece, PIECE, &lines->piece_end);
}

static int64_t lines_give(void *client, const void **ret_bytes) {
    hy_lines *const lines = client;
    const int r = lines_read(lines);
    const size_t size = lines->piece_end - lines->piece_at;
    *ret_bytes = lines->piece + lines->piece_at;
    lines->piece_at = lines->piece_end;
    return r < 0 ? r : (int64_t)size;
}

static int lines_start(hy_lines *lines, hy_error *error) {
    const int r = lines_read(lines);
    if (r < 0)
        return hy_fail(error, r, "cannot read: %s", strerror(-r));
    if (!hy_unpack_is_packed(lines->piece, lines->piece_end))
        return 0;
    return hy_unpack_open((hy_packed){lines, lines_give}, &lines->unpack, error);
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
    hy_unpack_close(lines->unpack);
    hy_source_close(&lines->source);
    hy_ctf_folder_close(&lines->ctf, NULL);
    free(lines);
}

/* The next bytes of text. */
static int lines_get(hy_lines *lines, void *data, size_t size, size_t *ret_got, hy_error *error) {
    if (lines->unpack)
        return hy_unpack_read(lines->unpack, data, size, ret_got, error);
    const int r = lines_read(lines);
    if (r < 0)
        return hy_fail(error, r, "cannot read: %s", strerror(-r));
    const size_t left = lines->piece_end - lines->piece_at;
    *ret_got = left < size ? left : size;
    memcpy(data, lines->piece + lines->piece_at, *ret_got);
    lines->piece_at += *ret_got;
    return 0;
}

/* Fills the buffer as far as it goes.  What went wrong is told when all that was read before it has been given out. */
static void lines_fill(hy_lines *lines) {
    memmove(lines->buffer, lines->buffer + lines->at, lines->end - lines->at);
    lines->end -= lines->at;
    lines->at = 0;
    while (!lines->ended && lines->end < BUFFER) {
        size_t got = 0;
        lines->code = lines_get(lines, lines->buffer + lines->end, BUFFER - lines->end, &got, &lines->why);
        lines->ended = got == 0;
        if (lines->ended && lines->code == 0)
            lines->code = hy_ctf_folder_close(&lines->ctf, &lines->why); /* it must have been content */
        lines->end += got;
        lines->bytes += got;
    }
}

static int lines_fail(const hy_lines *lines, hy_error *error) {
    return hy_fail(error, lines->code, "%s", lines->why.text);
}

/* What is broken is read as far as it goes; what is refused for another reason is not begun. */
int hy_lines_peek(hy_lines *lines, const char **ret_head, size_t *ret_size, hy_error *error) {
    lines_fill(lines);
    if (lines->code < 0 && (lines->code != -EIO || lines->end == 0))
        return lines_fail(lines, error);
    *ret_head = lines->buffer;
    *ret_size = lines->end < HY_LINES_LONGEST ? lines->end : HY_LINES_LONGEST;
    return 0;
}

int hy_lines_next(hy_lines *lines, char **ret_line, hy_error *error) {
    char *end = memchr(lines->buffer + lines->at, '\n', lines->end - lines->at);
    if (!end) {
        lines_fill(lines);
        end = memchr(lines->buffer, '\n', lines->end);
    }
    if (!end && lines->code == 0 && lines->at == lines->end)
        return 0;
    lines->number++;
    if (!end && lines->code < 0)
        return lines_fail(lines, error);
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
