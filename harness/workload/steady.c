/* SPDX-License-Identifier: MIT
 *
 * steady.c - a program in balance: blocks are born one after the other and live for a random time.
 *
 *  1. Time goes on by one at each birth.  First, the blocks die whose time has come.
 *  2. A size is drawn, and a lifetime of `alive` births on the mean: uniform from 1 to 2 alive - 1, or exponential, cut
 *     at 16 alive.  So about `alive` blocks live, once the first have died.
 *  3. What lives at the end stays.
 *
 * This is the program that Knuth let play against first fit and best fit (The Art of Computer Programming 1, section
 * 2.5, with uniform lifetimes), and in which he found his fifty-per-cent rule: half as many holes as blocks.
 *
 * Bad at: being like a program.  Sizes and lifetimes of real programs come in phases and hang together; Zorn and
 * Grunwald ("Evaluating models of memory allocation", 1994) show how far such models are off.
 */
#include "generator.h"
#include "random.h"
#include "sizes.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define LONGEST 16u /* lifetimes are cut at so many times the mean */
#define NOBODY UINT32_MAX

typedef struct steady_params {
    hy_sizes sizes;
    uint64_t blocks, alive;
    uint32_t lives;
} steady_params;

enum { LIVES_UNIFORM, LIVES_EXPONENTIAL };
static const char *const lives_words[] = {"uniform", "exponential", NULL};

typedef struct steady_block {
    hy_scripted is;
    uint32_t next; /* dies at the same time, or is buried too; or NOBODY */
} steady_block;

typedef struct steady {
    const steady_params *params;
    steady_block *blocks; /* that live, in places of which some are free */
    size_t used, room;
    uint32_t vacant; /* the first free place */
    uint32_t *due;   /* by time modulo days: the first block that dies then */
    size_t days;
} steady;

/* A free place; NOBODY: no memory.  There are as many as blocks ever lived at once. */
static uint32_t steady_place(steady *self) {
    const uint32_t place = self->vacant;
    if (place != NOBODY) {
        self->vacant = self->blocks[place].next;
        return place;
    }
    if (self->used == self->room) {
        const size_t room = self->room ? 2 * self->room : 1024;
        steady_block *const grown = room < NOBODY ? realloc(self->blocks, room * sizeof *grown) : NULL;
        if (!grown)
            return NOBODY;
        self->blocks = grown;
        self->room = room;
    }
    return (uint32_t)self->used++;
}

/* Lifetimes have random numbers of their own, so that they do not depend on how sizes are drawn. */
static uint64_t steady_lifetime(const steady *self, uint64_t n) {
    const uint64_t seed = ~self->params->sizes.seed, alive = self->params->alive;
    if (self->params->lives == LIVES_UNIFORM)
        return 1 + hy_random_below(seed, n, 2 * alive - 1);
    const double life = 1 - (double)alive * log(hy_random_unit(seed, n));
    return life < (double)(LONGEST * alive) ? (uint64_t)life : LONGEST * alive;
}

static int steady_bury(steady *self, hy_script *script, uint64_t now, hy_error *error) {
    uint32_t *const first = &self->due[now % self->days];
    int r = 0;
    while (*first != NOBODY && r == 0) {
        const uint32_t place = *first;
        r = hy_script_free(script, &self->blocks[place].is, error);
        *first = self->blocks[place].next;
        self->blocks[place].next = self->vacant;
        self->vacant = place;
    }
    return r;
}

static int steady_bear(steady *self, hy_script *script, uint64_t now, hy_error *error) {
    const uint32_t place = steady_place(self);
    hy_scripted block;
    if (place == NOBODY)
        return hy_fail(error, -ENOMEM, "no memory for a table of blocks");
    const int r = hy_script_alloc(script, hy_sizes_draw(&self->params->sizes, now), &block, error);
    if (r < 0)
        return r;
    uint32_t *const first = &self->due[(now + steady_lifetime(self, now)) % self->days];
    self->blocks[place] = (steady_block){block, *first};
    *first = place;
    return 0;
}

static int steady_run(hy_script *script, const void *given, hy_error *error) {
    const steady_params *const params = given;
    steady self = {.params = params, .days = LONGEST * params->alive + 1, .vacant = NOBODY};
    int r = hy_sizes_check(&params->sizes, "steady", error);
    if (r < 0)
        return r;
    self.due = malloc(self.days * sizeof *self.due);
    if (!self.due)
        r = hy_fail(error, -ENOMEM, "no memory for a table of blocks");
    for (size_t i = 0; i < self.days && r == 0; i++)
        self.due[i] = NOBODY;
    for (uint64_t now = 0; now < params->blocks && r == 0; now++) {
        r = steady_bury(&self, script, now, error);
        if (r == 0)
            r = steady_bear(&self, script, now, error);
    }
    free(self.blocks);
    free(self.due);
    return r;
}

static const hy_param steady_table[] = {
    {.name = "blocks",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(steady_params, blocks),
     .def = "100000",
     .min = 1,
     .max = (uint64_t)1 << 36,
     .help = "births in all"},
    {.name = "alive",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(steady_params, alive),
     .def = "1000",
     .min = 1,
     .max = 1 << 24,
     .help = "blocks alive on the mean, which is their mean lifetime in births"},
    {.name = "lives",
     .type = HY_PARAM_CHOICE,
     .offset = offsetof(steady_params, lives),
     .def = "exponential",
     .choices = lives_words,
     .help = "how lifetimes are drawn"},
    HY_SIZES_TABLE,
    {.name = NULL},
};

const hy_generator hy_steady_generator = {
    .name = "steady",
    .summary = "a program in balance: random sizes and lifetimes",
    .source = "Knuth, The Art of Computer Programming 1, section 2.5 (with lives=uniform)",
    .params = steady_table,
    .params_size = sizeof(steady_params),
    .run = steady_run,
};
