/* SPDX-License-Identifier: MIT
 *
 * stress_slots.c - blocks, their contents, and the table (see stress_slots.h).
 */
#include "stress_slots.h"

#include "stress_fail.h"
#include "stress_map.h"
#include "stress_random.h"

#include <string.h>

static stress_slot table[SEATS][SLOTS];
static size_t live_bytes;
static uint64_t last_id;

stress_slot *slot_at(size_t row, size_t i) {
    return &table[row][i];
}

slot_state slot_take(stress_slot *slot) {
    return __atomic_exchange_n(&slot->state, SLOT_HELD, __ATOMIC_ACQUIRE);
}

void slot_put(stress_slot *slot, slot_state state) {
    __atomic_store_n(&slot->state, state, __ATOMIC_RELEASE);
}

/* --------------------------------------------------------------------------------------------------- contents ---- */

static uint64_t pattern(uint64_t id, size_t i) {
    return id * 0x9e3779b97f4a7c15u + i * 0xc2b2ae3d27d4eb4fu;
}

static void fill(const call_block *block) {
    const size_t words = block->usable / 8;
    for (size_t i = 0; i < words; i++) {
        const uint64_t word = pattern(block->id, i);
        memcpy(block->at + 8 * i, &word, 8);
    }
    const uint64_t last = pattern(block->id, words);
    memcpy(block->at + 8 * words, &last, block->usable % 8);
}

static __attribute__((noreturn)) void say_byte(const call_block *block, size_t i, uint64_t expected) {
    stress_fail("byte %zu of %p (%zu bytes, %zu usable) is %#x and not %#x: somebody wrote into it", i,
                (void *)block->at, block->size, block->usable, block->at[i], ((const unsigned char *)&expected)[i % 8]);
}

void block_verify(const call_block *block, size_t size) {
    const size_t words = size / 8;
    uint64_t wrong = 0;
    for (size_t i = 0; i < words; i++) {
        uint64_t word;
        memcpy(&word, block->at + 8 * i, 8);
        wrong |= word ^ pattern(block->id, i);
    }
    const uint64_t last = pattern(block->id, words);
    if (wrong == 0 && memcmp(block->at + 8 * words, &last, size % 8) == 0)
        return;
    for (size_t i = 0; i < size; i++) {
        const uint64_t expected = pattern(block->id, i / 8);
        if (block->at[i] != ((const unsigned char *)&expected)[i % 8])
            say_byte(block, i, expected);
    }
    stress_fail("%p changes while it is read", (void *)block->at);
}

/* ------------------------------------------------------------------------------------------------ coming, going ----
 */

/* The block in the table that the new one lies over, for the last words; the table is in use, so it is a guess. */
static const stress_slot *find_other(const call_block *block) {
    for (size_t i = 0; i < SEATS * SLOTS; i++) {
        const stress_slot *const slot = &table[i / SLOTS][i % SLOTS];
        const call_block *const other = &slot->block;
        if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) == SLOT_FULL && other->at < block->at + block->usable &&
            block->at < other->at + other->usable)
            return slot;
    }
    return NULL;
}

void block_enter(call_block *block) {
    if (!map_add(block->at, block->usable)) {
        const stress_slot *const other = find_other(block);
        if (!other)
            stress_fail("%p of %zu bytes lies over a live block", (void *)block->at, block->usable);
        stress_fail("%p of %zu bytes lies over the live block %p of %zu bytes of seat %u, life %u", (void *)block->at,
                    block->usable, (void *)other->block.at, other->block.usable, other->seat, other->life);
    }
    __atomic_fetch_add(&live_bytes, block->usable, __ATOMIC_RELAXED);
    block->id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
    fill(block);
}

void block_leave(const call_block *block) {
    block_verify(block, block->usable);
    STRESS_EXPECT(map_remove(block->at, block->usable), "%p of %zu bytes is not in the map", (void *)block->at,
                  block->usable);
    __atomic_fetch_sub(&live_bytes, block->usable, __ATOMIC_RELAXED);
}

size_t slots_live(void) {
    return __atomic_load_n(&live_bytes, __ATOMIC_RELAXED);
}

/* -------------------------------------------------------------------------------------------------- all of them ----
 */

void slots_inherit(size_t rows) {
    live_bytes = 0;
    for (size_t i = 0; i < rows * SLOTS; i++) {
        stress_slot *const slot = &table[i / SLOTS][i % SLOTS];
        if (slot->state == SLOT_HELD)
            slot->state = SLOT_EMPTY;
        if (slot->state == SLOT_EMPTY)
            continue;
        block_verify(&slot->block, slot->block.usable);
        live_bytes += slot->block.usable;
    }
}

void slots_clear(size_t rows, uint64_t *rng) {
    for (size_t i = 0; i < rows * SLOTS; i++) {
        stress_slot *const slot = &table[i / SLOTS][i % SLOTS];
        if (slot_take(slot) != SLOT_FULL)
            continue;
        block_leave(&slot->block);
        call_free(&slot->block, rng);
        slot_put(slot, SLOT_EMPTY);
    }
    STRESS_EXPECT(live_bytes == 0, "%zu bytes are counted as live when everything is freed", live_bytes);
}
