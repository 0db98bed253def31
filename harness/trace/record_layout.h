/* SPDX-License-Identifier: MIT
 *
 * record_layout.h - the memory that recorded programs share with the collecting `heapyard record` process.
 *
 * Freestanding: preload/record.c runs inside strangers.  One memfd holds, in this order, the head, a table of
 * processes, the heads of all rings, and the rings.  It is as large as it can ever be from the start, and sparse: only
 * what is touched takes memory.  A ring belongs to one thread at a time, is written by that thread alone and read by
 * the collector alone.  A full ring makes its thread wait (and counts it); nothing is ever dropped.
 *
 * Records.  A ring is an array of slots of two 64-bit words, used round and round.  A record is one main slot, and
 * before it as many prefix slots as it needs; a thread moves its ring's head over all of them at once, so that the
 * collector never sees a part of a record, and the slot before the head is always a main slot.  The lowest 4 bits of
 * every slot are its kind, prefixes from HY_RAW_WIDE on:
 *
 *   main    first word   bits 0-3 kind, 4-19 size (lowest 16 bits), 20-63 time stamp (lowest 44 bits)
 *           second word  bits 0-47 address, 48-53 log2 of the alignment
 *   WIDE    first word   bits 4-19 what the address has above bit 47
 *           second word  what the size has above bit 15.  Only where one of them is not 0
 *   SITE    first word   bits 16-63 a return address further out, or 0
 *           second word  a return address.  Innermost first; only if the head's `sites` asks for them
 *   TEXT    first word   bits 8-63 seven characters, the first lowest
 *           second word  eight more.  NUL at the end, if there is room; of HY_RAW_PHASE, whose size is the length
 *
 * Stamps are ticks of the processor's invariant counter (TSC).  44 bits come round after an hour and more; a record is
 * not older than that when it is read: of all ticks with these bits, it is the last that is not after the time at which
 * the collector read the head.
 *
 * Order.  A free is stamped before the real call and a malloc after it, a realloc on both sides.  Were the counter read
 * exactly where the program says, the free of a block would always precede the malloc that gets its address again, and
 * a malloc whatever another thread does with the block.  It is read
 *   never later   than that: what follows in the program becomes visible to others only when it retires, in the order
 * of the program, hence after the counter was read.  So do all processors of this architecture. a bit sooner  perhaps:
 * rdtsc can be executed while loads before it still wait for memory: the one that fetches the pointer to be freed, or
 * that finds the block on another thread's list.  Not sooner than those loads were begun, which is well below a
 * microsecond.  (rdtscp waits for them, and costs the program twice as much.) So stamps order the records of different
 * threads but for less than a microsecond, and there the addresses tell: births and deaths at an address take turns.  A
 * record that is out of turn (a free of what is not there, a birth where something lives) is held back with all its
 * thread's later records until its turn has come, for some microseconds at most.  What is left is one birth that was
 * stamped before another thread had and freed the block within the same microsecond: then nobody dies in time for the
 * other's birth to have its turn, and it is known that those two have changed places.  (stream.c and twins.h do that.)
 *
 * Horizon.  To merge the rings by stamp, the collector must know up to which tick nothing can come any more.  A thread
 * does, for each record:  active = 1;  take the stamp;  write the record;  move the head;  active = 0;  and never waits
 * in between (room is made before).  The collector notes the tick T, makes every running thread pass a memory barrier
 * (membarrier, so that the hot path needs no fence), and then looks at each ring:
 *   active == 0   whatever is still to come raises `active` after the barrier, hence is stamped after T;
 *   active == 1   its next stamp is not below that of its last published record (but for rdtsc's looking ahead).
 * The least of these is the horizon.  Where membarrier is missing, `fenced` tells the threads to fence themselves.
 *
 * While no process has a second thread, no barrier is needed: a ring by itself is in order.  A thread that is not its
 * process's first says so (`threaded`) before it takes a stamp, so whoever has noted T and then reads 0 there knows
 * that all stamps of other threads will be after T.
 *
 * Room.  A thread that finds its ring full sleeps, and that costs the program more than a thousand records do.  So the
 * first thread of a process, in most programs the one that allocates most, has a ring four times as large.
 */
#ifndef HY_RECORD_LAYOUT_H
#define HY_RECORD_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#define HY_RECORD_MAGIC 0x31646a6379706561u
#define HY_RECORD_VERSION 3u

/* The environment variable that tells the preload library where that memory is:
 * "fd=N,collector=PID,inode=N": inherited as descriptor N, or else /proc/PID/fd/N, and it must be that inode. */
#define HY_RECORD_VARIABLE "HEAPYARD_RECORD"

#define HY_RECORD_PROCESSES 4096u
#define HY_RECORD_RINGS 8192u
#define HY_RECORD_SLOTS 8192u        /* in a ring; a power of two */
#define HY_RECORD_LARGE_SLOTS 32768u /* in a large one; a power of two */
#define HY_RECORD_RING_GROUP 8u      /* rings of which the first is large */
#define HY_RECORD_GROUP 32u          /* slots of a record at most */
#define HY_RECORD_FRAMES 32u         /* return addresses of a record at most */
#define HY_RECORD_NAME 120u          /* bytes of a phase's name at most */

typedef struct hy_raw_slot {
    uint64_t first, second;
} hy_raw_slot;

/* Slots used round and round: a power of two of them. */
typedef struct hy_raw_ring {
    hy_raw_slot *slots;
    uint64_t mask; /* one less than there are */
} hy_raw_ring;

static inline hy_raw_slot *hy_raw_ring_at(hy_raw_ring ring, uint64_t i) {
    return &ring.slots[i & ring.mask];
}

typedef enum hy_raw_kind {
    HY_RAW_MALLOC,
    HY_RAW_CALLOC,
    HY_RAW_ALIGNED,
    HY_RAW_FREE,
    HY_RAW_REALLOC_OUT, /* stamped before the real call: `address` goes in, `size` is asked for */
    HY_RAW_REALLOC_IN,  /* stamped after it: `address` came out, `size` asked; address 0: failed, or freed if size 0 */
    HY_RAW_FORK,        /* `address` is the number of the fork that follows */
    HY_RAW_PHASE,       /* the program has named what it does from now on; `size` is the length of the name */
    HY_RAW_UNLOAD,      /* dlclose was called: addresses of code may mean something else from now on */
    HY_RAW_WIDE = 13,   /* prefixes */
    HY_RAW_SITE,
    HY_RAW_TEXT
} hy_raw_kind;

#define HY_RAW_KIND_BITS 4
#define HY_RAW_SIZE_BITS 16
#define HY_RAW_TICKS_SHIFT (HY_RAW_KIND_BITS + HY_RAW_SIZE_BITS)
#define HY_RAW_TICKS_BITS (64 - HY_RAW_TICKS_SHIFT)
#define HY_RAW_ADDRESS_BITS 48

/* A main slot that holds all of them. */
static inline hy_raw_slot hy_raw_narrow(hy_raw_kind kind, uint64_t ticks, uint64_t address, uint64_t size,
                                        uint32_t align) {
    return (hy_raw_slot){ticks << HY_RAW_TICKS_SHIFT | size << HY_RAW_KIND_BITS | (uint64_t)kind,
                         address | (uint64_t)align << HY_RAW_ADDRESS_BITS};
}

static inline hy_raw_slot hy_raw_main(hy_raw_kind kind, uint64_t ticks, uint64_t address, uint64_t size,
                                      uint32_t align) {
    return hy_raw_narrow(kind, ticks, address & (((uint64_t)1 << HY_RAW_ADDRESS_BITS) - 1),
                         size & ((1u << HY_RAW_SIZE_BITS) - 1), align);
}

/* Whether the main slot cannot hold them alone. */
static inline int hy_raw_is_wide(uint64_t address, uint64_t size) {
    return (size >> HY_RAW_SIZE_BITS | address >> HY_RAW_ADDRESS_BITS) != 0;
}

static inline hy_raw_slot hy_raw_wide(uint64_t address, uint64_t size) {
    return (hy_raw_slot){address >> HY_RAW_ADDRESS_BITS << HY_RAW_KIND_BITS | HY_RAW_WIDE, size >> HY_RAW_SIZE_BITS};
}

/* One program image: a process from its start, fork or exec on to its end or next exec. */
typedef struct hy_record_process {
    uint32_t state; /* 0: free; 1: being filled in; 2: filled in.  The collector sets it back to 0 */
    uint32_t pid;
    uint32_t stop;       /* set by the collector: record no more */
    uint32_t refused;    /* malloc is not ours in this image */
    uint32_t crowded;    /* more threads than rings: gave up */
    uint32_t image_size; /* bytes */
    uint32_t command_size;
    uint32_t threaded;  /* a second thread has claimed a ring, or is about to */
    uint32_t mapped;    /* the collector knows where the modules are that it began with; 1.  Threads sleep on it */
    uint64_t inherits;  /* the number of the fork that made it; 0: a new image */
    uint64_t started;   /* ticks */
    uint64_t pid_space; /* inode of its pid namespace; `pid` means something to the collector only if it is the same */
    char image[384];    /* path of the executable */
    char command[1024]; /* arguments, separated by NUL */
} hy_record_process;

typedef struct hy_record_ring {
    _Alignas(64) uint64_t owner; /* 0: free; (index of the process + 1) << 32 | thread id */

    _Alignas(64) uint64_t head; /* slots written so far; the thread's */
    uint32_t active;
    uint32_t reserved;
    uint64_t stalls;      /* times that the thread found the ring full */
    uint64_t stall_ticks; /* how long it waited in all */
    uint64_t dropped;     /* calls that are no events */

    _Alignas(64) uint64_t tail; /* slots read so far; the collector's */
    uint32_t waiting; /* the thread sleeps on it while it is 1, until an eighth of the ring or less is unread */
} hy_record_ring;

typedef struct hy_record_head {
    uint64_t magic;
    uint32_t version;
    uint32_t collector; /* process ids */
    uint32_t root;
    uint32_t follow; /* processes other than the root are recorded too */
    uint32_t fenced;
    uint32_t sites;   /* return addresses wanted with each record */
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
#define HY_RECORD_BYTES(rings) (HY_RECORD_AT_SLOTS + hy_record_slots_before(rings) * sizeof(hy_raw_slot))

/* A group is a large ring and others. */
static inline int hy_record_is_large(uint32_t index) {
    return index % HY_RECORD_RING_GROUP == 0;
}

static inline size_t hy_record_slots_before(uint32_t index) {
    const size_t larges = (index + HY_RECORD_RING_GROUP - 1) / HY_RECORD_RING_GROUP;
    return larges * HY_RECORD_LARGE_SLOTS + (index - larges) * HY_RECORD_SLOTS;
}

static inline hy_record_process *hy_record_process_at(hy_record_head *head, uint32_t index) {
    return (hy_record_process *)(void *)((char *)head + HY_RECORD_AT_PROCESSES) + index;
}

static inline hy_record_ring *hy_record_ring_at(hy_record_head *head, uint32_t index) {
    return (hy_record_ring *)(void *)((char *)head + HY_RECORD_AT_RINGS) + index;
}

static inline hy_raw_ring hy_record_slots_at(hy_record_head *head, uint32_t index) {
    hy_raw_slot *const first = (hy_raw_slot *)(void *)((char *)head + HY_RECORD_AT_SLOTS);
    const uint64_t slots = hy_record_is_large(index) ? HY_RECORD_LARGE_SLOTS : HY_RECORD_SLOTS;
    return (hy_raw_ring){first + hy_record_slots_before(index), slots - 1};
}

#endif
