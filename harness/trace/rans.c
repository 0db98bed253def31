/* SPDX-License-Identifier: MIT
 *
 * rans.c - see rans.h.
 */
#include "rans.h"

void hy_rans_chances(const uint32_t *counts, unsigned symbols, uint16_t *ret_chances) {
    uint64_t total = 0;
    for (unsigned s = 0; s < symbols; s++)
        total += counts[s];
    uint32_t sum = 0;
    unsigned largest = 0;
    for (unsigned s = 0; s < symbols; s++) {
        const uint64_t share = counts[s] ? ((uint64_t)counts[s] * HY_RANS_SUM + total / 2) / total : 0;
        ret_chances[s] = (uint16_t)(counts[s] && share == 0 ? 1 : share);
        sum += ret_chances[s];
        largest = ret_chances[s] > ret_chances[largest] ? s : largest;
    }
    /* What rounding gave too much is taken from the frequent, which feel it least. */
    while (total > 0 && sum > HY_RANS_SUM) {
        for (unsigned s = 0; s < symbols; s++)
            largest = ret_chances[s] > ret_chances[largest] ? s : largest;
        ret_chances[largest]--;
        sum--;
    }
    if (total > 0)
        ret_chances[largest] = (uint16_t)(ret_chances[largest] + HY_RANS_SUM - sum);
}

uint32_t hy_rans_put(uint32_t state, uint32_t before, uint32_t chance, uint8_t **at) {
    if (state >= (uint64_t)chance << (32 - HY_RANS_BITS)) {
        *--*at = (uint8_t)(state >> 8);
        *--*at = (uint8_t)state;
        state >>= 16;
    }
    return (state / chance << HY_RANS_BITS) + state % chance + before;
}
