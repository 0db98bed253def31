/* SPDX-License-Identifier: MIT
 *
 * The packers' parts against plain doubles: room's searches, orders, sweeps, skylines, and jobs made of traces.
 */
#include "packers.h"
#include "room.h"

#include "random_events.h"
#include "trace.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#define GRAINS 300u /* no multiple of a block */

/* ---- room ---- */

static uint32_t find_plainly(const uint32_t *until, uint32_t size, uint32_t align, uint32_t moment) {
    for (uint32_t at = 0; at + size <= GRAINS; at += align) {
        uint32_t fit = 0;
        while (fit < size && until[at + fit] >= moment)
            fit++;
        if (fit == size)
            return at;
    }
    return HY_ROOM_NONE;
}

/* Sets a stretch of both, to one moment or to many. */
static void change(hy_room *room, uint32_t *until, random_events *r) {
    const uint32_t from = (uint32_t)(random_next(r) % GRAINS);
    const uint32_t longest = random_next(r) % 8 ? 24 : GRAINS;
    const uint32_t to = from + 1 + (uint32_t)(random_next(r) % (GRAINS - from < longest ? GRAINS - from : longest));
    const bool many = random_next(r) % 4 == 0;
    const uint32_t moment = random_next(r) % 3 ? (uint32_t)(random_next(r) % 9) : HY_ROOM_FOREVER;
    for (uint32_t i = from; i < to; i++)
        until[i] = many ? (uint32_t)(random_next(r) % 9) : moment;
    if (many)
        hy_room_copy(room, from, to, until + from);
    else
        hy_room_fill(room, from, to, moment);
}

static void room_finds_the_lowest_place(void **state) {
    random_events r = {.state = 9};
    uint32_t until[GRAINS] = {0};
    unsigned found = 0, missed = 0;
    hy_room room;
    assert_int_equal(hy_room_create(GRAINS, &room), 0);
    for (unsigned round = 0; round < 20000; round++) {
        change(&room, until, &r);
        const uint32_t size = 1 + (uint32_t)(random_next(&r) % (random_next(&r) % 4 ? 12 : GRAINS));
        const uint32_t align = random_next(&r) % 4 ? 1 : (uint32_t)1 << random_next(&r) % 7;
        const uint32_t moment = 1 + (uint32_t)(random_next(&r) % 9);
        const uint32_t expected = find_plainly(until, size, align, moment);
        assert_int_equal(hy_room_find(&room, size, align, moment), expected);
        *(expected == HY_ROOM_NONE ? &missed : &found) += 1;
    }
    assert_true(found > 2000 && missed > 2000);
    hy_room_destroy(&room);
}

/* ---- orders ---- */

static void order_is_by_the_weights(void **state) {
    hy_job job = {.align = 1};
    uint32_t numbers[4];
    const struct {
        hy_pack_order order;
        uint32_t expected[4];
    } cases[] = {
        {{.size = 1}, {1, 2, 0, 3}},                /* 16 64 32 8 */
        {{.lifetime = 1}, {0, 3, 2, 1}},            /* 32 1 3 8 */
        {{.size = 1, .lifetime = 1}, {0, 2, 1, 3}}, /* 512 64 96 64, ties by number */
        {{0}, {0, 1, 2, 3}},
    };
    assert_int_equal(hy_job_add(&job, 16, 0, 32, 0, NULL), 0);
    assert_int_equal(hy_job_add(&job, 64, 9, 10, 0, NULL), 0);
    assert_int_equal(hy_job_add(&job, 32, 4, 7, 0, NULL), 0);
    assert_int_equal(hy_job_add(&job, 8, 1, 9, 0, NULL), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(hy_pack_sort(&job, &cases[i].order, numbers), 0);
        assert_memory_equal(numbers, cases[i].expected, sizeof numbers);
    }
    hy_job_clear(&job);
}

static void noise_is_repeatable(void **state) {
    enum { COUNT = 1000 };
    hy_job job = {.align = 1};
    uint32_t first[COUNT], second[COUNT], other[COUNT];
    bool seen[COUNT] = {false};
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(hy_job_add(&job, 1 + i, 0, 1, 0, NULL), 0);
    assert_int_equal(hy_pack_sort(&job, &(hy_pack_order){.size = 1, .noise = 2, .seed = 5}, first), 0);
    assert_int_equal(hy_pack_sort(&job, &(hy_pack_order){.size = 1, .noise = 2, .seed = 5}, second), 0);
    assert_int_equal(hy_pack_sort(&job, &(hy_pack_order){.size = 1, .noise = 2, .seed = 6}, other), 0);
    assert_memory_equal(first, second, sizeof first);
    assert_memory_not_equal(first, other, sizeof first);
    for (size_t i = 0; i < COUNT; i++)
        seen[first[i]] = true;
    for (size_t i = 0; i < COUNT; i++)
        assert_true(seen[i]);
    hy_job_clear(&job);
}

/* ---- packers ---- */

/* Many small buffers and some large, aligned and not, most of them short-lived. */
static void fill(hy_job *job, random_events *r, size_t count, uint32_t clock, uint64_t largest) {
    for (size_t i = 0; i < count; i++) {
        const uint32_t start = (uint32_t)(random_next(r) % clock), left = clock - start;
        const uint32_t most = random_next(r) % 4 && left > 9 ? 9 : left;
        const uint32_t align = random_next(r) % 8 ? 0 : (uint32_t)(random_next(r) % 9);
        const uint64_t size = random_next(r) % (random_next(r) % 8 ? 100 : largest);
        assert_int_equal(hy_job_add(job, size, start, start + 1 + (uint32_t)(random_next(r) % most), align, NULL), 0);
    }
}

/* The packings need not be good, only right. */
static void packers_make_packings(void **state) {
    random_events r = {.state = 10};
    const uint32_t growths[] = {120, 200, 1000, HY_PACK_AT_ONCE};
    for (unsigned round = 0; round < 200; round++) {
        hy_job job = {.align = (uint64_t)1 << round % 5};
        hy_error error;
        uint32_t numbers[400];
        uint64_t lower, top, effort = UINT64_MAX;
        uint32_t moment;
        fill(&job, &r, 1 + random_next(&r) % 400, 1 + (uint32_t)(random_next(&r) % 90), 5000);
        assert_int_equal(hy_job_lower(&job, &lower, &moment), 0);
        assert_int_equal(hy_pack_sort(&job, &(hy_pack_order){.size = round % 3, .lifetime = round % 2}, numbers), 0);
        assert_int_equal(hy_pack_skyline(&job, numbers), 0);
        assert_int_equal(hy_packing_check(&job, &top, &error), 0);
        assert_true(top >= lower);
        assert_int_equal(hy_pack_sweep(&job, numbers, growths[round % 4], 4 * top + 4096, &effort), 1);
        assert_int_equal(hy_packing_check(&job, &top, &error), 0);
        assert_true(top >= lower);
        assert_int_equal(hy_pack_sweep(&job, numbers, growths[round % 4], lower - 1, &effort), 0); /* nothing can */
        hy_job_clear(&job);
    }
}

/* A sweep tells whom it had no room for, and places the others. */
static void sweep_tells_who_found_no_room(void **state) {
    hy_job job = {.align = 1};
    const uint32_t numbers[] = {0, 1, 2};
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(hy_job_add(&job, 10, 0, 1, 0, NULL), 0);
    uint64_t effort = UINT64_MAX;
    assert_int_equal(hy_pack_sweep(&job, numbers, HY_PACK_AT_ONCE, 20, &effort), 0);
    assert_true(effort < UINT64_MAX);
    assert_int_equal(job.buffers[0].offset, 0);
    assert_int_equal(job.buffers[1].offset, 10);
    assert_true(job.buffers[2].offset == HY_PACK_NOWHERE);
    assert_int_equal(hy_pack_sweep(&job, numbers, HY_PACK_AT_ONCE, 30, &effort), 1);
    effort = 5;
    assert_int_equal(hy_pack_sweep(&job, numbers, HY_PACK_AT_ONCE, 30, &effort), 0);
    assert_int_equal(effort, 0);
    hy_job_clear(&job);
}

/* What is too wide for an entry a grain is packed in coarser ones. */
static void sweep_packs_terabytes(void **state) {
    random_events r = {.state = 11};
    hy_job job = {.align = 16};
    hy_packing packing;
    for (uint32_t i = 0; i < 500; i++)
        assert_int_equal(hy_job_add(&job, random_wide(&r, 42), i, i + 1 + i % 50, 0, NULL), 0);
    assert_int_equal(hy_pack(&job, &(hy_pack_options){.seed = 1}, &packing, NULL), 0);
    assert_true(packing.lower > (uint64_t)1 << 40);
    assert_true(packing.upper < packing.lower + packing.lower / 4);
    hy_job_clear(&job);
}

/* How much better depends on the machine's speed. */
static void search_is_no_worse_than_greed(void **state) {
    random_events r = {.state = 12};
    unsigned open = 0;
    for (unsigned round = 0; round < 40; round++) {
        hy_job job = {.align = 1};
        hy_packing greedy, searched;
        fill(&job, &r, 60, 20, 60);
        assert_int_equal(hy_pack(&job, &(hy_pack_options){.seed = 1}, &greedy, NULL), 0);
        if (greedy.upper > greedy.lower) {
            assert_int_equal(hy_pack(&job, &(hy_pack_options){.seconds = 0.01, .seed = 1}, &searched, NULL), 0);
            assert_true(searched.upper <= greedy.upper);
            open++;
        }
        hy_job_clear(&job);
    }
    assert_true(open > 0);
}

/* ---- traces ---- */

static void append(hy_trace_writer *writer, uint8_t kind, uint64_t id, uint64_t size, uint8_t align) {
    const hy_event event = {.kind = kind, .id = id, .size = size, .align = align};
    assert_int_equal(hy_trace_append(writer, &event, NULL), 0);
}

static void job_is_made_of_a_trace(void **state) {
    char path[] = "/tmp/heapyard-room-XXXXXX";
    const hy_trace_meta meta = {.command = ""};
    const hy_buffer expected[] = {
        {.size = 112, .start = 0, .end = 1, .align = 4}, /* object 0 until its realloc */
        {.size = 16, .start = 0, .end = 3, .align = 4},  /* object 1, of 0 bytes */
        {.size = 208, .start = 1, .end = 2, .align = 4}, /* object 0 afterwards */
        {.size = 64, .start = 2, .end = 3, .align = 12}, /* object 2 lives at the end */
    };
    hy_trace_writer *writer;
    hy_job job;
    close(mkstemp(path));
    assert_int_equal(hy_trace_create(path, &meta, &writer, NULL), 0);
    append(writer, HY_EVENT_MALLOC, 0, 100, 0);
    append(writer, HY_EVENT_CALLOC, 1, 0, 0);
    append(writer, HY_EVENT_REALLOC, 0, 200, 0);
    append(writer, HY_EVENT_FREE, 0, 0, 0);
    append(writer, HY_EVENT_ALIGNED, 2, 64, 12);
    append(writer, HY_EVENT_FREE, 1, 0, 0);
    assert_int_equal(hy_trace_finish(writer, NULL), 0);
    assert_int_equal(hy_job_read(path, 16, &job, NULL), 0);
    unlink(path);
    assert_int_equal(job.count, 4);
    assert_int_equal(job.clock, 3);
    for (size_t i = 0; i < job.count; i++) {
        assert_int_equal(job.buffers[i].size, expected[i].size);
        assert_int_equal(job.buffers[i].start, expected[i].start);
        assert_int_equal(job.buffers[i].end, expected[i].end);
        assert_int_equal(job.buffers[i].align, expected[i].align);
    }
    hy_job_clear(&job);
    assert_int_equal(hy_job_read("/nonexistent.hyt", 16, &job, NULL), -ENOENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(room_finds_the_lowest_place),   cmocka_unit_test(order_is_by_the_weights),
        cmocka_unit_test(noise_is_repeatable),           cmocka_unit_test(packers_make_packings),
        cmocka_unit_test(sweep_tells_who_found_no_room), cmocka_unit_test(sweep_packs_terabytes),
        cmocka_unit_test(search_is_no_worse_than_greed), cmocka_unit_test(job_is_made_of_a_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
