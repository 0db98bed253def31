/* SPDX-License-Identifier: MIT
 *
 * The search: against all packings of tiny jobs, and against packings that were cut out of a full rectangle.
 */
#include "search.h"
#include "two_limits.h"

#include "random_events.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>

#include <cmocka.h>

static void add(hy_job *job, uint64_t size, uint32_t start, uint32_t end, uint32_t align) {
    assert_int_equal(hy_job_add(job, size, start, end, align, NULL), 0);
}

/* ------------------------------------------------------------------------------------------------- brute force ---- */

static uint64_t lowest_place(const hy_job *job, const uint32_t *order, size_t placed, const hy_buffer *b) {
    uint64_t offset = 0;
    for (size_t i = 0; i < placed; i++) {
        const hy_buffer *const o = &job->buffers[order[i]];
        if (o->start < b->end && b->start < o->end && o->offset + o->size > offset)
            offset = o->offset + o->size;
    }
    const uint64_t mask = ((uint64_t)1 << b->align) - 1;
    return (offset + mask) & ~mask;
}

/* The least top of all orders, each buffer on top of what came before: some order gives the least of all packings. */
static void try_orders(hy_job *job, uint32_t *order, size_t placed, uint64_t top, uint64_t *best) {
    if (placed == job->count || top >= *best) {
        *best = top < *best ? top : *best;
        return;
    }
    for (size_t i = placed; i < job->count; i++) {
        const uint32_t next = order[i];
        hy_buffer *const b = &job->buffers[next];
        order[i] = order[placed];
        order[placed] = next;
        b->offset = lowest_place(job, order, placed, b);
        const uint64_t end = b->offset + b->size;
        try_orders(job, order, placed + 1, end > top ? end : top, best);
        order[placed] = order[i];
        order[i] = next;
    }
}

static uint64_t least_top(hy_job *job) {
    uint32_t order[16];
    uint64_t best = UINT64_MAX;
    for (uint32_t i = 0; i < job->count; i++)
        order[i] = i;
    try_orders(job, order, 0, 0, &best);
    return best;
}

static void fill(hy_job *job, random_events *r, size_t count, uint32_t clock, uint64_t largest, bool aligned) {
    for (size_t i = 0; i < count; i++) {
        const uint32_t start = (uint32_t)(random_next(r) % clock);
        const uint32_t end = start + 1 + (uint32_t)(random_next(r) % (clock - start));
        add(job, 1 + random_next(r) % largest, start, end, aligned ? (uint32_t)(random_next(r) % 4) : 0);
    }
}

static void finds_and_proves_the_least(void **state) {
    random_events r = {.state = 11};
    size_t above = 0;
    for (unsigned round = 0; round < 200; round++) {
        hy_job job = {.align = 1};
        hy_limits limits;
        fill(&job, &r, 2 + round % 7, 2 + round % 9, 1 + round % 12, round % 3 == 0);
        const uint64_t least = least_top(&job);
        assert_int_equal(hy_limits_find(&job, &(hy_limits_options){.steps = 1000000, .seed = round}, &limits, NULL), 0);
        assert_int_equal(limits.upper, least);
        assert_int_equal(limits.proven, least);
        above += least > limits.lower;
        hy_job_clear(&job);
    }
    assert_true(above > 5); /* else proofs were not tried */
}

/* ------------------------------------------------------------------------------------------------------ puzzles ----
 */

/* Cuts a rectangle of time and memory into buffers that fill it. */
static void cut(hy_job *job, random_events *r, uint32_t start, uint32_t end, uint64_t size, unsigned depth) {
    const bool through_time = random_next(r) % 2;
    if (depth == 0 || (through_time ? end - start < 2 : size < 2)) {
        add(job, size, start, end, 0);
    } else if (through_time) {
        const uint32_t middle = start + 1 + (uint32_t)(random_next(r) % (end - start - 1));
        cut(job, r, start, middle, size, depth - 1);
        cut(job, r, middle, end, size, depth - 1);
    } else {
        const uint64_t part = 1 + random_next(r) % (size - 1);
        cut(job, r, start, end, part, depth - 1);
        cut(job, r, start, end, size - part, depth - 1);
    }
}

static void puts_a_cut_rectangle_together(void **state) {
    random_events r = {.state = 5};
    for (unsigned round = 0; round < 20; round++) {
        hy_job job = {.align = 1};
        hy_search_result result = {.proven = 1000};
        cut(&job, &r, 0, 60, 1000, 4);
        for (size_t i = 0; i < job.count; i++) {
            job.buffers[i].offset = result.upper;
            result.upper += job.buffers[i].size;
        }
        assert_int_equal(hy_search(&job, &(hy_search_options){.steps = 2000000, .seed = 1}, &result), 0);
        uint64_t top;
        assert_int_equal(hy_packing_check(&job, &top, NULL), 0);
        assert_int_equal(top, result.upper);
        assert_int_equal(top, 1000);
        hy_job_clear(&job);
    }
}

static void steps_repeat(void **state) {
    random_events r = {.state = 7};
    hy_job job = {.align = 16};
    hy_limits first, second;
    fill(&job, &r, 120, 60, 4096, false);
    const hy_limits_options options = {.steps = 20000, .seed = 3};
    assert_int_equal(hy_limits_find(&job, &options, &first, NULL), 0);
    assert_int_equal(hy_limits_find(&job, &options, &second, NULL), 0);
    assert_int_equal(first.upper, second.upper);
    assert_int_equal(first.proven, second.proven);
    assert_int_equal(first.steps, second.steps);
    assert_true(first.steps > 0);
    assert_true(first.steps <= 20000);
    hy_job_clear(&job);
}

static void capacity_is_enough(void **state) {
    random_events r = {.state = 9};
    hy_job job = {.align = 1};
    hy_limits limits, tight;
    fill(&job, &r, 60, 30, 100, false);
    assert_int_equal(hy_limits_find(&job, &(hy_limits_options){.steps = 1, .seed = 1}, &limits, NULL), 0);
    const uint64_t capacity = (limits.lower + limits.upper) / 2;
    assert_true(capacity < limits.upper);
    assert_int_equal(
        hy_limits_find(&job, &(hy_limits_options){.steps = 100000, .seed = 1, .capacity = capacity}, &tight, NULL), 0);
    assert_true(tight.upper <= capacity);
    hy_job_clear(&job);
}

/* 6 bytes are alive at once, but the second buffer cannot begin at 3. */
static void proves_that_there_is_none(void **state) {
    hy_job job = {.align = 1};
    hy_limits limits;
    add(&job, 3, 0, 1, 2);
    add(&job, 3, 0, 1, 2);
    assert_int_equal(hy_limits_find(&job, &(hy_limits_options){.steps = 1000}, &limits, NULL), 0);
    assert_int_equal(limits.lower, 6);
    assert_int_equal(limits.proven, 7);
    assert_int_equal(limits.upper, 7);
    assert_int_equal(hy_limits_find(&job, &(hy_limits_options){.steps = 1000, .capacity = 6}, &limits, NULL), 0);
    assert_int_equal(limits.proven, 7);
    hy_job_clear(&job);
}

static void offsets_given_are_checked_and_kept(void **state) {
    hy_job job = {.align = 1};
    hy_limits limits;
    hy_error error;
    const hy_limits_options options = {.given = true, .steps = 1};
    add(&job, 4, 0, 3, 0);
    add(&job, 4, 2, 5, 0);
    assert_int_equal(hy_limits_find(&job, &options, &limits, &error), -EINVAL);
    job.buffers[0].offset = 4;
    assert_int_equal(hy_limits_find(&job, &options, &limits, &error), 0);
    assert_string_equal(limits.method, "as given");
    assert_int_equal(limits.upper, 8);
    assert_int_equal(job.buffers[0].offset, 4);
    job.buffers[0].offset = 100;
    assert_int_equal(hy_limits_find(&job, &options, &limits, &error), 0);
    assert_int_equal(limits.upper, 8);
    hy_job_clear(&job);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_and_proves_the_least),
        cmocka_unit_test(puts_a_cut_rectangle_together),
        cmocka_unit_test(steps_repeat),
        cmocka_unit_test(capacity_is_enough),
        cmocka_unit_test(proves_that_there_is_none),
        cmocka_unit_test(offsets_given_are_checked_and_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
