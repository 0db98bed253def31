/* SPDX-License-Identifier: MIT
 *
 * notes.c - a block of notes to bytes and back (see notes.h).
 */
#include "notes.h"

#include "bytes.h"
#include "format.h"
#include "varint.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define BAD(...) hy_fail(error, -EINVAL, __VA_ARGS__)
#define NOTE_LEVEL 9

/* ---- sites ---- */

typedef struct site_count {
    uint32_t site, count;
} site_count;

static int compare_sites(const void *left, const void *right) {
    const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

/* The more frequent first. */
static int compare_counts(const void *left, const void *right) {
    const site_count *const a = left, *const b = right;
    return a->count != b->count ? (a->count > b->count ? -1 : 1) : compare_sites(&a->site, &b->site);
}

static int compare_codes(const void *left, const void *right) {
    return compare_sites(&((const site_count *)left)->site, &((const site_count *)right)->site);
}

/* The sites that get codes, ordered by site, with the code in the place of the count.  Returns how many. */
static size_t note_choose(uint32_t *sorted, size_t count, site_count *counts, hy_note *note) {
    size_t used = 0;
    qsort(sorted, count, sizeof *sorted, compare_sites);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || sorted[i] != sorted[i - 1])
            counts[used++] = (site_count){sorted[i], 0};
        counts[used - 1].count++;
    }
    qsort(counts, used, sizeof *counts, compare_counts);
    used = used < HY_NOTE_OFTENS ? used : HY_NOTE_OFTENS;
    uint8_t *at = note->data[HY_NOTE_OFTEN];
    for (size_t i = 0; i < used; i++) {
        at = hy_varint_put(at, counts[i].site);
        counts[i].count = (uint32_t)i;
    }
    note->size[HY_NOTE_OFTEN] = (size_t)(at - note->data[HY_NOTE_OFTEN]);
    qsort(counts, used, sizeof *counts, compare_codes);
    return used;
}

int hy_note_encode_sites(const hy_event *events, const uint32_t *sites, size_t count, hy_note *note) {
    uint32_t *const sorted = malloc((count + 1) * sizeof *sorted);
    site_count *const counts = malloc((count + 1) * sizeof *counts);
    size_t asked = 0;
    if (!sorted || !counts) {
        free(sorted);
        free(counts);
        return -ENOMEM;
    }
    for (size_t i = 0; i < count; i++)
        if (hy_event_asks(&events[i]))
            sorted[asked++] = sites[i];
    note->data[HY_NOTE_OFTEN] = note->data[HY_NOTE_CODE] + asked;
    const size_t used = note_choose(sorted, asked, counts, note);
    uint8_t *code = note->data[HY_NOTE_CODE], *rare = note->data[HY_NOTE_OFTEN] + note->size[HY_NOTE_OFTEN];
    note->data[HY_NOTE_RARE] = rare;
    for (size_t i = 0; i < count; i++) {
        if (!hy_event_asks(&events[i]))
            continue;
        const site_count key = {sites[i], 0}, *const found = bsearch(&key, counts, used, sizeof *counts, compare_codes);
        *code++ = found ? (uint8_t)found->count : HY_NOTE_OFTENS;
        rare = found ? rare : hy_varint_put(rare, sites[i]);
    }
    note->size[HY_NOTE_CODE] = asked;
    note->size[HY_NOTE_RARE] = (size_t)(rare - note->data[HY_NOTE_RARE]);
    free(sorted);
    free(counts);
    return 0;
}

int hy_note_decode_sites(const hy_note *note, size_t limit, uint32_t *ret_sites, hy_error *error) {
    uint64_t often[HY_NOTE_OFTENS], site;
    size_t known = 0;
    const uint8_t *at = note->data[HY_NOTE_OFTEN], *end = at + note->size[HY_NOTE_OFTEN];
    while (at < end) {
        if (known == HY_NOTE_OFTENS || !hy_varint_get(&at, end, &often[known]))
            return BAD("the list of sites has more than %u or is damaged", HY_NOTE_OFTENS);
        known++;
    }
    at = note->data[HY_NOTE_RARE];
    end = at + note->size[HY_NOTE_RARE];
    for (size_t i = 0; i < note->size[HY_NOTE_CODE]; i++) {
        const uint8_t code = note->data[HY_NOTE_CODE][i];
        if (code < HY_NOTE_OFTENS ? code >= known : !hy_varint_get(&at, end, &site))
            return BAD("the site of a call is missing");
        site = code < HY_NOTE_OFTENS ? often[code] : site;
        if (site != 0 && site >= limit)
            return BAD("a call from site %" PRIu64 "; only %zu are known", site, limit ? limit - 1 : 0);
        ret_sites[i] = (uint32_t)site;
    }
    return at == end ? 0 : BAD("more sites than calls");
}

/* ---- marks ---- */

size_t hy_mark_line(const hy_mark *mark, char *ret_line) {
    return (size_t)snprintf(ret_line, HY_MARK_LINE, "%" PRIu64 "\t%" PRIu64 "\t%" PRIu32 "\t%s\n", mark->event,
                            mark->time, mark->thread, mark->name);
}

/* Digits up to a tab, which is passed over. */
static bool mark_number(const char **at, const char *end, uint64_t *ret) {
    uint64_t value = 0;
    const char *const start = *at;
    for (; *at < end && **at >= '0' && **at <= '9'; ++*at) {
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, **at - '0', &value))
            return false;
    }
    *ret = value;
    return *at > start && *at < end && *(*at)++ == '\t' && value <= HY_EVENT_MAX_TOTAL;
}

int hy_mark_parse(const char *line, size_t size, hy_mark *ret_mark, hy_error *error) {
    const char *at = line, *const end = line + size;
    uint64_t event, time, thread;
    if (!mark_number(&at, end, &event) || !mark_number(&at, end, &time) || !mark_number(&at, end, &thread) ||
        thread >= UINT32_MAX)
        return BAD("a mark without its event, time and thread");
    const size_t length = (size_t)(end - at);
    if (length >= HY_MARK_NAME || !hy_text_is_clean(at, length))
        return BAD("a mark whose name is longer than %u bytes or no text", HY_MARK_NAME - 1);
    *ret_mark = (hy_mark){.event = event, .time = time, .thread = (uint32_t)thread};
    memcpy(ret_mark->name, at, length);
    return 0;
}

/* ---- payloads ---- */

size_t hy_note_pack(const hy_note *note, uint8_t *ret_payload, size_t *ret_plain) {
    uint8_t *at = ret_payload + 8 * HY_NOTE_COLUMNS;
    *ret_plain = 8 * HY_NOTE_COLUMNS;
    for (size_t c = 0; c < HY_NOTE_COLUMNS; c++) {
        const size_t size = note->size[c];
        size_t stored = size > 1 ? ZSTD_compress(at, size - 1, note->data[c], size, NOTE_LEVEL) : size;
        if (ZSTD_isError(stored) || stored >= size) {
            stored = size;
            if (size > 0)
                memcpy(at, note->data[c], size);
        }
        hy_put32(ret_payload + 8 * c, (uint32_t)size);
        hy_put32(ret_payload + 8 * c + 4, (uint32_t)stored);
        at += stored;
        *ret_plain += size;
    }
    return (size_t)(at - ret_payload);
}

static int note_load(const uint8_t *data, size_t stored, uint8_t *to, size_t size, hy_error *error) {
    if (stored == size) {
        memcpy(to, data, size);
        return 0;
    }
    if (ZSTD_findFrameCompressedSize(data, stored) != stored || ZSTD_decompress(to, size, data, stored) != size)
        return BAD("a column of the notes does not decompress to its %zu bytes", size);
    return 0;
}

int hy_note_unpack(const uint8_t *payload, size_t size, size_t plain, uint8_t *space, hy_note *ret_note,
                   hy_error *error) {
    static const size_t limits[HY_NOTE_COLUMNS] = {HY_NOTE_TEXT, HY_NOTE_TEXT, HY_BLOCK_EVENTS, 5 * HY_NOTE_OFTENS,
                                                   4 * HY_BLOCK_EVENTS};
    size_t at = 8 * HY_NOTE_COLUMNS, total = at;
    if (size < at)
        return BAD("its payload of %zu bytes is shorter than the table of columns", size);
    for (size_t c = 0; c < HY_NOTE_COLUMNS; c++) {
        const size_t column = hy_get32(payload + 8 * c), stored = hy_get32(payload + 8 * c + 4);
        if (column > limits[c] || stored > column || stored > size - at)
            return BAD("column %zu has %zu bytes, %zu stored, which cannot be", c, column, stored);
        const int r = note_load(payload + at, stored, space, column, error);
        if (r < 0)
            return r;
        ret_note->data[c] = space;
        ret_note->size[c] = column;
        space += column;
        at += stored;
        total += column;
    }
    return at == size && total == plain ? 0 : BAD("the sizes of its columns contradict its head");
}
