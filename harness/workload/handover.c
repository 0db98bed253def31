/* SPDX-License-Identifier: MIT
 *
 * handover.c - producers make blocks, consumers free them.
 *
 *  1. One after the other, threads take a turn, any that can: a producer while less than `depth` blocks wait, a
 * consumer while any do.
 *  2. In its turn a producer makes 1 to `batch` blocks; a consumer frees as many, the ones that waited longest first.
 *  3. At the end the consumers free what is left.
 *
 * No thread ever frees what it made itself: what is freed has to find its way back to its owner, or memory moves from
 * one side to the other (blowup: Berger, McKinley, Blumofe and Wilson, "Hoard", ASPLOS 2000, section 2.2).
 */
#include "generator.h"
#include "random.h"
#include "sizes.h"

#include <errno.h>
#include <stdlib.h>

typedef struct handover_params {
    hy_sizes sizes;
    uint64_t blocks, depth, batch, producers, consumers;
} handover_params;

typedef struct handover_block {
    uint64_t id, size;
} handover_block;

typedef struct handover {
    const handover_params *params;
    hy_script *script;
    hy_error *error;
    handover_block *waiting; /* a ring of `depth` */
    uint64_t made, freed, draws;
} handover;

/* Turns have random numbers of their own, so that they do not depend on how sizes are drawn. */
static uint64_t handover_draw(handover *self, uint64_t limit) {
    return hy_random_below(~self->params->sizes.seed, self->draws++, limit);
}

static int handover_make(handover *self, uint32_t thread) {
    const handover_params *const params = self->params;
    uint64_t count = 1 + handover_draw(self, params->batch);
    int r = 0;
    for (; r == 0 && count > 0 && self->made < params->blocks && self->made - self->freed < params->depth; count--) {
        const handover_block block = {self->made, hy_sizes_draw(&params->sizes, self->made)};
        const hy_event birth = {.kind = HY_EVENT_MALLOC, .id = block.id, .size = block.size, .thread = thread};
        self->waiting[self->made++ % params->depth] = block;
        r = hy_script_say(self->script, birth, 0, self->error);
    }
    return r;
}

static int handover_free(handover *self, uint32_t thread) {
    uint64_t count = 1 + handover_draw(self, self->params->batch);
    int r = 0;
    for (; r == 0 && count > 0 && self->freed < self->made; count--) {
        const handover_block block = self->waiting[self->freed++ % self->params->depth];
        const hy_event death = {.kind = HY_EVENT_FREE, .id = block.id, .thread = thread};
        r = hy_script_say(self->script, death, block.size, self->error);
    }
    return r;
}

/* Rule 1.  Drawn until one can: both kinds cannot be stuck at once. */
static int handover_turn(handover *self) {
    const handover_params *const params = self->params;
    const uint64_t waiting = self->made - self->freed;
    const bool can_make = self->made < params->blocks && waiting < params->depth;
    for (;;) {
        const uint64_t thread = handover_draw(self, params->producers + params->consumers);
        if (thread < params->producers && can_make)
            return handover_make(self, (uint32_t)thread);
        if (thread >= params->producers && waiting > 0)
            return handover_free(self, (uint32_t)thread);
    }
}

static int handover_run(hy_script *script, const void *given, hy_error *error) {
    handover self = {.params = given, .script = script, .error = error};
    int r = hy_sizes_check(&self.params->sizes, "handover", error);
    if (r < 0)
        return r;
    self.waiting = calloc(self.params->depth, sizeof *self.waiting);
    if (!self.waiting)
        r = hy_fail(error, -ENOMEM, "no memory for %llu blocks that wait", (unsigned long long)self.params->depth);
    while (r == 0 && self.freed < self.params->blocks)
        r = handover_turn(&self);
    free(self.waiting);
    return r;
}

#define HANDOVER_FIELD(key) .name = #key, .type = HY_PARAM_COUNT, .offset = offsetof(handover_params, key)
static const hy_param handover_table[] = {
    {HANDOVER_FIELD(blocks), .def = "200000", .min = 1, .max = (uint64_t)1 << 36, .help = "births in all"},
    {HANDOVER_FIELD(producers), .def = "1", .min = 1, .max = 512, .help = "threads that make blocks"},
    {HANDOVER_FIELD(consumers), .def = "1", .min = 1, .max = 512, .help = "threads that free them"},
    {HANDOVER_FIELD(depth), .def = "1000", .min = 1, .max = 1 << 24, .help = "blocks that wait, at most"},
    {HANDOVER_FIELD(batch), .def = "16", .min = 1, .max = 1 << 20, .help = "blocks in a turn, at most"},
    HY_SIZES_TABLE,
    {.name = NULL},
};

const hy_generator hy_handover_generator = {
    .name = "handover",
    .summary = "producers make blocks, consumers free them",
    .source = "our own; why it matters: Berger et al., Hoard, ASPLOS 2000",
    .params = handover_table,
    .params_size = sizeof(handover_params),
    .run = handover_run,
};
