/* SPDX-License-Identifier: MIT
 *
 * test_attribute.c - which operations held a merge pass or a growth, told of a heap that does both at known times.
 */
#include "attribute.h"
#include "event_list.h"
#include "registry.h"
#include "said_figure.h"

#include <stdlib.h>
#include <string.h>

enum { GROW_EVERY = 50, MERGE_EVERY = 100, EVENTS = 2000 };

/* A heap over an array.  The n-th allocation grows it if n is a multiple of GROW_EVERY, the n-th free merges likewise;
 * `odd` makes each new heap differ from the one before. */
typedef struct clock_heap {
    hy_heap heap;
    uint64_t births, deaths;
    size_t used;
} clock_heap;

static clock_heap the_heap;
static char arena[1 << 23] __attribute__((aligned(4096)));
static unsigned made;
static bool odd, silent;

static int clock_create(const hy_setup *setup, hy_heap **ret) {
    (void)setup;
    the_heap = (clock_heap){.births = odd ? made * MERGE_EVERY / 2 : 0};
    made++;
    *ret = &the_heap.heap;
    return 0;
}

static void clock_destroy(hy_heap *heap) {
    (void)heap;
}

static void *clock_alloc(hy_heap *heap, size_t size, size_t align) {
    clock_heap *const self = (clock_heap *)heap;
    (void)align;
    void *const block = arena + self->used;
    self->used += (size + 15) / 16 * 16;
    self->births++;
    return self->used <= sizeof arena ? block : NULL;
}

static void clock_free(hy_heap *heap, void *block, size_t size) {
    (void)block;
    (void)size;
    ((clock_heap *)heap)->deaths++;
}

static void clock_stats(hy_heap *heap, hy_stats *ret) {
    const clock_heap *const self = (const clock_heap *)heap;
    ret->grows = self->births / GROW_EVERY;
    if (!silent)
        ret->merge_passes = self->deaths / MERGE_EVERY;
}

static const hy_heap_ops clock_ops = {.name = "clock",
                                      .summary = "merges and grows at known times",
                                      .source = "this test",
                                      .threads = HY_THREADS_NONE,
                                      .max_align = HY_ANY,
                                      .max_size = HY_ANY,
                                      .create = clock_create,
                                      .destroy = clock_destroy,
                                      .alloc = clock_alloc,
                                      .free = clock_free,
                                      .stats = clock_stats};

static const hy_heap_ops *const heaps[] = {&clock_ops, NULL};
static hy_catalog catalog;

/* The latency pass of that heap; to be freed. */
static char *run_latency(const hy_program *program, bool can_renew) {
    static hy_instance instance;
    hy_error error = {""};
    hy_replay replay;
    hy_ending ending;
    char *text = NULL;
    size_t size = 0;
    FILE *const out = open_memstream(&text, &size);
    catalog = hy_registry;
    catalog.heaps = heaps;
    made = 0;
    const hy_opening opening = {.catalog = &catalog, .spec = {"clock", 5}};
    assert_int_equal(hy_open(opening.catalog, opening.spec, NULL, &instance, &error), 0);
    assert_int_equal(hy_replay_start(&replay, program, &instance, HY_TOUCH_NONE, &error), 0);
    replay.opening = can_renew ? &opening : NULL;
    hy_pass_latency(&replay, out, &ending);
    assert_string_equal(ending.outcome, "ok");
    hy_replay_end(&replay);
    hy_close(&instance);
    fclose(out);
    assert_non_null(strstr(text, "metric all_max "));
    return text;
}

/* 1000 births, then 1000 deaths: 20 growths, 10 passes. */
static hy_program births_and_deaths(void) {
    static hy_event events[EVENTS];
    for (uint64_t i = 0; i < EVENTS / 2; i++) {
        events[i] = (hy_event)BORN(0, i, 100);
        events[EVENTS / 2 + i] = (hy_event)DEAD(0, i);
    }
    return MAP_LIST(HY_FORM_SERIAL, events);
}

static void test_each_operation_has_its_reason(void **state) {
    (void)state;
    hy_program p = births_and_deaths();
    char *const text = run_latency(&p, true);
    assert_int_equal(made, 2); /* the timed heap and the other */
    assert_int_equal(said_figure(text, "grow_ops"), 20);
    assert_int_equal(said_figure(text, "merge_ops"), 10);
    assert_int_equal(said_figure(text, "plain_ops"), EVENTS - 30);
    assert_true(said_figure(text, "grow_max") <= said_figure(text, "all_max"));
    assert_true(said_figure(text, "merge_p50") <= said_figure(text, "merge_max"));
    assert_true(said_figure(text, "slowest_merge_share") >= 0 && said_figure(text, "slowest_merge_share") <= 0.1);
    unsigned long long merged = 0;
    for (const char *at = text; (at = strstr(at, "bucket merge ")) != NULL; at++) {
        unsigned long long count = 0;
        assert_int_equal(sscanf(at, "bucket merge %*f %*f %llu", &count), 1);
        merged += count;
    }
    assert_int_equal(merged, 10);
    free(text);
    hy_program_unmap(&p);
}

static void test_what_is_not_counted_is_not_told(void **state) {
    (void)state;
    hy_program p = births_and_deaths();
    silent = true;
    char *text = run_latency(&p, true);
    assert_int_equal(said_figure(text, "grow_ops"), 20);
    assert_null(strstr(text, "metric merge_"));
    assert_null(strstr(text, "slowest_merge_share"));
    free(text);
    silent = false;
    text = run_latency(&p, false);
    assert_null(strstr(text, "grow_"));
    free(text);
    hy_program_unmap(&p);
}

/* A heap that does not do the same again gives no reasons. */
static void test_replays_that_differ_say_nothing(void **state) {
    (void)state;
    hy_program p = births_and_deaths();
    odd = true;
    char *const text = run_latency(&p, true);
    odd = false;
    assert_int_equal(made, 2);
    assert_null(strstr(text, "merge_"));
    assert_null(strstr(text, "grow_"));
    free(text);
    hy_program_unmap(&p);
}

static void test_the_share_of_the_slowest(void **state) {
    (void)state;
    enum { COUNT = 1000 };
    static uint32_t length[COUNT];
    static uint8_t marks[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        length[i] = (uint32_t)(i * 7919 % COUNT); /* each of 0 … 999 once */
        marks[i] = length[i] >= 900 && length[i] < 940 ? HY_MARK_MERGE : HY_MARK_GROW;
    }
    assert_true(hy_slowest_share(length, marks, COUNT, HY_MARK_MERGE) == 0.4);
    assert_true(hy_slowest_share(length, marks, COUNT, HY_MARK_GROW) == 0.6);
    memset(length, 0, sizeof length);
    memset(marks, 0, sizeof marks);
    memset(marks, HY_MARK_MERGE, 25); /* of equal ones the first */
    assert_true(hy_slowest_share(length, marks, COUNT, HY_MARK_MERGE) == 0.25);
    assert_true(hy_slowest_share(length, marks, 10, HY_MARK_MERGE) == 1);
    assert_true(hy_slowest_share(length, marks, 0, HY_MARK_MERGE) == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_operation_has_its_reason),
        cmocka_unit_test(test_what_is_not_counted_is_not_told),
        cmocka_unit_test(test_replays_that_differ_say_nothing),
        cmocka_unit_test(test_the_share_of_the_slowest),
    };
    return cmocka_run_group_tests_name("attribute", tests, NULL, NULL);
}
