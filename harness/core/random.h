/* SPDX-License-Identifier: MIT
 *
 * random.h - repeatable random numbers: the n-th number of a seed, in any order (Random123's Philox, Salmon et al.,
 * "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 */
#ifndef HY_RANDOM_H
#define HY_RANDOM_H

/* Its types for vector registers are not used here, and to read the compiler's headers of them takes longer than all
 * the rest. */
#ifndef R123_USE_SSE
#define R123_USE_SSE 0
#endif
#include <Random123/philox.h>
#include <stddef.h>
#include <stdint.h>

static inline uint64_t hy_random(uint64_t seed, uint64_t n) {
    const philox2x64_ctr_t counter = {{n, 0}};
    const philox2x64_key_t key = {{seed}};
    return philox2x64(counter, key).v[0];
}

/* A number from 0 to limit - 1, limit > 0 (multiply and shift; the bias is below limit / 2^64). */
static inline uint64_t hy_random_below(uint64_t seed, uint64_t n, uint64_t limit) {
    return (uint64_t)(((unsigned __int128)hy_random(seed, n) * limit) >> 64);
}

/* Strictly between 0 and 1. */
static inline double hy_random_unit(uint64_t seed, uint64_t n) {
    return ((double)(hy_random(seed, n) >> 11) + 0.5) * 0x1p-53;
}

#endif
