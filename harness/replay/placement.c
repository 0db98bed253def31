/* SPDX-License-Identifier: MIT
 *
 * placement.c - see placement.h.
 *
 * One walk, run by run: ranges without a gap between them are one run.  A hole below a used range is in the sum; one
 * above the highest used range only as far as the highest block that was ever seen in that run.
 */
#include "placement.h"

#include "support.h"

#define WORK ((size_t)1 << 23) /* ranges, with one tolerance */

/* Where the walk is. */
typedef struct measure {
    hy_placement *placement;
    const hy_placement_run *old; /* the run of the last measure that comes next */
    const hy_placement_run *old_end;
    hy_placement_run *fresh; /* the table that is written now */
    size_t kept;
    hy_placement_run run;
    uintptr_t end;    /* of the last range; 0: none yet */
    uintptr_t before; /* the run's high at the last measure */
    size_t above;     /* bytes of holes above the run's high */
    size_t touched;   /* of these, below `before` */
} measure;

static void measure_open_run(measure *m, uintptr_t start) {
    while (m->old != m->old_end && m->old->start < start)
        m->old++;
    m->before = m->old != m->old_end && m->old->start == start ? m->old->high : 0;
    m->run = (hy_placement_run){start, start};
    m->above = m->touched = 0;
}

static void measure_close_run(measure *m) {
    m->run.high = hy_max(m->run.high, hy_min(m->before, m->end));
    m->placement->holes += m->touched;
    m->placement->extent += m->run.high - m->run.start;
    if (m->end != 0 && m->kept < HY_PLACEMENT_RUNS)
        m->fresh[m->kept++] = m->run;
}

static int measure_range(void *context, const hy_range *range) {
    measure *const m = context;
    const uintptr_t start = range->start;
    if (start != m->end) {
        measure_close_run(m);
        measure_open_run(m, start);
    }
    m->end = start + range->size;
    m->placement->ranges++;
    if (range->kind == HY_USED) {
        m->placement->used += range->size;
        m->placement->holes += m->above;
        m->run.high = m->end;
        m->above = m->touched = 0;
    } else if (range->kind == HY_FREE) {
        m->above += range->size;
        m->touched += m->before > start ? hy_min(range->size, m->before - start) : 0;
    }
    return 0;
}

/* bump and region show dead blocks as used. */
static bool knows_the_dead(const hy_instance *instance) {
    return instance->heap->ops->walk && !(instance->base->flags & (HY_NO_REUSE | HY_REGIONS | HY_FAKE));
}

bool hy_placement_measure(const hy_instance *instance, hy_placement *placement) {
    if (!knows_the_dead(instance))
        return false;
    const hy_placement_run *const old = placement->run[placement->table];
    measure m = {.placement = placement,
                 .old = old,
                 .old_end = old + placement->runs,
                 .fresh = placement->run[1 - placement->table]};
    placement->used = placement->holes = placement->extent = placement->ranges = 0;
    instance->heap->ops->walk(instance->heap, measure_range, &m);
    measure_close_run(&m);
    placement->runs = m.kept;
    placement->table = 1 - placement->table;
    return true;
}

double hy_placement_ratio(const hy_placement *placement) {
    return placement->used ? (double)(placement->used + placement->holes) / (double)placement->used : 0;
}
