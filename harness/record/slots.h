/* SPDX-License-Identifier: MIT
 *
 * slots.h - slots of a ring back into records (record_layout.h says how they are written).
 */
#ifndef HY_SLOTS_H
#define HY_SLOTS_H

#include "record_layout.h"

#include <stdbool.h>

enum {
    HY_RAW_SPOILT = 99, /* as a kind: no record; a stranger has written here */
    HY_RAW_AHEAD_BITS = 36
};

/* Ticks.  A stamp may be as much too early, where a processor looks ahead in the program. */
#define HY_RAW_LOOK_AHEAD ((uint64_t)2048)

typedef struct hy_raw_record {
    uint64_t ticks;   /* TSC */
    uint64_t address; /* the block */
    uint64_t size;    /* asked for */
    uint32_t kind;    /* hy_raw_kind, or HY_RAW_SPOILT */
    uint32_t extra;   /* log2 of the alignment */
    uint64_t slot;    /* its first one, counted as tail and head are */
    uint32_t slots;   /* how many */
} hy_raw_record;

/* The ticks of a main slot that was written before `now`, or, by a processor's clock that is ahead, not long after. */
static inline uint64_t hy_slots_ticks(const hy_raw_slot *slot, uint64_t now) {
    const uint64_t low = slot->first >> HY_RAW_TICKS_SHIFT, mask = ((uint64_t)1 << HY_RAW_TICKS_BITS) - 1;
    const uint64_t last = now + ((uint64_t)1 << HY_RAW_AHEAD_BITS);
    return last - ((last - low) & mask);
}

/* The address of a main slot, but for what a WIDE before it has. */
static inline uint64_t hy_slots_address(const hy_raw_slot *slot) {
    return slot->second & (((uint64_t)1 << HY_RAW_ADDRESS_BITS) - 1);
}

/* Whether it belongs to the main slot behind it. */
static inline bool hy_slots_is_prefix(const hy_raw_slot *slot) {
    return (slot->first & ((1u << HY_RAW_KIND_BITS) - 1)) >= HY_RAW_WIDE;
}

/* The record that begins at `tail`, before `head`, in a ring that was looked at after `now`. */
hy_raw_record hy_slots_read(hy_raw_ring ring, uint64_t tail, uint64_t head, uint64_t now);

/* The return addresses that come with a record, innermost first; how many. */
uint32_t hy_slots_sites(hy_raw_ring ring, const hy_raw_record *record, uint64_t ret[HY_RECORD_FRAMES]);

/* The text that comes with a record, ended by NUL; its length. */
uint32_t hy_slots_text(hy_raw_ring ring, const hy_raw_record *record, char ret[HY_RECORD_NAME + 1]);

#endif
