/* SPDX-License-Identifier: MIT
 *
 * test_suite.c - suites of programs: what a whole one says, what is usual where a line is missing, the sentence for
 * each mistake; and the geometric mean of several programs' ratios.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bootstrap.h"
#include "program_suite.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static hy_suite parsed(const char *text) {
    hy_suite suite = {NULL, 0};
    hy_error error = {""};
    if (hy_suite_parse(text, strlen(text), "file", &suite, &error) < 0)
        fail_msg("%s", error.text);
    return suite;
}

static void assert_refused(const char *text, const char *sentence) {
    hy_suite suite = {NULL, 0};
    hy_error error = {""};
    assert_int_equal(hy_suite_parse(text, strlen(text), "file", &suite, &error), -EINVAL);
    assert_string_equal(error.text, sentence);
    assert_null(suite.program);
}

/* ------------------------------------------------------------------------------------------------------- taken ---- */

static void test_keys(void **state) {
    (void)state;
    hy_suite suite = parsed("# people\n\n"
                            "program first\n"
                            "  packages libc6 g++  \n"
                            "input ../make.sh\n"
                            "environment A=1 B_2='two words' _C=\n"
                            "before rm -rf out\n"
                            "command sh -c 'ls | sort'\n"
                            "stdin in.txt\n"
                            "worker ls sort\n"
                            "check output files out/a b\n"
                            "filter sed 's/#//'\n"
                            "threads 4\n"
                            "trace ../a.hyt\n"
                            "program second\n"
                            "command true\n");
    assert_int_equal(suite.count, 2);
    const hy_suite_program *const p = hy_suite_find(&suite, "first");
    assert_ptr_equal(p, &suite.program[0]);
    assert_int_equal(p->line, 3);
    assert_int_equal(p->packages.count, 2);
    assert_string_equal(p->packages.word[1], "g++");
    assert_string_equal(p->input, "../make.sh");
    assert_int_equal(p->environment.count, 3);
    assert_string_equal(p->environment.word[1], "B_2=two words");
    assert_string_equal(p->before, "rm -rf out");
    assert_string_equal(p->command, "sh -c 'ls | sort'");
    assert_string_equal(p->input_file, "in.txt");
    assert_string_equal(p->workers.word[1], "sort");
    assert_null(p->workers.word[2]);
    assert_true(p->output);
    assert_int_equal(p->files.count, 2);
    assert_string_equal(p->files.word[0], "out/a");
    assert_null(p->files.word[2]);
    assert_string_equal(p->filter, "sed 's/#//'");
    assert_int_equal(p->threads, 4);
    assert_string_equal(p->trace, "../a.hyt");
    hy_suite_free(&suite);
}

static void test_usual(void **state) {
    (void)state;
    hy_suite suite =
        parsed("program a\r\n\tcommand\ttrue\r\nprogram b\ncommand x\ncheck none\nprogram c\ncheck files y\n"
               "command $(which x | head) \"a|b\" 'c;d' e\\&f");
    const hy_suite_program *const p = suite.program;
    assert_string_equal(p[0].name, "a");
    assert_string_equal(p[0].command, "true");
    assert_true(p[0].output);
    assert_int_equal(p[0].threads, 1);
    assert_null(p[0].packages.word);
    assert_null(p[0].filter);
    assert_false(p[1].output);
    assert_null(p[1].files.word);
    assert_false(p[2].output);
    assert_string_equal(p[2].files.word[0], "y");
    assert_null(hy_suite_find(&suite, "d"));
    hy_suite_free(&suite);
}

/* ----------------------------------------------------------------------------------------------------- refused ---- */

static void test_order(void **state) {
    (void)state;
    assert_refused("", "file: no programs; expected lines \"program NAME\" and \"command …\"");
    assert_refused("check none\n", "file:1: check before the first program; expected a line \"program NAME\"");
    assert_refused("program a\nprogram b\n", "file:1: program a has no command; expected a line \"command PROGRAM …\"");
    assert_refused("program a\ncommand x\nprogram b\n",
                   "file:3: program b has no command; expected a line \"command PROGRAM …\"");
    assert_refused("program a\ncommand x\n\nprogram a\n", "file:4: program a again; line 1 has it already");
    assert_refused("program a\ncommand x\ncommand x\n", "file:3: command again; line 2 has it already");
    assert_refused("program a\nchekc none\n", "file:2: unknown key \"chekc\"; did you mean \"check\"?");
    assert_refused("program a\nzzzzzzz none\n",
                   "file:2: unknown key \"zzzzzzz\"; expected program, command, input, packages, check …");
    assert_refused("program\n", "file:1: program without a value; expected it on the same line");
}

static void test_values(void **state) {
    (void)state;
    assert_refused("program ../a\n", "file:1: program \"../a\"; expected a name of letters, digits, \".\", \"_\" and "
                                     "\"-\", at most 64");
    assert_refused("program .a\n", "file:1: program \".a\"; expected a name of letters, digits, \".\", \"_\" and "
                                   "\"-\", at most 64");
    assert_refused("program a\npackages x ;reboot\n", "file:2: \";reboot\"; expected names of Debian packages");
    assert_refused("program a\npackages --force\n", "file:2: \"--force\"; expected names of Debian packages");
    assert_refused("program a\nenvironment A\n", "file:2: \"A\"; expected NAME=VALUE …");
    assert_refused("program a\nenvironment 1A=2\n", "file:2: \"1A=2\"; expected NAME=VALUE …");
    assert_refused("program a\nstdin /etc/passwd\n",
                   "file:2: \"/etc/passwd\"; expected a file of the program's folder");
    assert_refused("program a\ncheck files a/../../b\n",
                   "file:2: \"a/../../b\"; expected files of the program's folder");
    assert_refused("program a\ncheck files\n",
                   "file:2: check \"files\"; expected output, files NAME …, output files NAME …, or none");
    assert_refused("program a\ncheck output x\n",
                   "file:2: check \"output x\"; expected output, files NAME …, output files NAME …, or none");
    assert_refused("program a\nthreads many\n", "file:2: threads \"many\"; expected 1 to 1024");
    assert_refused("program a\nthreads 0\n", "file:2: threads \"0\"; expected 1 to 1024");
    assert_refused("program a\ncommand x\001\n", "file:2: character 10 is no text");
}

static void test_commands(void **state) {
    (void)state;
    assert_refused("program a\ncommand a | b\n",
                   "file:2: an unquoted \"|\"; expected one program and its words, as in sh -c '…'");
    assert_refused("program a\ncommand a \"$b\" > c\n",
                   "file:2: an unquoted \">\"; expected one program and its words, as in sh -c '…'");
    assert_refused("program a\ncommand a # b\n",
                   "file:2: an unquoted \"#\"; expected one program and its words, as in sh -c '…'");
    assert_refused("program a\ncommand a 'b\n", "file:2: a ' that never ends; expected the words of a command");
    assert_refused(
        "program a\ncommand /bin/bash x\n",
        "file:1: program a is run by a shell; expected a line \"worker NAME …\" with the executables that do "
        "the work");
    assert_refused("program a\ncommand x\ncheck none\nfilter sort\n",
                   "file:1: program a has a filter, but nothing is checked; expected \"check output\" or files");
    hy_suite suite = parsed("program a\ncommand shuf x#y\n");
    hy_suite_free(&suite);
}

/* ----------------------------------------------------------------------------------------------- the mean of all ----
 */

static void test_mean(void **state) {
    (void)state;
    const double twice[] = {2, 2, 2, 2, 2}, half[] = {0.5, 0.5, 0.5, 0.5, 0.5}, wide[] = {1.6, 1.8, 2, 2.2, 2.4};
    double mean = 0, low = 0, high = 0;
    const hy_repeated even[] = {{twice, 5}, {half, 5}};
    assert_int_equal(hy_geometric_interval(even, 2, 0.9, 1, &mean, &low, &high), 0);
    assert_true(fabs(mean - 1) < 1e-12 && fabs(low - 1) < 1e-12 && fabs(high - 1) < 1e-12);
    const hy_repeated uneven[] = {{wide, 5}, {half, 5}};
    assert_int_equal(hy_geometric_interval(uneven, 2, 0.9, 1, &mean, &low, &high), 0);
    assert_true(fabs(mean - 1) < 1e-12);
    assert_true(low >= sqrt(0.8) - 1e-12 && low < 1 && high > 1 && high <= sqrt(1.2) + 1e-12);
}

/* Of one sample it is that sample's own interval. */
static void test_mean_of_one(void **state) {
    (void)state;
    const double values[] = {1.02, 0.97, 1.1, 1.05, 0.99, 1.01, 1.2, 0.9};
    const hy_repeated one = {values, 8};
    double mean, low, high, median, its_low, its_high;
    assert_int_equal(hy_geometric_interval(&one, 1, 0.9, 1, &mean, &low, &high), 0);
    assert_int_equal(hy_median_interval(values, 8, 0.9, 1, &median, &its_low, &its_high), 0);
    assert_true(fabs(mean - median) < 1e-12 && fabs(low - its_low) < 1e-9 && fabs(high - its_high) < 1e-9);
}

static void test_mean_refused(void **state) {
    (void)state;
    const double few[] = {1, 1, 1, 1}, enough[] = {1, 1, 1, 1, 1}, zero[] = {1, 1, 0, 1, 1};
    const hy_repeated samples[] = {{enough, 5}, {few, 4}}, empty[] = {{zero, 5}};
    double mean, low, high;
    assert_int_equal(hy_geometric_interval(samples, 2, 0.9, 1, &mean, &low, &high), -EDOM);
    assert_int_equal(hy_geometric_interval(empty, 1, 0.9, 1, &mean, &low, &high), -EDOM);
    assert_int_equal(hy_geometric_interval(samples, 0, 0.9, 1, &mean, &low, &high), -EDOM);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),        cmocka_unit_test(test_usual),        cmocka_unit_test(test_order),
        cmocka_unit_test(test_values),      cmocka_unit_test(test_commands),     cmocka_unit_test(test_mean),
        cmocka_unit_test(test_mean_of_one), cmocka_unit_test(test_mean_refused),
    };
    return cmocka_run_group_tests_name("suite", tests, NULL, NULL);
}
