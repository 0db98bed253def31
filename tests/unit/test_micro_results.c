/* SPDX-License-Identifier: MIT
 *
 * Tests of what is made of the values of micro benchmarks: the best, ratios by round, scalings, verdicts; and of the
 * file that keeps them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "micro_cells.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NULL_ENTRY, SYSTEM, FAST, SLOW, CONTROL, ENTRIES, ROUNDS = 10 };

static const hy_micro_entry entries[ENTRIES] = {{"null", HY_MICRO_NULL},
                                                {"system", HY_MICRO_RIVAL},
                                                {"fast", HY_MICRO_RIVAL},
                                                {"slow:a=1,b=2", HY_MICRO_RIVAL},
                                                {"system", HY_MICRO_CONTROL}};

static hy_micro_results fresh(void) {
    return (hy_micro_results){
        .entries = entries, .count = ENTRIES, .reference = SLOW, .controlled = SYSTEM, .rounds = ROUNDS};
}

/* The machine is twice as slow in every other round; besides, values tremble by a thousandth. */
static double value_at(double base, unsigned round, unsigned entry) {
    return base * (round % 2 ? 2 : 1) * (1 + 0.001 * (double)((round * 7 + entry * 3) % 5));
}

static void note_all(hy_micro_results *results, const char *name, const double *bases) {
    for (unsigned round = 0; round < ROUNDS; round++)
        for (unsigned i = 0; i < ENTRIES; i++)
            hy_micro_note(results, name, "ns", i, round, value_at(bases[i], round, i));
}

static const hy_micro_figure *figure(const hy_micro_results *results, const char *name) {
    for (size_t i = 0; i < results->figure_count; i++)
        if (strcmp(results->figures[i].name, name) == 0)
            return &results->figures[i];
    fail_msg("there is no figure %s", name);
    return NULL;
}

static void judge(hy_micro_results *results) {
    hy_error error;
    assert_int_equal(hy_micro_judge(results, &HY_RULES_DEFAULT, &error), 0);
}

static void each_is_compared_with_the_best_other(void **state) {
    hy_micro_results results = fresh();
    note_all(&results, "pair/16", (double[]){1, 10, 8, 16, 10});
    judge(&results);
    const hy_micro_figure *const pair = figure(&results, "pair/16");
    assert_int_equal(pair->best, FAST);
    assert_int_equal(pair->second, SYSTEM);
    assert_true(fabs(pair->to_best[FAST].ratio - 0.8) < 0.01);
    assert_true(fabs(pair->to_best[SYSTEM].ratio - 1.25) < 0.01);
    assert_true(fabs(pair->to_best[SLOW].ratio - 2) < 0.01);
    assert_string_equal(pair->to_best[FAST].word, HY_WORD_FASTER);
    assert_string_equal(pair->to_best[SLOW].word, HY_WORD_SLOWER);
    assert_true(pair->to_best[SLOW].high - pair->to_best[SLOW].low < 0.1); /* the machine's speed is divided out */
    hy_micro_free(&results);
}

static void all_are_compared_with_one(void **state) {
    hy_micro_results results = fresh();
    note_all(&results, "pair/16", (double[]){1, 10, 8, 16, 10});
    judge(&results);
    const hy_micro_figure *const pair = figure(&results, "pair/16");
    assert_true(fabs(pair->against[FAST].ratio - 0.5) < 0.01);
    assert_string_equal(pair->against[SLOW].word, "");
    assert_string_equal(pair->against[NULL_ENTRY].word, "");
    assert_string_equal(pair->against[CONTROL].word, HY_WORD_EQUIVALENT);
    hy_micro_free(&results);
}

static void a_control_that_differs_silences_its_figure(void **state) {
    hy_micro_results results = fresh();
    note_all(&results, "pair/16", (double[]){1, 10, 8, 16, 13});
    note_all(&results, "pair/64", (double[]){1, 10, 8, 16, 10});
    judge(&results);
    assert_string_equal(figure(&results, "pair/16")->against[CONTROL].word, HY_WORD_SLOWER);
    assert_string_equal(figure(&results, "pair/16")->against[FAST].word, HY_WORD_WITHHELD);
    assert_string_equal(figure(&results, "pair/16")->to_best[FAST].word, HY_WORD_WITHHELD);
    assert_string_equal(figure(&results, "pair/64")->against[FAST].word, HY_WORD_FASTER);
    hy_micro_free(&results);
}

static void two_threads_and_one_make_a_scaling(void **state) {
    hy_micro_results results = fresh();
    note_all(&results, "pair/16", (double[]){1, 10, 8, 16, 10});
    note_all(&results, "pair/16/threads:2", (double[]){1, 10, 12, 16, 10});
    note_all(&results, "ring/threads:2", (double[]){1, 10, 12, 16, 10});
    judge(&results);
    assert_int_equal(results.figure_count, 4);
    const hy_micro_figure *const scaling = figure(&results, "pair/16/scaling");
    assert_string_equal(scaling->unit, "ratio");
    assert_true(fabs(scaling->middle[FAST] - 1.5) < 1e-9);
    assert_true(fabs(scaling->middle[SYSTEM] - 1) < 1e-9);
    hy_micro_free(&results);
}

static void missing_values_are_left_out_by_pairs(void **state) {
    hy_micro_results results = fresh();
    note_all(&results, "pair/16", (double[]){1, 10, 8, 16, 10});
    for (unsigned round = 0; round < 3; round++)
        hy_micro_note(&results, "pair/16", "ns", FAST, 2 * round, NAN);
    for (unsigned round = 0; round < ROUNDS; round++)
        hy_micro_note(&results, "batches/threads:2", "ns", SYSTEM, round, 5);
    judge(&results);
    assert_true(fabs(figure(&results, "pair/16")->against[FAST].ratio - 0.5) < 0.01);
    assert_int_equal(figure(&results, "batches/threads:2")->best, SYSTEM);
    assert_int_equal(figure(&results, "batches/threads:2")->second, ENTRIES);
    assert_string_equal(figure(&results, "batches/threads:2")->to_best[SYSTEM].word, "");
    hy_micro_free(&results);
}

static void memory_is_smaller_or_larger(void **state) {
    hy_micro_results results = fresh();
    const double bases[ENTRIES] = {0.1, 1.1, 1.4, 1.2, 1.1};
    for (unsigned round = 0; round < 3; round++)
        for (unsigned i = 1; i < ENTRIES; i++)
            hy_micro_note(&results, "resident/10000/churned", "ratio", i, round, bases[i]);
    judge(&results);
    const hy_micro_figure *const resident = figure(&results, "resident/10000/churned");
    assert_int_equal(resident->best, SYSTEM);
    assert_string_equal(resident->to_best[SYSTEM].word, HY_WORD_SMALLER);
    assert_string_equal(resident->to_best[FAST].word, HY_WORD_LARGER);
    hy_micro_free(&results);
}

/* Writes `text` into a file and reads it; what hy_micro_cells_read returned. */
static int read_text(const char *text, hy_micro_results *results, hy_error *error) {
    char path[] = "/tmp/heapyard-cells-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    const int r = hy_micro_cells_read(path, results, error);
    unlink(path);
    return r;
}

static void cells_are_read_as_written(void **state) {
    char *text = NULL;
    size_t size = 0;
    hy_error error;
    FILE *const file = open_memstream(&text, &size);
    hy_micro_cells_begin(file);
    hy_micro_cells_write(file, "pair/16", "ns", &entries[SLOW], 4, 0, 8.25);
    hy_micro_cells_write(file, "pair/16", "ns", &entries[CONTROL], 6, 1, 9.5);
    hy_micro_cells_write(file, "pair/16", "ns", &(hy_micro_entry){"other", HY_MICRO_RIVAL}, 9, 2, 1);
    fclose(file);
    hy_micro_results results = fresh();
    assert_int_equal(read_text(text, &results, &error), 0);
    assert_int_equal(results.rounds, 7);
    assert_int_equal(results.figure_count, 1);
    assert_true(results.figures[0].values[4 * ENTRIES + SLOW] == 8.25);
    assert_true(results.figures[0].values[6 * ENTRIES + CONTROL] == 9.5);
    assert_true(isnan(results.figures[0].values[6 * ENTRIES + SYSTEM]));
    hy_micro_free(&results);
    free(text);
}

static void what_is_no_file_of_cells_is_told(void **state) {
    static const char head[] = "round,position,figure,unit,allocator,role,value\n";
    char text[256];
    hy_micro_results results = fresh();
    hy_error error;
    assert_int_equal(read_text("", &results, &error), -EINVAL);
    assert_int_equal(read_text("name,value\n", &results, &error), -EINVAL);
    assert_int_equal(read_text(head, &results, &error), -EINVAL);
    assert_non_null(strstr(error.text, "none of the allocators"));
    snprintf(text, sizeof text, "%s0,0,pair,ns,\"fast\",rival\n", head);
    assert_int_equal(read_text(text, &results, &error), -EINVAL);
    assert_non_null(strstr(error.text, "line 2"));
    snprintf(text, sizeof text, "%s4000000000,0,pair,ns,\"fast\",rival,1\n", head);
    assert_int_equal(read_text(text, &results, &error), -EINVAL);
    hy_micro_free(&results);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_compared_with_the_best_other),
        cmocka_unit_test(all_are_compared_with_one),
        cmocka_unit_test(a_control_that_differs_silences_its_figure),
        cmocka_unit_test(two_threads_and_one_make_a_scaling),
        cmocka_unit_test(missing_values_are_left_out_by_pairs),
        cmocka_unit_test(memory_is_smaller_or_larger),
        cmocka_unit_test(cells_are_read_as_written),
        cmocka_unit_test(what_is_no_file_of_cells_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
