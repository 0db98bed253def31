/* SPDX-License-Identifier: MIT
 *
 * har_place.h - where blocks with pages of their own lie (har_large.h): the table of them, by address, and addresses
 * for the next one.
 *
 *  1. With `placement`, a random page of the area that nobody has, between guards; else the first that is vacant.
 *  2. Where they are too many for guards of their own, right behind another.
 *  3. Where addresses are short, or no place is found, a reservation of its own.
 *
 * The table is leaves of at most HAR_LEAF entries and a list of them, both by address: to enter or remove one moves
 * half a leaf, and only where a leaf is split or two are joined a part of the list.  Two neighbours have more than half
 * a leaf together, so there is room for four times the entries at most, and half of that is for growing.
 *
 * The lock is held in all of this.
 */
#ifndef HAR_PLACE_H
#define HAR_PLACE_H

#include "har_heap.h"

/* A place in the table: of an entry, or behind the last one. */
typedef struct har_spot {
    size_t leaf, at;
} har_spot;

/* The first entry that does not begin below `address`. */
har_spot har_place_from(const har_heap *self, const char *address);
/* The entry there, or NULL: it is behind the last. */
har_large *har_place_at(const har_heap *self, har_spot spot);
/* The entry before it, or NULL. */
har_large *har_place_before(const har_heap *self, har_spot spot);
har_spot har_place_next(const har_heap *self, har_spot spot);
/* The entry whose block begins there, or NULL. */
har_large *har_place_find(har_heap *self, const void *block);
/* Room for one more entry, so that har_place_enter cannot fail.  False: no memory. */
bool har_place_reserve_entry(har_heap *self);
void har_place_enter(har_heap *self, const har_large *large);
void har_place_remove(har_heap *self, har_large *large);

/* Addresses for a block of `room` bytes; fills in base, room and reserved.  False: there are none. */
bool har_place_choose(har_heap *self, har_large *large, size_t room, size_t align);
/* Its pages, and a reservation of its own. */
void har_place_give_back(har_heap *self, const har_large *large);

#endif
