/* SPDX-License-Identifier: MIT
 *
 * record_layout.h - the memory that recorded programs share with the collecting `heapyard record` process.
 *
 * Freestanding: preload/record.c runs inside strangers.  One memfd holds, in this order, the head, a table of
 * processes, the heads of all rings, and the rings.  It is as large as it can ever be from the start, and sparse: only
 * what is touched takes memory.  A ring belongs to one thread at a time, is written by that thread alone and read by
 * the collector alone.  A full ring makes its thread wait (and counts it); nothing is ever dropped.
 *
 * Order.  A free is stamped before the real call and a malloc after it, a realloc on both sides, all by the invariant
 * TSC, so that the free of a block always precedes the malloc that gets its address again.
 *
 * Horizon.  To merge the rings by stamp, the collector must know up to which tick nothing can come any more.  A thread
 * does, for each record:  active = 1;  take the stamp;  write the record;  head + 1;  active = 0;  and never waits in
 * between (room is made before).  The collector notes the tick T, makes every running thread pass a memory barrier
 * (membarrier, so that the hot path needs no fence), and then looks at each ring:
 *   active == 0   whatever is still to come raises `active` after the barrier, hence is stamped after T;
 *   active == 1   its next stamp is not below that of its last published record.
 * The least of these is the horizon.  Where membarrier is missing, `fenced` tells the threads to fence themselves.
 */
#ifndef HY_RECORD_LAYOUT_H
#define HY_RECORD_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#define HY_RECORD_MAGIC 0x31646a6379706561u
#define HY_RECORD_VERSION 1u

/* The environment variable that tells the preload library where that memory is:
 * "fd=N,collector=PID,inode=N": inherited as descriptor N, or else /proc/PID/fd/N, and it must be that inode. */
#define HY_RECORD_VARIABLE "HEAPYARD_RECORD"

#define HY_RECORD_PROCESSES 4096u
#define HY_RECORD_RINGS 8192u
#define HY_RECORD_SLOTS 32768u /* records in a ring; a power of two */

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
    HY_RAW_REALLOC_OUT, /* stamped before the real call: `address` goes in, `size` is asked for */
    HY_RAW_REALLOC_IN,  /* stamped after it: `address` came out, `size` asked; address 0: failed, or freed if size 0 */
    HY_RAW_FORK         /* `address` is the number of the fork that follows */
} hy_raw_kind;

/* One program image: a process from its start, fork or exec on to its end or next exec. */
typedef struct hy_record_process {
    uint32_t state; /* 0: free; 1: being filled in; 2: filled in.  The collector sets it back to 0 */
    uint32_t pid;
    uint32_t stop;       /* set by the collector: record no more */
    uint32_t refused;    /* malloc is not ours in this image */
    uint32_t crowded;    /* more threads than rings: gave up */
    uint32_t image_size; /* bytes */
    uint32_t command_size;
    uint32_t reserved;
    uint64_t inherits;  /* the number of the fork that made it; 0: a new image */
    uint64_t started;   /* ticks */
    uint64_t pid_space; /* inode of its pid namespace; `pid` means something to the collector only if it is the same */
    char image[384];    /* path of the executable */
    char command[1024]; /* arguments, separated by NUL */
} hy_record_process;

typedef struct hy_record_ring {
    _Alignas(64) uint64_t owner; /* 0: free; (index of the process + 1) << 32 | thread id */

    _Alignas(64) uint64_t head; /* records written so far; the thread's */
    uint32_t active;
    uint32_t reserved;
    uint64_t stalls;      /* times that the thread found the ring full */
    uint64_t stall_ticks; /* how long it waited in all */
    uint64_t dropped;     /* calls that are no events */

    _Alignas(64) uint64_t tail; /* records read so far; the collector's.  Threads sleep on its low half */
    uint32_t waiting;           /* the thread sleeps */
} hy_record_ring;

typedef struct hy_record_head {
    uint64_t magic;
    uint32_t version;
    uint32_t collector; /* process ids */
    uint32_t root;
    uint32_t follow; /* processes other than the root are recorded too */
    uint32_t fenced;
    uint32_t stopped; /* nobody reads any more */
    uint64_t pid_space;
    uint64_t beat; /* grows while the collector lives */

    _Alignas(64) uint32_t bell; /* the collector sleeps on it; grows with each call for it */
    uint32_t sleeping;

    _Alignas(64) uint32_t rings_used; /* the highest that was ever owned, and one more */
    uint32_t processes_used;
    uint32_t hungry; /* somebody looks for a free ring or process in vain */
    uint32_t lost;   /* processes that could not be entered */
    uint64_t forks;
} hy_record_head;

/* Where the parts are, from the start of the memfd. */
#define HY_RECORD_AT_PROCESSES ((size_t)4096)
#define HY_RECORD_AT_RINGS (HY_RECORD_AT_PROCESSES + HY_RECORD_PROCESSES * sizeof(hy_record_process))
#define HY_RECORD_AT_SLOTS ((HY_RECORD_AT_RINGS + HY_RECORD_RINGS * sizeof(hy_record_ring) + 4095) & ~(size_t)4095)
#define HY_RECORD_RING_BYTES (HY_RECORD_SLOTS * sizeof(hy_raw_record))
#define HY_RECORD_BYTES(rings) (HY_RECORD_AT_SLOTS + (size_t)(rings)*HY_RECORD_RING_BYTES)

static inline hy_record_process *hy_record_process_at(hy_record_head *head, uint32_t index) {
    return (hy_record_process *)(void *)((char *)head + HY_RECORD_AT_PROCESSES) + index;
}

static inline hy_record_ring *hy_record_ring_at(hy_record_head *head, uint32_t index) {
    return (hy_record_ring *)(void *)((char *)head + HY_RECORD_AT_RINGS) + index;
}

static inline hy_raw_record *hy_record_slots_at(hy_record_head *head, uint32_t index) {
    return (hy_raw_record *)(void *)((char *)head + HY_RECORD_AT_SLOTS + index * HY_RECORD_RING_BYTES);
}

#endif
