/* SPDX-License-Identifier: MIT
 *
 * record_room.c - rings: claiming one, and waiting until the collector has read enough.
 *
 *   1. A ring is claimed by a thread's first record, and never given back: the collector takes it when the thread or
 *      its process is gone.
 *   2. A thread whose ring is full sleeps; if the collector is dead it stops recording and the program goes on.
 *   3. Nobody waits without an end: each wait is either limited or looks whether the collector still lives.
 */
#include "record_here.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_MS = 10, MEET_MS = 250, DEAD_MS = 2000, CLAIM_TRIES = 2000 };

static long link_futex(const void *word, int operation, uint32_t value, const struct timespec *timeout) {
    return syscall(SYS_futex, word, operation, value, timeout, NULL, 0);
}

static void link_ring_bell(void) {
    __atomic_add_fetch(&here.head->bell, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&here.head->sleeping, __ATOMIC_SEQ_CST))
        link_futex(&here.head->bell, FUTEX_WAKE, 1, NULL);
}

/* The process has threads to be ordered.  The fence keeps stamps from being taken before the collector can know. */
static void link_join(void) {
    __atomic_store_n(&hy_record_process_at(here.head, here.process)->threaded, 1, __ATOMIC_SEQ_CST);
    link_fence();
}

static bool link_claim_of(link_thread *self, uint64_t owner, bool large) {
    for (uint32_t i = 0; i < here.rings; i++) {
        hy_record_ring *const ring = hy_record_ring_at(here.head, i);
        if (hy_record_is_large(i) != large)
            continue;
        uint64_t none = 0;
        if (__atomic_load_n(&ring->owner, __ATOMIC_RELAXED) != 0 ||
            !__atomic_compare_exchange_n(&ring->owner, &none, owner, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
            continue;
        link_raise(&here.head->rings_used, i + 1);
        self->ring = ring;
        self->slots = hy_record_slots_at(here.head, i);
        self->head = self->limit = ring->head;
        if (link_state.frames > 1)
            link_find_stack(self);
        return true;
    }
    return false;
}

/* A large ring for the first thread and others for the others, if there are any. */
static bool link_claim_once(link_thread *self, uint64_t owner) {
    const bool first = !__atomic_exchange_n(&link_state.claimed, 1, __ATOMIC_SEQ_CST);
    if (!first)
        link_join();
    return link_claim_of(self, owner, first) || link_claim_of(self, owner, !first);
}

static bool link_is_over(void) {
    return __atomic_load_n(&here.head->stopped, __ATOMIC_RELAXED) ||
           __atomic_load_n(&hy_record_process_at(here.head, here.process)->stop, __ATOMIC_RELAXED);
}

/* Rings of dead threads come back within milliseconds.  With more living threads than rings, recording ends. */
static bool link_claim(link_thread *self) {
    const uint64_t owner = (uint64_t)(here.process + 1) << 32 | (uint32_t)syscall(SYS_gettid);
    for (int tries = 0; tries < CLAIM_TRIES && !link_is_over(); tries++) {
        if (link_claim_once(self, owner))
            return true;
        __atomic_store_n(&here.head->hungry, 1, __ATOMIC_RELAXED);
        link_ring_bell();
        syscall(SYS_nanosleep, &(struct timespec){0, 1000000}, NULL);
    }
    __atomic_store_n(&hy_record_process_at(here.head, here.process)->crowded, 1, __ATOMIC_RELAXED);
    return false;
}

/* Whoever was killed has an id until its parent asks what became of it, and the parent may wait for this very process
 * first.  /proc/PID/stat: "7 (name) Z ...". */
static bool link_is_zombie(uint32_t pid) {
    char path[64] = "/proc/", text[256];
    link_append_number(path, pid);
    strcat(path, "/stat");
    text[link_read_file(path, text, sizeof text - 1)] = '\0';
    const char *const name_end = strrchr(text, ')');
    return name_end && (strncmp(name_end, ") Z", 3) == 0 || strncmp(name_end, ") X", 3) == 0);
}

static bool link_collector_is_gone(void) {
    return kill((pid_t)here.head->collector, 0) < 0 && errno == ESRCH;
}

/* In another pid namespace the collector's id means nothing: there its pulse is felt. */
static bool link_collector_died(uint64_t *beat, unsigned *still) {
    if (!here.foreign && link_collector_is_gone())
        return true;
    const uint64_t now = __atomic_load_n(&here.head->beat, __ATOMIC_RELAXED);
    *still = now == *beat ? *still + 1 : 0;
    *beat = now;
    if (*still < DEAD_MS / WAIT_MS)
        return false;
    *still = 0;
    return here.foreign || link_is_zombie(here.head->collector);
}

/* Sleeps until most of the ring is free: to sleep and be woken costs as much as a thousand records.  false: there is
 * nobody to wait for. */
static bool link_wait(hy_record_ring *ring, uint64_t low) {
    const struct timespec timeout = {0, WAIT_MS * 1000000};
    const uint64_t start = link_ticks();
    uint64_t beat = 0;
    unsigned still = 0;
    ring->stalls++;
    for (;;) {
        __atomic_store_n(&ring->waiting, 1, __ATOMIC_SEQ_CST);
        if (ring->head - __atomic_load_n(&ring->tail, __ATOMIC_SEQ_CST) <= low)
            break;
        link_ring_bell();
        const long r = link_futex(&ring->waiting, FUTEX_WAIT, 1, &timeout);
        if (link_is_over() || (r < 0 && errno == ETIMEDOUT && link_collector_died(&beat, &still)))
            return false;
    }
    __atomic_store_n(&ring->waiting, 0, __ATOMIC_RELAXED);
    ring->stall_ticks += link_ticks() - start;
    return true;
}

static bool link_find_room(link_thread *self) {
    if (link_is_over() || (!self->ring && !link_claim(self)))
        return false;
    const uint64_t slots = self->slots.mask + 1, most = slots - HY_RECORD_GROUP;
    uint64_t tail = __atomic_load_n(&self->ring->tail, __ATOMIC_ACQUIRE);
    if (self->head - tail >= slots / 2)
        link_ring_bell();
    if (self->head - tail > most) {
        if (!link_wait(self->ring, self->slots.mask / 8))
            return false;
        tail = __atomic_load_n(&self->ring->tail, __ATOMIC_ACQUIRE);
    }
    const uint64_t half = tail + slots / 2, full = tail + most + 1;
    self->limit = self->head < half ? half : full;
    return true;
}

bool link_room(link_thread *self) {
    const int saved = errno;
    const bool found = link_find_room(self);
    if (!found) {
        self->head = self->limit;
        link_set_mode(LINK_OFF);
    }
    errno = saved;
    return found;
}

static void link_nap(void) {
    link_ring_bell();
    syscall(SYS_nanosleep, &(struct timespec){0, 500000}, NULL);
}

/* Nobody is to wait once more for a collector that is dead. */
static void link_lose_patience(void) {
    if (!here.foreign && (link_collector_is_gone() || link_is_zombie(here.head->collector)))
        link_set_mode(LINK_OFF);
}

void link_meet(void) {
    const uint32_t *const mapped = &hy_record_process_at(here.head, here.process)->mapped;
    const int saved = errno;
    int naps = 2 * MEET_MS;
    for (; naps > 0 && !__atomic_load_n(mapped, __ATOMIC_ACQUIRE) && !link_is_over(); naps--)
        link_nap();
    if (naps == 0)
        link_lose_patience();
    errno = saved;
}

void link_drain(const link_thread *self) {
    const int saved = errno;
    int naps = self->ring ? 2 * MEET_MS : 1;
    for (; naps > 0 && self->ring && !link_is_over(); naps--) {
        if (__atomic_load_n(&self->ring->tail, __ATOMIC_ACQUIRE) == self->head)
            break;
        link_nap();
    }
    if (naps == 0)
        link_lose_patience();
    errno = saved;
}
