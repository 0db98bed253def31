/* SPDX-License-Identifier: MIT */
#include "sizes.h"

#include "random.h"

#include <errno.h>
#include <math.h>

const char *const hy_sizes_words[] = {"uniform", "exponential", "powers", NULL};

int hy_sizes_check(const hy_sizes *sizes, const char *owner, hy_error *error) {
    return sizes->least <= sizes->largest
               ? 0
               : hy_fail(error, -EINVAL, "%s:least=%zu is more than largest=%zu", owner, sizes->least, sizes->largest);
}

static size_t draw_exponential(const hy_sizes *sizes, uint64_t n) {
    const double mean = (double)(sizes->largest - sizes->least) / 8;
    const double size = (double)sizes->least - mean * log(hy_random_unit(sizes->seed, n));
    return size < (double)sizes->largest ? (size_t)size : sizes->largest;
}

static size_t draw_power(const hy_sizes *sizes, uint64_t n) {
    size_t size = sizes->least;
    for (uint64_t bits = hy_random(sizes->seed, n); (bits & 1) != 0 && size <= sizes->largest / 2; bits >>= 1)
        size *= 2;
    return size;
}

size_t hy_sizes_draw(const hy_sizes *sizes, uint64_t n) {
    switch ((hy_sizes_kind)sizes->kind) {
    case HY_SIZES_UNIFORM: break;
    case HY_SIZES_EXPONENTIAL: return draw_exponential(sizes, n);
    case HY_SIZES_POWERS: return draw_power(sizes, n);
    }
    return sizes->least + (size_t)hy_random_below(sizes->seed, n, sizes->largest - sizes->least + 1);
}
