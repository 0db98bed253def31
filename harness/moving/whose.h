/* SPDX-License-Identifier: MIT
 *
 * whose.h - from the address of a block to the object that it belongs to: open addressing with linear probes.
 */
#ifndef HY_WHOSE_H
#define HY_WHOSE_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct hy_whose_entry {
    uintptr_t address; /* 0: empty */
    uint32_t slot;
} hy_whose_entry;

typedef struct hy_whose {
    hy_whose_entry *entry;
    size_t mask;
} hy_whose;

/* Room for `most` at once.  0 or -ENOMEM. */
static inline int hy_whose_start(hy_whose *whose, size_t most) {
    size_t size = 64;
    while (size < 2 * most)
        size *= 2;
    whose->entry = (hy_whose_entry *)calloc(size, sizeof *whose->entry);
    whose->mask = size - 1;
    return whose->entry ? 0 : -ENOMEM;
}

static inline size_t hy_whose_home(const hy_whose *whose, uintptr_t address) {
    return (size_t)((address >> 4) * 0x9e3779b97f4a7c15u >> 20) & whose->mask;
}

static inline hy_whose_entry *hy_whose_find(hy_whose *whose, uintptr_t address) {
    size_t i = hy_whose_home(whose, address);
    while (whose->entry[i].address != 0 && whose->entry[i].address != address)
        i = (i + 1) & whose->mask;
    return &whose->entry[i];
}

static inline void hy_whose_set(hy_whose *whose, uintptr_t address, uint32_t slot) {
    *hy_whose_find(whose, address) = (hy_whose_entry){address, slot};
}

/* What stands behind it moves up, so that no search ends too early. */
static inline void hy_whose_drop(hy_whose *whose, uintptr_t address) {
    size_t hole = (size_t)(hy_whose_find(whose, address) - whose->entry);
    for (size_t i = (hole + 1) & whose->mask; whose->entry[i].address != 0; i = (i + 1) & whose->mask) {
        const size_t home = hy_whose_home(whose, whose->entry[i].address);
        if (((i - home) & whose->mask) < ((i - hole) & whose->mask))
            continue;
        whose->entry[hole] = whose->entry[i];
        hole = i;
    }
    whose->entry[hole].address = 0;
}

#endif
