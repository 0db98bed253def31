/* SPDX-License-Identifier: MIT
 *
 * record_here.h - what the parts of the recorder's link share: this process's place in the shared memory.
 */
#ifndef HY_RECORD_HERE_H
#define HY_RECORD_HERE_H

#include "record_link.h"

typedef struct link_here {
    hy_record_head *head; /* NULL: not connected */
    uint32_t rings;       /* as many as could be mapped */
    uint32_t process;     /* index */
    bool foreign;         /* in another pid namespace than the collector */
} link_here;

extern link_here here;

static inline void link_set_mode(link_mode mode) {
    const bool quick = mode == LINK_RECORDING && link_state.frames == 0 && !link_state.fenced;
    __atomic_store_n(&link_state.quick, quick, __ATOMIC_RELAXED);
    __atomic_store_n(&link_state.mode, mode, __ATOMIC_RELEASE);
}

/* Raises *word to at least `value`. */
static inline void link_raise(uint32_t *word, uint32_t value) {
    uint32_t old = __atomic_load_n(word, __ATOMIC_RELAXED);
    while (old < value && !__atomic_compare_exchange_n(word, &old, value, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
        ;
}

/* Appends a number in decimal. */
void link_append_number(char *to, uint64_t value);

/* The beginning of a file; how many bytes. */
uint32_t link_read_file(const char *path, char *to, size_t size);

/* Where the calling thread's frames can lie. */
void link_find_stack(link_thread *self);

#endif
