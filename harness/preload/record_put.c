/* SPDX-License-Identifier: MIT
 *
 * record_put.c - any record, also those that are longer than one slot: wide ones, sites (by frame pointers), names of
 * phases.
 */
#include "record_here.h"

#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

extern void *__libc_stack_end; /* of the C library: where the first thread's stack begins */

/* Where this thread's frames can lie.  Of the first thread's stack no more is believed than what the kernel keeps free
 * of other things. */
void link_find_stack(link_thread *self) {
    enum { FIRST_STACK = 64 << 20 };
    pthread_attr_t attributes;
    void *low;
    size_t size;
    self->stack_low = self->stack_high = 0;
    if (syscall(SYS_gettid) == getpid()) {
        self->stack_high = (uintptr_t)__libc_stack_end;
        self->stack_low = self->stack_high - FIRST_STACK;
    } else if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        if (pthread_attr_getstack(&attributes, &low, &size) == 0) {
            self->stack_low = (uintptr_t)low;
            self->stack_high = (uintptr_t)low + size;
        }
        pthread_attr_destroy(&attributes);
    }
}

/* Return addresses, innermost first.  Frames lie above each other, in the thread's stack: what is no frame, because
 * code was compiled without frame pointers, ends the walk, and never leads to memory that is not there. */
static uint32_t link_walk(const link_thread *self, void *const *frame, uint64_t ret[HY_RECORD_FRAMES]) {
    uint32_t count = 0;
    ret[count++] = (uintptr_t)frame[1];
    while (count < link_state.frames) {
        const uintptr_t at = (uintptr_t)frame, next = (uintptr_t)frame[0];
        if (at < self->stack_low || next <= at || next % sizeof(void *) != 0 || next >= self->stack_high ||
            self->stack_high - next < 2 * sizeof(void *))
            break;
        frame = (void *const *)next;
        if ((uintptr_t)frame[1] < 4096)
            break;
        ret[count++] = (uintptr_t)frame[1];
    }
    return count;
}

/* Writes what stands before a main slot, from slot `head` on; returns the slot after it. */
static uint64_t link_put_prefixes(const link_thread *self, uint64_t head, uint64_t address, uint64_t size,
                                  void *const *frame) {
    enum { OUTER_SHIFT = 16 };
    uint64_t site[HY_RECORD_FRAMES + 1];
    if (hy_raw_is_wide(address, size))
        *hy_raw_ring_at(self->slots, head++) = hy_raw_wide(address, size);
    const uint32_t count = frame && link_state.frames > 0 ? link_walk(self, frame, site) : 0;
    site[count] = 0;
    for (uint32_t i = 0; i < count; i += 2)
        *hy_raw_ring_at(self->slots, head++) = (hy_raw_slot){site[i + 1] << OUTER_SHIFT | HY_RAW_SITE, site[i]};
    return head;
}

void link_put(link_thread *self, hy_raw_kind kind, uint64_t address, uint64_t size, uint32_t align,
              void *const *frame) {
    if (self->head >= self->limit && !link_room(self))
        return;
    hy_record_ring *const ring = self->ring;
    __atomic_store_n(&ring->active, 1, __ATOMIC_RELAXED);
    if (link_state.fenced)
        link_fence();
    __asm__ volatile("" ::: "memory");
    uint64_t head = link_put_prefixes(self, self->head, address, size, frame);
    *hy_raw_ring_at(self->slots, head++) = hy_raw_main(kind, link_ticks(), address, size, align);
    self->head = head;
    __atomic_store_n(&ring->head, head, __ATOMIC_RELEASE);
    __atomic_store_n(&ring->active, 0, __ATOMIC_RELEASE);
}

void link_put_phase(link_thread *self, const char *name) {
    enum { FIRST = 7, BYTES = 15, BYTE = 8 };
    const size_t length = strnlen(name, HY_RECORD_NAME);
    if (self->head >= self->limit && !link_room(self))
        return;
    uint64_t head = self->head;
    __atomic_store_n(&self->ring->active, 1, __ATOMIC_RELAXED);
    if (link_state.fenced)
        link_fence();
    __asm__ volatile("" ::: "memory");
    for (size_t i = 0; i < length; i += BYTES) {
        hy_raw_slot slot = {HY_RAW_TEXT, 0};
        for (unsigned k = 0; k < BYTES && i + k < length; k++) {
            const uint64_t c = (unsigned char)name[i + k];
            if (k < FIRST)
                slot.first |= c << (BYTE * (k + 1));
            else
                slot.second |= c << (BYTE * (k - FIRST));
        }
        *hy_raw_ring_at(self->slots, head++) = slot;
    }
    *hy_raw_ring_at(self->slots, head++) = hy_raw_main(HY_RAW_PHASE, link_ticks(), 0, length, 0);
    self->head = head;
    __atomic_store_n(&self->ring->head, head, __ATOMIC_RELEASE);
    __atomic_store_n(&self->ring->active, 0, __ATOMIC_RELEASE);
}
