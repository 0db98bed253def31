/* SPDX-License-Identifier: MIT
 *
 * footprint.c - the footprint pass: how much memory a heap takes for what is alive, over the allocation clock.
 *
 *   1. Every page of every block is touched, as the program did sooner or later; so resident memory is comparable.
 *   2. The clock is bytes allocated.  At 256 equal steps of it, and at the moment of most live bytes: live bytes,
 *      committed bytes, resident memory, and a walk for internal, external and metadata shares.  At that moment also
 *      the sizes of all holes (hole_sizes.h).
 *   3. Footprint is resident memory: what opening the heap took, and what came since; one yardstick for all, known at
 *      the samples, and its peak from the kernel.  Committed bytes stand beside it, of our own allocators only.
 *   4. Johnstone and Wilson's four measures ("The memory fragmentation problem: solved?", ISMM 1998) from that, and
 *      the third of them for placement alone, at the moment of largest extent wherever that falls (extent.h); for
 *      this there is a second replay, unless the first took long or the trace is not all there at once.
 *   5. Where the program says phases, the kernel's peak is read and begun anew at each change of phase.
 *   6. At the end, what the allocator counted by itself (counters.h).
 *
 * Bad at: what an allocator holds between two samples; the kernel's peak covers only the highest of it.
 */
#include "counters.h"
#include "extent.h"
#include "fragmentation.h"
#include "hole_sizes.h"
#include "phase_meter.h"
#include "replay.h"
#include "resident.h"

#include <string.h>

#define SAMPLES 256
#define LONG_LOOP 8000000000u /* ns of processor time */

typedef struct sample {
    double clock, live, committed, resident;
    double internal, external, metadata, placement;
} sample;

typedef struct footprint {
    hy_replay *replay;
    bool foreign, walks;
    size_t live, clock;
    size_t next; /* the clock at which the next sample is due */
    size_t step;
    size_t baseline; /* resident before the first operation */
    size_t most_committed;
    size_t most_resident, live_at_most; /* of the samples */
    sample at[SAMPLES + 2];
    size_t count;
    sample at_peak; /* at the moment of most live bytes */
    hy_holes holes; /* then */
    hy_extent extent;
    size_t most_by_kernel; /* until the last change of phase */
    hy_phase_meter meter;
    double change[HY_PROGRAM_BOUNDS]; /* the clock at each change of phase, and the phase from there on */
    uint64_t phase[HY_PROGRAM_BOUNDS];
    size_t changes;
} footprint;

static size_t above(size_t now, size_t baseline) {
    return now > baseline ? now - baseline : 0;
}

static void raise(uint64_t *most, uint64_t value) {
    *most = value > *most ? value : *most;
}

static size_t weigh(footprint *self) {
    const size_t resident = self->replay->opened_bytes + above(hy_resident_now(), self->baseline);
    raise(&self->meter.total[self->meter.row].resident, resident);
    return resident;
}

static size_t peak_by_kernel(const footprint *self) {
    return self->replay->opened_bytes + above(hy_resident_peak(), self->baseline + hy_resident_shared());
}

static sample take_sample(footprint *self) {
    const hy_instance *const instance = self->replay->instance;
    const size_t resident = weigh(self);
    sample s = {.clock = (double)self->clock,
                .live = (double)self->live,
                .committed = (double)hy_instance_committed(instance),
                .resident = (double)resident};
    hy_fragmentation sums;
    if (self->walks && hy_fragmentation_measure(instance, &sums)) {
        s.internal = hy_fragmentation_internal(&sums, self->live);
        s.external = hy_fragmentation_external(&sums);
        s.metadata = hy_fragmentation_metadata(&sums, instance);
        s.placement = hy_extent_sample(&self->extent, instance);
    }
    if (resident > self->most_resident) {
        self->most_resident = resident;
        self->live_at_most = self->live;
    }
    return s;
}

static void after_operation(footprint *self, size_t more, size_t less, bool most_live) {
    self->live += more - less;
    self->clock += more;
    if (!self->foreign) {
        const size_t committed = hy_instance_committed(self->replay->instance);
        self->most_committed = committed > self->most_committed ? committed : self->most_committed;
        raise(&self->meter.total[self->meter.row].committed, committed);
    }
    if (most_live) {
        self->at_peak = take_sample(self);
        hy_holes_measure(self->replay->instance, &self->holes);
    }
    if (self->clock < self->next || self->count > SAMPLES)
        return;
    self->at[self->count++] = take_sample(self);
    self->next += (self->clock - self->next) / self->step * self->step + self->step;
}

/* The phase that ends is given the kernel's peak, which begins anew; memory is what it is on both sides. */
static void end_phase(footprint *self) {
    const size_t most = peak_by_kernel(self);
    weigh(self);
    raise(&self->meter.total[self->meter.row].resident, most);
    self->most_by_kernel = most > self->most_by_kernel ? most : self->most_by_kernel;
    hy_resident_reset_peak();
}

static void begin_phase(footprint *self) {
    if (self->changes < HY_PROGRAM_BOUNDS) {
        self->change[self->changes] = (double)self->clock;
        self->phase[self->changes++] = self->meter.row;
    }
    weigh(self);
    if (!self->foreign)
        raise(&self->meter.total[self->meter.row].committed, hy_instance_committed(self->replay->instance));
}

/* NULL, or the operation that found no room. */
static const hy_op *footprint_loop(footprint *self, const hy_op *start, const hy_op *end, const hy_op *peak) {
    hy_replay *const replay = self->replay;
    hy_heap *const heap = replay->heap;
    for (const hy_op *op = start; op != end; op++) {
        if (op->kind == HY_OP_FREE) {
            heap->ops->free(heap, replay->slot[op->slot], op->size & replay->known_sizes);
            after_operation(self, 0, op->size, false);
        } else if (op->kind <= HY_OP_REALLOC) {
            void *const block = hy_op_obtain(replay, op);
            if (!block)
                return op;
            replay->slot[op->slot] = block;
            hy_touch_block(block, op->size, HY_TOUCH_PAGE);
            const size_t old = op->kind == HY_OP_REALLOC ? op[1].size : 0;
            after_operation(self, op->size > old ? op->size - old : 0, op->size < old ? old - op->size : 0, op == peak);
            if (self->walks)
                hy_extent_note(&self->extent, op, block, hy_instance_committed(replay->instance));
        }
    }
    return NULL;
}

/* The same for a window, from one change of phase to the next. */
static const hy_op *footprint_window(footprint *self) {
    const hy_program_head *const head = self->replay->program->head;
    const hy_op *end, *const start = hy_program_lane(self->replay->program, 0, &end), *from = start;
    const uint64_t last = head->facts.peak_at - head->passed; /* in another window it is no entry of this one */
    const hy_op *const peak = last < (uint64_t)(end - start) ? start + last : NULL;
    hy_phase_meter_window(&self->meter);
    for (;;) {
        const hy_op *const stop = hy_phase_meter_stop(&self->meter, start, end);
        const hy_op *const failed = footprint_loop(self, from, stop, peak);
        if (failed || !self->meter.told || self->meter.next >= self->meter.phases->bounds)
            return failed;
        end_phase(self);
        hy_phase_meter_turn(&self->meter);
        begin_phase(self);
        from = stop;
    }
}

/* ------------------------------------------------------------------------------------------------------ figures ----
 */

static void say_ratio(FILE *out, const char *name, double over, double under) {
    if (under > 0)
        fprintf(out, "metric %s %.9g ratio\n", name, over / under);
}

static void say_johnstone_wilson(FILE *out, const footprint *self, size_t most) {
    double sum = 0, external = 0;
    size_t counted = 0;
    for (size_t i = 0; i < self->count; i++) {
        external += self->at[i].external;
        if (self->at[i].live > 0) {
            sum += self->at[i].resident / self->at[i].live;
            counted++;
        }
    }
    say_ratio(out, "jw1", sum, (double)counted);
    say_ratio(out, "jw2", self->at_peak.resident, self->at_peak.live);
    say_ratio(out, "jw3", (double)self->most_resident, (double)self->live_at_most);
    say_ratio(out, "jw4", (double)most, (double)self->replay->program->head->facts.peak_bytes);
    if (self->walks)
        say_ratio(out, "external_mean", external, (double)self->count);
}

static void say_figures(FILE *out, const footprint *self) {
    const size_t by_kernel = self->most_by_kernel;
    const size_t resident = by_kernel > self->most_resident ? by_kernel : self->most_resident;
    fprintf(out, "metric peak_live %zu B\n", (size_t)self->replay->program->head->facts.peak_bytes);
    fprintf(out, "metric peak_resident %zu B\nmetric opened_resident %zu B\nmetric baseline_resident %zu B\n", resident,
            self->replay->opened_bytes, self->baseline);
    if (!self->foreign)
        fprintf(out, "metric peak_committed %zu B\n", self->most_committed);
    say_johnstone_wilson(out, self, resident);
    if (self->walks)
        fprintf(out, "metric internal %.9g ratio\nmetric external %.9g ratio\nmetric metadata %.9g ratio\n",
                self->at_peak.internal, self->at_peak.external, self->at_peak.metadata);
    if (!self->foreign)
        hy_counters_say(out, self->replay->heap);
}

static void say_curves(FILE *out, const footprint *self) {
    for (size_t i = 0; i < self->count; i++) {
        const sample *const s = &self->at[i];
        fprintf(out, "point live %.17g %.17g\npoint resident %.17g %.17g\n", s->clock, s->live, s->clock, s->resident);
        if (!self->foreign)
            fprintf(out, "point committed %.17g %.17g\n", s->clock, s->committed);
        if (self->walks)
            fprintf(out, "point internal %.17g %.9g\npoint external %.17g %.9g\npoint metadata %.17g %.9g\n", s->clock,
                    s->internal, s->clock, s->external, s->clock, s->metadata);
        if (s->placement > 0)
            fprintf(out, "point placement %.17g %.9g\n", s->clock, s->placement);
    }
    for (size_t i = 0; i < self->changes; i++)
        fprintf(out, "point phase %.17g %llu\n", self->change[i], (unsigned long long)self->phase[i]);
    hy_holes_say(out, &self->holes);
}

/* Last of all: the heap is another afterwards. */
static void say_placement(FILE *out, footprint *self, uint64_t time) {
    if (time < LONG_LOOP && !self->replay->program->head->streamed && hy_extent_replay(&self->extent, self->replay))
        fprintf(out, "metric placement3 %.9g ratio\n", self->extent.ratio);
}

void hy_pass_footprint(hy_replay *replay, FILE *out, hy_ending *ret_ending) {
    static footprint self;
    const hy_program_facts *const facts = &replay->program->head->facts;
    memset(&self, 1, sizeof self); /* its pages are the harness's, and here before the baseline is taken */
    const size_t step = facts->total_bytes / SAMPLES + 1;
    self = (footprint){.replay = replay,
                       .foreign = (replay->heap->ops->flags | replay->instance->base->flags) & HY_FOREIGN,
                       .walks = replay->heap->ops->walk,
                       .step = step,
                       .next = step};
    hy_phase_meter_start(&self.meter, replay->program);
    self.meter.timed = false;
    self.meter.weighed = true;
    hy_resident_reset_peak();
    self.baseline = hy_resident_now();
    const uint64_t begin = hy_now_busy();
    do {
        replay->failed = footprint_window(&self);
    } while (hy_replay_next(replay));
    const uint64_t time = hy_now_busy() - begin;
    hy_replay_ending(replay, ret_ending);
    if (strcmp(ret_ending->outcome, "ok") != 0)
        return;
    if (self.count == 0 || self.at[self.count - 1].clock < (double)self.clock)
        self.at[self.count++] = take_sample(&self);
    end_phase(&self);
    say_figures(out, &self);
    hy_phase_meter_say(out, &self.meter, !self.foreign);
    say_curves(out, &self);
    say_placement(out, &self, time);
}
