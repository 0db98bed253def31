/* SPDX-License-Identifier: MIT
 *
 * slot_shelf.c - see slot_shelf.h.
 */
#include "slot_shelf.h"

#include "program.h"

#include <stdlib.h>
#include <string.h>

#define LINE 8u          /* pointers in a cache line */
#define OLD_ENOUGH 4096u /* takes and gives between a give and lending the slot to another lane */
#define KEEP 64u         /* free slots that a lane keeps for itself */

typedef struct given {
    uint32_t slot;
    uint64_t when;
} given;

/* A lane's free slots: a stack whose oldest entries others may take. */
typedef struct shelf {
    given *entry;
    size_t first, count, room; /* entries first … count - 1 are there */
} shelf;

struct hy_slots {
    shelf shelf[HY_PROGRAM_MAX_LANES];
    uint32_t lanes;  /* that ever gave or took */
    uint32_t lender; /* looked at next */
    uint64_t count, clock;
};

hy_slots *hy_slots_new(void) {
    return calloc(1, sizeof(hy_slots));
}

void hy_slots_free(hy_slots *slots) {
    for (uint32_t i = 0; slots && i < slots->lanes; i++)
        free(slots->shelf[i].entry);
    free(slots);
}

uint64_t hy_slots_count(const hy_slots *slots) {
    return slots->count;
}

/* Room for one more, by moving what is left to the front, or by growing. */
static bool shelf_room(shelf *s) {
    if (s->count < s->room)
        return true;
    if (s->first > s->room / 2) {
        s->count -= s->first;
        memmove(s->entry, s->entry + s->first, s->count * sizeof *s->entry);
        s->first = 0;
        return true;
    }
    const size_t room = s->room ? 2 * s->room : 64;
    given *const grown = realloc(s->entry, room * sizeof *grown);
    if (!grown)
        return false;
    s->entry = grown;
    s->room = room;
    return true;
}

static bool shelf_put(shelf *s, uint32_t slot, uint64_t when) {
    if (!shelf_room(s))
        return false;
    s->entry[s->count++] = (given){slot, when};
    return true;
}

/* Lends the oldest slot of some other lane: of each in its turn, so that all shelves stay short. */
static bool slots_lend(hy_slots *slots, uint32_t *ret_slot) {
    for (uint32_t tries = 0; tries < slots->lanes; tries++) {
        slots->lender = slots->lender + 1 < slots->lanes ? slots->lender + 1 : 0;
        shelf *const s = &slots->shelf[slots->lender];
        if (s->count - s->first <= KEEP || slots->clock - s->entry[s->first].when < OLD_ENOUGH)
            continue;
        *ret_slot = s->entry[s->first++].slot;
        return true;
    }
    return false;
}

bool hy_slots_take(hy_slots *slots, uint32_t lane, uint32_t *ret_slot) {
    slots->lanes = lane >= slots->lanes ? lane + 1 : slots->lanes;
    slots->clock++;
    shelf *const own = &slots->shelf[lane];
    if (own->count > own->first) {
        *ret_slot = own->entry[--own->count].slot;
        return true;
    }
    if (slots_lend(slots, ret_slot))
        return true;
    if (slots->count > UINT32_MAX - LINE)
        return false;
    for (uint32_t i = LINE; i-- > 1;)
        if (!shelf_put(own, (uint32_t)slots->count + i, 0))
            return false;
    *ret_slot = (uint32_t)slots->count;
    slots->count += LINE;
    return true;
}

bool hy_slots_give(hy_slots *slots, uint32_t lane, uint32_t slot) {
    slots->lanes = lane >= slots->lanes ? lane + 1 : slots->lanes;
    return shelf_put(&slots->shelf[lane], slot, ++slots->clock);
}
