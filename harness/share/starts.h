/* SPDX-License-Identifier: MIT
 *
 * starts.h - where the regions of a process lie, over thousands of starts, and how much of that cannot be foretold.
 *
 *   1. A small program (heapyard-spot) is started again and again and tells its addresses.
 *   2. The grain is the largest power of two that all differences are multiples of.
 *   3. Bits by range: the places are taken to be drawn evenly from an interval, and n of them span (n - 1) / (n + 1) of
 *      it on average; log2 of how many grains that interval has.
 *   4. Bits by bit: entropy.h, from the single bits; an upper estimate, which does not need the interval.
 *   5. Whether they are drawn evenly: chi-square over 32 equal parts of the span, without its two ends.
 *
 * Differences between regions are treated the same: what remains unknown to one who knows the other address.
 */
#ifndef HY_STARTS_H
#define HY_STARTS_H

#include "error.h"
#include "spot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct hy_starts {
    uint64_t (*address)[HY_SPOTS]; /* of each start */
    size_t count;
} hy_starts;

/* Starts the program `count` times: "heapyard-spot" or "heapyard-spot-fixed".  `randomised` false: the kernel is asked
 * to leave every address where it is (personality).  0 or -errno with the sentence; -EPERM: it refuses that. */
int hy_starts_make(const char *program, size_t count, bool randomised, hy_starts *ret_starts, hy_error *error);
void hy_starts_free(hy_starts *starts);

typedef struct hy_spread {
    size_t starts, distinct;
    uint64_t lowest, highest, grain; /* grain 0: always the same */
    double range_bits, single_bits;
    double chi_square, chance; /* NAN with too few starts or places; chance of a larger one if they are even */
} hy_spread;

/* Of one region, or of its distance from another (`from` HY_SPOTS: from 0). */
hy_spread hy_starts_spread(const hy_starts *starts, hy_spot of, hy_spot from);

/* "text", "heap" … */
const char *hy_spot_name(hy_spot spot);

/* The share of chi-square's distribution above a value (Wilson and Hilferty's approximation). */
double hy_chi_square_above(double value, unsigned freedom);

/* The kernel's own settings: kernel.randomize_va_space and vm.mmap_rnd_bits; -1: not known. */
int hy_starts_setting(const char *path);

#endif
