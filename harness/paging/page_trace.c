/* SPDX-License-Identifier: MIT
 *
 * page_trace.c - references in memory (see page_trace.h).
 *
 *  1. Granules get numbers in the order of their first reference, by a hash table with linear probing.
 *  2. Most references are to the granule that the last one of the same kind was to, and do not ask the table.
 */
#include "page_trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void hy_page_trace_start(hy_page_trace *trace, unsigned shift) {
    *trace = (hy_page_trace){.shift = shift, .most = HY_PAGE_TRACE_MOST};
    for (int kind = 0; kind < HY_PAGE_KINDS; kind++)
        trace->last[kind].index = HY_NO_PAGE;
}

void hy_page_trace_clear(hy_page_trace *trace) {
    free(trace->reference);
    free(trace->granule);
    free(trace->slot);
    *trace = (hy_page_trace){.shift = trace->shift};
}

/* ---------------------------------------------------------------------------------------------------- granules ---- */

static size_t hash_of(uint64_t number, uint32_t space, unsigned bits) {
    return (size_t)(((number ^ ((uint64_t)space << 52)) * 0x9E3779B97F4A7C15u) >> (64 - bits));
}

/* The slot that has the granule, or the empty one where it belongs. */
static uint32_t *slot_of(const hy_page_trace *trace, uint64_t number, uint32_t space) {
    const size_t mask = ((size_t)1 << trace->slot_bits) - 1;
    size_t i = hash_of(number, space, trace->slot_bits);
    for (; trace->slot[i]; i = (i + 1) & mask) {
        const hy_granule *const granule = &trace->granule[trace->slot[i] - 1];
        if (granule->number == number && granule->space == space)
            break;
    }
    return &trace->slot[i];
}

static int grow_granules(hy_page_trace *trace) {
    const uint32_t room = trace->granule_room ? 2 * trace->granule_room : 512;
    hy_granule *const grown = realloc(trace->granule, room * sizeof *grown);
    if (!grown)
        return -ENOMEM;
    trace->granule = grown;
    trace->granule_room = room;
    uint32_t *const slot = calloc((size_t)2 * room, sizeof *slot);
    if (!slot)
        return -ENOMEM;
    free(trace->slot);
    trace->slot = slot;
    trace->slot_bits = 64u - (unsigned)__builtin_clzll(room); /* twice as many */
    for (uint32_t i = 0; i < trace->granules; i++)
        *slot_of(trace, grown[i].number, grown[i].space) = i + 1;
    return 0;
}

static int number_granule(hy_page_trace *trace, uint64_t number, uint32_t space, uint32_t *ret) {
    uint32_t *slot = trace->slot ? slot_of(trace, number, space) : NULL;
    if (slot && *slot) {
        *ret = *slot - 1;
        return 0;
    }
    if (trace->granules == trace->granule_room) {
        const int r = trace->granules < 1u << 28 ? grow_granules(trace) : -E2BIG;
        if (r < 0)
            return r;
        slot = slot_of(trace, number, space);
    }
    trace->granule[trace->granules] = (hy_granule){number, space};
    *slot = ++trace->granules;
    *ret = trace->granules - 1;
    return 0;
}

/* -------------------------------------------------------------------------------------------------- references ---- */

static int grow_references(hy_page_trace *trace, uint64_t wanted) {
    uint64_t room = trace->room ? trace->room : 4096;
    while (room < wanted)
        room *= 2;
    uint32_t *const grown = room > trace->room ? realloc(trace->reference, room * sizeof *grown) : trace->reference;
    if (!grown)
        return -ENOMEM;
    trace->reference = grown;
    trace->room = room;
    return 0;
}

int hy_page_trace_add(hy_page_trace *trace, uint32_t space, uint64_t number, hy_page_kind kind, uint64_t times,
                      hy_error *error) {
    const bool full = times > trace->most - trace->count;
    uint32_t index = trace->last[kind].index;
    int r = 0;
    if (full && !trace->cut)
        return hy_fail(error, -E2BIG, "more than %llu references; --references N takes the first N",
                       (unsigned long long)trace->most);
    times = full ? trace->most - trace->count : times;
    if (times == 0) /* nothing is left of it, and its granule is not one that is referred to */
        return full;
    if (index == HY_NO_PAGE || trace->last[kind].number != number || trace->last[kind].space != space) {
        r = number_granule(trace, number, space, &index);
        trace->last[kind].number = number;
        trace->last[kind].space = space;
        trace->last[kind].index = r < 0 ? HY_NO_PAGE : index;
    }
    if (r == 0 && trace->count + times > trace->room)
        r = grow_references(trace, trace->count + times);
    if (r < 0)
        return hy_fail(error, r, "no memory for more than %llu references", (unsigned long long)trace->count);
    for (uint64_t i = 0; i < times; i++)
        trace->reference[trace->count++] = index << 2 | (uint32_t)kind;
    return full;
}

int hy_page_trace_touch(hy_page_trace *trace, uint32_t space, uint64_t address, uint64_t size, hy_page_kind kind,
                        hy_error *error) {
    const uint64_t first = address >> trace->shift;
    const uint64_t end = size == 0 ? address : address + (size - 1) < address ? UINT64_MAX : address + (size - 1);
    int r = 0;
    for (uint64_t number = first; r == 0 && number <= end >> trace->shift; number++)
        r = hy_page_trace_add(trace, space, number, kind, 1, error);
    return r;
}

/* ------------------------------------------------------------------------------------------------------- pages ---- */

/* The page of each granule, through a trace of its own that is as coarse as pages are. */
static int number_pages(const hy_page_trace *trace, unsigned shift, uint32_t *page, uint32_t *ret_pages) {
    hy_page_trace coarse;
    int r = 0;
    hy_page_trace_start(&coarse, shift);
    for (uint32_t i = 0; r == 0 && i < trace->granules; i++)
        r = number_granule(&coarse, trace->granule[i].number >> (shift - trace->shift), trace->granule[i].space,
                           &page[i]);
    *ret_pages = coarse.granules;
    hy_page_trace_clear(&coarse);
    return r;
}

static bool is_wanted(hy_page_which which, uint32_t kind) {
    return which == HY_PAGE_ALL || (kind == HY_PAGE_FETCH) == (which == HY_PAGE_CODE);
}

int hy_page_refs_make(const hy_page_trace *trace, unsigned shift, hy_page_which which, hy_page_refs *ret,
                      hy_error *error) {
    hy_page_refs refs = {.count = 0};
    if (shift < trace->shift)
        return hy_fail(error, -EINVAL, "pages of %llu bytes: the trace knows addresses by %llu bytes only",
                       1ull << shift, 1ull << trace->shift);
    uint32_t *const page = malloc(((size_t)trace->granules + 1) * sizeof *page);
    refs.ref = malloc((trace->count + 1) * sizeof *refs.ref);
    if (!page || !refs.ref || number_pages(trace, shift, page, &refs.pages) < 0) {
        free(page);
        free(refs.ref);
        return hy_fail(error, -ENOMEM, "no memory for %llu references", (unsigned long long)trace->count);
    }
    for (uint64_t i = 0; i < trace->count; i++) {
        const uint32_t reference = trace->reference[i], kind = reference & 3;
        if (is_wanted(which, kind))
            refs.ref[refs.count++] = hy_page_refer(page[reference >> 2], kind == HY_PAGE_WRITE);
    }
    free(page);
    *ret = refs;
    return 0;
}

void hy_page_refs_clear(hy_page_refs *refs) {
    free(refs->ref);
    *refs = (hy_page_refs){NULL, 0, 0};
}

/* ---------------------------------------------------------------------------------------------------- in turns ---- */

int hy_page_trace_interleave(const hy_page_trace *parts, size_t count, uint64_t slice, hy_page_trace *ret,
                             hy_error *error) {
    uint64_t at[HY_PAGE_SPACES] = {0};
    hy_page_trace all;
    bool more = true;
    int r = 0;
    hy_page_trace_start(&all, parts[0].shift);
    for (size_t i = 0; i < count; i++)
        all.shift = parts[i].shift > all.shift ? parts[i].shift : all.shift;
    while (more && r == 0) {
        more = false;
        for (size_t i = 0; i < count && r == 0; i++) {
            const hy_page_trace *const part = &parts[i];
            const unsigned coarser = all.shift - part->shift;
            const uint64_t end = part->count - at[i] < slice ? part->count : at[i] + slice;
            for (; at[i] < end && r == 0; at[i]++) {
                const uint32_t reference = part->reference[at[i]];
                r = hy_page_trace_add(&all, (uint32_t)i, part->granule[reference >> 2].number >> coarser,
                                      (hy_page_kind)(reference & 3), 1, error);
            }
            more |= at[i] < part->count;
        }
    }
    if (r < 0)
        hy_page_trace_clear(&all);
    else
        *ret = all;
    return r < 0 ? r : 0;
}
