/* SPDX-License-Identifier: MIT
 *
 * entropy.c - see entropy.h.
 */
#include "entropy.h"

#include <math.h>

enum { BITS = 64 };

/* Of a coin that falls so `part` times out of `whole`. */
static double term(size_t part, size_t whole) {
    const double share = (double)part / (double)whole;
    return part == 0 ? 0 : -share * log2(share);
}

static double entropy_of_bit(const uint64_t *address, size_t count, unsigned bit) {
    size_t ones = 0;
    for (size_t i = 0; i < count; i++)
        ones += address[i] >> bit & 1;
    return term(ones, count) + term(count - ones, count);
}

static double entropy_of_two(const uint64_t *address, size_t count, unsigned a, unsigned b) {
    size_t seen[4] = {0};
    for (size_t i = 0; i < count; i++)
        seen[(address[i] >> a & 1) << 1 | (address[i] >> b & 1)]++;
    return term(seen[0], count) + term(seen[1], count) + term(seen[2], count) + term(seen[3], count);
}

double hy_entropy_bits(const uint64_t *address, size_t count) {
    double alone[BITS], sum = 0;
    if (count == 0)
        return 0;
    for (unsigned bit = 0; bit < BITS; bit++) {
        alone[bit] = entropy_of_bit(address, count, bit);
        double known = 0;
        for (unsigned other = 0; other < bit && alone[bit] > 0; other++)
            known = fmax(known, alone[bit] + alone[other] - entropy_of_two(address, count, bit, other));
        sum += fmax(alone[bit] - known, 0);
    }
    return sum;
}
