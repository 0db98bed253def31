/* SPDX-License-Identifier: MIT
 *
 * page_file.c - references in a file: "HYPAGES1", then one zstd frame with a checksum.  In it:
 *
 *   number      log2 of the granule's bytes
 *   number, text   the command that was recorded: its length and as many bytes of UTF-8
 *   number *    references; the two lowest bits say what the others are
 *                 0 read, 1 write, 2 fetch: the signed (zigzag) difference of the granule's number to the one before;
 *                   fetches have their own before, reads and writes another; both begin with 0
 *                 3: as many more references like the last; 0 of them: the end
 *   number      of all references
 *
 * Numbers are those of varint.h.  There is one space.
 */
#include "page_trace.h"

#include "source.h"
#include "varint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

static const char magic[8] = "HYPAGES1";

enum { AGAIN = HY_PAGE_KINDS };

#define LEVEL 12
#define LARGEST_FILE ((size_t)1 << 30) /* bytes, unpacked */

/* ------------------------------------------------------------------------------------------------------ decode ---- */

static int cut_off(const hy_page_trace *trace, hy_error *error) {
    return hy_fail(error, -EINVAL, "it ends within, or has a broken number, after %llu references",
                   (unsigned long long)trace->count);
}

static int decode_head(const uint8_t **at, const uint8_t *end, hy_page_trace *trace, hy_error *error) {
    uint64_t shift, size;
    if (!hy_varint_get(at, end, &shift) || !hy_varint_get(at, end, &size) || size > (uint64_t)(end - *at))
        return cut_off(trace, error);
    if (shift < HY_GRANULE_SHIFT_LEAST || shift > HY_GRANULE_SHIFT_MOST)
        return hy_fail(error, -EINVAL, "granules of 2^%llu bytes; expected 2^%d to 2^%d", (unsigned long long)shift,
                       HY_GRANULE_SHIFT_LEAST, HY_GRANULE_SHIFT_MOST);
    if (size >= sizeof trace->command)
        return hy_fail(error, -EINVAL, "a command of %llu bytes; at most %zu", (unsigned long long)size,
                       sizeof trace->command - 1);
    trace->shift = (unsigned)shift;
    memcpy(trace->command, *at, size);
    *at += size;
    return 0;
}

/* The count at the end; nothing may follow. */
static int decode_end(const uint8_t *at, const uint8_t *end, const hy_page_trace *trace, hy_error *error) {
    uint64_t count;
    if (!hy_varint_get(&at, end, &count))
        return cut_off(trace, error);
    if (at != end || count != trace->count)
        return hy_fail(error, -EINVAL, "it says %llu references and has %llu, and %zu bytes follow",
                       (unsigned long long)count, (unsigned long long)trace->count, (size_t)(end - at));
    return 0;
}

static int decode_references(const uint8_t *at, const uint8_t *end, hy_page_trace *trace, hy_error *error) {
    uint64_t before[2] = {0, 0}, value;
    hy_page_kind kind = HY_PAGE_KINDS;
    while (hy_varint_get(&at, end, &value)) {
        uint64_t times = 1;
        if ((value & 3) == AGAIN && value >> 2 == 0)
            return decode_end(at, end, trace, error);
        if ((value & 3) == AGAIN) {
            times = value >> 2;
            if (kind == HY_PAGE_KINDS)
                return hy_fail(error, -EINVAL, "it begins with the repetition of nothing");
        } else {
            kind = (hy_page_kind)(value & 3);
            before[kind == HY_PAGE_FETCH] += hy_unzigzag(value >> 2);
        }
        const uint64_t number = before[kind == HY_PAGE_FETCH];
        if (number >> (64 - trace->shift))
            return hy_fail(error, -EINVAL, "reference %llu is beyond all addresses", (unsigned long long)trace->count);
        const int r = hy_page_trace_add(trace, 0, number, kind, times, error);
        if (r != 0)
            return r < 0 ? r : 0; /* full: the rest is left out */
    }
    return cut_off(trace, error);
}

int hy_page_trace_decode(const uint8_t *bytes, size_t size, hy_page_trace *trace, hy_error *error) {
    const uint8_t *at = bytes;
    const int r = decode_head(&at, bytes + size, trace, error);
    return r < 0 ? r : decode_references(at, bytes + size, trace, error);
}

/* -------------------------------------------------------------------------------------------------------- read ---- */

typedef struct content {
    uint8_t *bytes;
    size_t size, room;
} content;

static int make_room(content *all, size_t more, hy_error *error) {
    if (all->size + more <= all->room)
        return 0;
    const size_t room = 2 * all->room > all->size + more ? 2 * all->room : all->size + more;
    uint8_t *const grown = room <= LARGEST_FILE ? realloc(all->bytes, room) : NULL;
    if (!grown)
        return hy_fail(error, -ENOMEM, "no memory for %zu unpacked bytes", all->size);
    all->bytes = grown;
    all->room = room;
    return 0;
}

/* All of the frame.  0 or -errno with a part of a sentence. */
static int unpack(hy_source *source, ZSTD_DCtx *zstd, content *all, hy_error *error) {
    uint8_t piece[16384];
    size_t left = 1; /* 0: the frame has ended */
    for (;;) {
        ZSTD_inBuffer in = {piece, 0, 0};
        const int r = hy_source_read(source, piece, sizeof piece, &in.size);
        if (r < 0)
            return hy_fail(error, r, "cannot read: %s", strerror(-r));
        if (in.size == 0)
            return left == 0 ? 0 : hy_fail(error, -EINVAL, "it ends too early");
        while (in.pos < in.size) {
            if (left == 0)
                return hy_fail(error, -EINVAL, "something follows its end");
            const int room = make_room(all, 65536, error);
            if (room < 0)
                return room;
            ZSTD_outBuffer out = {all->bytes, all->room, all->size};
            left = ZSTD_decompressStream(zstd, &out, &in);
            all->size = out.pos;
            if (ZSTD_isError(left))
                return hy_fail(error, -EINVAL, "cannot unpack it: %s", ZSTD_getErrorName(left));
        }
    }
}

static int read_ours(hy_source *source, hy_page_trace *trace, hy_error *error) {
    content all = {NULL, 0, 0};
    ZSTD_DCtx *const zstd = ZSTD_createDCtx();
    int r = zstd ? unpack(source, zstd, &all, error) : hy_fail(error, -ENOMEM, "no memory");
    if (r == 0)
        r = hy_page_trace_decode(all.bytes, all.size, trace, error);
    ZSTD_freeDCtx(zstd);
    free(all.bytes);
    return r;
}

/* Whether a plain file begins as ours do; others are text.  Pipes are text. */
static bool is_ours(const char *path) {
    char head[sizeof magic] = "";
    FILE *const in = hy_source_can_block(path) ? NULL : fopen(path, "rbe");
    const bool ours = in && fread(head, 1, sizeof head, in) == sizeof head && memcmp(head, magic, sizeof head) == 0;
    if (in)
        fclose(in);
    return ours;
}

static int read_file(const char *path, hy_page_trace *trace, hy_error *error) {
    char head[sizeof magic];
    size_t got = 0;
    hy_source source;
    hy_error why = {""};
    int r = hy_source_open(&source, path, error);
    if (r < 0)
        return r;
    r = hy_source_read(&source, head, sizeof head, &got);
    r = r < 0 || got < sizeof head ? hy_fail(&why, -EINVAL, "cannot read its head") : read_ours(&source, trace, &why);
    if (r < 0)
        hy_fail(error, r, "%s: %s", source.name, why.text);
    hy_source_close(&source);
    return r;
}

int hy_page_trace_read(const char *path, const hy_page_read_options *options, hy_page_trace *trace, hy_error *error) {
    hy_page_trace_start(trace, options->shift);
    if (options->references) {
        trace->cut = true;
        trace->most = options->references < HY_PAGE_TRACE_MOST ? options->references : HY_PAGE_TRACE_MOST;
    }
    const int r = is_ours(path) ? read_file(path, trace, error) : hy_lackey_read(path, 0, trace, error);
    if (r < 0)
        hy_page_trace_clear(trace);
    return r;
}

/* ------------------------------------------------------------------------------------------------------- write ---- */

typedef struct packer {
    FILE *out;
    ZSTD_CCtx *zstd;
    uint8_t in[65536], packed[65536];
    size_t used;
    bool bad;
} packer;

static void pack(packer *self, ZSTD_EndDirective how) {
    ZSTD_inBuffer in = {self->in, self->used, 0};
    for (size_t left = 1; !self->bad && (left != 0 || in.pos < in.size);) {
        ZSTD_outBuffer out = {self->packed, sizeof self->packed, 0};
        left = ZSTD_compressStream2(self->zstd, &out, &in, how);
        self->bad = ZSTD_isError(left) || fwrite(self->packed, 1, out.pos, self->out) != out.pos;
        if (how == ZSTD_e_continue && in.pos == in.size)
            break;
    }
    self->used = 0;
}

static void put(packer *self, uint64_t value) {
    if (sizeof self->in - self->used < HY_VARINT_MAX)
        pack(self, ZSTD_e_continue);
    self->used = (size_t)(hy_varint_put(self->in + self->used, value) - self->in);
}

static void put_references(packer *self, const hy_page_trace *trace) {
    uint64_t before[2] = {0, 0};
    for (uint64_t i = 0, end; i < trace->count; i = end) {
        const uint32_t reference = trace->reference[i], kind = reference & 3;
        uint64_t *const last = &before[kind == HY_PAGE_FETCH], number = trace->granule[reference >> 2].number;
        for (end = i + 1; end < trace->count && trace->reference[end] == reference;)
            end++;
        put(self, hy_zigzag(number - *last) << 2 | kind);
        if (end - i > 1)
            put(self, (end - i - 1) << 2 | AGAIN);
        *last = number;
    }
    put(self, AGAIN);
    put(self, trace->count);
}

static void put_all(packer *self, const hy_page_trace *trace) {
    const size_t size = strlen(trace->command);
    put(self, trace->shift);
    put(self, size);
    memcpy(self->in + self->used, trace->command, size);
    self->used += size;
    put_references(self, trace);
    pack(self, ZSTD_e_end);
}

int hy_page_trace_write(const char *path, const hy_page_trace *trace, hy_error *error) {
    packer *const self = calloc(1, sizeof *self);
    ZSTD_CCtx *const zstd = ZSTD_createCCtx();
    int r = self && zstd ? 0 : hy_fail(error, -ENOMEM, "no memory");
    FILE *const out = r < 0 ? NULL : strcmp(path, "-") == 0 ? stdout : fopen(path, "wbe");
    if (r == 0 && !out)
        r = hy_fail(error, -errno, "%s: cannot be made: %s", path, strerror(errno));
    if (r == 0) {
        self->out = out;
        self->zstd = zstd;
        ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, LEVEL);
        ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
        self->bad = fwrite(magic, 1, sizeof magic, out) != sizeof magic;
        put_all(self, trace);
        if ((out == stdout ? fflush(out) : fclose(out)) != 0 || self->bad)
            r = hy_fail(error, -EIO, "%s: cannot be written: %s", path, strerror(errno));
    }
    ZSTD_freeCCtx(zstd);
    free(self);
    return r;
}
