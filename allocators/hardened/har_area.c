/* SPDX-License-Identifier: MIT
 *
 * har_area.c - see har_area.h.
 */
#include "har_area.h"

#include <errno.h>
#include <string.h>

#define WIDE_MOST 45u  /* log2 of what is reserved, if it is to be had */
#define WIDE_LEAST 40u /* with less there is one area for all */
#define SCARCE_LEAST 20u
#define UNIT_SMALL 16u
#define UNIT_LARGE 18u
#define UNIT_SMALL_SLOT ((size_t)8192) /* larger slots lie in large units */
#define AREA_UNITS ((size_t)1 << 20)
#define RECORDS_CHUNK ((size_t)8192)
#define GUARDED_SLABS ((size_t)8192)
#define FEW_SLABS 4u   /* of a class: up to so many are opened by the page */
#define MANY_SLABS 16u /* those behind so many are opened at once */
#define POPULATED                                                                                                      \
    ((size_t)1024) /* slots up to this size: their pages are touched at once, as they soon will be anyway */

/* ---------------------------------------------------------------------------------------------------- layout ---- */

static unsigned area_unit_shift(const har_heap *self, unsigned size_class) {
    if (self->set.areas)
        return har_class_size(size_class) <= UNIT_SMALL_SLOT ? UNIT_SMALL : UNIT_LARGE;
    return self->own_large ? UNIT_LARGE : UNIT_SMALL;
}

/* Bytes that slots may have of a unit. */
static size_t area_span(const har_heap *self, unsigned size_class) {
    const size_t unit = (size_t)1 << area_unit_shift(self, size_class);
    const size_t span = har_class_size(size_class) <= UNIT_SMALL_SLOT ? (size_t)1 << UNIT_SMALL : unit;
    return self->set.guards || span < unit ? hy_min(span, unit - HAR_PAGE) : span;
}

static size_t area_record_size(const har_heap *self, unsigned size_class) {
    const size_t slots = self->slot_count[size_class];
    const size_t states = hy_align_up(slots * sizeof(uint16_t), 8),
                 sites = self->set.sites ? slots * sizeof(har_site) : 0;
    return hy_align_up(sizeof(har_slab) + (slots + 63) / 64 * 16 + states + sites, 16);
}

static void area_plan_classes(har_heap *self) {
    for (unsigned c = 0; c < HAR_CLASSES; c++) {
        const size_t slots = area_span(self, c) / har_class_size(c);
        self->slot_count[c] = (uint32_t)hy_min(slots, HAR_SLOTS);
        if (slots > 0)
            self->small_max = har_class_size(c);
    }
}

static void area_place(har_heap *self, har_area *area, char *start, size_t size, unsigned shift, size_t record_size) {
    size_t slack = size / 2;
    if (size <= (size_t)1 << 33) /* no room to be lavish with */
        slack = size / 16;
    const size_t pages = self->set.placement ? har_random_below(&self->random, slack / HAR_PAGE) : 0;
    area->base = start + pages * HAR_PAGE;
    area->shift = shift;
    area->units = hy_min((size - pages * HAR_PAGE) >> shift, AREA_UNITS);
    area->record_size = record_size;
}

/* One area a class, and one for large blocks, in any order. */
static void area_place_classes(har_heap *self) {
    const size_t stride = self->size / HAR_AREAS;
    uint8_t order[HAR_AREAS];
    for (unsigned i = 0; i < HAR_AREAS; i++) {
        const size_t at = self->set.placement ? har_random_below(&self->random, i + 1) : i;
        order[i] = order[at];
        order[at] = (uint8_t)i;
    }
    for (unsigned c = 0; c < HAR_CLASSES; c++) {
        self->area_of[c] = order[c];
        area_place(self, &self->areas[order[c]], self->base + order[c] * stride, stride, area_unit_shift(self, c),
                   area_record_size(self, c));
    }
    self->area_shift = hy_log2_floor(stride);
    self->large_base = self->base + order[HAR_LARGE_AREA] * stride;
    self->large_size = stride;
}

/* One area for all classes; large blocks have the other half, if there is enough of it. */
static void area_place_one(har_heap *self) {
    size_t record_size = 0;
    for (unsigned c = 0; c < HAR_CLASSES; c++)
        record_size = hy_max(record_size, area_record_size(self, c));
    const size_t size = self->own_large ? self->size / 2 : self->size;
    area_place(self, &self->areas[0], self->base, size, area_unit_shift(self, 0), record_size);
    self->area_shift = hy_log2_floor(size);
    self->large_base = self->base + size;
    self->large_size = self->own_large ? size : 0;
}

static bool area_reserve(har_heap *self, unsigned bits) {
    self->size = (size_t)1 << bits;
    self->base = self->data->ops->reserve(self->data, self->size, hy_max(self->data->granule, HAR_PAGE));
    return self->base != NULL;
}

/* Of little, half: the rest is for large blocks, and for others. */
static bool area_reserve_scarce(har_heap *self) {
    for (unsigned bits = 38; bits > SCARCE_LEAST; bits--)
        if (area_reserve(self, bits)) {
            self->data->ops->release(self->data, self->base, self->size, 0);
            return area_reserve(self, bits - 1);
        }
    return false;
}

int har_area_setup(har_heap *self) {
    unsigned bits = WIDE_MOST;
    while (bits >= WIDE_LEAST && !area_reserve(self, bits))
        bits--;
    self->own_large = bits >= WIDE_LEAST;
    self->set.areas = self->set.areas && self->own_large;
    if (!self->own_large && !area_reserve_scarce(self))
        return -ENOMEM;
    area_plan_classes(self);
    if (self->set.areas)
        area_place_classes(self);
    else
        area_place_one(self);
    return 0;
}

/* --------------------------------------------------------------------------------------------------- records ---- */

/* Room for the records of the units up to this one. */
static bool area_commit_records(har_heap *self, har_area *area, size_t unit) {
    const size_t need = (unit + 1) * area->record_size;
    if (!area->records) {
        const size_t size = hy_pages_round(self->meta, area->units * area->record_size);
        area->records = self->meta->ops->reserve(self->meta, size, hy_max(self->meta->granule, 64));
        if (!area->records)
            return false;
        area->records_reserved = size;
    }
    if (need <= area->records_committed)
        return true;
    char *const at = area->records + area->records_committed;
    const size_t more = hy_min(hy_pages_round(self->meta, need - area->records_committed + RECORDS_CHUNK),
                               area->records_reserved - area->records_committed);
    if (self->meta->ops->commit(self->meta, at, more) < 0)
        return false;
    if (!self->meta->zeroed)
        memset(at, 0, more);
    area->records_committed += more;
    return true;
}

static har_slab *area_next_unit(har_heap *self, har_area *area) {
    const size_t unit = area->used;
    if (unit >= area->units || !area_commit_records(self, area, unit))
        return NULL;
    har_slab *const slab = har_area_slab(area, unit);
    slab->start = area->base + (unit << area->shift);
    __atomic_store_n(&self->slabs, self->slabs + 1, __ATOMIC_RELAXED);
    __atomic_store_n(&area->used, unit + 1, __ATOMIC_RELEASE);
    return slab;
}

/* Gives the memory of an empty slab back. */
static size_t area_close(har_heap *self, har_slab *slab) {
    const size_t bytes = slab->opened;
    if (bytes == 0 || self->data->ops->decommit(self->data, slab->start, bytes) < 0)
        return 0;
    slab->opened = 0;
    slab->ready = 0;
    self->given_back += bytes;
    memset(slab->map, 0, 2 * har_slab_words(slab) * sizeof *slab->map);
    slab->summary = 0;
    return bytes;
}

/* A slab becomes one of another class.  Canaries of the old one may not be left. */
static bool area_reshape(har_heap *self, har_slab *slab, unsigned size_class) {
    area_close(self, slab);
    if (slab->opened > 0)
        return false;
    const size_t size = har_class_size(size_class);
    slab->slot_size = (uint32_t)size;
    slab->slots = self->slot_count[size_class];
    slab->inverse = (((uint64_t)1 << 40) + size - 1) / size;
    slab->size_class = (uint8_t)size_class;
    slab->hint = 0;
    memset(slab->map, 0, 2 * har_slab_words(slab) * sizeof *slab->map);
    slab->state = (uint16_t *)(slab->map + 2 * har_slab_words(slab));
    memset(slab->state, 0, slab->slots * sizeof *slab->state);
    if (self->set.sites) {
        slab->site = (har_site *)(void *)((char *)slab->state + hy_align_up(slab->slots * sizeof *slab->state, 8));
        memset(slab->site, 0, slab->slots * sizeof *slab->site);
    }
    return true;
}

har_slab *har_area_take(har_heap *self, har_local *owner, unsigned size_class) {
    har_lock(self);
    har_area *const area = &self->areas[self->area_of[size_class]];
    har_slab *slab = area->pool;
    if (slab) {
        area->pool = slab->next;
        self->pooled -= slab->opened;
    } else {
        slab = area_next_unit(self, area);
    }
    if (slab && (slab->slots == 0 || slab->size_class != size_class) && !area_reshape(self, slab, size_class)) {
        slab->next = area->pool; /* it cannot be given back, and so stays what it is */
        area->pool = slab;
        self->pooled += slab->opened;
        slab = NULL;
    }
    if (slab) {
        slab->next = slab->prev = NULL;
        slab->owner = owner;
    }
    har_unlock(self);
    return slab;
}

void har_area_give(har_heap *self, har_slab *slab) {
    har_lock(self);
    har_area *const area = har_area_at(self, slab->start);
    slab->owner = NULL;
    if (self->pooled + slab->opened > self->set.retain)
        area_close(self, slab);
    self->pooled += slab->opened;
    slab->next = area->pool;
    area->pool = slab;
    har_unlock(self);
}

void har_area_trim(har_heap *self) {
    for (unsigned i = 0; i < HAR_AREAS && self->pooled > 0; i++)
        for (har_slab *slab = self->areas[i].pool; slab && self->pooled > 0; slab = slab->next)
            self->pooled -= area_close(self, slab);
}

/* --------------------------------------------------------------------------------------------------- opening ---- */

/* Bytes to be opened next: of the first slab of a class a page, then as much again as there is; the more slabs there
 * are, the more. */
static size_t area_step(const har_slab *slab, uint32_t slabs) {
    const size_t least = slabs > MANY_SLABS ? 16 * HAR_PAGE : slabs > FEW_SLABS ? 4 * HAR_PAGE : HAR_PAGE;
    return hy_max(slab->opened, least);
}

/* Bytes that a slab has when it is wholly open.  Each that ends at a guard is a mapping of its own, and there may only
 * be so many; so in large heaps slabs touch. */
static size_t area_whole(const har_heap *self, const har_slab *slab) {
    if (__atomic_load_n(&self->slabs, __ATOMIC_RELAXED) > GUARDED_SLABS)
        return (size_t)1 << har_area_at(self, slab->start)->shift;
    return hy_align_up((size_t)slab->slots * slab->slot_size, HAR_PAGE);
}

static bool area_commit(har_heap *self, har_slab *slab, size_t wanted) {
    const size_t whole = area_whole(self, slab);
    const size_t step = hy_min(hy_max(wanted, hy_align_up(slab->slot_size, HAR_PAGE)), whole - slab->opened);
    char *const at = slab->start + slab->opened;
    if (self->data->ops->commit(self->data, at, step) < 0)
        return false;
    if (!self->data->zeroed)
        memset(at, 0, step);
    else if (slab->slot_size <= POPULATED && self->data->ops->populate)
        self->data->ops->populate(self->data, at, step);
    slab->opened += step;
    return true;
}

bool har_area_open(har_heap *self, har_slab *slab, uint32_t slabs) {
    if (!area_commit(self, slab, area_step(slab, slabs)) && !area_commit(self, slab, HAR_PAGE))
        return false;
    const uint32_t ready = (uint32_t)hy_min(slab->opened / slab->slot_size, slab->slots);
    for (size_t i = slab->ready; i < ready; i++) {
        hy_bit_set(slab->map, i);
        slab->summary |= (uint64_t)1 << i / 64;
    }
    slab->ready = ready;
    return true;
}

/* ---------------------------------------------------------------------------------------------------- ending ---- */

void har_area_reset(har_heap *self) {
    for (unsigned i = 0; i < HAR_AREAS; i++) {
        har_area *const area = &self->areas[i];
        area->pool = NULL;
        for (size_t unit = 0; unit < area->used; unit++) {
            har_slab *const slab = har_area_slab(area, unit);
            const unsigned size_class = slab->size_class;
            slab->owner = NULL;
            slab->mail = slab->prev = NULL;
            slab->listed = slab->posted = false;
            slab->taken = 0;
            if (slab->slots > 0)
                area_reshape(self, slab, size_class);
            slab->next = area->pool;
            area->pool = slab;
        }
    }
    self->pooled = 0;
}

static size_t area_committed(const har_area *area) {
    size_t bytes = 0;
    for (size_t unit = 0; unit < area->used; unit++)
        bytes += har_area_slab(area, unit)->opened;
    return bytes;
}

void har_area_release_all(har_heap *self) {
    size_t bytes = 0;
    for (unsigned i = 0; i < HAR_AREAS; i++) {
        har_area *const area = &self->areas[i];
        bytes += area_committed(area);
        if (area->records)
            self->meta->ops->release(self->meta, area->records, area->records_reserved, area->records_committed);
    }
    if (self->base)
        self->data->ops->release(self->data, self->base, self->size, bytes);
}
