/* SPDX-License-Identifier: MIT
 *
 * format.h - the frame of a trace file: its first 16 bytes, the heads of blocks, the meta block's text.
 *
 * The byte layout is specified in traces/README.md.
 */
#ifndef HY_FORMAT_H
#define HY_FORMAT_H

#include "codec.h"
#include "trace.h"

#define HY_FILE_HEAD 16u    /* bytes: magic, byte order mark, version */
#define HY_BLOCK_HEAD 64u   /* bytes */
#define HY_TRACE_VERSION 3u /* the newest */
#define HY_TRACE_PLAIN 2u   /* that of a trace without notes */

#define HY_META_MAX 8192u       /* plain bytes of the meta block */
#define HY_INDEX_ENTRY 12u      /* bytes: offset, events */
#define HY_INDEX_ENTRIES 65536u /* in one index block */
#define HY_END_SIZE 48u         /* bytes of the end block's payload */

typedef enum hy_block_kind {
    HY_BLOCK_META = 0x4154454d,  /* "META" */
    HY_BLOCK_NOTE = 0x45544f4e,  /* "NOTE" */
    HY_BLOCK_EVENT = 0x544e5645, /* "EVNT" */
    HY_BLOCK_INDEX = 0x58444e49, /* "INDX" */
    HY_BLOCK_END = 0x20444e45,   /* "END " */
} hy_block_kind;

typedef struct hy_block_head {
    uint32_t kind;
    uint32_t number; /* 0 is the meta block */
    uint32_t stored; /* bytes of the payload */
    uint32_t plain;  /* and if nothing in it were compressed */
    hy_block_start start;
    uint64_t checksum; /* XXH3-64 of the payload */
} hy_block_head;

void hy_file_head_put(uint32_t version, uint8_t *ret_bytes);
/* 0 or -EINVAL, -ENOTSUP with the part of a sentence. */
int hy_file_head_check(const uint8_t *bytes, uint32_t *ret_version, hy_error *error);

void hy_block_head_put(const hy_block_head *head, uint8_t *ret_bytes);
/* False: the head's own checksum is wrong. */
bool hy_block_head_get(const uint8_t *bytes, hy_block_head *ret_head);

/* The meta block is lines of "key=value". */
size_t hy_meta_put(const hy_trace_meta *meta, char *ret_text); /* HY_META_MAX bytes */
/* Sets what the text speaks of and leaves the rest of *ret_meta. */
int hy_meta_get(const char *text, size_t size, hy_trace_meta *ret_meta, hy_error *error);

/* Copies as much as fits, at a character's border; what is no UTF-8 or a control character becomes "?". */
void hy_text_clean(char *ret_text, size_t size, const char *text);
/* Whether all of it is UTF-8 without control characters. */
bool hy_text_is_clean(const char *text, size_t size);

#endif
