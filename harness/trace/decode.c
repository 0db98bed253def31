/* SPDX-License-Identifier: MIT
 *
 * decode.c - columns to events (see codec.h), in one pass.
 *
 * The columns are untrusted: whatever they hold, only they are read and only the block's events are written.
 */
#include "codec.h"

#include "bytes.h"
#include "varint.h"

#include <errno.h>
#include <inttypes.h>

#define BAD(...) hy_fail(error, -EINVAL, __VA_ARGS__)

/* What is left of a column of varints. */
typedef struct column_cursor {
    const uint8_t *at, *end;
} column_cursor;

/* Where the loop over a block's events stands. */
typedef struct block_cursor {
    const uint8_t *kind, *width, *code, *align, *bits;
    column_cursor rare, objects, threads, runs;
    uint64_t words[HY_SIZE_WORDS];
    uint32_t words_count;
    uint8_t mode;      /* hy_object_mode */
    uint64_t born;     /* the next birth number */
    uint64_t named;    /* the object named last */
    uint64_t position; /* in the time bits */
    uint64_t time;
    uint64_t known, thread, run; /* threads known, the current one, what is left of its run */
} block_cursor;

static column_cursor cursor_of(const hy_columns *columns, hy_column column) {
    return (column_cursor){columns->data[column], columns->data[column] + columns->size[column]};
}

/* Lengths that follow from the kinds and widths are checked first, so that the loop need not look at them. */
static int check_lengths(const hy_block_start *start, const hy_columns *columns, hy_error *error) {
    uint32_t kinds[256] = {0}, widths[256] = {0};
    if (columns->size[HY_COLUMN_KIND] != start->events || columns->size[HY_COLUMN_TIME_WIDTH] != start->events)
        return BAD("its columns are not as long as it has events");
    for (uint32_t i = 0; i < start->events; i++) {
        kinds[columns->data[HY_COLUMN_KIND][i]]++;
        widths[columns->data[HY_COLUMN_TIME_WIDTH][i]]++;
    }
    uint64_t bits = 0;
    for (unsigned i = 0; i < 256; i++) {
        if (i >= HY_EVENT_KINDS && kinds[i] > 0)
            return BAD("an unknown kind of event, %u", i);
        if (i > 63 && widths[i] > 0)
            return BAD("a time difference of %u bits", i);
        bits += i > 1 ? (i - 1) * (uint64_t)widths[i] : 0;
    }
    const uint32_t sized =
        kinds[HY_EVENT_MALLOC] + kinds[HY_EVENT_CALLOC] + kinds[HY_EVENT_ALIGNED] + kinds[HY_EVENT_REALLOC];
    if (columns->size[HY_COLUMN_SIZE] != sized)
        return BAD("%zu sizes for %" PRIu32 " events that have one", columns->size[HY_COLUMN_SIZE], sized);
    if (columns->size[HY_COLUMN_ALIGN] != kinds[HY_EVENT_ALIGNED])
        return BAD("%zu alignments for %" PRIu32 " aligned events", columns->size[HY_COLUMN_ALIGN],
                   kinds[HY_EVENT_ALIGNED]);
    if (columns->size[HY_COLUMN_TIME_BITS] != (bits + 7) / 8)
        return BAD("%zu bytes of time bits; expected %" PRIu64, columns->size[HY_COLUMN_TIME_BITS], (bits + 7) / 8);
    if (bits % 8 != 0 && columns->data[HY_COLUMN_TIME_BITS][bits / 8] >> bits % 8 != 0)
        return BAD("the last byte of the time bits is not filled up with 0");
    return 0;
}

static int begin_words(const hy_columns *columns, block_cursor *cursor, hy_error *error) {
    column_cursor words = cursor_of(columns, HY_COLUMN_WORD);
    while (words.at < words.end) {
        if (cursor->words_count == HY_SIZE_WORDS ||
            !hy_varint_get(&words.at, words.end, &cursor->words[cursor->words_count++]))
            return BAD("a broken list of frequent sizes");
    }
    return 0;
}

static int begin_block(const hy_block_start *start, const hy_columns *columns, block_cursor *cursor, hy_error *error) {
    int r = check_lengths(start, columns, error);
    if (r < 0)
        return r;
    *cursor = (block_cursor){.kind = columns->data[HY_COLUMN_KIND],
                             .width = columns->data[HY_COLUMN_TIME_WIDTH],
                             .code = columns->data[HY_COLUMN_SIZE],
                             .align = columns->data[HY_COLUMN_ALIGN],
                             .bits = columns->data[HY_COLUMN_TIME_BITS],
                             .rare = cursor_of(columns, HY_COLUMN_RARE),
                             .objects = cursor_of(columns, HY_COLUMN_OBJECT),
                             .threads = cursor_of(columns, HY_COLUMN_THREAD),
                             .runs = cursor_of(columns, HY_COLUMN_RUN),
                             .born = start->first_birth,
                             .named = start->first_birth,
                             .time = start->base_time,
                             .known = start->threads,
                             .thread = UINT64_MAX};
    if (cursor->objects.at == cursor->objects.end || *cursor->objects.at >= HY_OBJECT_MODES)
        return BAD("objects named in an unknown way");
    cursor->mode = *cursor->objects.at++;
    return begin_words(columns, cursor, error);
}

static int end_block(const block_cursor *cursor, hy_error *error) {
    if (cursor->rare.at != cursor->rare.end)
        return BAD("rare sizes left over");
    if (cursor->objects.at != cursor->objects.end)
        return BAD("objects left over");
    if (cursor->threads.at != cursor->threads.end || cursor->runs.at != cursor->runs.end || cursor->run != 0)
        return BAD("threads left over");
    return 0;
}

static inline bool next_size(block_cursor *cursor, uint64_t *ret_size) {
    const uint8_t code = *cursor->code++;
    if (code < cursor->words_count) {
        *ret_size = cursor->words[code];
        return true;
    }
    return code == HY_SIZE_WORDS && hy_varint_get(&cursor->rare.at, cursor->rare.end, ret_size);
}

static inline bool next_object(block_cursor *cursor, uint64_t *ret_id) {
    uint64_t value;
    if (!hy_varint_get(&cursor->objects.at, cursor->objects.end, &value))
        return false;
    *ret_id = cursor->named =
        cursor->mode == HY_OBJECT_AGE ? cursor->born - 1 - value : cursor->named + hy_unzigzag(value);
    return cursor->named < cursor->born;
}

/* Runs follow each other only when the thread changes. */
static bool next_run(block_cursor *cursor) {
    const uint64_t last = cursor->thread;
    if (!hy_varint_get(&cursor->threads.at, cursor->threads.end, &cursor->thread) ||
        !hy_varint_get(&cursor->runs.at, cursor->runs.end, &cursor->run))
        return false;
    if (cursor->thread == last || cursor->thread > cursor->known || cursor->thread >= UINT32_MAX || cursor->run == 0)
        return false;
    cursor->known += cursor->thread == cursor->known;
    return true;
}

/* The column has 9 readable bytes beyond its end. */
static inline uint64_t next_bits(block_cursor *cursor, unsigned width) {
    const uint8_t *const at = cursor->bits + cursor->position / 8;
    const unsigned shift = cursor->position % 8;
    uint64_t low = hy_get64(at) >> shift;
    if (width + shift > 64)
        low |= (uint64_t)at[8] << (64 - shift);
    cursor->position += width;
    return low & (((uint64_t)1 << width) - 1);
}

static inline bool next_time(block_cursor *cursor, uint64_t *ret_time) {
    const unsigned width = *cursor->width++;
    const uint64_t passed = width > 1 ? next_bits(cursor, width - 1) | (uint64_t)1 << (width - 1) : width;
    if (passed > HY_EVENT_MAX_TOTAL - cursor->time)
        return false;
    *ret_time = cursor->time += passed;
    return true;
}

/* NULL, or what is broken. */
static inline const char *next_event(block_cursor *cursor, hy_event *ret_event) {
    hy_event event = {.kind = *cursor->kind++};
    if (!next_time(cursor, &event.time))
        return "a time beyond 2^63 ns";
    if (cursor->run == 0 && !next_run(cursor))
        return "a broken run of events of one thread";
    cursor->run--;
    event.thread = (uint32_t)cursor->thread;
    if (hy_event_is_birth(&event))
        event.id = cursor->born++;
    else if (event.kind <= HY_EVENT_FREE && !next_object(cursor, &event.id))
        return "a broken object, or one that was not born";
    if (event.kind <= HY_EVENT_REALLOC && !next_size(cursor, &event.size))
        return "a broken size";
    if (event.kind == HY_EVENT_ALIGNED)
        event.align = *cursor->align++;
    *ret_event = event;
    return NULL;
}

int hy_columns_decode(const hy_block_start *start, const hy_columns *columns, hy_event *ret_events, hy_error *error) {
    block_cursor cursor;
    const int r = begin_block(start, columns, &cursor, error);
    if (r < 0)
        return r;
    for (uint32_t i = 0; i < start->events; i++) {
        const char *const broken = next_event(&cursor, &ret_events[i]);
        if (broken)
            return BAD("event %" PRIu64 ": %s", start->first_event + i, broken);
    }
    return end_block(&cursor, error);
}
