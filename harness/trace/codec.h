/* SPDX-License-Identifier: MIT
 *
 * codec.h - one block of events to bytes and back: pure functions over buffers, nothing outlives a call.
 *
 *   events <-> columns   (encode.c, decode.c)  one byte string for each property of the events
 *   columns <-> payload  (codec.c)             each column compressed by itself
 *
 * The byte layout is specified in traces/README.md.
 */
#ifndef HY_CODEC_H
#define HY_CODEC_H

#include "error.h"
#include "event.h"

#include <stdbool.h>
#include <stddef.h>

#define HY_BLOCK_EVENTS 65536u /* at most, in one block */
#define HY_SIZE_WORDS 255u     /* sizes that a block has one-byte codes for */

typedef enum hy_column {
    HY_COLUMN_KIND,       /* a byte an event */
    HY_COLUMN_THREAD,     /* a varint for each run of events of one thread */
    HY_COLUMN_RUN,        /* the lengths of those runs: varints */
    HY_COLUMN_WORD,       /* the block's frequent sizes: varints */
    HY_COLUMN_SIZE,       /* a byte for each birth and realloc: an index into WORD, or HY_SIZE_WORDS: in RARE */
    HY_COLUMN_RARE,       /* the other sizes: varints */
    HY_COLUMN_OBJECT,     /* a hy_object_mode, then a varint for each realloc and free */
    HY_COLUMN_ALIGN,      /* a byte for each ALIGNED */
    HY_COLUMN_TIME_WIDTH, /* a byte an event: how many bits the time since the last event has */
    HY_COLUMN_TIME_BITS,  /* those bits without the topmost, packed */
    HY_COLUMNS
} hy_column;

/* How objects are named in a block.  The writer takes what compresses better. */
typedef enum hy_object_mode {
    HY_OBJECT_AGE,  /* births since: 0 is the youngest */
    HY_OBJECT_STEP, /* difference from the object named before, zigzag */
    HY_OBJECT_MODES
} hy_object_mode;

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
#define HY_PAYLOAD_MAX ((size_t)HY_BLOCK_EVENTS * 40 + 4096)

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

/* The halves, for tests and fuzzing.  Each data[] has room for hy_column_limit bytes and 8 more. */
size_t hy_column_limit(hy_column column, uint32_t events);
int hy_columns_encode(const hy_block_start *start, const hy_event *events, hy_columns *ret_columns, hy_error *error);
void hy_columns_encode_objects(const hy_block_start *start, const hy_event *events, hy_object_mode mode,
                               uint8_t *ret_data, size_t *ret_size);
int hy_columns_decode(const hy_block_start *start, const hy_columns *columns, hy_event *ret_events, hy_error *error);

#endif
