/* SPDX-License-Identifier: MIT */
#include "slots.h"

enum { FRAME_SHIFT = 16, FIRST_CHARACTERS = 7, CHARACTERS = 15, BYTE = 8 };

static uint32_t slots_kind(const hy_raw_slot *slot) {
    return slot->first & ((1u << HY_RAW_KIND_BITS) - 1);
}

static hy_raw_record slots_main(const hy_raw_slot *slot, uint64_t now) {
    return (hy_raw_record){.ticks = hy_slots_ticks(slot, now),
                           .address = hy_slots_address(slot),
                           .size = slot->first >> HY_RAW_KIND_BITS & ((1u << HY_RAW_SIZE_BITS) - 1),
                           .kind = slots_kind(slot),
                           .extra = (uint32_t)(slot->second >> HY_RAW_ADDRESS_BITS)};
}

static void slots_widen(hy_raw_record *record, const hy_raw_slot *wide) {
    record->address |= wide->first >> HY_RAW_KIND_BITS << HY_RAW_ADDRESS_BITS;
    record->size |= wide->second << HY_RAW_SIZE_BITS;
}

hy_raw_record hy_slots_read(hy_raw_ring ring, uint64_t tail, uint64_t head, uint64_t now) {
    uint64_t at = tail;
    while (at < head && slots_kind(hy_raw_ring_at(ring, at)) >= HY_RAW_WIDE)
        at++;
    const uint32_t slots = (uint32_t)(at - tail) + 1;
    if (at >= head || slots > HY_RECORD_GROUP)
        return (hy_raw_record){.kind = HY_RAW_SPOILT, .slot = tail, .slots = 1};
    hy_raw_record record = slots_main(hy_raw_ring_at(ring, at), now);
    record.slot = tail;
    record.slots = slots;
    for (uint64_t i = tail; i < at; i++)
        if (slots_kind(hy_raw_ring_at(ring, i)) == HY_RAW_WIDE)
            slots_widen(&record, hy_raw_ring_at(ring, i));
    return record;
}

uint32_t hy_slots_sites(hy_raw_ring ring, const hy_raw_record *record, uint64_t ret[HY_RECORD_FRAMES]) {
    uint32_t count = 0;
    for (uint64_t i = 0; i + 1 < record->slots && count + 1 < HY_RECORD_FRAMES; i++) {
        const hy_raw_slot *const slot = hy_raw_ring_at(ring, record->slot + i);
        if (slots_kind(slot) != HY_RAW_SITE)
            continue;
        ret[count++] = slot->second;
        if (slot->first >> FRAME_SHIFT)
            ret[count++] = slot->first >> FRAME_SHIFT;
    }
    return count;
}

uint32_t hy_slots_text(hy_raw_ring ring, const hy_raw_record *record, char ret[HY_RECORD_NAME + 1]) {
    uint32_t length = 0;
    for (uint64_t i = 0; i + 1 < record->slots && length + CHARACTERS <= HY_RECORD_NAME; i++) {
        const hy_raw_slot *const slot = hy_raw_ring_at(ring, record->slot + i);
        if (slots_kind(slot) != HY_RAW_TEXT)
            continue;
        for (unsigned k = 0; k < CHARACTERS; k++)
            ret[length++] = k < FIRST_CHARACTERS ? (char)(slot->first >> (BYTE * (k + 1)))
                                                 : (char)(slot->second >> (BYTE * (k - FIRST_CHARACTERS)));
    }
    ret[length] = '\0';
    if (record->size < length)
        ret[record->size] = '\0';
    return record->size < length ? (uint32_t)record->size : length;
}
