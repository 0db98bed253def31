/* SPDX-License-Identifier: MIT
 *
 * slot_shelf.h - which slot of the pointer table a new object gets.
 *
 *   1. A lane first takes the slot that it gave back last: nobody waits for anybody, and the slot is in its cache.
 *   2. Objects that die in another lane than they were born in would pile up slots there; so a slot is also lent to
 *      another lane, but only long after it was given back, when waiting for its last operation costs nothing.
 *   3. Else the lane takes a cache line of new slots, so that no two lanes write to one line.
 */
#ifndef HY_SLOT_SHELF_H
#define HY_SLOT_SHELF_H

#include <stdbool.h>
#include <stdint.h>

typedef struct hy_slots hy_slots;

/* NULL: no memory. */
hy_slots *hy_slots_new(void);
void hy_slots_free(hy_slots *slots);

/* False: no memory. */
bool hy_slots_take(hy_slots *slots, uint32_t lane, uint32_t *ret_slot);
bool hy_slots_give(hy_slots *slots, uint32_t lane, uint32_t slot);

/* Slots handed out so far: the size of the table. */
uint64_t hy_slots_count(const hy_slots *slots);

#endif
