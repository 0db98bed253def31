/* SPDX-License-Identifier: MIT
 *
 * Packings: what the checker accepts, and that every packer's result lies between the two limits.
 */
#include "bound.h"

#include "random_events.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>

#include <cmocka.h>

static void add(hy_job *job, uint64_t size, uint32_t start, uint32_t end, uint64_t offset) {
    assert_int_equal(hy_job_add(job, size, start, end, 0, NULL), 0);
    job->buffers[job->count - 1].offset = offset;
}

/* A small job whose lifetimes and sizes are of every kind; offsets are wild. */
static void fill(hy_job *job, random_events *r, size_t count, uint32_t clock, uint64_t largest) {
    for (size_t i = 0; i < count; i++) {
        const uint32_t start = (uint32_t)(random_next(r) % clock);
        const uint32_t end = start + 1 + (uint32_t)(random_next(r) % (clock - start));
        const uint32_t align = random_next(r) % 4 ? 0 : (uint32_t)(random_next(r) % 3);
        assert_int_equal(hy_job_add(job, random_next(r) % largest, start, end, align, NULL), 0);
        job->buffers[i].offset = (random_next(r) % (3 * largest)) & ~(((uint64_t)1 << job->buffers[i].align) - 1);
    }
}

static bool overlap(const hy_buffer *a, const hy_buffer *b) {
    return a->start < b->end && b->start < a->end && a->offset < b->offset + b->size && b->offset < a->offset + a->size;
}

static bool packed(const hy_job *job) {
    for (size_t i = 0; i < job->count; i++)
        for (size_t k = 0; k < i; k++)
            if (overlap(&job->buffers[i], &job->buffers[k]))
                return false;
    return true;
}

static void lower_is_the_most_alive(void **state) {
    hy_job job = {.align = 16};
    uint64_t bytes;
    uint32_t moment;
    assert_int_equal(hy_job_lower(&job, &bytes, &moment), 0);
    assert_int_equal(bytes, 0);
    add(&job, 1, 0, 4, 0);  /* 16 */
    add(&job, 32, 1, 3, 0); /* 32 */
    add(&job, 33, 3, 5, 0); /* 48, after the one before */
    assert_int_equal(hy_job_lower(&job, &bytes, &moment), 0);
    assert_int_equal(bytes, 64);
    assert_int_equal(moment, 3);
    hy_job_clear(&job);
}

static void checker_knows_a_packing(void **state) {
    random_events r = {.state = 6};
    unsigned good = 0;
    for (unsigned round = 0; round < 4000; round++) {
        hy_job job = {.align = 1};
        hy_error error = {""};
        uint64_t top = 0;
        fill(&job, &r, 1 + round % 7, 1 + round % 9, 1 + round % 13);
        const int result = hy_packing_check(&job, &top, &error);
        assert_int_equal(result, packed(&job) ? 0 : -EINVAL);
        assert_int_equal(result == 0, error.text[0] == '\0');
        good += result == 0;
        hy_job_clear(&job);
    }
    assert_in_range(good, 400, 3600); /* both answers are tried often */
}

static void checker_says_what_is_wrong(void **state) {
    hy_job job = {.align = 16};
    hy_error error;
    uint64_t top;
    add(&job, 32, 0, 4, 0);
    add(&job, 16, 3, 5, 16);
    assert_int_equal(hy_packing_check(&job, &top, &error), -EINVAL);
    assert_string_equal(error.text, "buffers 0 and 1 overlap: [0, 32) and [16, 32) are both in use at 3");
    job.buffers[1].offset = 40;
    assert_int_equal(hy_packing_check(&job, &top, &error), -EINVAL);
    assert_string_equal(error.text, "buffer 1: offset 40 is not a multiple of 16");
    job.buffers[1].offset = 32;
    assert_int_equal(hy_packing_check(&job, &top, &error), 0);
    assert_int_equal(top, 48);
    hy_job_clear(&job);
}

static void job_refuses_what_cannot_be(void **state) {
    hy_job job = {.align = 16};
    hy_error error;
    assert_int_equal(hy_job_add(&job, 1, 3, 3, 0, &error), -EINVAL);
    assert_string_equal(error.text, "buffer 0: lives from 3 to 3; expected a later end");
    assert_int_equal(hy_job_add(&job, UINT64_MAX, 0, 1, 0, &error), -EOVERFLOW);
    assert_int_equal(hy_job_add(&job, 1, 0, 1, 63, &error), -EOVERFLOW);
    assert_int_equal(hy_job_add(&job, (uint64_t)INT64_MAX / 2, 0, 1, 0, &error), 0);
    assert_int_equal(hy_job_add(&job, (uint64_t)INT64_MAX / 2, 0, 1, 0, &error), -EOVERFLOW);
    assert_int_equal(job.count, 1);
    hy_job_clear(&job);
}

/* ---- packers ---- */

/* The least top, by trying every order: in an optimal packing every buffer can sink onto another or the floor, so some
 * order in which each takes its lowest free offset gives it. */
static void sink(hy_job *job, const size_t *order, size_t placed) {
    hy_buffer *const buffer = &job->buffers[order[placed]];
    const uint64_t step = (uint64_t)1 << buffer->align;
    for (buffer->offset = 0;; buffer->offset += step) {
        bool room = true;
        for (size_t i = 0; i < placed; i++)
            room = room && !overlap(buffer, &job->buffers[order[i]]);
        if (room)
            return;
    }
}

static uint64_t least_top(hy_job *job, size_t *order, size_t placed, uint64_t top, uint64_t best) {
    if (top >= best || placed == job->count)
        return top < best ? top : best;
    for (size_t i = placed; i < job->count; i++) {
        const size_t taken = order[i];
        order[i] = order[placed];
        order[placed] = taken;
        sink(job, order, placed);
        const uint64_t end = job->buffers[taken].offset + job->buffers[taken].size;
        best = least_top(job, order, placed + 1, end > top ? end : top, best);
        order[placed] = order[i];
        order[i] = taken;
    }
    return best;
}

static void packing_is_between_the_limits(void **state) {
    random_events r = {.state = 7};
    for (unsigned round = 0; round < 300; round++) {
        hy_job job = {.align = 1};
        hy_packing packing;
        size_t order[6];
        const hy_pack_options options = {.seed = round};
        fill(&job, &r, 1 + round % 6, 1 + round % 9, 9);
        for (size_t i = 0; i < job.count; i++)
            order[i] = i;
        const uint64_t least = least_top(&job, order, 0, 0, UINT64_MAX);
        assert_int_equal(hy_pack(&job, &options, &packing, NULL), 0);
        assert_true(packed(&job));
        assert_true(packing.lower <= least);
        assert_in_range(packing.upper, least, 2 * least);
        hy_job_clear(&job);
    }
}

static void packing_repeats_itself(void **state) {
    random_events r = {.state = 8};
    hy_job job = {.align = 16};
    hy_packing first, second;
    const hy_pack_options options = {.seed = 1};
    fill(&job, &r, 3000, 500, 4000);
    uint64_t *const offsets = calloc(job.count, sizeof *offsets);
    assert_non_null(offsets);
    assert_int_equal(hy_pack(&job, &options, &first, NULL), 0);
    for (size_t i = 0; i < job.count; i++)
        offsets[i] = job.buffers[i].offset;
    assert_int_equal(hy_pack(&job, &options, &second, NULL), 0);
    for (size_t i = 0; i < job.count; i++)
        assert_int_equal(offsets[i], job.buffers[i].offset);
    assert_int_equal(first.upper, second.upper);
    assert_string_equal(first.method, second.method);
    free(offsets);
    hy_job_clear(&job);
}

static void an_empty_job_has_no_gap(void **state) {
    hy_job job = {.align = 16};
    hy_packing packing;
    assert_int_equal(hy_pack(&job, &(hy_pack_options){.seed = 0}, &packing, NULL), 0);
    assert_int_equal(packing.lower, 0);
    assert_int_equal(packing.upper, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lower_is_the_most_alive),       cmocka_unit_test(checker_knows_a_packing),
        cmocka_unit_test(checker_says_what_is_wrong),    cmocka_unit_test(job_refuses_what_cannot_be),
        cmocka_unit_test(packing_is_between_the_limits), cmocka_unit_test(packing_repeats_itself),
        cmocka_unit_test(an_empty_job_has_no_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
