/* SPDX-License-Identifier: MIT
 *
 * rans.h - an entropy coder with fixed tables: asymmetric numeral systems, in its range form (Duda: Asymmetric numeral
 * systems, 2009; the layout follows Giesen: Interleaved entropy coders, 2014).
 *
 * 1. The state is a number of 32 bits, at least 2^16.  A symbol of chance f / 2^10 makes it 2^10 / f times as large.
 * 2. What outgrows 32 bits goes out, 16 bits at a time; decoding takes it in again when the state falls below 2^16.
 * 3. The coder runs backwards through the symbols, so that decoding runs forwards.
 * 4. Several states take turns, so that a processor can work on as many symbols at once.
 *
 * Bad at what changes inside a block: a table is an average over it.
 */
#ifndef HY_RANS_H
#define HY_RANS_H

#include <stddef.h>
#include <stdint.h>

#define HY_RANS_BITS 10
#define HY_RANS_SUM (1u << HY_RANS_BITS) /* of all chances of a table */
#define HY_RANS_LOW (1u << 16)           /* the smallest state, and the first and last one */

/* What decoding knows of each of 2^10 slots: its symbol's chance, and which of the symbol's slots it is. */
typedef struct hy_rans_slot {
    uint16_t chance, number;
} hy_rans_slot;

/* The state after the symbol in whose slot it is; below HY_RANS_LOW it must be filled up. */
static inline uint32_t hy_rans_next(uint32_t state, const hy_rans_slot *slot) {
    return slot->chance * (state >> HY_RANS_BITS) + slot->number;
}

/* Chances from counts: none that counted is 0, and they add up to HY_RANS_SUM if any counted. */
void hy_rans_chances(const uint32_t *counts, unsigned symbols, uint16_t *ret_chances);

/* Writes downwards from *at: the 16 bits that go out before the symbol can come in.  Returns the new state. */
uint32_t hy_rans_put(uint32_t state, uint32_t before, uint32_t chance, uint8_t **at);

#endif
