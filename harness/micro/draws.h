/* SPDX-License-Identifier: MIT
 *
 * draws.h - the sizes and choices that micro benchmarks go through: drawn before timing starts, the same every time.
 */
#ifndef HY_DRAWS_H
#define HY_DRAWS_H

#include <stddef.h>
#include <stdint.h>

enum { HY_DRAWS = 1 << 16 };

typedef struct hy_draws {
    uint32_t sizes[HY_DRAWS];   /* log-normal: median 64, 8 bytes to 64 KiB, 131 in the mean */
    uint32_t choices[HY_DRAWS]; /* uniform 32-bit numbers */
} hy_draws;

void hy_draws_make(hy_draws *ret_draws);

static inline size_t hy_draws_size(const hy_draws *draws, size_t turn) {
    return draws->sizes[turn % HY_DRAWS];
}

/* Which of n, n below 2^32, comes in a turn.  Two draws make one choice, so that it reaches beyond the 65 536 that are
 * drawn. */
static inline size_t hy_draws_pick(const hy_draws *draws, size_t turn, size_t n) {
    const uint64_t draw = draws->choices[turn % HY_DRAWS] ^ (turn / HY_DRAWS * 0x9e3779b1u & 0xffffffffu);
    return (size_t)(draw * n >> 32);
}

#endif
