/* SPDX-License-Identifier: MIT
 *
 * crowd_replay.c - an arrival trace replayed on a model of memory: a simulation by events.
 *
 *  1. Programs arrive when they were recorded to, whatever became of those who started them: an open queue.
 *  2. Who gets room stays for as long as was recorded; who does not waits, and his stay begins when he gets in.
 *  3. Who leaves makes room before anything else happens at that moment.
 *  4. A program refers to all of its memory when it comes, when it goes, and `sweeps - 2` times between; who is alone
 * in contiguous memory does not notice, paged memory may have to fetch it again.
 *  5. Means are over all time from the first arrival to the last departure.
 *
 * What it leaves out: that a program takes longer when it is paged, and that a child's delay delays its parent.
 */
#include "crowd_replay.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

const char *const hy_queue_names[] = {"fifo", "overtake", "none", NULL};
const char *const hy_sizes_names[] = {"measured", "guessed", "elastic", NULL};

typedef struct due {
    uint64_t time;
    uint32_t program;
    uint32_t sweeps_left; /* 0: it leaves */
} due;

typedef struct guest {
    uint64_t need, granted; /* bytes */
    uint64_t stay;
    bool stuck; /* found no room once, though enough was free */
} guest;

typedef struct crowd {
    const hy_arrivals *arrivals;
    const hy_crowd_options *options;
    hy_memory *memory;
    bool tidy;
    guest *guest;
    due *heap; /* soonest first */
    size_t heap_count;
    uint32_t *queue; /* programs that wait, from `first` on; NO_ONE: has gone in */
    size_t first, queue_count, waiting;
    uint64_t begun;             /* the first arrival */
    uint64_t now, held, needed; /* time; bytes that programs hold; of these, bytes that they need */
    double index_sum;
    uint64_t index_count;
    hy_crowd_result result;
} crowd;

#define NO_ONE UINT32_MAX

bool hy_crowd_counts(const hy_program *program, const hy_crowd_options *options) {
    if (program->kind == HY_PROGRAM_VFORK || (program->kind == HY_PROGRAM_FORK && options->no_forks))
        return false;
    return program->resident > 0;
}

/* -------------------------------------------------------------------------------------------------------- what is due
 * ---- */

static bool is_sooner(const due *a, const due *b) {
    return a->time != b->time ? a->time < b->time : a->program < b->program;
}

static void push(crowd *c, due added) {
    size_t i = c->heap_count++;
    for (; i > 0 && is_sooner(&added, &c->heap[(i - 1) / 2]); i = (i - 1) / 2)
        c->heap[i] = c->heap[(i - 1) / 2];
    c->heap[i] = added;
}

static due pop(crowd *c) {
    const due first = c->heap[0], last = c->heap[--c->heap_count];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < c->heap_count; i = child) {
        child += child + 1 < c->heap_count && is_sooner(&c->heap[child + 1], &c->heap[child]);
        if (!is_sooner(&c->heap[child], &last))
            break;
        c->heap[i] = c->heap[child];
    }
    c->heap[i] = last;
    return first;
}

/* Time passes: what was so until now counts for as long as it was. */
static void advance(crowd *c, uint64_t time) {
    const double passed = (double)(time - c->now);
    uint64_t all = 0, largest;
    const bool paged = c->memory->ops->touch != NULL;
    if ((c->waiting > 0 || paged) && passed > 0)
        c->memory->ops->holes(c->memory, &all, &largest);
    c->result.internal += passed * (double)(c->held - c->needed);
    c->result.used += passed * (double)(paged ? c->options->machine - all : c->needed); /* the rest is in swap */
    c->result.external += passed * (double)(c->waiting > 0 ? all : 0);
    c->now = time;
}

/* -------------------------------------------------------------------------------------------------------- coming in
 * ---- */

static void ask_for(const crowd *c, size_t program, uint64_t *ret_minimum, uint64_t *ret_preferred) {
    const hy_program *const p = &c->arrivals->programs[program];
    const uint64_t need = c->guest[program].need;
    *ret_minimum = *ret_preferred = need;
    if (c->memory->ops->touch)
        return; /* paged memory need not know beforehand */
    if (c->options->sizes == HY_SIZES_GUESSED && p->guess > 0)
        *ret_minimum = *ret_preferred = p->guess;
    else if (c->options->sizes == HY_SIZES_ELASTIC)
        *ret_minimum = (uint64_t)ceil((double)need * c->options->least);
}

/* He found no room: is there enough, but not in one piece? */
static bool note_failure(crowd *c, size_t program, uint64_t minimum) {
    uint64_t all, largest;
    c->memory->ops->holes(c->memory, &all, &largest);
    const bool enough = all >= minimum;
    c->result.stuck += enough && !c->guest[program].stuck;
    c->guest[program].stuck |= enough;
    c->index_sum += all > 0 ? 1 - (double)largest / (double)all : 0;
    c->index_count += all > 0;
    return enough;
}

static void settle(crowd *c, uint32_t program, uint64_t granted) {
    guest *const g = &c->guest[program];
    g->granted = granted;
    c->held += granted;
    c->needed += granted < g->need ? granted : g->need;
    c->result.admitted++;
    c->result.cramped += granted < g->need;
    const double wait = (double)(c->now - c->arrivals->programs[program].start);
    c->result.waited += wait > 0;
    c->result.wait_sum += wait;
    c->result.wait_longest = fmax(c->result.wait_longest, wait);
    push(c, (due){c->now + g->stay / (c->options->sweeps - 1), program, c->options->sweeps - 2});
}

static bool try_to_enter(crowd *c, uint32_t program) {
    uint64_t minimum, preferred;
    ask_for(c, program, &minimum, &preferred);
    uint64_t granted = c->memory->ops->take(c->memory, program, minimum, preferred);
    if (granted == 0 && note_failure(c, program, minimum) && c->tidy && c->memory->ops->tidy(c->memory))
        granted = c->memory->ops->take(c->memory, program, minimum, preferred);
    if (granted > 0)
        settle(c, program, granted);
    return granted > 0;
}

/* Who cannot get in even if nobody else is there. */
static bool is_too_large(const crowd *c, uint32_t program) {
    uint64_t minimum, preferred;
    ask_for(c, program, &minimum, &preferred);
    return minimum > c->memory->most;
}

/* Those who wait, as the queue's order allows. */
static void serve(crowd *c) {
    for (size_t i = c->first; i < c->queue_count; i++) {
        if (c->queue[i] == NO_ONE) {
            c->first += i == c->first;
            continue;
        }
        if (try_to_enter(c, c->queue[i])) {
            c->queue[i] = NO_ONE;
            c->waiting--;
            c->first += i == c->first;
        } else if (c->options->queue == HY_QUEUE_FIFO) {
            return;
        }
    }
}

static void arrive(crowd *c, uint32_t program) {
    const bool wait_allowed = c->options->queue != HY_QUEUE_NONE;
    if (is_too_large(c, program)) {
        c->result.refused++;
    } else if ((c->waiting > 0 && c->options->queue == HY_QUEUE_FIFO) || !try_to_enter(c, program)) {
        c->result.refused += !wait_allowed;
        if (wait_allowed) {
            c->queue[c->queue_count++] = program;
            c->waiting++;
        }
    }
}

static void leave(crowd *c, uint32_t program) {
    const guest *const g = &c->guest[program];
    c->memory->ops->leave(c->memory, program);
    c->held -= g->granted;
    c->needed -= g->granted < g->need ? g->granted : g->need;
    serve(c);
}

static void next_due(crowd *c) {
    const due is = pop(c);
    advance(c, is.time);
    if (c->memory->ops->touch)
        c->memory->ops->touch(c->memory, is.program);
    if (is.sweeps_left == 0) {
        leave(c, is.program);
        return;
    }
    const uint64_t stay = c->guest[is.program].stay, gaps = c->options->sweeps - 1;
    const uint64_t rest = is.sweeps_left == 1 ? stay - (stay / gaps) * (gaps - 1) : stay / gaps;
    push(c, (due){is.time + rest, is.program, is.sweeps_left - 1});
}

/* ------------------------------------------------------------------------------------------------------------ replay
 * ---- */

static void replay(crowd *c) {
    const hy_arrivals *const a = c->arrivals;
    for (uint32_t i = 0; i < a->count; i++) {
        if (!hy_crowd_counts(&a->programs[i], c->options))
            continue;
        while (c->heap_count > 0 && c->heap[0].time <= a->programs[i].start)
            next_due(c);
        if (c->result.programs++ == 0)
            c->begun = c->now = a->programs[i].start;
        advance(c, a->programs[i].start);
        c->guest[i] = (guest){.need = a->programs[i].resident, .stay = a->programs[i].end - a->programs[i].start};
        arrive(c, i);
    }
    while (c->heap_count > 0)
        next_due(c);
}

static void finish(crowd *c) {
    hy_crowd_result *const r = &c->result;
    const double all = (double)(c->now - c->begun);
    r->refused += c->waiting; /* nobody is left who could make room for them */
    r->end = all;
    r->internal = all > 0 ? r->internal / all : 0;
    r->external = all > 0 ? r->external / all : 0;
    r->used = all > 0 ? r->used / all : 0;
    r->index = c->index_count > 0 ? c->index_sum / (double)c->index_count : NAN;
    r->counts = c->memory->counts;
}

int hy_crowd_replay(const hy_arrivals *arrivals, const hy_model *model, const hy_crowd_options *options,
                    hy_crowd_result *ret, hy_error *error) {
    static const hy_memory_ops *const kinds[] = {&hy_flat_memory_ops, &hy_heap_memory_ops, &hy_heap_memory_ops,
                                                 &hy_paged_memory_ops};
    crowd c = {.arrivals = arrivals, .options = options, .tidy = model->tidy};
    int r = kinds[model->kind]->create(model, options->machine, arrivals->count, &c.memory, error);
    if (r < 0)
        return r;
    c.guest = calloc(arrivals->count + 1, sizeof *c.guest);
    c.heap = calloc(arrivals->count + 1, sizeof *c.heap);
    c.queue = calloc(arrivals->count + 1, sizeof *c.queue);
    if (c.guest && c.heap && c.queue) {
        replay(&c);
        finish(&c);
        *ret = c.result;
    } else {
        r = hy_fail(error, -ENOMEM, "no memory to replay %zu programs", arrivals->count);
    }
    c.memory->ops->destroy(c.memory);
    free(c.guest);
    free(c.heap);
    free(c.queue);
    return r;
}
