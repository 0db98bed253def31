/* SPDX-License-Identifier: MIT
 *
 * table.c - a program that asks for sizes as often as a table says, and has as many of them alive.
 *
 *  1. By Little's law ("A proof for the queuing formula L = lambda W", Operations Research 9, 1961) blocks of a size
 * live for the number of them alive over the rate of their births.  Lifetimes are exponential with that mean, counted
 * in births of any size.
 *  2. All lifetimes are stretched alike, so that on the mean `live` bytes are alive in the phase that has the most.
 *  3. It begins with what lives in the first phase, in random order; then each birth is of a size by the rates of its
 *     phase.  A phase takes its share of the births; what was born before it lives on as it would have.
 *  4. Threads take turns of 1 to 31 births.  A block is freed by the thread that made it, or, in so many cases of a
 *     hundred as `handover` says, by any other.
 *
 * Bad at: all that hangs together in a program but is not in a table.  Sizes follow each other at random, and lifetimes
 * know nothing of each other (see steady.c).
 */
#include "agenda.h"
#include "generator.h"
#include "random.h"
#include "table_file.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

typedef struct table_params {
    char file[HY_TEXT_SIZE];
    uint64_t blocks, seed, threads, handover;
    size_t live, largest;
} table_params;

typedef struct table_play {
    const table_params *params;
    hy_script *script;
    hy_error *error;
    hy_size_table table;
    hy_agenda agenda;
    double stretch; /* of lifetimes */
    uint64_t draws;
    uint32_t thread;
    uint64_t turn; /* births that are left to it */
} table_play;

static uint64_t table_draw(table_play *self, uint64_t limit) {
    return hy_random_below(self->params->seed, self->draws++, limit);
}

static double table_unit(table_play *self) {
    return hy_random_unit(self->params->seed, self->draws++);
}

/* ---- births ---- */

/* Rule 4. */
static uint32_t table_freeing_thread(table_play *self) {
    const uint64_t threads = self->params->threads;
    if (threads == 1 || table_draw(self, 100) >= self->params->handover)
        return self->thread;
    return (uint32_t)((self->thread + 1 + table_draw(self, threads - 1)) % threads);
}

static void table_next_thread(table_play *self) {
    if (self->turn == 0) {
        self->thread = (uint32_t)table_draw(self, self->params->threads);
        self->turn = 1 + table_draw(self, 31);
    }
    self->turn--;
}

/* A block of an entry, born in gap `now`; entries without births live for ever. */
static int table_bear(table_play *self, const hy_table_phase *phase, const hy_table_entry *entry, uint64_t now) {
    const uint64_t id = self->script->births, size = entry->from + table_draw(self, entry->to - entry->from + 1);
    const double mean = entry->rate > 0 ? entry->live / entry->rate * phase->rate * self->stretch : INFINITY;
    const double life = -mean * log(table_unit(self));
    table_next_thread(self);
    const hy_event birth = {.kind = HY_EVENT_MALLOC, .id = id, .size = size, .thread = self->thread};
    const int r = hy_script_say(self->script, birth, 0, self->error);
    if (r < 0 || !(life < 0x1p62))
        return r;
    const hy_due due = {.gap = now + (uint64_t)life,
                        .id = id,
                        .old_size = size,
                        .thread = table_freeing_thread(self),
                        .kind = HY_EVENT_FREE};
    return hy_agenda_add(&self->agenda, due, self->error);
}

/* The entry of a phase that a random number falls on. */
static const hy_table_entry *table_pick(table_play *self, const hy_table_phase *phase) {
    const double at = table_unit(self) * phase->rate;
    size_t from = phase->first, to = phase->end;
    while (to - from > 1) {
        const size_t middle = from + (to - from) / 2;
        if (self->table.entries[middle].rate_below <= at)
            from = middle;
        else
            to = middle;
    }
    return &self->table.entries[from];
}

/* ---- rule 3 ---- */

/* How many of each entry live at first, the fraction by lot. */
static size_t table_count_first(table_play *self, uint32_t *list, size_t room) {
    const hy_table_phase *const phase = &self->table.phases[0];
    size_t count = 0;
    for (size_t i = phase->first; i < phase->end; i++) {
        uint64_t blocks = (uint64_t)(self->table.entries[i].live * self->stretch + table_unit(self));
        for (; blocks > 0 && count < room; blocks--)
            list[count++] = (uint32_t)i;
    }
    return count;
}

static int table_begin(table_play *self) {
    const hy_table_phase *const phase = &self->table.phases[0];
    const double blocks = phase->live * self->stretch;
    const size_t room = blocks < 0x1p32 ? (size_t)blocks + (phase->end - phase->first) + 1 : 0;
    uint32_t *const list = room ? malloc(room * sizeof *list) : NULL;
    int r = 0;
    if (!list)
        return hy_fail(self->error, -ENOMEM,
                       "no memory for %.0f blocks that live at first; ask for less with live=", blocks);
    const size_t count = table_count_first(self, list, room);
    for (size_t i = count; i > 1; i--) {
        const size_t other = table_draw(self, i);
        const uint32_t moved = list[i - 1];
        list[i - 1] = list[other];
        list[other] = moved;
    }
    for (size_t i = 0; i < count && r == 0; i++)
        r = table_bear(self, phase, &self->table.entries[list[i]], 0);
    free(list);
    return r;
}

static int table_play_phases(table_play *self) {
    double until = 0;
    uint64_t now = 0;
    int r = table_begin(self);
    for (size_t i = 0; i < self->table.phase_count && r == 0; i++) {
        const hy_table_phase *const phase = &self->table.phases[i];
        until += phase->weight / self->table.weight * (double)self->params->blocks;
        while (r == 0 && (double)now + 0.5 < until) {
            r = hy_agenda_play(&self->agenda, now, self->script, self->error);
            now++;
            if (r == 0)
                r = table_bear(self, phase, table_pick(self, phase), now);
        }
    }
    return r;
}

static int table_run(hy_script *script, const void *given, hy_error *error) {
    table_play self = {.params = given, .script = script, .error = error};
    double most = 0;
    if (self.params->file[0] == '\0')
        return hy_fail(error, -EINVAL, "table: which file? table:file=sizes.csv");
    int r = hy_size_table_read(self.params->file, self.params->largest, &self.table, error);
    if (r < 0)
        return r;
    for (size_t i = 0; i < self.table.phase_count; i++)
        most = self.table.phases[i].bytes > most ? self.table.phases[i].bytes : most;
    self.stretch = most > 0 && self.params->live ? (double)self.params->live / most : 1;
    r = table_play_phases(&self);
    hy_size_table_clear(&self.table);
    hy_agenda_clear(&self.agenda);
    return r;
}

#define TABLE_FIELD(key, what) .name = #key, .type = what, .offset = offsetof(table_params, key)
static const hy_param table_table[] = {
    {TABLE_FIELD(file, HY_PARAM_TEXT), .def = "",
     .help = "lines of size (or from-to), rate of births, blocks alive; phase SHARE begins another phase"},
    {TABLE_FIELD(blocks, HY_PARAM_COUNT), .def = "500000", .min = 1, .max = (uint64_t)1 << 36,
     .help = "births, besides what lives at first"},
    {TABLE_FIELD(live, HY_PARAM_SIZE), .def = "64M", .min = 0, .max = (uint64_t)1 << 40,
     .help = "bytes alive on the mean, in the phase that has the most; 0: as in the table"},
    {TABLE_FIELD(largest, HY_PARAM_SIZE), .def = "16M", .min = 1, .max = (uint64_t)1 << 40,
     .help = "larger sizes of the table are left out"},
    {TABLE_FIELD(threads, HY_PARAM_COUNT), .def = "1", .min = 1, .max = 1024, .help = "threads that take turns"},
    {TABLE_FIELD(handover, HY_PARAM_COUNT), .def = "0", .max = 100,
     .help = "per cent of the blocks that another thread frees"},
    {TABLE_FIELD(seed, HY_PARAM_COUNT), .def = "1", .help = "the same seed makes the same trace"},
    {.name = NULL},
};

const hy_generator hy_table_generator = {
    .name = "table",
    .summary = "sizes and lifetimes from a file, such as those of Google's fleetbench; phases, threads",
    .source = "our own; lifetimes by Little's law, Operations Research 9 (1961)",
    .params = table_table,
    .params_size = sizeof(table_params),
    .run = table_run,
};
