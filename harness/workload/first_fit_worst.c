/* SPDX-License-Identifier: MIT
 *
 * first_fit_worst.c - an adversary of first fit, and of every fit that merges at once: sizes that creep up.
 *
 *  0. As many blocks of one unit as may live.
 *  1. The size t grows, by one unit or by 1 / steps, whichever is more, up to the largest.
 *  2. Upwards through the addresses, each block is freed, unless the hole that would then lie before the next block
 *     had room for t units.  The highest block stays.
 *  3. As many blocks of t units as may live: no hole takes one, so each makes the heap longer.
 *
 * It is our own, after the proof of the bound (Knuth, The Art of Computer Programming 1, section 2.5, exercise 43): a
 * stretch of blocks of s units, with holes too small for t, is used to s / (s + t) at least; with more such stretches
 * for ever larger s, live words reach over live * log2(n) words if every stretch is always used as little as that.
 * Blocks cannot be freed in halves, so what is reached is less: there is no proof of how much; it is measured
 * (`heapyard generate --growth`).  Doubling t instead is what Robson's adversary does, and reaches less.
 *
 * An allocator with one row of ranges has no choice at any time, so neither the policy nor the order of its list
 * matters: best fit, next fit and worst fit are driven as far.
 */
#include "adversary.h"
#include "generator.h"

#include <errno.h>
#include <stdlib.h>

typedef struct creep_params {
    hy_adversary_params common;
    uint64_t steps;
} creep_params;

static int creep_compare(const void *a, const void *b) {
    const uintptr_t x = ((const hy_foe_block *)a)->is.address, y = ((const hy_foe_block *)b)->is.address;
    return (x > y) - (x < y);
}

/* New blocks mostly lie above all others, so mostly there is nothing to do. */
static void creep_sort(hy_foe *foe) {
    for (size_t i = 1; i < foe->count; i++) {
        if (foe->at[i - 1].is.address > foe->at[i].is.address) {
            qsort(foe->at, foe->count, sizeof *foe->at, creep_compare);
            return;
        }
    }
}

static uintptr_t creep_end(const hy_foe *foe, const hy_foe_block *block) {
    return block->is.address + block->units * foe->unit;
}

/* Rule 2. */
static int creep_thin(hy_foe *foe, size_t t, hy_error *error) {
    uintptr_t end = foe->script->low; /* of the highest block that stays, so far */
    size_t kept = 0;
    int r = 0;
    for (size_t i = 0; i < foe->count && r == 0; i++) {
        const hy_foe_block block = foe->at[i];
        const bool last = i + 1 == foe->count;
        if (last || foe->at[i + 1].is.address - end >= t * foe->unit) {
            end = creep_end(foe, &block);
            foe->at[kept++] = block;
        } else {
            r = hy_foe_free(foe, &block, error);
        }
    }
    foe->count = kept;
    return r;
}

static int creep_run(hy_script *script, const void *given, hy_error *error) {
    const creep_params *const params = given;
    hy_foe foe;
    int r = hy_foe_start(&foe, script, &params->common, "first-fit-worst", 1, error);
    if (r < 0)
        return r;
    r = hy_foe_fill(&foe, 1, error);
    for (size_t t = 1; r == 0 && t < foe.n;) {
        const size_t more = t / params->steps;
        t = t + (more ? more : 1) < foe.n ? t + (more ? more : 1) : foe.n;
        creep_sort(&foe);
        r = creep_thin(&foe, t, error);
        if (r == 0)
            r = hy_foe_fill(&foe, t, error);
    }
    hy_foe_end(&foe);
    return r;
}

static const hy_param creep_table[] = {
    HY_ADVERSARY_TABLE("1M", "64K"),
    {.name = "steps",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(creep_params, steps),
     .def = "32",
     .min = 1,
     .max = 1 << 20,
     .help = "sizes grow by 1 / steps; 1 doubles them"},
    {.name = NULL},
};

const hy_generator hy_first_fit_worst_generator = {
    .name = "first-fit-worst",
    .summary = "the adversary of first fit: sizes creep up, and no hole is ever large enough for the next",
    .source = "our own, after Knuth, The Art of Computer Programming 1, section 2.5, exercise 43; measured, not proved",
    .looks = true,
    .params = creep_table,
    .params_size = sizeof(creep_params),
    .run = creep_run,
};
