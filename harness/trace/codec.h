/* SPDX-License-Identifier: MIT
 *
 * codec.h - one block of events to bytes and back: pure functions over buffers, nothing outlives a call.
 *
 *   events <-> columns   (encode.c, decode.c and their clock_…)  one byte string for each property of the events
 *   columns <-> payload  (codec.c)                               each column compressed by itself
 *
 * What makes it dense:
 *   1. Programs repeat themselves, so each event becomes one byte, the number of a word: kind, alignment and size of a
 *      birth, or how a free names its object.  A loop of the program is then a repetition of bytes, which zstd finds.
 *   2. Objects are named by what stays the same in a loop: the distance from the object named before, or the age.
 *   3. Clocks tick more coarsely than in nanoseconds: times are counted in ticks (tick.h), exactly.
 *   4. How long the program takes between two events depends on which they are: ticks are coded by an entropy coder
 *      (rans.h) that knows how long the last event of the same kind of history took.
 *
 * The byte layout is specified in traces/README.md.
 */
#ifndef HY_CODEC_H
#define HY_CODEC_H

#include "error.h"
#include "event.h"

#include <stdbool.h>
#include <stddef.h>

#define HY_BLOCK_EVENTS 262144u /* at most, in one block */
#define HY_WORDS 255u           /* that a block has numbers for */

typedef enum hy_column {
    HY_COLUMN_CODE,   /* a byte an event: the number of its word, or HY_WORDS: the word is the next of RARE */
    HY_COLUMN_WORD,   /* the block's frequent words */
    HY_COLUMN_RARE,   /* the others */
    HY_COLUMN_NAME,   /* a byte for each realloc: how it names its object */
    HY_COLUMN_LOW,    /* names that are large numbers: the lowest byte, */
    HY_COLUMN_MIDDLE, /* the next, */
    HY_COLUMN_TOP,    /* and the rest, a varint */
    HY_COLUMN_THREAD, /* a varint for each run of events of one thread */
    HY_COLUMN_RUN,    /* the lengths of those runs: varints */
    HY_COLUMN_TICK,   /* the length of a tick, and where times are set anew */
    HY_COLUMN_CHANCE, /* the tables of the entropy coder */
    HY_COLUMN_TIME,   /* what it wrote: a symbol an event, the ticks since the event before */
    HY_COLUMN_BITS,   /* the low bits of many ticks, packed */
    HY_COLUMNS
} hy_column;

/* How an event names its object: a byte.  Small numbers stand in it; of large ones it tells the bytes. */
typedef enum hy_name {
    HY_NAME_STEP = 0,       /* and up: zigzag of the difference from the object named before */
    HY_NAME_AGE = 100,      /* and up: births since; the youngest has 0 */
    HY_NAME_FAR_STEP = 200, /* a step in 1 byte, in 2, in more */
    HY_NAME_FAR_AGE = 203,  /* an age likewise */
    HY_NAMES = 206
} hy_name;

/* Times: what a symbol means.  Below HY_TIME_EXACT it is the number; above, it tells the number's width and the two
 * bits after the topmost.  A symbol also is the context of the next one with the same history. */
#define HY_TIME_EXACT 16u
#define HY_TIME_SYMBOLS 252u
#define HY_TIME_CONTEXTS 32u
#define HY_TIME_SLOTS 16384u /* histories, hashed */
#define HY_TIME_GROUP 4u     /* events whose contexts are looked up before the first of them is coded */

static inline uint8_t hy_time_context(unsigned symbol) {
    return (uint8_t)(symbol < 23   ? 1 + symbol
                     : symbol < 31 ? 24 + (symbol - 23) / 2
                     : symbol < 43 ? 28 + (symbol - 31) / 4
                                   : 31);
}

/* The history: the codes of the last three events. */
static inline uint32_t hy_time_history(uint32_t history, uint8_t code) {
    return (history << 8 | code) & 0xffffff;
}

static inline uint32_t hy_time_slot(uint32_t history) {
    return (history * 0x9e3779b1u) >> 18;
}

/* What must be known to decode a block without those before it. */
typedef struct hy_block_start {
    uint64_t first_event, first_birth;
    uint64_t base_time; /* of the event before */
    uint32_t threads;   /* numbers given out before */
    uint32_t events;    /* in the block, 1 to HY_BLOCK_EVENTS */
} hy_block_start;

/* Borrowed byte strings. */
typedef struct hy_columns {
    uint8_t *data[HY_COLUMNS];
    size_t size[HY_COLUMNS];
} hy_columns;

/* The buffers for one block at a time. */
typedef struct hy_codec hy_codec;

/* The most bytes that a payload can have. */
#define HY_PAYLOAD_MAX ((size_t)HY_BLOCK_EVENTS * 44 + 65536)

/* `level` is zstd's, 1 to 19.  NULL: no memory. */
hy_codec *hy_codec_create(int level);
void hy_codec_set_level(hy_codec *codec, int level);
void hy_codec_destroy(hy_codec *codec);

/* Encodes legal events.  *ret_payload belongs to the codec until its next call; *ret_plain is what the payload would
 * take with no column compressed.  0 or -ENOMEM. */
int hy_codec_encode(hy_codec *codec, const hy_block_start *start, const hy_event *events, const uint8_t **ret_payload,
                    size_t *ret_size, size_t *ret_plain, hy_error *error);

/* Decodes start->events events into `ret_events`.  What the bytes alone can tell is checked here (kinds, lengths, ids
 * below the births so far); whether objects live and times are legal is hy_check's.  0 or -EINVAL, with a part of a
 * sentence; or -ENOMEM. */
int hy_codec_decode(hy_codec *codec, const hy_block_start *start, const uint8_t *payload, size_t size, size_t plain,
                    hy_event *ret_events, hy_error *error);

/* The halves, for tests and fuzzing.  Encoding takes data[] with room for hy_column_limit bytes, decoding may read
 * HY_COLUMN_SLACK bytes beyond each column's end. */
#define HY_COLUMN_SLACK 48u
size_t hy_column_limit(hy_column column, uint32_t events);
int hy_columns_encode(const hy_block_start *start, const hy_event *events, hy_columns *ret_columns, hy_error *error);
/* The four columns of times, which hy_columns_encode calls when it has made the codes. */
int hy_columns_encode_times(const hy_block_start *start, const hy_event *events, hy_columns *ret_columns);
int hy_columns_decode(const hy_block_start *start, const hy_columns *columns, hy_event *ret_events, hy_error *error);

#endif
