/* SPDX-License-Identifier: MIT
 *
 * blocks.h - what tests of malloc look at in a block: its address, its contents, and why there is none.
 */
#ifndef HY_BLOCKS_H
#define HY_BLOCKS_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

static inline size_t page_size(void) {
    return (size_t)sysconf(_SC_PAGESIZE);
}

static inline bool aligned_to(const void *block, size_t align) {
    return (uintptr_t)block % align == 0;
}

/* A pattern that depends on the position. */
static inline void fill(unsigned char *block, size_t size, unsigned seed) {
    for (size_t i = 0; i < size; i++)
        block[i] = (unsigned char)(i * 7 + seed);
}

static inline bool filled(const unsigned char *block, size_t size, unsigned seed) {
    for (size_t i = 0; i < size; i++)
        if (block[i] != (unsigned char)(i * 7 + seed))
            return false;
    return true;
}

/* Whether a call said that there is no room.  Clears errno for the next. */
static inline bool refused(const void *block) {
    const bool is = !block && errno == ENOMEM;
    errno = 0;
    return is;
}

#endif
