/* SPDX-License-Identifier: MIT
 *
 * draws.c - see draws.h.
 */
#include "draws.h"

#include "random.h"

#include <math.h>

/* Box and Muller: exp(ln 64 + 1.2 z), cut to 8 bytes … 64 KiB. */
static uint32_t draws_log_normal(uint64_t n) {
    const double u = hy_random_unit(1, 2 * n), v = hy_random_unit(1, 2 * n + 1);
    const double size = exp(log(64) + 1.2 * sqrt(-2 * log(u)) * cos(2 * M_PI * v));
    return size < 8 ? 8 : size > 65536 ? 65536 : (uint32_t)size;
}

void hy_draws_make(hy_draws *ret_draws) {
    for (uint64_t i = 0; i < HY_DRAWS; i++) {
        ret_draws->sizes[i] = draws_log_normal(i);
        ret_draws->choices[i] = (uint32_t)hy_random(2, i);
    }
}
