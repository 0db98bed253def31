/* SPDX-License-Identifier: MIT
 *
 * churn.h - a little random life for a malloc.
 */
#ifndef HY_CHURN_H
#define HY_CHURN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

static inline uint32_t next_random(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Allocates, checks and frees at random.  Whether all contents were kept. */
static inline bool churn(uint32_t seed, size_t rounds, size_t largest) {
    unsigned char *blocks[64] = {NULL};
    size_t sizes[64] = {0};
    bool good = true;
    for (size_t i = 0; i < rounds; i++) {
        const uint32_t slot = next_random(&seed) % 64;
        if (blocks[slot])
            good &= blocks[slot][0] == (unsigned char)slot && blocks[slot][sizes[slot] - 1] == (unsigned char)slot;
        free(blocks[slot]);
        sizes[slot] = next_random(&seed) % largest + 1;
        blocks[slot] = malloc(sizes[slot]);
        good &= blocks[slot] != NULL;
        if (blocks[slot])
            blocks[slot][0] = blocks[slot][sizes[slot] - 1] = (unsigned char)slot;
    }
    for (size_t i = 0; i < 64; i++)
        free(blocks[i]);
    return good;
}

/* A thread that churns until the bool is set; NULL, or what went wrong. */
static inline void *churn_until_stopped(void *stop) {
    while (!__atomic_load_n((const bool *)stop, __ATOMIC_RELAXED))
        if (!churn((uint32_t)(uintptr_t)stop, 100, 3000))
            return "a block lost its contents";
    return NULL;
}

#endif
