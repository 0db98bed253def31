/* SPDX-License-Identifier: MIT
 *
 * test_replay.c - programs against heaps, in this process: what the passes say, and that lanes wait for each
 * other; who can be measured by what is in replay_suitable.c.
 */
#include "event_list.h"
#include "registry.h"
#include "replay.h"
#include "replay_suitable.h"
#include "said_figure.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* What a pass said and how it ended. */
typedef struct told {
    char *text;
    hy_ending ending;
} told;

typedef void pass_function(hy_replay *replay, FILE *out, hy_ending *ret_ending);

static told run_pass(pass_function *pass, const hy_catalog *catalog, const char *spec, const hy_program *program) {
    told t = {NULL, {"", ""}};
    size_t size = 0;
    hy_error error = {""};
    hy_replay replay;
    static hy_instance instance;
    const hy_opening opening = {
        .catalog = catalog, .spec = {spec, strlen(spec)}, .options = {.threads = program->head->lanes > 1}};
    FILE *const out = open_memstream(&t.text, &size);
    assert_int_equal(hy_open(catalog, opening.spec, &opening.options, &instance, &error), 0);
    assert_int_equal(hy_replay_start(&replay, program, &instance, HY_TOUCH_FIRST, &error), 0);
    replay.opening = &opening;
    pass(&replay, out, &t.ending);
    hy_replay_end(&replay);
    hy_close(&instance);
    fclose(out);
    return t;
}

static double figure(const told *t, const char *name) {
    return said_figure(t->text, name);
}

static hy_program mixed(hy_form form, size_t count, unsigned threads) {
    hy_event *const events = malloc(count * sizeof *events);
    mix_events(events, count, threads, 5);
    const hy_program p = map_list(form, events, count);
    free(events);
    return p;
}

/* ------------------------------------------------------------------------------------------------------ passes ---- */

static void test_throughput(void **state) {
    (void)state;
    hy_program p = mixed(HY_FORM_SERIAL, 20000, 1);
    told t = run_pass(hy_pass_throughput, &hy_registry, "skeleton", &p);
    assert_string_equal(t.ending.outcome, "ok");
    assert_int_equal(figure(&t, "ops"), 20000);
    assert_true(figure(&t, "ns_per_op") > 0);
    free(t.text);
    hy_program_unmap(&p);
}

static void test_latency_counts_each_operation(void **state) {
    (void)state;
    hy_program p = mixed(HY_FORM_SERIAL, 20000, 1);
    told t = run_pass(hy_pass_latency, &hy_registry, "skeleton", &p);
    unsigned long long all = 0, parts = 0;
    for (const char *at = t.text; (at = strstr(at, "bucket ")) != NULL; at++) {
        char kind[16];
        unsigned long long count = 0;
        assert_int_equal(sscanf(at, "bucket %15s %*f %*f %llu", kind, &count), 2);
        if (strcmp(kind, "merge") == 0 || strcmp(kind, "grow") == 0)
            continue; /* these are there twice */
        *(strcmp(kind, "all") == 0 ? &all : &parts) += count;
    }
    assert_int_equal(all, 20000);
    assert_int_equal(parts, 20000);
    assert_true(figure(&t, "all_p50") <= figure(&t, "all_p99") && figure(&t, "all_p99") <= figure(&t, "all_max"));
    figure(&t, "stamp_overhead");
    free(t.text);
    hy_program_unmap(&p);
}

static void test_footprint(void **state) {
    (void)state;
    const hy_event events[] = {BORN(0, 0, 1000000), BORN(0, 1, 3000000), DEAD(0, 1), BORN(0, 2, 500000)};
    hy_program p = MAP_LIST(HY_FORM_SERIAL, events);
    told t = run_pass(hy_pass_footprint, &hy_registry, "skeleton", &p);
    assert_string_equal(t.ending.outcome, "ok");
    assert_int_equal(figure(&t, "peak_live"), 4000000);
    assert_true(figure(&t, "peak_committed") >= 4000000);
    assert_true(figure(&t, "peak_resident") >= 4000000);
    assert_true(figure(&t, "jw1") >= 1 && figure(&t, "jw2") >= 1 && figure(&t, "jw3") >= 1);
    assert_true(figure(&t, "jw4") >= 1 && figure(&t, "jw4") < 4);
    assert_true(figure(&t, "internal") >= 0 && figure(&t, "internal") < 0.6);
    assert_true(figure(&t, "external") >= 0 && figure(&t, "external") < 1);
    assert_non_null(strstr(t.text, "point live "));
    assert_non_null(strstr(t.text, "point committed "));
    free(t.text);
    hy_program_unmap(&p);
}

/* What an allocator counts is told, what follows from it too, and nothing else. */
static void test_footprint_counts(void **state) {
    (void)state;
    const hy_event events[] = {BORN(0, 0, 5000), BORN(0, 1, 3000), BORN(0, 2, 100), DEAD(0, 1), BORN(0, 3, 1000)};
    hy_program p = MAP_LIST(HY_FORM_SERIAL, events);
    told t = run_pass(hy_pass_footprint, &hy_registry, "first-fit", &p);
    assert_int_equal(figure(&t, "searches"),
                     5); /* the first finds nothing, and searches again when the heap has grown */
    assert_int_equal(figure(&t, "splits"), 4);
    assert_int_equal(figure(&t, "merges"), 0);
    assert_int_equal(figure(&t, "grows"), 1);
    assert_true(figure(&t, "search_length") > 0 && figure(&t, "search_length") <= 1); /* never more than one hole */
    assert_null(strstr(t.text, "regret"));                                            /* of no merges */
    assert_true(figure(&t, "placement3") == 1);
    assert_non_null(strstr(t.text, "point placement "));
    free(t.text);
    t = run_pass(hy_pass_footprint, &hy_registry, "system", &p);
    assert_null(strstr(t.text, "searches"));
    assert_null(strstr(t.text, "placement"));
    free(t.text);
    hy_program_unmap(&p);
}

/* bump has no headers: the figures can be foretold. */
static void test_footprint_of_bump(void **state) {
    (void)state;
    enum { BLOCKS = 1000, SIZE = 65536 };
    static hy_event events[BLOCKS];
    for (uint64_t i = 0; i < BLOCKS; i++)
        events[i] = (hy_event)BORN(0, i, SIZE);
    hy_program p = MAP_LIST(HY_FORM_SERIAL, events);
    told t = run_pass(hy_pass_footprint, &hy_registry, "bump", &p);
#ifndef __SANITIZE_THREAD__ /* its shadow memory is resident too, and several times as large */
    assert_true(figure(&t, "jw4") >= 1 && figure(&t, "jw4") < 1.2);
    assert_true(figure(&t, "jw2") == figure(&t, "jw4"));
#endif
    size_t points = 0;
    for (const char *at = t.text; (at = strstr(at, "point live ")) != NULL; at++)
        points++;
    assert_in_range(points, 200, 260);
    free(t.text);
    hy_program_unmap(&p);
}

/* ------------------------------------------------------------------------------------------------------ verify ---- */

static void test_verify_finds_nothing_in_good_heaps(void **state) {
    (void)state;
    static const char *const specs[] = {"skeleton", "first-fit", "best-fit", "bump", "region", "system"};
    hy_program p = mixed(HY_FORM_SERIAL, 20000, 1);
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        told t = run_pass(hy_pass_verify, &hy_registry, specs[i], &p);
        if (strcmp(t.ending.outcome, "ok") != 0)
            fail_msg("%s: %s", specs[i], t.ending.detail);
        assert_true(figure(&t, "blocks_verified") > 5000);
        free(t.text);
    }
    hy_program_unmap(&p);
}

/* A heap that does one thing wrong: `spoil` says what. */
typedef enum spoil { SPOIL_OVERLAP, SPOIL_ALIGN, SPOIL_ZERO, SPOIL_COPY, SPOIL_ROOM } spoil;
static spoil spoiled;
static char arena[1 << 22] __attribute__((aligned(4096)));
static size_t arena_used;

static int bad_create(const hy_setup *setup, hy_heap **ret) {
    (void)setup;
    static hy_heap heap;
    memset(arena, 0x5a, sizeof arena);
    arena_used = 0;
    *ret = &heap;
    return 0;
}

static void bad_destroy(hy_heap *heap) {
    (void)heap;
}

static void *bad_alloc(hy_heap *heap, size_t size, size_t align) {
    (void)heap;
    const size_t step = (size + align - 1) / align * align;
    const size_t start = arena_used;
    if (spoiled == SPOIL_ROOM && start > 4096)
        return NULL;
    arena_used += spoiled == SPOIL_OVERLAP && start > 4096 ? step / 2 / align * align : step;
    return arena + start + (spoiled == SPOIL_ALIGN && start > 4096 ? 8 : 0);
}

static void *bad_alloc_zeroed(hy_heap *heap, size_t size, size_t align) {
    void *const block = bad_alloc(heap, size, align);
    if (block && spoiled != SPOIL_ZERO)
        memset(block, 0, size);
    return block;
}

static void bad_free(hy_heap *heap, void *block, size_t size) {
    (void)heap;
    (void)block;
    (void)size;
}

static void *bad_realloc(hy_heap *heap, void *block, size_t old_size, size_t align, size_t new_size) {
    void *const moved = bad_alloc(heap, new_size, align);
    if (moved && spoiled != SPOIL_COPY)
        memcpy(moved, block, old_size < new_size ? old_size : new_size);
    return moved;
}

static const hy_heap_ops bad_ops = {.name = "bad",
                                    .summary = "does one thing wrong",
                                    .source = "this test",
                                    .threads = HY_THREADS_NONE,
                                    .max_align = HY_ANY,
                                    .max_size = HY_ANY,
                                    .create = bad_create,
                                    .destroy = bad_destroy,
                                    .alloc = bad_alloc,
                                    .free = bad_free,
                                    .realloc = bad_realloc,
                                    .alloc_zeroed = bad_alloc_zeroed};

static hy_catalog bad_catalog(void) {
    static const hy_heap_ops *const heaps[] = {&bad_ops, NULL};
    hy_catalog catalog = hy_registry;
    catalog.heaps = heaps;
    return catalog;
}

static void test_verify_finds_what_is_wrong(void **state) {
    (void)state;
    static const struct {
        spoil what;
        const char *says;
    } cases[] = {{SPOIL_OVERLAP, "as it was written"},
                 {SPOIL_ALIGN, "not aligned to 16"},
                 {SPOIL_ZERO, "calloc: byte 0"},
                 {SPOIL_COPY, "after realloc: byte"}};
    const hy_catalog catalog = bad_catalog();
    hy_program p = mixed(HY_FORM_SERIAL, 1000, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        spoiled = cases[i].what;
        told t = run_pass(hy_pass_verify, &catalog, "bad", &p);
        assert_string_equal(t.ending.outcome, "failed");
        if (!strstr(t.ending.detail, cases[i].says))
            fail_msg("\"%s\" lacks \"%s\"", t.ending.detail, cases[i].says);
        assert_null(strstr(t.text, "blocks_verified"));
        free(t.text);
    }
    hy_program_unmap(&p);
}

/* Every pass says how far it came, also when other lanes wait for what never comes. */
static void test_no_room(void **state) {
    (void)state;
    static pass_function *const passes[] = {hy_pass_throughput, hy_pass_latency, hy_pass_footprint, hy_pass_verify};
    const hy_catalog catalog = bad_catalog();
    spoiled = SPOIL_ROOM;
    for (size_t i = 0; i < 4; i++) {
        const bool lanes = i == 0 || i == 3;
        hy_program p = mixed(lanes ? HY_FORM_FAITHFUL : HY_FORM_SERIAL, 1000, 3);
        told t = run_pass(passes[i], &catalog, "bad", &p);
        assert_string_equal(t.ending.outcome, "no-room");
        assert_non_null(strstr(t.ending.detail, "no room for "));
        assert_non_null(strstr(t.ending.detail, lanes ? " of thread " : " of 1000"));
        assert_string_equal(t.text, "");
        free(t.text);
        hy_program_unmap(&p);
    }
}

/* ------------------------------------------------------------------------------------------------------- lanes ---- */

/* Contents are right only if no free overtakes its malloc and no realloc another. */
static void verify_often(hy_form form, size_t events, const char *spec, int rounds) {
    hy_program p = mixed(form, events, 4);
    assert_int_equal(p.head->lanes, 4);
    for (int i = 0; i < rounds; i++) {
        told t = run_pass(hy_pass_verify, &hy_registry, spec, &p);
        if (strcmp(t.ending.outcome, "ok") != 0)
            fail_msg("round %d: %s", i, t.ending.detail);
        free(t.text);
    }
    told t = run_pass(hy_pass_throughput, &hy_registry, spec, &p);
    assert_int_equal(figure(&t, "ops"), events);
    free(t.text);
    hy_program_unmap(&p);
}

static void test_objects_are_handed_over_in_order(void **state) {
    (void)state;
    verify_often(HY_FORM_FREE, 4000, "skeleton", 30);
    verify_often(HY_FORM_FREE, 4000, "segregated", 20);
}

/* Some epochs long. */
static void test_lanes_that_are_kept_together(void **state) {
    (void)state;
    verify_often(HY_FORM_FAITHFUL, 40000, "skeleton", 3);
}

static const hy_op *sleep_in_lane(hy_replay *replay, size_t lane, const hy_op *from, void *context) {
    (void)replay, (void)from;
    static const struct timespec nap = {0, 20000000};
    nanosleep(&nap, NULL);
    __atomic_fetch_add((size_t *)context, lane, __ATOMIC_RELAXED);
    return NULL;
}

/* The time is the lanes', however late the thread that started them comes to look. */
static void test_lanes_are_timed_by_themselves(void **state) {
    (void)state;
    hy_program p = mixed(HY_FORM_FAITHFUL, 1000, 4);
    hy_replay replay = {.program = &p};
    size_t lanes = 0;
    assert_true(hy_run_lanes(&replay, sleep_in_lane, &lanes, NULL) >= 20000000);
    assert_int_equal(lanes, 0 + 1 + 2 + 3);
    hy_program_unmap(&p);
}

/* What ran a lane: threads that began, and of those that ended. */
typedef struct followers {
    pthread_key_t key;
    unsigned begun, ended;
} followers;

static followers follow;

static void follow_end(void *value) {
    (void)value;
    follow.ended++;
}

/* Lane 1, up to where a thread ends.  Whoever follows finds that it has ended, with all that it had to do then. */
static const hy_op *follow_lane(hy_replay *replay, size_t lane, const hy_op *from, void *context) {
    const hy_op *end;
    (void)context;
    hy_program_lane(replay->program, lane, &end);
    if (lane != 1)
        return NULL;
    if (!pthread_getspecific(follow.key)) {
        assert_int_equal(follow.ended, follow.begun);
        pthread_setspecific(follow.key, &follow);
        follow.begun++;
    }
    while (from != end && from->kind != HY_OP_THREAD_EXIT)
        from++;
    return from != end ? from + 1 : NULL;
}

/* Three threads one after the other beside the first, with so many objects each: how many there are here. */
static unsigned count_followers(size_t objects) {
    hy_event *const events = calloc(6 * objects + 5, sizeof *events);
    size_t count = 0;
    assert_non_null(events);
    events[count++] = (hy_event)BORN(0, 0, 8);
    for (uint32_t thread = 1; thread <= 3; thread++) {
        for (size_t i = 0; i < objects; i++) {
            const uint64_t id = (thread - 1) * objects + i + 1;
            events[count++] = (hy_event)BORN(thread, id, 8);
            events[count++] = (hy_event)DEAD(thread, id);
        }
        events[count++] = (hy_event)ENDS(thread);
    }
    events[count++] = (hy_event)DEAD(0, 0);
    hy_program p = map_list(HY_FORM_FAITHFUL, events, count);
    free(events);
    assert_int_equal(p.head->lanes, 2);
    hy_replay replay = {.program = &p};
    hy_error error = {""};
    follow = (followers){.begun = 0};
    pthread_key_create(&follow.key, follow_end);
    hy_run_lanes(&replay, follow_lane, NULL, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(follow.ended, follow.begun);
    pthread_key_delete(follow.key);
    hy_program_unmap(&p);
    return follow.begun;
}

static void test_a_thread_ends_where_one_of_the_trace_ends(void **state) {
    (void)state;
    assert_int_equal(count_followers(7000), 3);
    assert_int_equal(count_followers(10), 1); /* to start them would take longer than what they do */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_throughput),
        cmocka_unit_test(test_latency_counts_each_operation),
        cmocka_unit_test(test_footprint),
        cmocka_unit_test(test_footprint_counts),
        cmocka_unit_test(test_footprint_of_bump),
        cmocka_unit_test(test_verify_finds_nothing_in_good_heaps),
        cmocka_unit_test(test_verify_finds_what_is_wrong),
        cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_objects_are_handed_over_in_order),
        cmocka_unit_test(test_lanes_that_are_kept_together),
        cmocka_unit_test(test_lanes_are_timed_by_themselves),
        cmocka_unit_test(test_a_thread_ends_where_one_of_the_trace_ends),
        cmocka_unit_test(test_unsuitable_pairs_are_refused),
    };
    return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
