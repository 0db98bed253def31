/* SPDX-License-Identifier: MIT
 *
 * hnd_compact.c - evacuating and sliding (see handles.c).
 */
#include "hnd_heap.h"

#include <string.h>

typedef struct handles_mover {
    handles_heap *self;
    hy_moved *announce;
    void *context;
    size_t blocks;
    uint64_t budget; /* bytes that may still be moved */
} handles_mover;

static uint64_t handles_budget(const handles_heap *self) {
    if (self->partial == 0)
        return UINT64_MAX;
    const uint64_t most = self->allocated / self->partial;
    return most > self->moved ? most - self->moved : 0;
}

/* The contents lie at `to` already. */
static void handles_note_move(handles_mover *mover, handles_range *from, handles_range *to, size_t bytes) {
    mover->self->moved += bytes;
    mover->budget -= bytes;
    mover->blocks++;
    mover->announce(mover->context, from + 1, to + 1);
}

static void handles_evacuate(handles_mover *mover) {
    handles_heap *const self = mover->self;
    for (handles_range *from; (from = handles_ending(self->top, self->last)) != NULL;) {
        const size_t size = from->size, align = (size_t)1 << from->align;
        handles_hole *const hole = size <= mover->budget ? handles_search(self, size, align) : NULL;
        if (!hole)
            return;
        handles_range *const to = handles_from_hole(self, hole, size, align);
        to->align = from->align;
        memcpy(to + 1, from + 1, size - sizeof *from);
        self->live_bytes += to->size - size; /* a rest too small for a hole went with it */
        handles_note_move(mover, from, to, size);
        handles_release(self, from);
    }
}

/* The lowest hole above which no more than the budget is in use.  NULL: none. */
static handles_range *handles_reach(const handles_mover *mover) {
    handles_heap *const self = mover->self;
    handles_range *range = handles_ending(self->top, self->last), *lowest = NULL;
    uint64_t used = 0;
    for (; range; range = handles_before(range)) {
        used += range->used ? range->size : 0;
        if (used > mover->budget)
            break;
        if (!range->used)
            lowest = range;
    }
    return lowest;
}

/* What lies free between `to` and a block's new place: a hole, or if it is too little for one, a part of the block
 * before, which was moved too. */
static uint32_t handles_leave(handles_heap *self, char *to, size_t lead, uint32_t before) {
    if (lead >= HANDLES_LEAST) {
        handles_range *const front = handles_at(to);
        *front = (handles_range){.size = lead, .before = before};
        handles_put(self, front);
        return handles_units(lead);
    }
    if (lead > 0) {
        handles_ending(to, before)->size += lead;
        self->live_bytes += lead;
    }
    return before + handles_units(lead);
}

/* Moves one block down to `to`, as far as its alignment lets it.  Its new range. */
static handles_range *handles_slide_one(handles_mover *mover, handles_range *from, char *to, uint32_t before) {
    const handles_range old = *from;
    size_t lead = handles_lead(to, (size_t)1 << old.align);
    if (to + lead > (char *)from)
        lead = (size_t)((char *)from - to); /* it stays */
    handles_range *const now = handles_at(to + lead);
    if (now != from)
        memmove(now + 1, from + 1, old.size - sizeof old);
    *now = old;
    now->before = handles_leave(mover->self, to, lead, before);
    if (now != from)
        handles_note_move(mover, from, now, old.size);
    return now;
}

static void handles_slide(handles_mover *mover) {
    handles_heap *const self = mover->self;
    handles_range *const first = handles_reach(mover);
    if (!first)
        return;
    char *to = (char *)first;
    uint32_t before = first->before;
    for (handles_range *range = first, *next; !handles_is_top(self, range); range = next) {
        next = handles_next(range);
        if (!range->used) {
            handles_unlink(self, range);
            continue;
        }
        handles_range *const now = handles_slide_one(mover, range, to, before);
        to = (char *)now + now->size;
        before = handles_units(now->size);
    }
    self->top = to;
    self->last = before;
}

size_t handles_compact(hy_heap *heap, hy_moved *moved, void *context) {
    handles_heap *const self = (handles_heap *)heap;
    handles_mover mover = {self, moved, context, 0, handles_budget(self)};
    if (self->how != HANDLES_SLIDE)
        handles_evacuate(&mover);
    if (self->how != HANDLES_EVACUATE)
        handles_slide(&mover);
    handles_shrink(self, self->chunk);
    return mover.blocks;
}
