/* SPDX-License-Identifier: MIT
 *
 * What a victim's end means, the guards of victims that do not end, and the catalogue itself.
 */
#include "fault_list.h"
#include "outcome.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* As waitpid gives it. */
#define EXITED(code) ((code) << 8)
#define KILLED(signal) (signal)

/* An end in a stage: each stage began after the one before, when nothing had been said yet. */
static hy_victim_end end_in(hy_stage stage, int status, const char *said) {
    hy_victim_end end = {.status = status, .said_size = strlen(said), .page = {.begun = 1, .stage = stage}};
    for (unsigned s = 0; s <= stage; s++)
        end.page.visited[s] = ++end.page.visits;
    snprintf(end.said, sizeof end.said, "%s", said);
    return end;
}

static hy_victim_end ended(hy_victim_verdict verdict, const char *said) {
    hy_victim_end end = end_in(HY_AT_EXIT, EXITED(0), said);
    end.page.verdict = verdict;
    return end;
}

static void expect(const hy_victim_end *end, const hy_victim_end *control, hy_outcome outcome, unsigned moment,
                   const char *words) {
    hy_finding found;
    hy_outcome_find(end, control, &found);
    assert_string_equal(hy_outcome_name(found.outcome), hy_outcome_name(outcome));
    assert_string_equal(hy_moment_name(found.moment), hy_moment_name(moment));
    if (words)
        assert_string_equal(found.words, words);
}

static void deaths_by_signal_and_words(void **state) {
    const hy_victim_end control = ended(HY_SAID_PREVENTED, "");
    hy_victim_end end = end_in(HY_AT_OPERATION, KILLED(SIGABRT), "double free\n");
    expect(&end, &control, HY_DETECTED, HY_AT_OPERATION, "double free");
    end = end_in(HY_AT_FREE, KILLED(SIGABRT), "");
    expect(&end, &control, HY_TRAPPED, HY_AT_FREE, "SIGABRT");
    end = end_in(HY_AT_FREE, KILLED(SIGILL), "");
    expect(&end, &control, HY_TRAPPED, HY_AT_FREE, "SIGILL");
    end = end_in(HY_LATER, EXITED(77), "");
    expect(&end, &control, HY_TRAPPED, HY_LATER, "exit code 77");
    end = end_in(HY_LATER, KILLED(SIGSEGV), "");
    expect(&end, &control, HY_CRASHED, HY_LATER, "SIGSEGV");
    end = end_in(HY_AT_EXIT, KILLED(SIGSEGV), "==\n==7==ERROR: freed\nmore\n");
    expect(&end, &control, HY_DETECTED, HY_AT_EXIT, "ERROR: freed");
    end = end_in(HY_AT_OPERATION, EXITED(0), ""); /* somebody called exit */
    expect(&end, &control, HY_TRAPPED, HY_AT_OPERATION, "exit code 0");
}

static void a_death_outweighs_what_was_seen_before(void **state) {
    const hy_victim_end control = ended(HY_SAID_PREVENTED, "");
    hy_victim_end end = end_in(HY_AT_EXIT, KILLED(SIGABRT), "heap corrupted\n");
    end.page.verdict = HY_SAID_SILENT;
    expect(&end, &control, HY_DETECTED, HY_AT_EXIT, NULL);
    end = end_in(HY_LATER, EXITED(0), "");
    end.page.verdict = HY_SAID_SILENT;
    end.page.taken = 1; /* but this is final */
    expect(&end, &control, HY_SILENT, HY_NEVER, NULL);
}

static void verdicts_of_those_that_live(void **state) {
    const hy_victim_end control = ended(HY_SAID_PREVENTED, "");
    hy_victim_end end = ended(HY_SAID_SILENT, "");
    expect(&end, &control, HY_SILENT, HY_NEVER, NULL);
    end = ended(HY_SAID_PREVENTED, "");
    expect(&end, &control, HY_PREVENTED, HY_NEVER, NULL);
    end = ended(HY_SAID_NOT_APPLICABLE, "");
    expect(&end, &control, HY_NOT_APPLICABLE, HY_NEVER, NULL);
    end = ended(HY_SAID_NOTHING, "");
    expect(&end, &control, HY_INVALID, HY_NEVER, NULL);
}

static void words_without_a_death_are_a_detection_where_they_were_said(void **state) {
    const hy_victim_end control = ended(HY_SAID_PREVENTED, "banner\n");
    hy_victim_end end = ended(HY_SAID_PREVENTED, "banner\n");
    expect(&end, &control, HY_PREVENTED, HY_NEVER, NULL); /* the control says the same */
    end = ended(HY_SAID_PREVENTED, "banner\nfree: bad address\n");
    for (unsigned stage = HY_PREPARE; stage < HY_STAGES; stage++)
        end.page.said[stage] = strlen(stage > HY_AT_FREE ? end.said : "banner\n");
    expect(&end, &control, HY_DETECTED, HY_AT_FREE, "free: bad address");
    end.page.visited[HY_AT_FREE] = 0; /* was never there: so it was said at the operation */
    expect(&end, &control, HY_DETECTED, HY_AT_OPERATION, NULL);
}

static void guards(void **state) {
    const hy_victim_end control = ended(HY_SAID_PREVENTED, "");
    hy_victim_end end = end_in(HY_LATER, KILLED(SIGKILL), "");
    end.timed_out = true;
    expect(&end, &control, HY_TIMED_OUT, HY_LATER, NULL);
    end.timed_out = false;
    end.too_large = true;
    expect(&end, &control, HY_TOO_LARGE, HY_LATER, NULL);
}

static void what_says_nothing_of_the_fault_is_invalid(void **state) {
    const hy_victim_end control = ended(HY_SAID_PREVENTED, "");
    hy_victim_end end = end_in(HY_PREPARE, KILLED(SIGSEGV), "");
    expect(&end, &control, HY_INVALID, HY_NEVER, "SIGSEGV");
    end = (hy_victim_end){.status = EXITED(2)};
    snprintf(end.said, sizeof end.said, "no such allocator\n");
    end.said_size = strlen(end.said);
    expect(&end, &control, HY_INVALID, HY_NEVER, "no such allocator");
    end = end_in(HY_PREPARE, EXITED(0), "");
    end.page.verdict = HY_SAID_NO_ROOM;
    expect(&end, &control, HY_INVALID, HY_NEVER, NULL);
}

static void controls(void **state) {
    char why[128];
    hy_victim_end control = ended(HY_SAID_PREVENTED, "");
    assert_true(hy_outcome_control(&control, why, sizeof why));
    control = ended(HY_SAID_NOT_APPLICABLE, "");
    assert_true(hy_outcome_control(&control, why, sizeof why));
    control = ended(HY_SAID_SILENT, "");
    assert_false(hy_outcome_control(&control, why, sizeof why));
    control = ended(HY_SAID_NO_ROOM, "");
    assert_false(hy_outcome_control(&control, why, sizeof why));
    control = end_in(HY_LATER, KILLED(SIGSEGV), "");
    assert_false(hy_outcome_control(&control, why, sizeof why));
    assert_string_equal(why, "without the fault: SIGSEGV");
}

/* Two programs that never end, one of which takes all memory that it gets. */
static void victims_without_end_are_ended(void **state) {
    hy_victim_order order = {.environment = environ, .spec = "", .timeout = 200000000u, .memory = (uint64_t)1 << 40};
    hy_victims *victims;
    hy_victim_end end;
    hy_error error;
    bool seen[2] = {false, false};
    assert_int_equal(hy_victims_open(2, &victims, &error), 0);
    order.program = "/usr/bin/yes";
    order.fault = "yes";
    assert_int_equal(hy_victims_start(victims, &order, &error), 0);
    order = (hy_victim_order){.environment = environ,
                              .spec = "",
                              .program = "/usr/bin/tail",
                              .fault = "/dev/zero",
                              .timeout = 60000000000u,
                              .memory = (uint64_t)64 << 20,
                              .tag = 1};
    assert_int_equal(hy_victims_start(victims, &order, &error), 0);
    assert_false(hy_victims_have_room(victims));
    for (int i = 0; i < 2; i++) {
        hy_victims_wait(victims, &end);
        assert_true(WIFSIGNALED(end.status));
        assert_int_equal(end.timed_out, end.tag == 0);
        assert_int_equal(end.too_large, end.tag == 1);
        seen[end.tag] = true;
    }
    assert_true(seen[0] && seen[1]);
    assert_false(hy_victims_running(victims));
    order.program = "/no/such/program";
    assert_true(hy_victims_start(victims, &order, &error) < 0);
    hy_victims_close(victims);
}

static bool is_name(const char *name) {
    return name[0] && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static void each_fault_says_what_it_is(void **state) {
    const size_t count = hy_fault_list_count();
    assert_true(count >= 80);
    assert_null(hy_fault_list_at(count));
    for (size_t i = 0; i < count; i++) {
        const hy_fault *const fault = hy_fault_list_at(i);
        assert_true(is_name(fault->name));
        assert_ptr_equal(hy_fault_list_find(fault->name), fault); /* so no two have the same */
        assert_true(fault->class < HY_FAULT_CLASSES);
        assert_true(fault->cwe > 0 && fault->run);
        assert_true(fault->summary && fault->origin && fault->condition && fault->correct && fault->story);
    }
    assert_string_equal(hy_fault_list_at(0)->name, "use-after-free");
    assert_string_equal(hy_fault_list_at(1)->name, "double-free");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deaths_by_signal_and_words),
        cmocka_unit_test(a_death_outweighs_what_was_seen_before),
        cmocka_unit_test(verdicts_of_those_that_live),
        cmocka_unit_test(words_without_a_death_are_a_detection_where_they_were_said),
        cmocka_unit_test(guards),
        cmocka_unit_test(what_says_nothing_of_the_fault_is_invalid),
        cmocka_unit_test(controls),
        cmocka_unit_test(victims_without_end_are_ended),
        cmocka_unit_test(each_fault_says_what_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
