/* SPDX-License-Identifier: MIT
 *
 * best_fit_worst.c - Robson's adversary of best fit: nearly every unit that lives stands behind a hole as large as can
 * be, yet too small for the next request.
 *
 * Let n be the largest block in units, and R and F blocks and holes of so many units.  The memory is seen in slots of
 * n - 2 units.  The state S(k) is one block, then k slots of a hole and one unit:  R(n-2), k times F(n-3) R1, nothing.
 * From S(k) to S(k+1), only with requests for which best fit has no choice:
 *
 *  1. R(n-2) in the slots k+1 and k+2; the first of them is freed, the second guards the hole.  Two blocks R(n-1)
 *     behind it are put and freed: the hole at the top is now larger than any that is asked for below.  The last unit
 *     of slot k is freed: one hole F(2n-4).  R(n) and R(n-5) leave one unit of it, which R1 takes.  R(n) and the guard
 *     are freed: the defect F(n) R(n-5) R1 lies in the slots k and k+1.
 *  2. The defect moves down one slot, k times:          F(n-3) R1   F(n) R(n-5) R1
 *     R(n-2) and R2 fill F(n)                      ->   F(n-3) R1   R(n-2) R2 R(n-5) R1
 *     R1 and R(n-2) are freed                      ->   F(2n-4) R2 R(n-5) R1
 *     R(n), R(n-5), R1 as in 1; R(n) is freed      ->   F(n) R(n-5) R1   R2 R(n-5) R1
 *     R2 and the R(n-5) behind it are freed        ->   F(n) R(n-5) R1   F(n-3) R1
 *     (The first slot has no hole: there R(n-2) takes the place of F(n-3) R1.)
 *  3. In the first slot R(n-5) is freed, and R(n-2) put at the start.
 *
 * When no further block may live, the top is filled with R(n-2).  In all (live - 4 n + 11) (n - 2) units are reached,
 * by about 5 (live - 4 n)^2 events.  The requests are the same for every allocator.  Where each block lay as told
 * above, the reach is proved; an allocator that puts one elsewhere is no best fit, rounds, or adds other headers.
 *
 * Robson, "Worst case fragmentation of first fit and best fit storage allocation strategies", The Computer Journal 20
 * (1977); the moves are those of Knuth, The Art of Computer Programming 1, section 2.5, exercise 42.
 */
#include "adversary.h"
#include "generator.h"

#include <errno.h>
#include <stdlib.h>

typedef struct slots_play {
    hy_foe foe;
    hy_error *error;
    uintptr_t base;     /* of the first slot */
    size_t width;       /* of a slot: n - 2 */
    bool astray;        /* a block lay elsewhere than best fit puts it */
    hy_foe_block *last; /* of each slot, what it ends with: one unit; in the first slot, n - 2 */
} slots_play;

/* A block of so many units, which best fit puts `at` so many behind the first. */
static int play_put(slots_play *self, size_t units, size_t at, hy_foe_block *ret) {
    const int r = hy_foe_add(&self->foe, units, self->error);
    if (r < 0)
        return r;
    *ret = self->foe.at[--self->foe.count];
    if (!self->base)
        self->base = ret->is.address;
    if (ret->is.address != self->base + at * self->foe.unit)
        self->astray = true;
    return 0;
}

static int play_free(slots_play *self, const hy_foe_block *block) {
    return hy_foe_free(&self->foe, block, self->error);
}

/* F(2n-4) from slot `slot` on becomes F(n) R(n-5) R1; the R1 ends the next slot. */
static int play_cut(slots_play *self, size_t slot, hy_foe_block *ret_middle) {
    const size_t at = slot * self->width, n = self->foe.n;
    hy_foe_block large;
    int r = play_put(self, n, at, &large);
    if (r == 0)
        r = play_put(self, n - 5, at + n, ret_middle);
    if (r == 0)
        r = play_put(self, 1, at + 2 * n - 5, &self->last[slot + 1]);
    return r < 0 ? r : play_free(self, &large);
}

/* Rule 1: makes sure that the hole at the top is larger than all others will be. */
static int play_guard(slots_play *self, size_t k, hy_foe_block *ret_guard) {
    const size_t n = self->foe.n, top = (k + 3) * self->width;
    hy_foe_block first, far[2];
    int r = play_put(self, self->width, (k + 1) * self->width, &first);
    if (r == 0)
        r = play_put(self, self->width, (k + 2) * self->width, ret_guard);
    if (r == 0)
        r = play_free(self, &first);
    for (size_t i = 0; i < 2 && r == 0; i++)
        r = play_put(self, n - 1, top + i * (n - 1), &far[i]);
    for (size_t i = 0; i < 2 && r == 0; i++)
        r = play_free(self, &far[i]);
    return r;
}

static int play_open(slots_play *self, size_t k, hy_foe_block *ret_middle) {
    hy_foe_block guard;
    int r = play_guard(self, k, &guard);
    if (r == 0)
        r = play_free(self, &self->last[k]);
    if (r == 0)
        r = play_cut(self, k, ret_middle);
    return r < 0 ? r : play_free(self, &guard);
}

/* Rule 2: the defect goes from slot `slot` to the one below. */
static int play_move(slots_play *self, size_t slot, hy_foe_block *middle) {
    const size_t at = slot * self->width;
    const hy_foe_block old = *middle;
    hy_foe_block plug, two;
    int r = play_put(self, self->width, at, &plug);
    if (r == 0)
        r = play_put(self, 2, at + self->width, &two);
    if (r == 0)
        r = play_free(self, &self->last[slot - 1]);
    if (r == 0)
        r = play_free(self, &plug);
    if (r == 0)
        r = play_cut(self, slot - 1, middle);
    if (r == 0)
        r = play_free(self, &two);
    return r < 0 ? r : play_free(self, &old);
}

static int play_grow(slots_play *self, size_t k) {
    hy_foe_block middle;
    int r = play_open(self, k, &middle);
    for (size_t slot = k; slot > 0 && r == 0; slot--)
        r = play_move(self, slot, &middle);
    if (r == 0)
        r = play_free(self, &middle);
    return r < 0 ? r : play_put(self, self->width, 0, &self->last[0]);
}

static int play(slots_play *self) {
    const size_t guards = 4 * self->foe.n - 6; /* units alive in rule 1 besides the k single ones */
    int r = play_put(self, self->width, 0, &self->last[0]);
    size_t k = 0;
    for (; r == 0 && k + guards <= self->foe.most; k++)
        r = play_grow(self, k);
    const size_t left = r == 0 ? (self->foe.most - self->foe.alive) / self->width : 0;
    hy_foe_block top;
    for (size_t i = 1; i <= left && r == 0; i++)
        r = play_put(self, self->width, (k + i) * self->width, &top);
    if (self->astray)
        self->foe.script->note = "blocks lay elsewhere than best fit puts them, so nothing is proved";
    else if (r == 0)
        self->foe.script->proven = (uint64_t)(k + 1 + left) * self->width * self->foe.unit;
    return r;
}

static int best_fit_run(hy_script *script, const void *params, hy_error *error) {
    slots_play self = {.error = error};
    int r = hy_foe_start(&self.foe, script, params, "best-fit-worst", 6, error);
    if (r < 0)
        return r;
    if (self.foe.most < 4 * self.foe.n)
        return hy_fail(error, -EINVAL, "best-fit-worst:live: expected at least four largest blocks (%zu)",
                       4 * self.foe.n * self.foe.unit);
    self.width = self.foe.n - 2;
    self.last = calloc(self.foe.most, sizeof *self.last);
    r = self.last ? play(&self) : hy_fail(error, -ENOMEM, "no memory for %zu blocks", self.foe.most);
    free(self.last);
    hy_foe_end(&self.foe);
    return r;
}

static const hy_param best_fit_table[] = {HY_ADVERSARY_TABLE("32K", "4K"), {.name = NULL}};

const hy_generator hy_best_fit_worst_generator = {
    .name = "best-fit-worst",
    .summary = "the adversary of best fit: nearly every unit alive stands behind a hole as large as can be",
    .source = "Robson, The Computer Journal 20 (1977); Knuth, The Art of Computer Programming 1, section 2.5, "
              "exercise 42; proved: (live - 4 n + 11) (n - 2) units",
    .looks = true,
    .params = best_fit_table,
    .params_size = sizeof(hy_adversary_params),
    .run = best_fit_run,
};
