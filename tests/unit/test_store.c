/* SPDX-License-Identifier: MIT
 *
 * test_store.c - the results database: what goes in comes out, and what is not ours is refused untouched.
 */
#include "store.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/heapyard-store-XXXXXX";
static char path[128];

static int setup(void **state) {
    (void)state;
    snprintf(path, sizeof path, "%s/deep/results.db", folder);
    unlink(path);
    return 0;
}

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    char command[160];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static hy_store *open_store(void) {
    hy_store *store = NULL;
    hy_error error = {""};
    const int r = hy_store_open(path, true, &store, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(r, 0);
    return store;
}

static int64_t new_campaign(hy_store *store) {
    int64_t campaign = 0;
    assert_int_equal(hy_store_campaign(store, "heapyard replay", 7, "{}", &campaign, NULL), 0);
    return campaign;
}

/* Keeps the first column of the last row, and counts rows. */
typedef struct seen {
    int rows;
    char last[128];
} seen;

static int see(void *context, int columns, const char *const *text) {
    seen *const s = context;
    assert_true(columns >= 1);
    s->rows++;
    snprintf(s->last, sizeof s->last, "%s", text[0] ? text[0] : "NULL");
    return 0;
}

static seen ask(hy_store *store, const char *sql) {
    seen s = {0, ""};
    assert_int_equal(hy_store_query(store, sql, NULL, see, &s, NULL), 0);
    return s;
}

static void test_round_trip(void **state) {
    (void)state;
    hy_store *const store = open_store();
    int64_t trace = 0;
    const int64_t campaign = new_campaign(store);
    assert_int_equal(hy_store_trace(store, "t", "/t.hyt", UINT64_MAX, "{}", &trace, NULL), 0);
    hy_metric metrics[] = {{"ns_per_op", 12.5, "ns"}, {"ops", 1e6, "count"}};
    hy_point points[] = {{"live", 1, 2}, {"live", 3, 4}, {"committed", 3, 4096}};
    hy_bucket buckets[] = {{"all", 10, 11, 1ull << 40}};
    hy_phase_result phases[] = {{"", 0, 1, 10, 64, NAN, NAN, NAN}, {"load it", 1, 2, 90, 640, 1.5, 8192, NAN}};
    const hy_cell_result cell = {campaign,
                                 trace,
                                 "fit:policy=best",
                                 "throughput",
                                 2,
                                 5,
                                 "0.1.0",
                                 "ok",
                                 "",
                                 metrics,
                                 2,
                                 points,
                                 3,
                                 buckets,
                                 1,
                                 {{"", NULL, 0, 0}},
                                 0,
                                 phases,
                                 2};
    assert_int_equal(hy_store_cell_state(store, campaign, trace, "fit:policy=best", "throughput", 2), HY_CELL_MISSING);
    assert_int_equal(hy_store_cell(store, &cell, NULL), 0);
    assert_int_equal(hy_store_cell_state(store, campaign, trace, "fit:policy=best", "throughput", 2), HY_CELL_STORED);
    assert_int_equal(hy_store_cell_state(store, campaign, trace, "fit:policy=best", "throughput", 3), HY_CELL_MISSING);
    hy_store_close(store);

    hy_store *again = NULL;
    assert_int_equal(hy_store_open(path, false, &again, NULL), 0);
    assert_string_equal(ask(again, "SELECT value FROM metric WHERE name = 'ns_per_op'").last, "12.5");
    assert_int_equal(ask(again, "SELECT y FROM point ORDER BY x").rows, 3);
    assert_string_equal(ask(again, "SELECT count FROM bucket").last, "1099511627776");
    assert_int_equal(ask(again, "SELECT seconds FROM phase WHERE seconds IS NULL").rows, 1);
    assert_string_equal(ask(again, "SELECT name || times || ops || seconds || peak_live || peak_resident FROM phase "
                                   "WHERE peak_committed IS NULL AND number = 1")
                            .last,
                        "load it2901.56408192");
    assert_string_equal(ask(again, "SELECT hash FROM trace").last, "ffffffffffffffff");
    const char *const arguments[] = {"fit:policy=best", NULL};
    seen s = {0, ""};
    assert_int_equal(hy_store_query(again, "SELECT position FROM cell WHERE spec = ?1", arguments, see, &s, NULL), 0);
    assert_string_equal(s.last, "5");
    hy_store_close(again);
}

/* Files of an older heapyard lack the tables that came later. */
static void test_an_older_file(void **state) {
    (void)state;
    hy_store *store = open_store(), *again = NULL;
    hy_rounds_chosen rounds = {.pilot = 9};
    const int64_t campaign = new_campaign(store);
    assert_int_equal(hy_store_query(store, "DROP TABLE rounds", NULL, see, NULL, NULL), 0);
    assert_int_equal(hy_store_query(store, "DROP TABLE phase", NULL, see, NULL, NULL), 0);
    hy_store_close(store);
    assert_int_equal(hy_store_open(path, false, &again, NULL), 0);
    assert_false(hy_store_has_table(again, "rounds"));
    assert_int_equal(hy_store_rounds(again, campaign, &rounds, NULL), 0);
    assert_int_equal(rounds.pilot, 0);
    hy_store_close(again);
    store = open_store();
    assert_true(hy_store_has_table(store, "rounds"));
    assert_true(hy_store_has_table(store, "phase"));
    hy_store_close(store);
}

static void test_rounds_are_kept(void **state) {
    (void)state;
    hy_store *const store = open_store();
    const int64_t campaign = new_campaign(store);
    hy_rounds_chosen rounds = {.pilot = 9};
    assert_int_equal(hy_store_rounds(store, campaign, &rounds, NULL), 0);
    assert_int_equal(rounds.pilot + rounds.chosen, 0);
    const hy_rounds_chosen chosen = {7, 23, "enough for 2 %"}, fewer = {7, 21, "no time"};
    assert_int_equal(hy_store_set_rounds(store, campaign, &chosen, NULL), 0);
    assert_int_equal(hy_store_set_rounds(store, campaign, &fewer, NULL), 0);
    assert_int_equal(hy_store_rounds(store, campaign, &rounds, NULL), 0);
    assert_int_equal(rounds.pilot, 7);
    assert_int_equal(rounds.chosen, 21);
    assert_string_equal(rounds.reason, "no time");
    hy_store_close(store);
}

static void test_same_hash_same_trace(void **state) {
    (void)state;
    hy_store *const store = open_store();
    int64_t first = 0, second = 0, other = 0;
    assert_int_equal(hy_store_trace(store, "a", "/old/a.hyt", 17, "{}", &first, NULL), 0);
    assert_int_equal(hy_store_trace(store, "a", "/new/a.hyt", 17, "{}", &second, NULL), 0);
    assert_int_equal(hy_store_trace(store, "b", "/b.hyt", 18, "{}", &other, NULL), 0);
    assert_int_equal(first, second);
    assert_int_not_equal(first, other);
    assert_string_equal(ask(store, "SELECT path FROM trace WHERE id = 1").last, "/new/a.hyt");
    hy_store_close(store);
}

/* One that somebody killed gives way to the next try; nothing else does. */
static void test_a_killed_cell_is_replaced(void **state) {
    (void)state;
    hy_store *const store = open_store();
    int64_t trace = 0;
    const int64_t campaign = new_campaign(store);
    assert_int_equal(hy_store_trace(store, "t", "/t", 1, "{}", &trace, NULL), 0);
    hy_cell_result cell = {campaign, trace, "null",  "throughput",      0,
                           0,        "",    "crash", "SIGKILL, Killed", .metrics = NULL};
    assert_int_equal(hy_store_cell(store, &cell, NULL), 0);
    assert_int_equal(hy_store_cell_state(store, campaign, trace, "null", "throughput", 0), HY_CELL_KILLED);
    snprintf(cell.detail, sizeof cell.detail, "SIGSEGV, Segmentation fault");
    assert_int_equal(hy_store_cell(store, &cell, NULL), 0);
    assert_int_equal(hy_store_cell_state(store, campaign, trace, "null", "throughput", 0), HY_CELL_STORED);
    assert_string_equal(ask(store, "SELECT count(*) FROM cell").last, "1");
    assert_true(hy_store_cell(store, &cell, NULL) < 0);
    hy_store_close(store);
}

/* A cell that cannot be stored leaves nothing behind. */
static void test_one_transaction(void **state) {
    (void)state;
    hy_store *const store = open_store();
    int64_t trace = 0;
    hy_error error = {""};
    const int64_t campaign = new_campaign(store);
    assert_int_equal(hy_store_trace(store, "t", "/t", 1, "{}", &trace, NULL), 0);
    hy_metric twice[] = {{"ops", 1, "count"}, {"ops", 2, "count"}};
    const hy_cell_result cell = {.campaign = campaign,
                                 .trace = trace,
                                 .spec = "null",
                                 .pass = "throughput",
                                 .outcome = "ok",
                                 .metrics = twice,
                                 .metric_count = 2};
    assert_true(hy_store_cell(store, &cell, &error) < 0);
    assert_non_null(strstr(error.text, "UNIQUE"));
    assert_string_equal(ask(store, "SELECT count(*) FROM cell").last, "0");
    assert_string_equal(ask(store, "SELECT count(*) FROM metric").last, "0");
    hy_store_close(store);
}

static void test_programs(void **state) {
    (void)state;
    hy_store *const store = open_store();
    const int64_t campaign = new_campaign(store);
    int64_t first = 0, second = 0;
    hy_program_row row = {"sort", "[\"sort\"]", "/old/in", "", 17};
    assert_int_equal(hy_store_program(store, &row, &first, NULL), 0);
    row.input = "/new/in";
    assert_int_equal(hy_store_program(store, &row, &second, NULL), 0);
    assert_int_equal(first, second);
    assert_string_equal(ask(store, "SELECT input FROM program").last, "/new/in");
    hy_program_run run = {.campaign = campaign,
                          .program = first,
                          .spec = "system",
                          .pass = "program",
                          .library = "/lib/libc.so.6",
                          .repetition = 3,
                          .outcome = "ok",
                          .output = "0123456789abcdef",
                          .wall = 0.5,
                          .peak = UINT64_C(1) << 40};
    assert_false(hy_store_has_program_run(store, &run));
    assert_int_equal(hy_store_program_run(store, &run, NULL), 0);
    assert_true(hy_store_has_program_run(store, &run));
    run.pass = "control";
    assert_false(hy_store_has_program_run(store, &run));
    run.pass = "program";
    assert_true(hy_store_program_run(store, &run, NULL) < 0);
    assert_string_equal(ask(store, "SELECT peak FROM program_run").last, "1099511627776");
    hy_store_close(store);
}

/* A file from before a table was thought of gets it when it is opened for writing, and not before. */
static void test_tables_that_came_later(void **state) {
    (void)state;
    hy_store *store = open_store();
    new_campaign(store);
    ask(store, "DROP TABLE program_run");
    hy_store_close(store);
    assert_int_equal(hy_store_open(path, false, &store, NULL), 0);
    assert_true(hy_store_has_table(store, "campaign"));
    assert_false(hy_store_has_table(store, "program_run"));
    hy_store_close(store);
    store = open_store();
    assert_true(hy_store_has_table(store, "program_run"));
    assert_string_equal(ask(store, "SELECT count(*) FROM campaign").last, "1");
    hy_store_close(store);
}

static void refuse(const char *expected, bool write) {
    hy_store *store = NULL;
    hy_error error = {""};
    assert_true(hy_store_open(path, write, &store, &error) < 0);
    assert_null(store);
    if (!strstr(error.text, expected))
        fail_msg("\"%s\" lacks \"%s\"", error.text, expected);
}

static void write_file(const char *text) {
    hy_store_close(open_store()); /* makes the folder */
    FILE *const file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void test_refuses_no_database(void **state) {
    (void)state;
    char text[4096] = {0};
    write_file("This is a letter and not a database, and it is long enough to have a header of hundred bytes. "
               "Dear reader, please leave this file as it is, yours, the writer.\n");
    refuse("not a results database", true);
    refuse("not a results database", false);
    FILE *const file = fopen(path, "r");
    assert_non_null(fgets(text, sizeof text, file));
    assert_int_equal(strncmp(text, "This is a letter", 16), 0);
    fclose(file);
}

static void test_refuses_other_versions(void **state) {
    (void)state;
    hy_store *const store = open_store();
    ask(store, "PRAGMA user_version = 99");
    hy_store_close(store);
    refuse("schema version 99; this heapyard reads version 1", true);
}

static void test_refuses_foreign_tables(void **state) {
    (void)state;
    hy_store *const store = open_store();
    ask(store, "PRAGMA user_version = 0");
    hy_store_close(store);
    refuse("a database of something else", true);
    unlink(path);
    hy_store *const other = open_store();
    ask(other, "DROP TABLE campaign");
    hy_store_close(other);
    refuse("a database of something else", true);
}

static void test_refuses_missing(void **state) {
    (void)state;
    refuse("no such results database", false);
    snprintf(path, sizeof path, "%s", folder);
    refuse("a folder; expected a results database", true);
    snprintf(path, sizeof path, "/proc/heapyard/results.db");
    refuse("cannot make the folder", true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_round_trip, setup),
        cmocka_unit_test_setup(test_an_older_file, setup),
        cmocka_unit_test_setup(test_rounds_are_kept, setup),
        cmocka_unit_test_setup(test_same_hash_same_trace, setup),
        cmocka_unit_test_setup(test_a_killed_cell_is_replaced, setup),
        cmocka_unit_test_setup(test_one_transaction, setup),
        cmocka_unit_test_setup(test_programs, setup),
        cmocka_unit_test_setup(test_tables_that_came_later, setup),
        cmocka_unit_test_setup(test_refuses_no_database, setup),
        cmocka_unit_test_setup(test_refuses_other_versions, setup),
        cmocka_unit_test_setup(test_refuses_foreign_tables, setup),
        cmocka_unit_test_setup(test_refuses_missing, setup),
    };
    return cmocka_run_group_tests_name("store", tests, make_folder, remove_folder);
}
