/* SPDX-License-Identifier: MIT
 *
 * tlsf_heap.h - the instance of a tlsf heap, and its lists of holes.
 */
#ifndef TLSF_HEAP_H
#define TLSF_HEAP_H

#include "tlsf_map.h"
#include "tlsf_range.h"

#define TLSF_MAX_BITS 6u /* a first level's lists fit into one word */

typedef struct tlsf_params {
    uint64_t sli;
    size_t chunk, trim, reserve;
} tlsf_params;

/* One reservation, with this at its start.  Behind it lie ranges up to the end. */
typedef struct tlsf_run {
    struct tlsf_run *next;             /* by address */
    char *start, *limit, *reserve_end; /* committed up to limit */
    tlsf_range *end;
} tlsf_run;

typedef struct tlsf_heap {
    hy_heap heap;
    unsigned bits;           /* of the second level */
    uint64_t first_map;      /* first levels that have a hole */
    uint64_t second_map[48]; /* lists of each that have one */
    char *fresh, *fresh_end; /* committed and never written, but for the last 8 bytes */
    hy_stats stats;

    hy_pages *data, *meta;
    bool bounded; /* a page source of limited size: taken whole */
    size_t chunk, trim, reserve, instance_size;
    tlsf_run *runs;
    tlsf_range *lists[]; /* 1 << bits for each first level */
} tlsf_heap;

static inline tlsf_range *tlsf_first(const tlsf_run *run) {
    return (tlsf_range *)(void *)(run + 1);
}

static inline tlsf_range **tlsf_head(tlsf_heap *self, tlsf_list list) {
    return &self->lists[((size_t)list.first << self->bits) + list.second];
}

static inline void tlsf_insert(tlsf_heap *self, tlsf_range *hole) {
    const tlsf_list list = tlsf_list_of(self->bits, tlsf_size(hole));
    tlsf_range **const head = tlsf_head(self, list);
    hole->next = *head;
    hole->prev = NULL;
    if (*head)
        (*head)->prev = hole;
    *head = hole;
    self->first_map |= (uint64_t)1 << list.first;
    self->second_map[list.first] |= (uint64_t)1 << list.second;
    self->stats.holes++;
}

/* The first hole of a list is followed by another, or none. */
static inline void tlsf_set_first(tlsf_heap *self, tlsf_list list, tlsf_range *hole) {
    *tlsf_head(self, list) = hole;
    if (hole)
        return;
    self->second_map[list.first] &= ~((uint64_t)1 << list.second);
    if (self->second_map[list.first] == 0)
        self->first_map &= ~((uint64_t)1 << list.first);
}

static inline void tlsf_remove(tlsf_heap *self, tlsf_range *hole) {
    if (hole->next)
        hole->next->prev = hole->prev;
    if (hole->prev)
        hole->prev->next = hole->next;
    else
        tlsf_set_first(self, tlsf_list_of(self->bits, tlsf_size(hole)), hole->next);
    self->stats.holes--;
}

/* Some hole of the lowest list whose holes all have `size` bytes, or NULL. */
static inline tlsf_range *tlsf_locate(tlsf_heap *self, size_t size) {
    tlsf_list list = tlsf_list_of(self->bits, tlsf_round_up(self->bits, size));
    uint64_t second = self->second_map[list.first] & (~(uint64_t)0 << list.second);
    if (second == 0) {
        const uint64_t first = self->first_map & (~(uint64_t)1 << list.first);
        if (first == 0)
            return NULL;
        list.first = (unsigned)__builtin_ctzll(first);
        second = self->second_map[list.first];
    }
    list.second = (unsigned)__builtin_ctzll(second);
    return *tlsf_head(self, list);
}

/* Makes a used range a hole, one with the holes beside it.  The whole. */
static inline tlsf_range *tlsf_merge(tlsf_heap *self, tlsf_range *range) {
    tlsf_range *const before = tlsf_before(range), *const behind = tlsf_behind(range);
    size_t size = tlsf_size(range);
    tlsf_range *hole = range;
    if (before) {
        tlsf_remove(self, before);
        size += tlsf_size(before);
        hole = before;
        self->stats.merges++;
    }
    if (tlsf_is_hole(behind)) {
        tlsf_remove(self, behind);
        size += tlsf_size(behind);
        self->stats.merges++;
    }
    tlsf_set_hole(hole, size);
    tlsf_insert(self, hole);
    return hole;
}

#endif
