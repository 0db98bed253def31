/* SPDX-License-Identifier: MIT
 *
 * record_layout.h - the memory that a recorded program shares with the collecting `heapyard record` process.
 *
 * Freestanding: preload/record.c runs inside strangers.  One memfd holds the head and all rings; a ring belongs to one
 * thread at a time, is written by that thread alone and read by the collector alone.  A full ring makes its thread wait
 * (and counts it); nothing is ever dropped.
 *
 * Order.  A free is stamped before the real call and a malloc after it, a realloc on both sides, all by the invariant
 * TSC, so that the free of a block always precedes the malloc that gets its address again.
 */
#ifndef HY_RECORD_LAYOUT_H
#define HY_RECORD_LAYOUT_H

#include <stdint.h>

#define HY_RECORD_MAGIC 0x31646a6379706561u
#define HY_RECORD_VERSION 1u

/* The environment variable that tells the preload library what to do. "fd=N,..." written by `heapyard record`. */
#define HY_RECORD_VARIABLE "HEAPYARD_RECORD"

typedef struct hy_raw_record {
    uint64_t ticks;   /* TSC */
    uint64_t address; /* the block */
    uint64_t size;    /* asked for */
    uint32_t kind;    /* hy_raw_kind */
    uint32_t extra;   /* log2 of the alignment */
} hy_raw_record;

typedef enum hy_raw_kind {
    HY_RAW_MALLOC,
    HY_RAW_CALLOC,
    HY_RAW_ALIGNED,
    HY_RAW_FREE,
    HY_RAW_REALLOC_OUT, /* stamped before the real call: `address` goes in */
    HY_RAW_REALLOC_IN,  /* stamped after it: `address` came out, `size` asked; address 0: the call failed */
    HY_RAW_DROPPED,     /* a call that made no event */
    HY_RAW_THREAD_START,
    HY_RAW_THREAD_END
} hy_raw_kind;

#endif
