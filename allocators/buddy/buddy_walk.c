/* SPDX-License-Identifier: MIT
 *
 * buddy_walk.c - walk: every block and hole of every arena.  check: every invariant of maps, lists, counts and rules.
 */
#include "buddy_walk.h"

#include "buddy_heap.h"

/* ------------------------------------------------------------------------------------------------------- walk ---- */

static int walk_meta(uintptr_t start, uintptr_t end, hy_visit *visit, void *context) {
    const hy_range range = {.start = start, .size = end - start, .kind = HY_META};
    return range.size ? visit(context, &range) : 0;
}

static int walk_arena(const buddy_heap *self, buddy_arena *arena, hy_visit *visit, void *context) {
    int r = walk_meta((uintptr_t)arena->start, hy_min(arena->base, (uintptr_t)arena->limit), visit, context);
    for (uintptr_t at = arena->base; r == 0 && at < arena->top;) {
        const uint8_t byte = *buddy_byte(self, arena, at);
        const size_t size = buddy_size(byte & BUDDY_ORDER);
        const bool used = (byte & BUDDY_STATE) == BUDDY_USED;
        const hy_range range = {at, size, used ? at : 0, size, used ? HY_USED : HY_FREE};
        r = visit(context, &range);
        at += size;
    }
    return r || arena->top >= (uintptr_t)arena->limit ? r
                                                      : walk_meta(arena->top, (uintptr_t)arena->limit, visit, context);
}

int buddy_walk(hy_heap *heap, hy_visit *visit, void *context) {
    const buddy_heap *const self = (buddy_heap *)heap;
    int r = 0;
    for (buddy_arena *arena = self->arenas; r == 0 && arena; arena = arena->next)
        r = walk_arena(self, arena, visit, context);
    return r;
}

/* ------------------------------------------------------------------------------------------------------ check ---- */

/* What the maps, or the lists, add up to. */
typedef struct buddy_sum {
    uint64_t used[BUDDY_ORDERS], locals[BUDDY_ORDERS], globals[BUDDY_ORDERS];
    uintptr_t addresses; /* of all holes: the sum */
} buddy_sum;

#define CHECKED_FRESH ((size_t)1 << 16) /* of each hole */

/* All of a hole that was never written is zero, but for its links. */
static const char *check_fresh(const buddy_spot *spot) {
    const uintptr_t from = hy_max(spot->at + sizeof(hy_node), spot->arena->fresh);
    const uintptr_t end = spot->at + hy_min(buddy_size(spot->order), CHECKED_FRESH);
    if (from >= end || hy_is_zero((const void *)from, end - from))
        return NULL;
    return "memory that is taken for fresh was written";
}

static const char *check_hole(const buddy_heap *self, const buddy_spot *spot, unsigned state, buddy_sum *sum) {
    const buddy_spot other = {spot->arena, spot->at ^ buddy_size(spot->order), spot->order};
    if (state == BUDDY_GLOBAL && buddy_is(self, other, BUDDY_GLOBAL))
        return "two buddies are free and did not merge";
    if (state == BUDDY_LOCAL && !self->lazy)
        return "a merge was put off although the heap is not lazy";
    (state == BUDDY_LOCAL ? sum->locals : sum->globals)[spot->order]++;
    sum->addresses += spot->at;
    return check_fresh(spot);
}

static const char *check_spot(const buddy_heap *self, const buddy_spot *spot, unsigned state, buddy_sum *sum) {
    const size_t size = buddy_size(spot->order);
    if (state == 0 || spot->order < self->min_order || spot->order >= BUDDY_ORDERS)
        return "the map has no block where one must start";
    if (spot->at % size != 0 || size > spot->arena->top - spot->at)
        return "a block is not aligned to its size, or leads out of its arena";
    if (!hy_is_zero(buddy_byte(self, spot->arena, spot->at) + 1, (size >> self->min_order) - 1))
        return "the map has a block inside another";
    if (state != BUDDY_USED)
        return check_hole(self, spot, state, sum);
    sum->used[spot->order]++;
    return spot->at + size > spot->arena->fresh ? "a block lies in memory that is taken for fresh" : NULL;
}

static const char *check_arena(const buddy_heap *self, buddy_arena *arena, buddy_sum *sum) {
    for (uintptr_t at = arena->base; at < arena->top;) {
        const uint8_t byte = *buddy_byte(self, arena, at);
        const buddy_spot spot = {arena, at, byte & BUDDY_ORDER};
        const char *const wrong = check_spot(self, &spot, byte & BUDDY_STATE, sum);
        if (wrong)
            return wrong;
        at += buddy_size(spot.order);
    }
    if (arena->next && arena->next->start < arena->reserve_end)
        return "arenas overlap or are out of order";
    return arena->limit > arena->reserve_end ? "an arena has more committed than reserved" : NULL;
}

static const char *check_list(const hy_node *head, uint64_t count, uintptr_t *addresses) {
    uint64_t found = 0;
    if (head->next->prev != head)
        return "a list's first hole does not know it";
    for (const hy_node *node = head->next; node != head; node = node->next) {
        if (++found > count || node->next->prev != node)
            return "a list has a hole too many, or is damaged";
        *addresses += (uintptr_t)node;
    }
    return found < count ? "a hole is in no list" : NULL;
}

static const char *check_order(const buddy_heap *self, unsigned order, const buddy_sum *sum, uintptr_t *addresses) {
    if (self->used[order] != sum->used[order] || self->locals[order] != sum->locals[order])
        return "used blocks or local holes of an order are counted wrong";
    if (self->locals[order] > self->used[order])
        return "more merges are put off than the slack of the order allows";
    if (((self->orders >> order) & 1) != (sum->locals[order] + sum->globals[order] != 0))
        return "an order's bit is wrong";
    const char *const wrong = check_list(&self->local[order], sum->locals[order], addresses);
    return wrong ? wrong : check_list(&self->global[order], sum->globals[order], addresses);
}

static const char *check_stats(const buddy_heap *self, const buddy_sum *sum) {
    uint64_t blocks = 0, bytes = 0, holes = 0;
    for (unsigned order = 0; order < BUDDY_ORDERS; order++) {
        blocks += sum->used[order];
        bytes += sum->used[order] << order;
        holes += sum->locals[order] + sum->globals[order];
    }
    if (self->stats.live_blocks != blocks || self->stats.live_bytes != bytes)
        return "live blocks or bytes are counted wrong";
    return self->stats.holes != holes ? "holes are counted wrong" : NULL;
}

const char *buddy_check(hy_heap *heap) {
    const buddy_heap *const self = (buddy_heap *)heap;
    buddy_sum sum = {.addresses = 0};
    uintptr_t addresses = 0;
    const char *wrong = NULL;
    for (buddy_arena *arena = self->arenas; !wrong && arena; arena = arena->next)
        wrong = check_arena(self, arena, &sum);
    for (unsigned order = 0; !wrong && order < BUDDY_ORDERS; order++)
        wrong = check_order(self, order, &sum, &addresses);
    if (!wrong && addresses != sum.addresses)
        wrong = "a list holds something else than the holes";
    return wrong ? wrong : check_stats(self, &sum);
}
