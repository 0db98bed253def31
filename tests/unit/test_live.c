/* SPDX-License-Identifier: MIT
 *
 * test_live.c - the live pager: right results in an eighth of the memory, faults as the simulator counts them, nothing
 * lost under threads, nothing left behind.
 */
#include "live_run.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static hy_pager_choice choice;
static hy_live_outcome outcome;

static void choose(const char *spec) {
    hy_error error = {""};
    if (hy_pager_choose((hy_text){spec, strlen(spec)}, &choice, &error) < 0)
        fail_msg("%s", error.text);
}

/* Runs a job; a machine that cannot skips the test. */
static void run(const hy_live_job *job) {
    hy_error error = {""};
    const int r = hy_live_run(job, &outcome, &error);
    if (r == -ENOTSUP) {
        print_message("%s\n", error.text);
        skip();
    }
    if (r < 0)
        fail_msg("%s: %s", job->policy->spec, error.text);
}

static void expect_right(const hy_live_job *job) {
    hy_error error = {""};
    if (!hy_live_is_right(&outcome, &error))
        fail_msg("%s: %s", job->policy->spec, error.text);
    assert_true(outcome.counts.most_frames <= job->frames);
    assert_true(outcome.counts.most_held <= job->frames);
}

static hy_live_job job_of(const char *workload, size_t pages, size_t frames) {
    return (hy_live_job){.workload = hy_paged_workload_find(workload),
                         .setup = {.seed = 8, .threads = 1, .rounds = 3},
                         .policy = &choice,
                         .pages = pages,
                         .frames = frames,
                         .pin = strcmp(workload, "storm") != 0};
}

/* The pager served what the simulator counts on the string that the run logged. */
static void expect_simulated(const hy_live_job *job) {
    hy_paging_counts counts = {0};
    hy_error error = {""};
    const hy_board *const board = outcome.board;
    assert_int_equal(hy_paging_simulate(choice.ops, choice.params, (uint32_t)job->frames, board->log, board->references,
                                        &counts, &error),
                     0);
    assert_int_equal(outcome.counts.missing, counts.faults);
    assert_int_equal(outcome.counts.evictions, counts.evictions);
    assert_int_equal(outcome.counts.write_backs, counts.writebacks);
    assert_true(board->references > 0);
}

/* Belady, Nelson and Shedler's string. */
static uint64_t anomaly(size_t frames) {
    static const uint32_t string[] = {1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5};
    hy_page_reference refs[12];
    for (size_t i = 0; i < 12; i++)
        refs[i] = hy_page_refer(string[i], i % 2);
    hy_live_job job = job_of("string", 6, frames);
    job.setup.reference = refs;
    job.setup.references = 12;
    job.log = job.hear = true;
    run(&job);
    expect_right(&job);
    expect_simulated(&job);
    const uint64_t faults = outcome.counts.missing;
    hy_live_forget(&outcome);
    return faults;
}

static void test_anomaly(void **state) {
    (void)state;
    choose("fifo");
    assert_int_equal(anomaly(3), 9);
    assert_int_equal(anomaly(4), 10);
    choose("lru");
    assert_int_equal(anomaly(3), 10);
    assert_int_equal(anomaly(4), 8);
}

/* The string of the sort, for policies that must know what comes: it is the same with every policy. */
static hy_page_reference *future;
static uint64_t futures;

static void keep_future(void) {
    if (future)
        return;
    futures = outcome.board->references;
    future = malloc(futures * sizeof *future);
    assert_non_null(future);
    memcpy(future, outcome.board->log, futures * sizeof *future);
}

/* One that lets pages go by time has the workload in lockstep, which takes its time: less of it. */
static hy_live_job sort_job(const hy_pager_ops *ops) {
    choose(ops->expired ? "ws:window=100" : ops->name);
    hy_live_job job = ops->expired ? job_of("sort", 3, 2) : job_of("sort", 32, 4);
    job.log = job.hear = true;
    job.future = future;
    job.futures = futures;
    return job;
}

static void test_sort_with_each_policy(void **state) {
    (void)state;
    for (int offline = 0; offline < 2; offline++)
        for (const hy_pager_ops *const *ops = hy_pagers; *ops; ops++) {
            if (((*ops)->flags & HY_PAGER_OFFLINE ? 1 : 0) != offline)
                continue;
            const hy_live_job job = sort_job(*ops);
            run(&job);
            expect_right(&job);
            expect_simulated(&job);
            assert_true(outcome.counts.missing > 2 * job.pages);
            keep_future();
            hy_live_forget(&outcome);
        }
    free(future);
}

/* Whoever decides by faults alone needs not hear of the hits. */
static void test_faults_suffice(void **state) {
    (void)state;
    static const char *const policies[] = {"fifo", "random"};
    for (size_t i = 0; i < 2; i++) {
        choose(policies[i]);
        hy_live_job job = job_of("sort", 16, 4);
        job.log = true;
        run(&job);
        expect_right(&job);
        expect_simulated(&job);
        hy_live_forget(&outcome);
    }
}

/* Unheard: FIFO and LRU, which samples. */
static void test_workloads(void **state) {
    (void)state;
    static const char *const names[] = {"join", "matrix", "walk"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        for (size_t sample = 0; sample < 2; sample++) {
            choose(sample ? "lru" : "fifo");
            hy_live_job job = job_of(names[i], 12, 8);
            job.sample = sample;
            job.timed = true;
            run(&job);
            expect_right(&job);
            assert_true(outcome.counts.missing > 12);
            assert_true((outcome.counts.sampled > 0) == (sample > 0));
            hy_live_forget(&outcome);
        }
    }
}

/* A cycle of reads is served by clean frames only, and the workload sees each fault. */
static void test_kinds(void **state) {
    (void)state;
    choose("fifo");
    hy_live_job job = job_of("cycle", 16, 4);
    job.timed = true;
    run(&job);
    expect_right(&job);
    assert_int_equal(outcome.counts.missing, 16 + 3 * 16);
    assert_int_equal(outcome.counts.write_backs, 16);
    assert_int_equal(outcome.counts.first_write, 0);
    assert_int_equal(outcome.counts.took[HY_SERVED_CLEAN].total, 4 + 3 * 16 - 4);
    assert_int_equal(outcome.board->seen[HY_SERVED_CLEAN].total, outcome.counts.took[HY_SERVED_CLEAN].total);
    assert_int_equal(outcome.board->seen[HY_SERVED_DIRTY].total, 16);
    hy_live_forget(&outcome);
}

static void test_threads(void **state) {
    (void)state;
    static const char *const policies[] = {"fifo", "lru"};
    for (size_t sample = 0; sample < 2; sample++) {
        choose(policies[sample]);
        hy_live_job job = job_of("storm", 16, 8);
        job.setup.threads = 4;
        job.setup.rounds = 3000;
        job.sample = sample;
        run(&job);
        expect_right(&job);
        assert_true(outcome.counts.write_backs > 16);
        hy_live_forget(&outcome);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_anomaly),        cmocka_unit_test(test_sort_with_each_policy),
        cmocka_unit_test(test_faults_suffice), cmocka_unit_test(test_workloads),
        cmocka_unit_test(test_kinds),          cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
