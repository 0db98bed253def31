/* SPDX-License-Identifier: MIT
 *
 * record_link.h - the recorder's end of the shared memory: which process this is, which ring is this thread's.
 *
 * Inside strangers: no malloc, no stdio, no locks; system calls only, and errno is left alone.
 */
#ifndef HY_RECORD_LINK_H
#define HY_RECORD_LINK_H

#include "record_layout.h"

#include <stdbool.h>

#define HY_LIKELY(x) __builtin_expect(!!(x), 1)

/* What this process does.  The word lies on a page that is zeroed in the child of a fork (but not of a vfork, which
 * shares its parent's memory and thread, and rightly goes on in its parent's name). */
typedef enum link_mode { LINK_UNKNOWN, LINK_STARTING, LINK_RECORDING, LINK_OFF } link_mode;

typedef struct link_page {
    _Alignas(4096) uint32_t mode;
    uint32_t quick;   /* recording, and neither frames nor fences are wanted */
    uint32_t frames;  /* return addresses that are wanted with births and reallocs */
    uint32_t fenced;  /* as the head says */
    uint32_t claimed; /* a thread of this process has had a ring */
} link_page;

typedef struct link_thread {
    hy_record_ring *ring; /* NULL: none yet */
    hy_raw_ring slots;
    uint64_t head;                   /* slots written */
    uint64_t limit;                  /* a record may begin below this before looking at the collector again */
    uint64_t forked;                 /* the number of the fork that is under way in this thread */
    uint32_t depth;                  /* inside a call of the family: inner calls are not recorded */
    uintptr_t stack_low, stack_high; /* the thread's stack, if frames are walked */
} link_thread;

extern link_page link_state;
extern _Thread_local link_thread link_self __attribute__((tls_model("initial-exec")));

/* Finds out what this process does (first call, and first call after a fork). */
void link_start(void);

/* Makes room for a record of any length, waiting for the collector if the ring is full.  false: recording is over. */
bool link_room(link_thread *self);

/* A program that was executed by the root: malloc does not resolve to the recorder. */
void link_refuse(void);

/* Around fork. */
void link_before_fork(void);
void link_after_fork(void);

static inline uint32_t link_get_mode(void) {
    return __atomic_load_n(&link_state.mode, __ATOMIC_ACQUIRE);
}

/* What follows retires after it; it may be taken before earlier loads are done (record_layout.h). */
static inline uint64_t link_ticks(void) {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t ticks;
    __asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(ticks)::"memory");
    return ticks;
#endif
}

/* Whoever sees `active` lowered knows that a later stamp is later. */
static inline void link_fence(void) {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#if defined(__x86_64__)
    __builtin_ia32_lfence();
#endif
}

/* The phase that the thread is in now. */
void link_put_phase(link_thread *self, const char *name);

/* Waits until the collector knows this process's modules, or for a quarter of a second. */
void link_meet(void);
/* Waits until the collector has read what this thread has written, or for a quarter of a second. */
void link_drain(const link_thread *self);

/* One record, as record_layout.h explains: with a stamp, and whatever else it needs.  `frame` is that of the function
 * that the program called: there lie its caller's and the return address; NULL: none is wanted. */
void link_put(link_thread *self, hy_raw_kind kind, uint64_t address, uint64_t size, uint32_t align, void *const *frame);

/* Whether link_put_quickly may be called. */
static inline bool link_is_quick(void) {
    return HY_LIKELY(__atomic_load_n(&link_state.quick, __ATOMIC_RELAXED));
}

/* The same for what is told most often. */
static inline void link_put_quickly(link_thread *self, hy_raw_kind kind, uint64_t address, uint64_t size) {
    const uint64_t head = self->head;
    if (!HY_LIKELY(head < self->limit && !hy_raw_is_wide(address, size))) {
        link_put(self, kind, address, size, 0, NULL);
        return;
    }
    hy_record_ring *const ring = self->ring;
    __atomic_store_n(&ring->active, 1, __ATOMIC_RELAXED);
    __asm__ volatile("" ::: "memory");
    *hy_raw_ring_at(self->slots, head) = hy_raw_narrow(kind, link_ticks(), address, size, 0);
    self->head = head + 1;
    __atomic_store_n(&ring->head, head + 1, __ATOMIC_RELEASE);
    __atomic_store_n(&ring->active, 0, __ATOMIC_RELEASE);
}

/* A call that was seen and is no event. */
static inline void link_drop(link_thread *self) {
    if (self->ring)
        __atomic_store_n(&self->ring->dropped, self->ring->dropped + 1, __ATOMIC_RELAXED);
}

#endif
