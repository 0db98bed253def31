/* SPDX-License-Identifier: MIT
 *
 * reader_blocks.h - what a reader knows, and the whole blocks of its file, of whatever kind (reader.c says what they
 * mean).
 */
#ifndef HY_READER_BLOCKS_H
#define HY_READER_BLOCKS_H

#include "check.h"
#include "codec.h"
#include "format.h"
#include "note_reader.h"
#include "source.h"
#include "trace.h"

#include <xxhash.h>

struct hy_trace_reader {
    hy_source source;
    bool ended;       /* nothing more will come */
    int code;         /* != 0: what went wrong, for good */
    hy_error error;   /* and its sentence */
    hy_error warning; /* or "" */
    hy_trace_meta meta;
    uint32_t version;
    hy_note_reader notes;
    uint64_t events;
    uint32_t blocks;  /* of any kind, read */
    uint64_t entries; /* event blocks read */
    uint64_t indexed; /* entries of the index read */
    uint64_t index_at;
    hy_check check;
    hy_codec *codec;
    XXH3_state_t *hash;          /* of the events */
    XXH3_state_t *entry_hash[2]; /* of the index as it should be and as it is */
    void *payload;               /* as stored */
    size_t payload_room;
    void *plain; /* what came out of it: events, or bytes */
    size_t plain_room;
};

/* The reader is broken, and tells where: "t.hyt: block 17: checksum mismatch; 16 blocks (1 048 576 events) read".
 * Returns the code. */
__attribute__((format(printf, 3, 4))) int hy_reader_fail(hy_trace_reader *reader, int code, const char *format, ...);
/* As hy_source_read. */
int hy_reader_read(hy_trace_reader *reader, void *data, size_t size, size_t *ret_read);
/* 1: the head and payload of the next block are there and whole; 0: the file is cut; -errno. */
int hy_reader_block(hy_trace_reader *reader, hy_block_head *ret_head);
/* Makes *buffer at least as large as `size`, which is limited; what was in it is lost.  0 or -errno. */
int hy_reader_reserve(hy_trace_reader *reader, void **buffer, size_t *room, size_t size);
/* The plain bytes of a block that is not events, into reader->plain.  0 or -errno. */
int hy_reader_expand(hy_trace_reader *reader, const hy_block_head *head);

#endif
