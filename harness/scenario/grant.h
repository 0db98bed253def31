/* SPDX-License-Identifier: MIT
 *
 * grant.h - what a program gets that says how much it needs at least and how much it would like.
 */
#ifndef HY_GRANT_H
#define HY_GRANT_H

#include <stdint.h>

/* The preferred size, or the largest hole if that is smaller.  0: refused, as that is below the minimum. */
static inline uint64_t hy_size_grant(uint64_t minimum, uint64_t preferred, uint64_t largest_hole) {
    const uint64_t grant = preferred < largest_hole ? preferred : largest_hole;
    return grant < minimum ? 0 : grant;
}

#endif
