/* SPDX-License-Identifier: MIT
 *
 * share.h - the collector's end of the shared memory (record_layout.h): making it, waiting, waking, the horizon's
 * fence.
 */
#ifndef HY_SHARE_H
#define HY_SHARE_H

#include "error.h"
#include "record_layout.h"

#include <stdbool.h>

typedef struct hy_share {
    hy_record_head *head;
    int fd; /* a high number, inherited by what is executed */
    uint64_t inode;
} hy_share;

/* 0 or -errno with the sentence. */
int hy_share_create(bool follow, hy_share *ret_share, hy_error *error);
void hy_share_destroy(hy_share *share);

/* How many rings and processes there have been, as far as the program that shares the memory can be believed. */
static inline uint32_t hy_share_rings(const hy_share *share) {
    const uint32_t used = __atomic_load_n(&share->head->rings_used, __ATOMIC_ACQUIRE);
    return used < HY_RECORD_RINGS ? used : HY_RECORD_RINGS;
}

static inline uint32_t hy_share_processes(const hy_share *share) {
    const uint32_t used = __atomic_load_n(&share->head->processes_used, __ATOMIC_ACQUIRE);
    return used < HY_RECORD_PROCESSES ? used : HY_RECORD_PROCESSES;
}

/* The value of HY_RECORD_VARIABLE. */
void hy_share_describe(const hy_share *share, char *ret, size_t size);

/* Tells that the collector lives. */
void hy_share_beat(const hy_share *share);

/* Every thread that shows up inactive after this call stamps later than before it. */
void hy_share_fence(const hy_share *share);

/* Gives the slots before `tail` back to the ring's thread, and wakes it if no more than `low` are unread. */
void hy_share_publish(hy_record_ring *ring, uint64_t tail, uint64_t low);

/* Sleeps until somebody rings, a signal comes, or the time is over.  `bell` was read before looking for work. */
void hy_share_sleep(const hy_share *share, uint32_t bell, unsigned microseconds);

/* Wakes whoever sleeps so. */
void hy_share_ring(const hy_share *share);

/* Nobody reads from now on: all recorded threads go on by themselves. */
void hy_share_stop(const hy_share *share);

#endif
