/* SPDX-License-Identifier: MIT
 *
 * robson.c - Robson's adversary of every allocator that does not move blocks.
 *
 *  0. As many blocks of one unit as may live.  f = 0.  Addresses count from the first block, in units.
 *  1. For i = 1, 2, ... up to the largest block, 2^i units:  f stays, or becomes f + 2^(i-1): whichever leaves more in
 *     step 2.  A block is *pinned* if it holds an address that is f modulo 2^i.
 *  2. All blocks that are not pinned are freed.  (More: the sum of 2^i - size over the pinned blocks.)
 *  3. As many blocks of 2^i units as may live.
 *
 * Why it works: in step 3 each block holds exactly one address that is f modulo 2^i, as pinned blocks do, and two
 * blocks never hold the same; so with c blocks alive the addresses taken reach over 2^i (c - 1) + 1 units at least,
 * wherever the allocator put them.  Let w be the sum of 2^i - size over the living blocks after step 3 of round i; new
 * blocks add 0 to it.  One of the two f keeps half of the blocks of the round before, so that w grows by half of the
 * live units each round, and 2^i c = w + live.  Hence the bound: live (log2(n) / 2 + 1) - n + 1, where what is live is
 * always all that may live; it is a little less, because less than one new block is left over in each round.
 *
 * `proven` is that reach for the c that there really was, so it holds whatever the allocator did.  It holds for the
 * addresses of the blocks without their headers if header=0; with a header it takes that blocks follow each other in
 * whole units.  It is about addresses: an allocator that gives back pages between living blocks may use less memory.
 *
 * Robson, "An estimate of the store size necessary for dynamic storage allocation", JACM 18 (1971); "Bounds for some
 * functions concerning dynamic storage allocation", JACM 21 (1974).
 */
#include "adversary.h"
#include "generator.h"
#include "support.h"

#include <errno.h>

typedef struct robson {
    hy_foe foe;
    uintptr_t origin;
    uintptr_t f;      /* bytes from the origin */
    uintptr_t period; /* 2^i units, in bytes */
} robson;

static bool robson_pins(const robson *self, uintptr_t f, const hy_foe_block *block) {
    return ((self->origin + f - block->is.address) & (self->period - 1)) < block->is.size;
}

static size_t robson_weight(const robson *self, uintptr_t f) {
    const size_t units = self->period / self->foe.unit;
    size_t weight = 0;
    for (size_t i = 0; i < self->foe.count; i++)
        if (robson_pins(self, f, &self->foe.at[i]))
            weight += units - self->foe.at[i].units;
    return weight;
}

static int robson_free_rest(robson *self, hy_error *error) {
    hy_foe *const foe = &self->foe;
    size_t kept = 0;
    int r = 0;
    for (size_t i = 0; i < foe->count && r == 0; i++) {
        if (robson_pins(self, self->f, &foe->at[i]))
            foe->at[kept++] = foe->at[i];
        else
            r = hy_foe_free(foe, &foe->at[i], error);
    }
    foe->count = kept;
    return r;
}

static void robson_prove(robson *self) {
    size_t pinned = 0;
    for (size_t i = 0; i < self->foe.count; i++)
        pinned += robson_pins(self, self->f, &self->foe.at[i]);
    const uint64_t reach = pinned ? (pinned - 1) * self->period + self->foe.unit : 0;
    if (reach > self->foe.script->proven)
        self->foe.script->proven = reach;
}

static int robson_round(robson *self, hy_error *error) {
    const uintptr_t other = self->f + self->period / 2;
    if (robson_weight(self, other) > robson_weight(self, self->f))
        self->f = other;
    int r = robson_free_rest(self, error);
    if (r == 0)
        r = hy_foe_fill(&self->foe, self->period / self->foe.unit, error);
    if (r == 0)
        robson_prove(self);
    return r;
}

static int robson_run(hy_script *script, const void *params, hy_error *error) {
    robson self = {.f = 0};
    int r = hy_foe_start(&self.foe, script, params, "robson", 1, error);
    if (r < 0)
        return r;
    if (!hy_is_pow2(self.foe.n))
        return hy_fail(error, -EINVAL, "robson:largest: expected unit times a power of two, not times %zu", self.foe.n);
    r = hy_foe_fill(&self.foe, 1, error);
    self.origin = script->low;
    self.period = self.foe.unit;
    while (r == 0 && self.period < self.foe.n * self.foe.unit) {
        self.period *= 2;
        r = robson_round(&self, error);
    }
    hy_foe_end(&self.foe);
    return r;
}

static const hy_param robson_table[] = {HY_ADVERSARY_TABLE("1M", "64K"), {.name = NULL}};

const hy_generator hy_robson_generator = {
    .name = "robson",
    .summary = "the adversary of every allocator: keeps one block in each stretch of the next size",
    .source = "Robson, JACM 18 (1971) and 21 (1974); proved: live (log2(n) / 2 + 1) - n + 1 units of addresses",
    .looks = true,
    .params = robson_table,
    .params_size = sizeof(hy_adversary_params),
    .run = robson_run,
};
