/* SPDX-License-Identifier: MIT
 *
 * varint.h - numbers of 1 to 10 bytes (LEB128): 7 bits a byte, low bits first, the top bit set on all but the last.
 *
 * A number has one spelling: the shortest.  Others are refused.
 */
#ifndef HY_VARINT_H
#define HY_VARINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HY_VARINT_MAX 10

static inline uint8_t *hy_varint_put(uint8_t *at, uint64_t value) {
    while (value >= 0x80) {
        *at++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *at++ = (uint8_t)value;
    return at;
}

/* Reads one number and advances *at; false if it is cut, longer than 64 bits, or not the shortest spelling. */
static inline bool hy_varint_get(const uint8_t **at, const uint8_t *end, uint64_t *ret_value) {
    const uint8_t *p = *at;
    if (p < end && *p < 0x80) {
        *ret_value = *p;
        *at = p + 1;
        return true;
    }
    uint64_t value = 0;
    for (unsigned shift = 0; p < end && shift < 64; shift += 7) {
        const uint8_t byte = *p++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            if ((byte == 0 && shift > 0) || (shift == 63 && byte > 1))
                return false;
            *ret_value = value;
            *at = p;
            return true;
        }
    }
    return false;
}

/* Signed numbers: 0, -1, 1, -2, 2 ... become 0, 1, 2, 3, 4 ...  Differences wrap, so any two ids have one. */
static inline uint64_t hy_zigzag(uint64_t difference) {
    return (difference << 1) ^ (0 - (difference >> 63));
}

static inline uint64_t hy_unzigzag(uint64_t value) {
    return (value >> 1) ^ (0 - (value & 1));
}

#endif
