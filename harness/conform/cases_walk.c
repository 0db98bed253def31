/* SPDX-License-Identifier: MIT
 *
 * cases_walk.c - what a heap says about itself (walk, stats) and what it does to put itself in order (coalesce, trim,
 * compact), against the shadow model.
 */
#include "shadow_heap.h"

#include "support.h"

#include <string.h>

#define WALK_STEPS 6000u
#define WALK_BLOCKS 300u

static int stop_at_once(void *context, const hy_range *range) {
    (void)range;
    ++*(int *)context;
    return 7;
}

static void run_walk(subject *s) {
    shadow_heap shadow;
    subject_open(s);
    subject_needs(s, s->heap->ops->walk, "it has no walk");
    subject_needs_own_pages(s);
    shadow_init(&shadow, s, s->heap, WALK_BLOCKS);
    shadow_walk(&shadow);
    for (unsigned i = 0; i < WALK_STEPS; i++) {
        shadow_step(&shadow);
        if (i % 8 == 0)
            shadow_walk(&shadow);
    }
    int visits = 0;
    if (shadow.count > 0)
        EXPECT(s, s->heap->ops->walk(s->heap, stop_at_once, &visits) == 7 && visits == 1,
               "walk goes on after visit returned 7");
    shadow_free_all(&shadow);
    shadow_walk(&shadow);
    shadow_drop(&shadow);
    subject_close(s);
}

/* --------------------------------------------------------------------------------------------------- coalesce ---- */

typedef struct hole_counter {
    subject *s;
    size_t holes, touching, bytes;
    uintptr_t end; /* of the hole before, or 0 */
    size_t size;   /* its size */
} hole_counter;

/* Two holes that touch ought to be one; of a heap that merges buddies only if they are that: two halves of one
 * aligned power of two. */
static bool should_merge(const hole_counter *c, const hy_range *above) {
    if (!subject_has(c->s, HY_BUDDIES))
        return true;
    return c->size == above->size && (above->size & (above->size - 1)) == 0 && above->start / above->size % 2 == 1;
}

static int count_hole(void *context, const hy_range *range) {
    hole_counter *const c = context;
    const bool hole = range->kind == HY_FREE;
    /* Two reservations that lie side by side are not one run. */
    if (hole && c->end == range->start && !audit_is_start(c->s->data, range->start) && should_merge(c, range))
        c->touching++;
    c->holes += hole;
    c->bytes += hole ? range->size : 0;
    c->end = hole ? range->start + range->size : 0;
    c->size = range->size;
    return 0;
}

static hole_counter count_holes(subject *s) {
    hole_counter c = {.s = s};
    s->heap->ops->walk(s->heap, count_hole, &c);
    return c;
}

static void run_coalesce(subject *s) {
    shadow_heap shadow;
    subject_open(s);
    subject_needs(s, s->heap->ops->coalesce && s->heap->ops->walk, "it has no coalesce, or no walk");
    shadow_init(&shadow, s, s->heap, WALK_BLOCKS);
    for (unsigned i = 0; i < WALK_STEPS; i++) {
        shadow_step(&shadow);
        if (i % 50 != 0)
            continue;
        s->heap->ops->coalesce(s->heap);
        EXPECT(s, count_holes(s).touching == 0, "holes touch each other after coalesce");
        EXPECT(s, s->heap->ops->coalesce(s->heap) == 0, "coalesce finds more to merge when called again");
        shadow_check(&shadow);
        shadow_walk(&shadow);
    }
    shadow_verify(&shadow);
    shadow_free_all(&shadow);
    s->heap->ops->coalesce(s->heap);
    EXPECT(s, count_holes(s).touching == 0, "holes touch each other in an empty heap after coalesce");
    shadow_drop(&shadow);
    subject_close(s);
}

/* ------------------------------------------------------------------------------------------------------- trim ---- */

static void trim_once(subject *s) {
    const size_t before = s->data->committed + s->meta->committed;
    const size_t said = s->heap->ops->trim(s->heap), after = s->data->committed + s->meta->committed;
    if (!subject_has(s, HY_FOREIGN))
        EXPECT(s, said == before - after, "trim says %zu bytes; %zu were decommitted", said, before - after);
}

static void run_trim(subject *s) {
    shadow_heap shadow;
    subject_open(s);
    subject_needs(s, s->heap->ops->trim, "it has no trim");
    shadow_init(&shadow, s, s->heap, WALK_BLOCKS);
    for (unsigned i = 0; i < WALK_STEPS; i++) {
        shadow_step(&shadow);
        if (i % 100 != 0)
            continue;
        trim_once(s);
        shadow_check(&shadow);
        shadow_verify(&shadow);
        if (s->heap->ops->walk)
            shadow_walk(&shadow);
    }
    shadow_free_all(&shadow);
    trim_once(s);
    EXPECT(s, shadow_alloc(&shadow, shadow.largest, s->align, false) || subject_has(s, HY_NO_REUSE | HY_REGIONS),
           "nothing is served after trim");
    shadow_drop(&shadow);
    subject_close(s);
}

/* ---------------------------------------------------------------------------------------------------- compact ---- */

typedef struct mover {
    shadow_heap *shadow;
    size_t moves;
} mover;

static void on_moved(void *context, void *from, void *to) {
    mover *const m = context;
    shadow_moved(m->shadow, (uintptr_t)from, (uintptr_t)to);
    m->moves++;
}

static void run_compact(subject *s) {
    shadow_heap shadow;
    subject_open(s);
    subject_needs(s, s->heap->ops->compact, "it never moves blocks");
    shadow_init(&shadow, s, s->heap, WALK_BLOCKS);
    for (unsigned i = 0; i < WALK_STEPS; i++) {
        shadow_step(&shadow);
        if (i % 200 != 0)
            continue;
        mover m = {&shadow, 0};
        const size_t said = s->heap->ops->compact(s->heap, on_moved, &m);
        EXPECT(s, said == m.moves, "compact says %zu moves and announced %zu", said, m.moves);
        shadow_verify(&shadow);
        shadow_check(&shadow);
    }
    shadow_free_all(&shadow);
    shadow_drop(&shadow);
    subject_close(s);
}

/* ------------------------------------------------------------------------------------------------------ stats ---- */

static hy_stats get_stats(subject *s) {
    hy_stats stats;
    memset(&stats, 0xff, sizeof stats);
    s->heap->ops->stats(s->heap, &stats);
    return stats;
}

static void expect_grown(subject *s, const char *name, uint64_t before, uint64_t after) {
    EXPECT(s, (before == HY_UNKNOWN) == (after == HY_UNKNOWN), "stats: %s is known only now and then", name);
    EXPECT(s, before == HY_UNKNOWN || after >= before, "stats: %s fell from %zu to %zu", name, (size_t)before,
           (size_t)after);
}

static void expect_plausible(subject *s, const shadow_heap *shadow, const hy_stats *before, const hy_stats *now) {
    expect_grown(s, "searches", before->searches, now->searches);
    expect_grown(s, "search_steps", before->search_steps, now->search_steps);
    expect_grown(s, "splits", before->splits, now->splits);
    expect_grown(s, "merges", before->merges, now->merges);
    expect_grown(s, "merge_passes", before->merge_passes, now->merge_passes);
    expect_grown(s, "grows", before->grows, now->grows);
    expect_grown(s, "merges_wasted", before->merges_wasted, now->merges_wasted);
    expect_grown(s, "pass_steps", before->pass_steps, now->pass_steps);
    expect_grown(s, "longest_pass", before->longest_pass, now->longest_pass);
    expect_grown(s, "failed_searches", before->failed_searches, now->failed_searches);
    if (now->live_blocks != HY_UNKNOWN && !subject_has(s, HY_NO_REUSE | HY_REGIONS))
        EXPECT(s, now->live_blocks == shadow->count, "stats: %zu live blocks where %zu live", (size_t)now->live_blocks,
               shadow->count);
    if (now->live_bytes != HY_UNKNOWN)
        EXPECT(s, now->live_bytes >= shadow->bytes, "stats: %zu live bytes where %zu were asked for",
               (size_t)now->live_bytes, shadow->bytes);
    if (now->holes != HY_UNKNOWN && s->heap->ops->walk)
        EXPECT(s, now->holes == count_holes(s).holes, "stats: %zu holes where walk shows %zu", (size_t)now->holes,
               count_holes(s).holes);
}

static void run_stats(subject *s) {
    shadow_heap shadow;
    subject_open(s);
    subject_needs(s, s->heap->ops->stats, "it keeps no statistics");
    subject_needs_own_pages(s);
    shadow_init(&shadow, s, s->heap, WALK_BLOCKS);
    hy_stats before = get_stats(s);
    for (unsigned i = 0; i < WALK_STEPS; i++) {
        shadow_step(&shadow);
        if (i % 16 != 0)
            continue;
        const hy_stats now = get_stats(s);
        expect_plausible(s, &shadow, &before, &now);
        before = now;
    }
    shadow_drop(&shadow);
    subject_close(s);
}

const conform_case cases_walk[] = {
    {"walk", "walk shows every live block once, in order, and nothing that overlaps", run_walk},
    {"coalesce", "coalesce leaves no two neighbouring holes", run_coalesce},
    {"trim", "trim keeps contents and says what it gave back", run_trim},
    {"compact", "compact keeps contents and announces every move", run_compact},
    {"stats", "statistics are plausible", run_stats},
    {NULL, NULL, NULL},
};
