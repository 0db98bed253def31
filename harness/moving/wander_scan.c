/* SPDX-License-Identifier: MIT
 *
 * wander_scan.c - which words of the program look like addresses of a range, by where they lie.
 *
 * Not looked at: what the table of relocations mends, slots of the heap that are free, the stack below its pointer.
 */
#include "wander_inside.h"

#include <string.h>

const char *const hy_wander_kinds[HY_WANDER_KINDS] = {"data", "stack", "heap", "registers"};

static bool scan_is_free(const wander *self, uint64_t at) {
    const uint64_t *const bits = wander_at(self, "wanderer_page_bits");
    const uint64_t slot = (at - self->heap) / WANDERER_SLOT;
    return !(bits[slot / 64] >> slot % 64 & 1);
}

static hy_wander_kind scan_kind(const wander *self, uint64_t at) {
    if (at >= self->heap && at < self->heap + WANDERER_PAGES * WANDER_PAGE)
        return HY_IN_HEAP;
    return at >= self->stack && at < self->stack + WANDERER_STACK ? HY_IN_STACK : HY_IN_DATA;
}

static void scan_words(const wander *self, wander_range where, wander_range old, uint64_t *counts) {
    for (uint64_t at = (where.start + 7) & ~(uint64_t)7; at + 8 <= where.end; at += 8) {
        uint64_t value;
        memcpy(&value, self->base + at, sizeof value);
        if (value < old.start || value >= old.end || self->mended[at / 512] >> at / 8 % 64 & 1)
            continue;
        const hy_wander_kind kind = scan_kind(self, at);
        if (kind != HY_IN_HEAP || !scan_is_free(self, at))
            counts[kind]++;
    }
}

void wander_scan(const wander *self, wander_range old, uint64_t *ret_counts) {
    wander_range use[3];
    uint64_t registers[HY_WANDER_REGISTERS];
    memset(ret_counts, 0, HY_WANDER_KINDS * sizeof *ret_counts);
    if (hy_wander_at.sp - (uint64_t)(uintptr_t)self->base < self->size) { /* else it has no stack that could be found */
        const size_t uses = wander_in_use(self, use);
        for (size_t i = 0; i < uses; i++)
            scan_words(self, use[i], old, ret_counts);
    }
    memcpy(registers, &hy_wander_at, sizeof registers);
    for (size_t i = 0; i < HY_WANDER_REGISTERS; i++)
        ret_counts[HY_IN_REGISTERS] += registers[i] >= old.start && registers[i] < old.end;
}
