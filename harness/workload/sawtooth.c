/* SPDX-License-Identifier: MIT
 *
 * sawtooth.c - a program in phases: it fills its memory, lets nearly all of it go, and fills it again.
 *
 *  1. Blocks are born until `live` bytes are alive.
 *  2. Each living block survives with a chance of `keep` per cent; the others die, in the order of their birth, the
 *     opposite order, or any.
 *  3. So often as there are teeth.  teeth=1,keep=0 is a single ramp.
 *
 * The survivors of a phase lie scattered over the memory of that phase: what a compiler's passes, a server's requests
 * or the levels of a game leave behind.  The model is ours.
 */
#include "generator.h"
#include "random.h"
#include "sizes.h"

#include <errno.h>
#include <stdlib.h>

typedef struct sawtooth_params {
    hy_sizes sizes;
    size_t live;
    uint64_t teeth, keep;
    uint32_t order;
} sawtooth_params;

enum { ORDER_FIFO, ORDER_LIFO, ORDER_RANDOM };
static const char *const order_words[] = {"fifo", "lifo", "random", NULL};

typedef struct sawtooth {
    const sawtooth_params *params;
    hy_scripted *alive, *dying;
    size_t count, room; /* of `alive` */
    uint64_t drawn;     /* random numbers used, besides those of sizes */
} sawtooth;

static uint64_t sawtooth_draw(sawtooth *self, uint64_t limit) {
    return hy_random_below(~self->params->sizes.seed, self->drawn++, limit);
}

static int sawtooth_rise(sawtooth *self, hy_script *script, hy_error *error) {
    int r = 0;
    while (r == 0 && script->live_bytes < self->params->live) {
        if (self->count == self->room) {
            const size_t room = self->room ? 2 * self->room : 1024;
            hy_scripted *const grown = realloc(self->alive, room * sizeof *grown);
            if (!grown)
                return hy_fail(error, -ENOMEM, "no memory for a table of %zu blocks", room);
            self->alive = grown;
            self->room = room;
        }
        r = hy_script_alloc(script, hy_sizes_draw(&self->params->sizes, script->births), &self->alive[self->count],
                            error);
        self->count += r == 0;
    }
    return r;
}

static void swap(hy_scripted *a, hy_scripted *b) {
    const hy_scripted c = *a;
    *a = *b;
    *b = c;
}

/* Blocks stand in the order of their birth. */
static void sawtooth_order(sawtooth *self, size_t dead) {
    if (self->params->order == ORDER_LIFO)
        for (size_t i = 0; i < dead / 2; i++)
            swap(&self->dying[i], &self->dying[dead - 1 - i]);
    if (self->params->order == ORDER_RANDOM)
        for (size_t i = dead; i > 1; i--)
            swap(&self->dying[i - 1], &self->dying[sawtooth_draw(self, i)]);
}

static int sawtooth_fall(sawtooth *self, hy_script *script, hy_error *error) {
    size_t kept = 0, dead = 0;
    int r = 0;
    self->dying = malloc(self->count * sizeof *self->dying);
    if (!self->dying)
        return hy_fail(error, -ENOMEM, "no memory for a table of %zu blocks", self->count);
    for (size_t i = 0; i < self->count; i++) {
        if (sawtooth_draw(self, 100) < self->params->keep)
            self->alive[kept++] = self->alive[i];
        else
            self->dying[dead++] = self->alive[i];
    }
    sawtooth_order(self, dead);
    for (size_t i = 0; i < dead && r == 0; i++)
        r = hy_script_free(script, &self->dying[i], error);
    free(self->dying);
    self->count = kept;
    return r;
}

static int sawtooth_run(hy_script *script, const void *given, hy_error *error) {
    sawtooth self = {.params = given};
    int r = hy_sizes_check(&self.params->sizes, "sawtooth", error);
    for (uint64_t tooth = 0; tooth < self.params->teeth && r == 0; tooth++) {
        r = sawtooth_rise(&self, script, error);
        if (r == 0)
            r = sawtooth_fall(&self, script, error);
    }
    free(self.alive);
    return r;
}

static const hy_param sawtooth_table[] = {
    {.name = "live",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(sawtooth_params, live),
     .def = "4M",
     .min = 1,
     .max = (uint64_t)1 << 36,
     .help = "bytes alive at the top of each tooth"},
    {.name = "teeth",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(sawtooth_params, teeth),
     .def = "8",
     .min = 1,
     .max = 1 << 20,
     .help = "how often it rises and falls"},
    {.name = "keep",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(sawtooth_params, keep),
     .def = "5",
     .min = 0,
     .max = 99,
     .help = "per cent of the blocks that survive a fall"},
    {.name = "order",
     .type = HY_PARAM_CHOICE,
     .offset = offsetof(sawtooth_params, order),
     .def = "fifo",
     .choices = order_words,
     .help = "in which order the others die, seen from their births"},
    HY_SIZES_TABLE,
    {.name = NULL},
};

const hy_generator hy_sawtooth_generator = {
    .name = "sawtooth",
    .summary = "a program in phases: fills its memory, lets nearly all of it go, and again",
    .source = "our own",
    .params = sawtooth_table,
    .params_size = sizeof(sawtooth_params),
    .run = sawtooth_run,
};
