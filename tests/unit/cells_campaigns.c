/* SPDX-License-Identifier: MIT
 *
 * cells_campaigns.c - campaigns that are interrupted, and whose cells end badly.
 */
#include "cells.h"
#include "trace_row.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *const plan_traces[] = {trace_path};
static char *const plan_specs[] = {"null", "skeleton"};

static hy_campaign_plan make_plan(void) {
    return (hy_campaign_plan){.traces = plan_traces,
                              .trace_count = 1,
                              .specs = plan_specs,
                              .spec_count = 2,
                              .pass = {true, true, true, false},
                              .repetitions = 3,
                              .touch = HY_TOUCH_FIRST,
                              .timeout = 60000000000u,
                              .most_bytes = 1 << 30,
                              .seed = 17,
                              .command = "heapyard replay mix.hyt"};
}

static volatile sig_atomic_t stop;

/* Stops before the sixth cell. */
static void stop_later(void *context, const hy_progress *progress) {
    (void)context;
    stop = progress->done == 5;
}

static int count_rows(void *context, int columns, const char *const *text) {
    (void)columns;
    *(long *)context = strtol(text[0], NULL, 10);
    return 0;
}

static long ask(hy_store *store, const char *sql) {
    long answer = -1;
    assert_int_equal(hy_store_query(store, sql, NULL, count_rows, &answer, NULL), 0);
    return answer;
}

void test_resume_runs_what_is_missing(void **state) {
    (void)state;
    char database[160];
    hy_store *store = NULL;
    hy_error error = {""};
    hy_campaign_end first = {0}, second = {0};
    hy_campaign_plan plan = make_plan();
    snprintf(database, sizeof database, "%s/results.db", folder);
    assert_int_equal(hy_store_open(database, true, &store, &error), 0);
    plan.resume = true;
    assert_true(hy_campaign_run(&plan, store, &first, &error) < 0);
    assert_non_null(strstr(error.text, "nothing to resume"));
    plan.resume = false;
    plan.stop = &stop;
    plan.show_progress = stop_later;
    assert_int_equal(hy_campaign_run(&plan, store, &first, &error), 0);
    assert_int_equal(first.cells, 14);
    assert_int_equal(first.measured, 5);
    assert_int_equal(first.missing, 9);
    assert_int_equal(ask(store, "SELECT count(*) FROM cell"), 5);
    stop = 0;
    plan.show_progress = NULL;
    plan.resume = true;
    plan.seed = 99; /* the stored one counts */
    assert_int_equal(hy_campaign_run(&plan, store, &second, &error), 0);
    assert_int_equal(second.campaign, first.campaign);
    assert_int_equal(second.measured, 9);
    assert_int_equal(second.missing, 0);
    assert_int_equal(ask(store, "SELECT count(*) FROM cell"), 14);
    assert_int_equal(ask(store, "SELECT count(DISTINCT position) FROM cell"), 14);
    assert_int_equal(ask(store, "SELECT count(*) FROM cell WHERE outcome = 'ok'"), 13); /* null has no footprint */
    assert_int_equal(ask(store, "SELECT seed FROM campaign"), 17);
    free(first.traces);
    free(second.traces);
    hy_store_close(store);
}

/* What comes of the cells of skeleton, where the first of a pass ended so; `answer` counts what is asked for. */
static long go_on(const char *pass, const char *const *outcomes, const char *where) {
    static hy_trace_summary summary;
    hy_store *store = NULL;
    hy_campaign_end end;
    hy_campaign_plan plan = make_plan();
    hy_cell_result cell = {.spec = "skeleton", .pass = pass, .detail = "not ready after 1 s"};
    char sql[160];
    plan.resume = true;
    assert_int_equal(hy_store_open(":memory:", true, &store, NULL), 0);
    assert_int_equal(hy_store_campaign(store, plan.command, 17, "{}", &cell.campaign, NULL), 0);
    assert_int_equal(hy_trace_summarise(trace_path, &summary, NULL), 0);
    assert_int_equal(hy_trace_row(store, trace_path, &summary, &cell.trace, NULL), 0);
    for (; outcomes[cell.repetition]; cell.repetition++) {
        snprintf(cell.outcome, sizeof cell.outcome, "%s", outcomes[cell.repetition]);
        assert_int_equal(hy_store_cell(store, &cell, NULL), 0);
    }
    assert_int_equal(hy_campaign_run(&plan, store, &end, NULL), 0);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM cell WHERE spec = 'skeleton' AND %s", where);
    const long answer = ask(store, sql);
    free(end.traces);
    hy_store_close(store);
    return answer;
}

void test_who_is_too_slow_is_not_waited_for_again(void **state) {
    (void)state;
    const char *const late[] = {"timeout", NULL}, *const once[] = {"ok", "timeout", NULL};
    assert_int_equal(go_on("throughput", late, "detail LIKE 'not run: throughput, repetition 0%'"), 2 + 3 + 1);
    assert_int_equal(go_on("latency", late, "detail LIKE 'not run: latency%' AND pass = 'latency'"), 2);
    assert_int_equal(go_on("latency", late, "outcome = 'ok'"), 3 + 1);
    assert_int_equal(go_on("throughput", once, "detail LIKE 'not run:%'"), 0);
}

void test_a_changed_trace_is_not_resumed(void **state) {
    (void)state;
    char path[160];
    char *const traces[] = {path};
    hy_store *store = NULL;
    hy_error error = {""};
    hy_campaign_end end;
    hy_campaign_plan plan = make_plan();
    plan.traces = traces;
    snprintf(path, sizeof path, "%s/changes.hyt", folder);
    write_trace(path, events, 500);
    assert_int_equal(hy_store_open(":memory:", true, &store, &error), 0);
    assert_int_equal(hy_campaign_run(&plan, store, &end, &error), 0);
    free(end.traces);
    write_trace(path, events, 400);
    plan.resume = true;
    assert_int_equal(hy_campaign_run(&plan, store, &end, &error), -EINVAL);
    assert_string_equal(error.text, "cannot resume: the trace changes has changed since its first cells were measured; "
                                    "without --resume a new campaign begins");
    assert_int_equal(ask(store, "SELECT count(DISTINCT trace) FROM cell"), 1);
    hy_store_close(store);
}

void test_a_probe_tells_what_cannot_be_opened(void **state) {
    (void)state;
    const char *const specs[] = {"null", "./no-such-file.so", "fit:grain=7", "skeleton"};
    hy_probed probed[4] = {{false}};
    hy_error error = {""};
    assert_int_equal(hy_probe(specs, 4, probed, &error), 0);
    assert_true(probed[0].ok && probed[3].ok && !probed[1].ok && !probed[2].ok);
    assert_string_equal(probed[1].outcome, "failed");
    assert_non_null(strstr(probed[1].detail, "no-such-file.so"));
    assert_string_equal(probed[2].outcome, "refused");
    assert_string_equal(probed[2].detail, "fit: grain is 1 or 16");
}

void test_what_cannot_be_opened_is_stored_and_not_run(void **state) {
    (void)state;
    char path[160];
    snprintf(path, sizeof path, "%s/probed.db", folder);
    hy_store *store = NULL;
    hy_error error = {""};
    hy_campaign_end end;
    const hy_probed probed[] = {{.ok = true}, {false, "refused", "because"}};
    hy_campaign_plan plan = make_plan();
    plan.probed = probed;
    assert_int_equal(hy_store_open(path, true, &store, &error), 0);
    assert_int_equal(hy_campaign_run(&plan, store, &end, &error), 0);
    assert_int_equal(end.cells, 3 + 3 + 1 + 3); /* of the second once a pass */
    assert_int_equal(ask(store, "SELECT count(*) FROM cell WHERE spec = 'skeleton' AND outcome = 'refused' AND"
                                " detail = 'because' AND repetition = 0"),
                     3);
    free(end.traces);
    hy_store_close(store);
}
