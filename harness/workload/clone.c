/* SPDX-License-Identifier: MIT
 *
 * clone.c - a trace that is like another one, and can be shown to others.
 *
 *  1. The births of the original are taken in runs of about `run`, and the runs are put into a new random order: each
 *     comes from about the place in the program that the clone has reached, and follows on births that look like those
 *     it followed in the original, as far as can be had (clone_pick.h).
 *  2. With a birth come its reallocs and its free.  What happens within `near` births keeps its distance, counted in
 *     births; what happens later keeps its place in the program, so that what dies together still does.
 *  3. A free that stood beside the free of one of the last births (its kin) does so again, also if this birth is of
 *     another run: blocks are freed in the order of their births, or against it, as far as they were.  Otherwise,
 *     between two births events happen in the order of the places that they had between theirs.
 *  4. A burst of many frees stays where it is in the program, so that what was built up is there until then.
 *  5. To another length, places are stretched.  Then what lives long lives longer, and more of it lives at once: the
 *     curve of live bytes keeps its shape, and its height grows with the length, but for what is short-lived.
 *  6. A size that is asked for fewer than `rare` times becomes a random one near it: of the same 64th of an octave (or
 *     64 bytes), and of the same grain: a multiple of 16, of 8, or any.  Below 128 bytes all stay.
 *
 * What the clone discloses: which sizes are asked for how often (the popular ones), how sizes, lifetimes, threads and
 * handing over hang together, how all that changes as the program goes on, and what follows on what, for about as many
 * births as a run has.  What it does not: the command, the machine, any time, rare sizes (but that
 * two were equal), and the order of the runs within the window; but the largest blocks come where they came.  Who has
 * the original can tell that it is the clone's.
 *
 * Bad at: what hangs on the order of the runs, such as a structure that is torn down in another order than by birth
 * within a few thousand births; and what hangs on a coin's toss in the original too, such as whether glibc's heap ended
 * so near its break that a block was mapped.
 */
#include "agenda.h"
#include "clone_pick.h"
#include "generator.h"
#include "random.h"

#include <errno.h>
#include <inttypes.h>

#define BURST 32u /* so many frees and reallocs between two births are a burst */

typedef struct clone_params {
    char trace[HY_TEXT_SIZE];
    uint64_t events, seed, run, order, choice, window, near, rare;
} clone_params;

/* When a birth will be freed. */
typedef struct clone_kin {
    bool dies;
    uint64_t gap;
    int64_t place;
} clone_kin;

typedef struct clone {
    const clone_params *params;
    hy_script *script;
    hy_error *error;
    hy_clone_fit fit;
    hy_clone_pick pick;
    hy_agenda agenda;
    uint64_t births, most;       /* made so far, and to be made */
    clone_kin kin[HY_CLONE_KIN]; /* of the last births */
    double stretch;              /* births of the clone for one of the original */
} clone;

static int clone_schedule(clone *self, hy_due due) {
    return hy_agenda_add(&self->agenda, due, self->error);
}

/* All that lies in gaps up to this one. */
static int clone_catch_up(clone *self, uint64_t gap) {
    return hy_agenda_play(&self->agenda, gap, self->script, self->error);
}

/* ---- births ---- */

/* Rule 6.  The seed alone may be guessed, and then which sizes come out as this one. */
static uint64_t clone_size(const clone *self, uint64_t size, bool rare) {
    if (!rare || size < 128)
        return size;
    const unsigned top = 63u - (unsigned)__builtin_clzll(size);
    const uint64_t part = (uint64_t)1 << (top - 6), grain = size % 16 == 0 ? 16 : size % 8 == 0 ? 8 : 1;
    const uint64_t width = part > 64 ? part : 64;
    const uint64_t low = size & ~(width - 1);
    return low + hy_random_below(~self->params->seed ^ self->fit.hash, size, width / grain) * grain;
}

/* Rule 4: whether it stays with its burst.  A small one may be each turn of a loop, and moves with its births. */
static bool clone_bursts(const clone *self, size_t p, const hy_clone_later *is) {
    const uint64_t window = self->pick.is.window;
    return is->burst >= window || (is->burst >= BURST && is->gap - (p + 1) > 2 * window);
}

/* Rule 2: where a later event belongs by itself. */
static uint64_t clone_gap(const clone *self, size_t p, const hy_clone_later *is) {
    const uint64_t now = self->births, distance = is->gap - (p + 1);
    const uint64_t moved = (uint64_t)((double)is->gap * self->stretch + 0.5);
    return distance <= self->params->near && !clone_bursts(self, p, is) ? now + distance : moved > now ? moved : now;
}

/* Rule 3: where a free belongs by its kin, if that is not far from where it belongs by itself. */
static void clone_follow_kin(const clone *self, size_t p, hy_due *due) {
    const hy_clone_birth *const birth = &self->fit.births[p];
    if (birth->kin == 0 || birth->kin >= self->births)
        return;
    const clone_kin *const kin = &self->kin[(self->births - 1 - birth->kin) % HY_CLONE_KIN];
    const int64_t gap = (int64_t)kin->gap + birth->kin_gaps, off = gap - (int64_t)due->gap;
    const int64_t window = 2 * (int64_t)self->pick.is.window, life = (int64_t)(due->gap - self->births) / 8;
    const int64_t most = life < window ? life : window;
    if (!kin->dies || gap < (int64_t)self->births || off > most || -off > most)
        return;
    due->gap = (uint64_t)gap;
    due->place = birth->kin_gaps ? due->place : kin->place + birth->kin_places;
}

/* A later event of an object that now has what `before` left: not before that. */
static hy_due clone_due_of(clone *self, size_t p, const hy_clone_later *is, const hy_due *before) {
    hy_due due = {.gap = clone_gap(self, p, is),
                  .place = is->place,
                  .thread = is->thread,
                  .id = before->id,
                  .old_size = before->size,
                  .size = clone_size(self, is->size, is->rare),
                  .kind = is->size ? HY_EVENT_REALLOC : HY_EVENT_FREE};
    if (due.kind == HY_EVENT_FREE && !clone_bursts(self, p, is))
        clone_follow_kin(self, p, &due);
    if (due.gap < before->gap || (due.gap == before->gap && due.place < before->place)) {
        due.gap = before->gap;
        due.place = before->place;
    }
    return due;
}

/* Rule 5: what was young when the original ended would not have lived for ever: it gets the age that it had. */
static int clone_schedule_end(clone *self, size_t p, const hy_due *before) {
    const uint64_t age = self->fit.count - p;
    if (age > self->params->near)
        return 0;
    hy_due due = {.gap = self->births + age,
                  .thread = self->fit.births[p].thread,
                  .id = before->id,
                  .old_size = before->size,
                  .kind = HY_EVENT_FREE};
    due.gap = due.gap > before->gap ? due.gap : before->gap + 1;
    return due.gap < self->most ? clone_schedule(self, due) : 0;
}

static int clone_schedule_later(clone *self, size_t p, uint64_t id, uint64_t size) {
    const hy_clone_birth *const birth = &self->fit.births[p];
    hy_due due = {.gap = self->births, .place = INT64_MIN, .id = id, .size = size};
    int r = 0;
    for (uint64_t i = birth[0].later; i < birth[1].later && r == 0; i++) {
        due = clone_due_of(self, p, &self->fit.later[i], &due);
        r = clone_schedule(self, due);
    }
    if (r == 0 && due.kind != HY_EVENT_FREE && self->stretch > 1)
        r = clone_schedule_end(self, p, &due);
    self->kin[(self->births - 1) % HY_CLONE_KIN] =
        (clone_kin){.dies = due.kind == HY_EVENT_FREE, .gap = due.gap, .place = due.place};
    return r;
}

static int clone_bear(clone *self) {
    const size_t place = (size_t)((double)self->births / self->stretch);
    const size_t p = hy_clone_pick_next(&self->pick, place < self->fit.count ? place : self->fit.count - 1);
    const hy_clone_birth *const birth = &self->fit.births[p];
    const uint64_t id = self->births++, size = clone_size(self, birth->size, birth->rare);
    const int r = hy_script_say(
        self->script,
        (hy_event){.kind = birth->kind, .align = birth->align, .thread = birth->thread, .id = id, .size = size}, 0,
        self->error);
    return r < 0 ? r : clone_schedule_later(self, p, id, size);
}

/* How much later a thread must end than stretched places say: in a shorter clone by the lives that keep their length,
 * in a longer one by the ages of clone_schedule_end. */
static double clone_kept(const clone *self, uint64_t gap) {
    const uint64_t near = self->params->near, left = self->fit.count - gap;
    if (self->stretch < 1)
        return (double)near * (1 - self->stretch);
    return self->stretch > 1 && left <= near ? (double)left : 0;
}

/* Starts come before, and ends after, what the window may have moved. */
static int clone_schedule_threads(clone *self) {
    const double margin = 2 * (double)self->pick.is.window * self->stretch;
    int r = 0;
    for (size_t i = 0; i < self->fit.thread_events && r == 0; i++) {
        const hy_clone_later *const is = &self->fit.threads[i];
        const double gap = (double)is->gap * self->stretch;
        const double at = is->object == HY_EVENT_THREAD_START ? gap - margin : gap + margin + clone_kept(self, is->gap);
        r = clone_schedule(self, (hy_due){.gap = at > 0 ? (uint64_t)at : 0,
                                          .place = is->place,
                                          .thread = is->thread,
                                          .kind = (uint8_t)is->object});
    }
    return r;
}

static int clone_play(clone *self) {
    int r = clone_schedule_threads(self);
    if (r == 0)
        r = clone_catch_up(self, 0);
    while (r == 0 && self->births < self->most) {
        r = clone_bear(self);
        if (r == 0)
            r = clone_catch_up(self, self->births);
    }
    return r < 0 ? r : clone_catch_up(self, UINT64_MAX);
}

static int clone_start(clone *self) {
    const clone_params *const params = self->params;
    const size_t count = self->fit.count;
    self->stretch = params->events ? (double)params->events / (double)self->fit.events : 1;
    self->most = (uint64_t)((double)count * self->stretch + 0.5);
    if (self->most == 0)
        return hy_fail(self->error, -EINVAL, "clone:events=%" PRIu64 ": too few for a single birth", params->events);
    const hy_clone_pick_options options = {.seed = params->seed,
                                           .window = params->window ? params->window : 8 * params->run,
                                           .run = params->run,
                                           .choice = params->choice,
                                           .order = params->order,
                                           .stretch = self->stretch};
    const int r = hy_clone_fit_weigh(&self->fit, count / params->run / HY_CLONE_HEAVY, self->error);
    return r < 0 ? r : hy_clone_pick_start(&self->pick, &self->fit, &options, self->error);
}

static int clone_run(hy_script *script, const void *given, hy_error *error) {
    clone self = {.params = given, .script = script, .error = error};
    if (self.params->trace[0] == '\0')
        return hy_fail(error, -EINVAL, "clone: which trace? clone:trace=t.hyt");
    int r = hy_clone_fit_trace(self.params->trace, self.params->rare, &self.fit, &script->warning, error);
    if (r < 0)
        return r;
    r = clone_start(&self);
    if (r == 0) {
        r = clone_play(&self);
        hy_clone_pick_end(&self.pick);
    }
    hy_clone_fit_clear(&self.fit);
    hy_agenda_clear(&self.agenda);
    return r;
}

#define CLONE_FIELD(key, what) .name = #key, .type = what, .offset = offsetof(clone_params, key)
static const hy_param clone_table[] = {
    {CLONE_FIELD(trace, HY_PARAM_TEXT), .def = "", .help = "the original"},
    {CLONE_FIELD(events, HY_PARAM_COUNT), .def = "0", .max = (uint64_t)1 << 36,
     .help = "about how many events the clone has; 0: as many as the original"},
    {CLONE_FIELD(seed, HY_PARAM_COUNT), .def = "1", .help = "the same seed makes the same clone"},
    {CLONE_FIELD(run, HY_PARAM_COUNT), .def = "64", .min = 1, .max = 1 << 20,
     .help = "births in a row that stay together, on the mean"},
    {CLONE_FIELD(order, HY_PARAM_COUNT), .def = "8", .min = 0, .max = HY_CLONE_ORDERS,
     .help = "by how many births before it a run is chosen"},
    {CLONE_FIELD(choice, HY_PARAM_COUNT), .def = "2", .min = 1, .max = 1 << 20,
     .help = "so many candidates, at least; or fewer births before are looked at"},
    {CLONE_FIELD(window, HY_PARAM_COUNT), .def = "0", .max = UINT32_MAX,
     .help = "so many births before and behind, a run may come from; 0: eight runs"},
    {CLONE_FIELD(near, HY_PARAM_COUNT), .def = "4096", .max = UINT32_MAX,
     .help = "lives of up to so many births keep their length, longer ones their end"},
    {CLONE_FIELD(rare, HY_PARAM_COUNT), .def = "8", .max = UINT32_MAX,
     .help = "a size that is asked for fewer times is replaced by one near it"},
    {.name = NULL},
};

const hy_generator hy_clone_generator = {
    .name = "clone",
    .summary = "a trace like another one: its sizes, lifetimes, threads and phases, in an order drawn anew",
    .source = "our own; runs in random order are the bootstrap of Politis and Romano, J. Am. Statist. Assoc. 89 (1994)",
    .discreet = true,
    .params = clone_table,
    .params_size = sizeof(clone_params),
    .run = clone_run,
};
