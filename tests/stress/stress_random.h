/* SPDX-License-Identifier: MIT
 *
 * stress_random.h - repeatable random numbers from a state of 64 bits (Vigna's splitmix64).
 */
#ifndef HY_STRESS_RANDOM_H
#define HY_STRESS_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint64_t random_mixed(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline uint64_t random_next(uint64_t *state) {
    return random_mixed(*state += 0x9e3779b97f4a7c15u);
}

/* From 0 to limit - 1. */
static inline size_t random_below(uint64_t *state, size_t limit) {
    return (size_t)(((unsigned __int128)random_next(state) * limit) >> 64);
}

/* True once in `often`. */
static inline bool random_once_in(uint64_t *state, size_t often) {
    return random_below(state, often) == 0;
}

/* Between 2^low and 2^high, each power as likely as the others. */
static inline size_t random_magnitude(uint64_t *state, size_t low, size_t high) {
    const size_t power = (size_t)1 << (low + random_below(state, high - low));
    return power + random_below(state, power);
}

#endif
