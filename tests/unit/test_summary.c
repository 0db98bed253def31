/* SPDX-License-Identifier: MIT
 *
 * test_summary.c - summaries of traces against sums done by hand and by a slower way; traces as text are in
 * summary_text.c.
 */
#include "importers.h"
#include "live.h"
#include "objects.h"
#include "random_events.h"
#include "summary_cases.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static char folder[64];
static char trace_path[128], text_path[128];

static int set_up(void **state) {
    snprintf(folder, sizeof folder, "/tmp/hy-summary-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(trace_path, sizeof trace_path, "%s/t.hyt", folder);
    snprintf(text_path, sizeof text_path, "%s/t.txt", folder);
    return 0;
}

static int tear_down(void **state) {
    unlink(trace_path);
    unlink(text_path);
    return rmdir(folder);
}

int import_text(const char *text, hy_error *error) {
    FILE *const file = fopen(text_path, "wb");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    return hy_text_import(text_path, trace_path, error);
}

void summarise(const char *text, hy_trace_summary *sum, hy_trace_curve *curve) {
    hy_error error;
    if (import_text(text, &error) < 0 || hy_trace_summarise_curve(trace_path, sum, curve, &error) < 0)
        fail_msg("%s", error.text);
}

/* ---- sums by hand ---- */

static void figures_are_right(void **state) {
    hy_trace_summary sum;
    hy_trace_curve curve;
    summarise("@command=x\n@pid=7\n"
              "10 0 malloc 0 100\n"
              "20 0 aligned 1 50 64\n"
              "30 1 thread-start\n"
              "40 1 calloc 2 0\n"
              "50 1 realloc 0 160\n" /* a handover; grows by 60 */
              "60 0 realloc 0 20\n"  /* another; shrinks by 140 */
              "70 0 free 1\n"        /* lived for 60 bytes */
              "80 0 free 0\n"        /* lived for 110 bytes */
              "90 1 thread-end\n@dropped=4\n",
              &sum, &curve);
    assert_int_equal(sum.events, 9);
    assert_int_equal(sum.by_kind[HY_EVENT_MALLOC], 1);
    assert_int_equal(sum.by_kind[HY_EVENT_REALLOC], 2);
    assert_int_equal(sum.by_kind[HY_EVENT_FREE], 2);
    assert_int_equal(sum.by_kind[HY_EVENT_THREAD_END], 1);
    assert_int_equal(sum.objects, 3);
    assert_int_equal(sum.threads, 2);
    assert_int_equal(sum.handovers, 2);
    assert_int_equal(sum.total_bytes, 210);
    assert_int_equal(sum.peak_bytes, 210);
    assert_int_equal(sum.peak_event, 4);
    assert_int_equal(sum.peak_objects, 3);
    assert_int_equal(sum.end_bytes, 0);
    assert_int_equal(sum.end_objects, 1);
    assert_int_equal(sum.max_size, 160);
    assert_int_equal(sum.max_align, 6);
    assert_int_equal(sum.duration, 90);
    assert_false(sum.lifo);
    assert_int_equal(sum.sizes[0], 1);     /* 0 */
    assert_int_equal(sum.sizes[5], 1);     /* 20 */
    assert_int_equal(sum.sizes[6], 1);     /* 50 */
    assert_int_equal(sum.sizes[7], 1);     /* 100 */
    assert_int_equal(sum.sizes[8], 1);     /* 160 */
    assert_int_equal(sum.lifetimes[6], 1); /* 60 */
    assert_int_equal(sum.lifetimes[7], 1); /* 110 */
    assert_int_equal(sum.meta.dropped, 4);
    assert_int_equal(sum.meta.pid, 7);
    assert_string_equal(sum.meta.command, "x");
    assert_string_equal(sum.warning, "");
    static const uint64_t live[] = {100, 150, 150, 150, 210, 70, 20, 0, 0};
    assert_int_equal(curve.step, 1);
    assert_int_equal(curve.count, 9);
    assert_memory_equal(curve.bytes, live, sizeof live);
}

static void an_empty_trace_has_a_summary(void **state) {
    hy_trace_summary sum;
    hy_trace_curve curve;
    summarise("# nothing\n", &sum, &curve);
    assert_int_equal(sum.events, 0);
    assert_true(sum.lifo);
    assert_int_equal(curve.count, 0);
}

/* A trace that only grows, with more events than the curve has points: each point is the end of its stretch. */
static void a_long_curve_loses_nothing(void **state) {
    enum { COUNT = 16 * HY_CURVE_POINTS };
    static char text[COUNT * 32];
    size_t size = 0;
    for (unsigned i = 0; i < COUNT; i++)
        size += (size_t)sprintf(text + size, "0 0 malloc %u 1\n", i);
    hy_trace_summary sum;
    hy_trace_curve curve;
    summarise(text, &sum, &curve);
    assert_int_equal(curve.step, 16);
    assert_int_equal(curve.count, HY_CURVE_POINTS);
    for (size_t i = 0; i < curve.count; i++)
        assert_int_equal(curve.bytes[i], (i + 1) * curve.step);
}

static bool is_lifo(const char *text) {
    hy_trace_summary sum;
    summarise(text, &sum, NULL);
    return sum.lifo;
}

static void lifo_is_seen(void **state) {
    assert_true(is_lifo("0 0 malloc 0 1\n0 0 malloc 1 1\n0 0 realloc 1 9\n0 0 free 1\n0 0 malloc 2 1\n0 0 free 2\n"
                        "0 0 free 0\n"));
    assert_false(is_lifo("0 0 malloc 0 1\n0 0 malloc 1 1\n0 0 free 0\n"));
    assert_false(is_lifo("0 0 malloc 0 1\n0 0 malloc 1 1\n0 0 realloc 0 9\n"));
    assert_false(is_lifo("0 0 malloc 0 1\n0 0 malloc 1 1\n0 0 free 0\n0 0 free 1\n0 0 malloc 2 1\n0 0 free 2\n"));
}

/* ---- against a slower way ---- */

static void write_stream(const hy_event *events, size_t count, size_t flush_every, int level) {
    const hy_trace_meta meta = {.pid = 0};
    hy_trace_writer *writer;
    hy_error error;
    assert_int_equal(hy_trace_create(trace_path, &meta, &writer, &error), 0);
    hy_trace_set_level(writer, level);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(hy_trace_append(writer, &events[i], &error), 0);
        if ((i + 1) % flush_every == 0)
            assert_int_equal(hy_trace_flush(writer, &error), 0);
    }
    assert_int_equal(hy_trace_finish(writer, &error), 0);
}

/* Live bytes and lifetimes with plain arrays over all ids. */
static void random_streams_agree(void **state) {
    enum { COUNT = 30000 };
    static uint64_t size[COUNT], born[COUNT], lifetimes[HY_OCTAVES];
    hy_event *const events = random_stream(9, COUNT);
    write_stream(events, COUNT, 1000, 1);
    uint64_t live = 0, peak = 0, total = 0;
    for (size_t i = 0; i < COUNT; i++) {
        const hy_event *const e = &events[i];
        if (hy_event_is_birth(e)) {
            total += e->size;
            live += e->size;
            born[e->id] = total;
        } else if (e->kind == HY_EVENT_REALLOC) {
            total += e->size > size[e->id] ? e->size - size[e->id] : 0;
            live += e->size - size[e->id];
        } else if (e->kind == HY_EVENT_FREE) {
            const uint64_t lived = total - born[e->id];
            lifetimes[lived ? 64 - __builtin_clzll(lived) : 0]++;
            live -= size[e->id];
        }
        if (e->kind <= HY_EVENT_REALLOC)
            size[e->id] = e->size;
        peak = live > peak ? live : peak;
    }
    hy_trace_summary sum;
    hy_trace_curve curve;
    hy_error error;
    assert_int_equal(hy_trace_summarise_curve(trace_path, &sum, &curve, &error), 0);
    assert_int_equal(sum.peak_bytes, peak);
    assert_int_equal(sum.end_bytes, live);
    assert_int_equal(sum.total_bytes, total);
    assert_memory_equal(sum.lifetimes, lifetimes, sizeof lifetimes);
    uint64_t top = 0;
    for (size_t i = 0; i < curve.count; i++)
        top = curve.bytes[i] > top ? curve.bytes[i] : top;
    assert_int_equal(top, peak);
    assert_int_equal(curve.count, (COUNT + curve.step - 1) / curve.step);
    free(events);
}

static void the_hash_knows_events_alone(void **state) {
    hy_event *const events = random_stream(10, 5000);
    hy_trace_summary a, b, c;
    hy_error error;
    write_stream(events, 5000, 5000, 1);
    assert_int_equal(hy_trace_summarise(trace_path, &a, &error), 0);
    write_stream(events, 5000, 77, 12);
    assert_int_equal(hy_trace_summarise(trace_path, &b, &error), 0);
    assert_true(a.hash == b.hash && a.file_bytes != b.file_bytes);
    events[4999].time++;
    write_stream(events, 5000, 77, 12);
    assert_int_equal(hy_trace_summarise(trace_path, &c, &error), 0);
    assert_true(a.hash != c.hash);
    free(events);
}

static void objects_are_found_and_forgotten(void **state) {
    hy_objects objects = {NULL, 0, 0};
    random_events r = {.state = 1};
    static bool there[5000];
    for (int i = 0; i < 200000; i++) {
        const uint64_t id = random_next(&r) % 5000;
        hy_object *const object = hy_objects_find(&objects, id);
        assert_int_equal(object != NULL, there[id]);
        if (object) {
            assert_int_equal(object->size, id);
            hy_objects_remove(&objects, object);
        } else {
            hy_objects_add(&objects, id)->size = id;
        }
        there[id] = !there[id];
    }
    hy_objects_clear(&objects);
}

static size_t chunks_held(const hy_live *live) {
    size_t held = 0;
    for (size_t i = 0; i < live->size; i++)
        held += live->chunks[i] != NULL;
    return held;
}

/* A queue of 1000 living objects that passes through 20 chunks of ids. */
static void the_dead_take_no_room(void **state) {
    hy_live live = {.born = 0};
    for (uint64_t id = 0; id < 20 * HY_LIVE_CHUNK; id++) {
        assert_int_equal(hy_live_add(&live), 0);
        if (id < 1000)
            continue;
        assert_true(hy_live_has(&live, id - 1000));
        hy_live_remove(&live, id - 1000);
        assert_false(hy_live_has(&live, id - 1000));
        assert_true(chunks_held(&live) <= 2);
    }
    assert_int_equal(live.alive, 1000);
    assert_false(hy_live_has(&live, live.born));
    for (uint64_t id = live.born - 1000; id < live.born; id++)
        hy_live_remove(&live, id);
    assert_int_equal(hy_live_add(&live), 0); /* opens the next chunk */
    assert_int_equal(chunks_held(&live), 1);
    hy_live_clear(&live);
}

/* ---- sites and phases ---- */

static const hy_site_figures *site_figures(const hy_profile *profile, uint32_t site) {
    assert_true(site < profile->site_count);
    return &profile->sites[site];
}

static void assert_site(const hy_profile *profile, uint32_t site, uint64_t calls, uint64_t bytes, uint64_t at_peak,
                        uint64_t live) {
    const hy_site_figures *const is = site_figures(profile, site);
    assert_int_equal(is->calls, calls);
    assert_int_equal(is->bytes, bytes);
    assert_int_equal(is->at_peak, at_peak);
    assert_int_equal(is->live, live);
}

static void assert_phase(const hy_profile *profile, size_t row, const char *name, uint32_t thread,
                         const uint64_t expected[6]) {
    assert_true(row < profile->phase_count);
    const hy_phase_figures *const is = &profile->phases[row];
    assert_string_equal(is->name, name);
    assert_int_equal(is->thread, thread);
    const uint64_t found[6] = {is->times, is->events, is->bytes, is->duration, is->end_bytes, is->peak_bytes};
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(found[i], expected[i]);
}

static void sites_and_phases_have_figures(void **state) {
    hy_trace_summary sum;
    hy_profile profile;
    hy_error error;
    if (import_text("@module\t\tm\n@frame\t0\t1\n@frame\t0\t2\n@site\t0\t0\n@site\t1\t1\n@site\t0\t1\n"
                    "0 0 phase a\n0 0 malloc 0 100 @1\n10 0 malloc 1 50 @2\n20 0 free 0\n"
                    "20 1 phase b\n20 1 malloc 2 200 @1\n30 0 phase c\n30 0 free 2\n40 0 realloc 1 60 @1\n"
                    "50 0 phase a\n50 0 malloc 3 40\n60 0 phase\n60 1 free 3\n70 1 free 1\n",
                    &error) < 0 ||
        hy_trace_summarise_profile(trace_path, &sum, NULL, &profile, &error) < 0)
        fail_msg("%s", error.text);
    assert_int_equal(profile.site_count, 4);
    assert_site(&profile, 0, 1, 40, 0, 0);
    assert_site(&profile, 1, 3, 310, 200, 0); /* the peak: 200 of this, 50 of the next; then a realloc by 10 */
    assert_site(&profile, 2, 1, 50, 50, 0);
    assert_site(&profile, 3, 0, 0, 0, 0);
    assert_int_equal(profile.phase_count, 3);
    assert_phase(&profile, 0, "a", 0, (const uint64_t[]){2, 5, 390, 40, 100, 250}); /* 4 events and 1 */
    assert_phase(&profile, 1, "b", 1, (const uint64_t[]){1, 6, 250, 50, 0, 250});
    assert_phase(&profile, 2, "c", 0, (const uint64_t[]){1, 2, 10, 20, 60, 250});
    size_t count;
    uint32_t *const ranked = hy_profile_rank(&profile, HY_SITES_BY_PEAK, &count);
    assert_int_equal(count, 3);
    assert_true(ranked[0] == 1 && ranked[1] == 2 && ranked[2] == 0);
    free(ranked);
    hy_profile_clear(&profile);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_right),
        cmocka_unit_test(an_empty_trace_has_a_summary),
        cmocka_unit_test(a_long_curve_loses_nothing),
        cmocka_unit_test(lifo_is_seen),
        cmocka_unit_test(random_streams_agree),
        cmocka_unit_test(the_hash_knows_events_alone),
        cmocka_unit_test(objects_are_found_and_forgotten),
        cmocka_unit_test(the_dead_take_no_room),
        cmocka_unit_test(sites_and_phases_have_figures),
        cmocka_unit_test(names_of_cxx_are_written_out),
        cmocka_unit_test(text_goes_round),
        cmocka_unit_test(bad_text_is_refused),
        cmocka_unit_test(long_lines_are_refused),
        cmocka_unit_test(odd_but_good_text_is_read),
    };
    return cmocka_run_group_tests_name("summary", tests, set_up, tear_down);
}
