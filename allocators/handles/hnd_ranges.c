/* SPDX-License-Identifier: MIT
 *
 * hnd_ranges.c - ranges, holes and the top: cutting, merging, and the lists by size (see handles.c).
 */
#include "hnd_heap.h"

/* ------------------------------------------------------------------------------------------------------- lists ---- */

void handles_put(handles_heap *self, handles_range *range) {
    handles_hole *const hole = (handles_hole *)(void *)range;
    const unsigned i = handles_list(range->size);
    range->used = 0;
    hole->prev = NULL;
    hole->next = self->list[i];
    if (hole->next)
        hole->next->prev = hole;
    self->list[i] = hole;
    hy_bit_set(self->map, i);
    self->holes++;
}

void handles_unlink(handles_heap *self, handles_range *range) {
    handles_hole *const hole = (handles_hole *)(void *)range;
    const unsigned i = handles_list(range->size);
    if (hole->next)
        hole->next->prev = hole->prev;
    if (hole->prev)
        hole->prev->next = hole->next;
    else
        self->list[i] = hole->next;
    if (!self->list[i])
        hy_bit_clear(self->map, i);
    self->holes--;
}

static bool handles_fits(const handles_hole *hole, size_t need, size_t align) {
    return hole->range.size >= need + handles_lead(hole, align);
}

/* A hole for `need` bytes, or NULL. */
handles_hole *handles_search(handles_heap *self, size_t need, size_t align) {
    self->searches++;
    for (size_t i = handles_list(need); (i = hy_bit_next(self->map, HANDLES_LISTS, i)) < HANDLES_LISTS; i++) {
        unsigned looks = 0;
        for (handles_hole *hole = self->list[i]; hole && looks < HANDLES_LOOKS; hole = hole->next, looks++) {
            self->steps++;
            if (handles_fits(hole, need, align))
                return hole;
        }
    }
    self->failed++;
    return NULL;
}

/* ------------------------------------------------------------------------------------------------------- ends ---- */

/* Commits so much that `size` bytes lie above the top.  False: no room. */
bool handles_grow(handles_heap *self, size_t size) {
    const size_t wanted = (size_t)(self->top - self->run) + size;
    if (wanted <= self->committed)
        return true;
    if (wanted > self->reserved)
        return false;
    const size_t left = self->reserved - self->committed;
    const size_t step = hy_pages_step(self->data, self->chunk, wanted - self->committed, left);
    if (self->data->ops->commit(self->data, self->run + self->committed, step) < 0)
        return false;
    self->committed += step;
    self->grows++;
    return true;
}

/* Gives back what lies above the top, but for `keep` bytes. */
size_t handles_shrink(handles_heap *self, size_t keep) {
    const size_t used = (size_t)(self->top - self->run) + keep;
    const size_t wanted = hy_pages_round(self->data, used);
    if (self->data->available != HY_ANY || wanted >= self->committed)
        return 0;
    const size_t back = self->committed - wanted;
    if (self->data->ops->decommit(self->data, self->run + wanted, back) < 0)
        return 0;
    self->committed = wanted;
    return back;
}

/* The range that ends at the top goes into it; `range` is in no list. */
static void handles_lower_top(handles_heap *self, handles_range *range) {
    self->top = (char *)range;
    self->last = range->before;
}

/* A free range that is in no list is merged with its neighbours, and becomes a hole or a part of the top. */
void handles_release(handles_heap *self, handles_range *range) {
    handles_range *const next = handles_next(range), *const before = handles_before(range);
    if (!handles_is_top(self, next) && !next->used) {
        handles_unlink(self, next);
        range->size += next->size;
        self->merges++;
    }
    if (before && !before->used) {
        handles_unlink(self, before);
        before->size += range->size;
        range = before;
        self->merges++;
    }
    if (handles_is_top(self, handles_next(range))) {
        handles_lower_top(self, range);
        return;
    }
    handles_tell(self, range);
    handles_put(self, range);
}

/* Cuts a range that is in no list after `size` bytes, if what remains can be a hole. */
void handles_cut(handles_heap *self, handles_range *range, size_t size) {
    if (range->size - size < HANDLES_LEAST)
        return;
    handles_range *const rest = handles_at((char *)range + size);
    *rest = (handles_range){.size = range->size - size, .before = handles_units(size)};
    range->size = size;
    handles_tell(self, rest);
    self->splits++;
    handles_release(self, rest);
}

/* A range of `need` bytes out of a hole. */
handles_range *handles_from_hole(handles_heap *self, handles_hole *hole, size_t need, size_t align) {
    handles_range *range = &hole->range;
    const size_t lead = handles_lead(range, align);
    handles_unlink(self, range);
    range->used = 1;
    if (lead > 0) {
        handles_range *const front = range;
        range = handles_at((char *)front + lead);
        *range = (handles_range){.size = front->size - lead, .used = 1, .before = handles_units(lead)};
        handles_tell(self, range);
        front->size = lead;
        self->splits++;
        handles_put(self, front);
    }
    handles_cut(self, range, need);
    return range;
}

/* A range of `need` bytes at the top.  NULL: no room. */
handles_range *handles_from_top(handles_heap *self, size_t need, size_t align) {
    const size_t lead = handles_lead(self->top, align);
    if (!handles_grow(self, need + lead))
        return NULL;
    if (lead > 0) {
        handles_range *const front = handles_at(self->top);
        *front = (handles_range){.size = lead, .before = self->last};
        self->top += lead;
        self->last = handles_units(lead);
        handles_put(self, front);
    }
    handles_range *const range = handles_at(self->top);
    *range = (handles_range){.size = need, .used = 1, .before = self->last};
    self->top += need;
    self->last = handles_units(need);
    return range;
}
