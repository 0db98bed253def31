/* SPDX-License-Identifier: MIT
 *
 * Packing problems as CSV: what is read, what is refused and where, and that writing and reading give the same.
 */
#include "problem.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static hy_problem parse(const char *text) {
    hy_problem problem;
    assert_int_equal(hy_problem_parse(text, strlen(text), "p.csv", 1, &problem, NULL), 0);
    return problem;
}

static char *write_text(const hy_job *job, const hy_problem *problem) {
    char *text = NULL;
    size_t size = 0;
    FILE *const out = open_memstream(&text, &size);
    assert_non_null(out);
    hy_problem_write(out, job, problem);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void reads_the_published_example(void **state) {
    hy_problem p = parse("id,lower,upper,size\nb1,0,3,4\nb2,3,9,4\nb3,0,9,4\nb4,9,21,4\nb5,0,21,4\n");
    const uint64_t moments[] = {0, 3, 9, 21};
    assert_int_equal(p.job.count, 5);
    assert_int_equal(p.job.clock, 3);
    assert_int_equal(p.moment_count, 4);
    assert_memory_equal(p.moments, moments, sizeof moments);
    assert_false(p.packed);
    assert_int_equal(p.ids[3].size, 2);
    assert_memory_equal(p.ids[3].at, "b4", 2);
    assert_int_equal(p.job.buffers[3].start, 2);
    assert_int_equal(p.job.buffers[3].end, 3);
    assert_int_equal(p.job.buffers[3].size, 4);
    hy_problem_clear(&p);
}

static void takes_columns_in_any_order(void **state) {
    hy_problem p = parse("offset,size,alignment,upper,lower,id\r\n16,5,8,1000000000000,7,a b\r\n\r\n0,1,1,8,7,");
    assert_true(p.packed);
    assert_int_equal(p.job.count, 2);
    assert_int_equal(p.job.buffers[0].offset, 16);
    assert_int_equal(p.job.buffers[0].align, 3);
    assert_int_equal(p.job.buffers[0].size, 5);
    assert_int_equal(p.job.buffers[0].end, 2);
    assert_int_equal(p.ids[1].size, 0);
    hy_problem_clear(&p);
}

static void rounds_sizes_up(void **state) {
    const char *const text = "id,lower,upper,size\na,0,1,17\n";
    hy_problem p;
    assert_int_equal(hy_problem_parse(text, strlen(text), "p", 16, &p, NULL), 0);
    assert_int_equal(p.job.buffers[0].size, 32);
    assert_int_equal(p.job.buffers[0].align, 4);
    hy_problem_clear(&p);
}

static void writes_what_it_read(void **state) {
    static const char *const texts[] = {
        "id,lower,upper,size,offset\nb1,0,3,4,8\nb2,3,9,4,8\nb3,0,9,4,4\n",
        "id,lower,upper,size,alignment,offset\n\"x\",5,9223372036854775807,4,4096,8192\n ,1,3,1,1,0\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        hy_problem p = parse(texts[i]);
        char *const text = write_text(&p.job, &p);
        assert_string_equal(text, texts[i]);
        free(text);
        hy_problem_clear(&p);
    }
}

static void numbers_what_has_no_names(void **state) {
    hy_job job = {.align = 16};
    assert_int_equal(hy_job_add(&job, 20, 0, 2, 0, NULL), 0);
    assert_int_equal(hy_job_add(&job, 16, 1, 2, 6, NULL), 0);
    job.buffers[1].offset = 64;
    char *const text = write_text(&job, NULL);
    assert_string_equal(text, "id,lower,upper,size,alignment,offset\n0,0,2,32,16,0\n1,1,2,16,64,64\n");
    free(text);
    hy_job_clear(&job);
}

static void refuse(const char *text, const char *sentence) {
    hy_problem p;
    hy_error error;
    if (hy_problem_parse(text, strlen(text), "p.csv", 1, &p, &error) == 0)
        fail_msg("taken, not refused: %s", text);
    assert_string_equal(error.text, sentence);
}

#define HEAD "id,lower,upper,size\n"
#define WANTED "expected id,lower,upper,size and, if wanted, offset and alignment"

static void says_what_is_wrong_and_where(void **state) {
    refuse("", "p.csv: empty; " WANTED);
    refuse("\n\n", "p.csv: empty; " WANTED);
    refuse(HEAD, "p.csv: no buffers in it");
    refuse("id,lower,upper\n", "p.csv: line 1: column \"size\" is missing; " WANTED);
    refuse("id,lower,uper,size\n", "p.csv: line 1: unknown column \"uper\"; did you mean \"upper\"?");
    refuse("id,lower,upper,size,gaps-between\n", "p.csv: line 1: unknown column \"gaps-between\"; " WANTED);
    refuse("id,id,lower\n", "p.csv: line 1: column \"id\" is there twice");
    refuse(HEAD "a,1,2\n", "p.csv: line 2: fewer fields than the 4 columns of line 1");
    refuse(HEAD "a,0,1,1\n\nb,1,2,3,4\n", "p.csv: line 4: more fields than the 4 columns of line 1");
    refuse(HEAD "a,x,2,1\n", "p.csv: line 2: lower \"x\" is no whole number below 2^63");
    refuse(HEAD "a,-1,2,1\n", "p.csv: line 2: lower \"-1\" is no whole number below 2^63");
    refuse(HEAD "a,1,2,\n", "p.csv: line 2: size \"\" is no whole number below 2^63");
    refuse(HEAD "a,1,2,9223372036854775808\n",
           "p.csv: line 2: size \"9223372036854775808\" is no whole number below 2^63");
    refuse(HEAD "a,1,99999999999999999999,1\n",
           "p.csv: line 2: upper \"99999999999999999999\" is no whole number below 2^63");
    refuse(HEAD "a,2,2,1\n", "p.csv: line 2: lives from 2 until 2; expected an upper above the lower");
    refuse(HEAD "a,1,2,0\n", "p.csv: line 2: size 0; expected at least 1");
    refuse("id,lower,upper,size,alignment\na,1,2,1,24\n", "p.csv: line 2: alignment 24 is no power of two");
    refuse(HEAD "a,0,1,9223372036854775000\nb,0,1,9223372036854775000\n",
           "p.csv: line 3: buffer 1: all sizes and alignments together are 2^63 or more; a packing ends below that");
}

static void knows_a_problem_by_its_first_line(void **state) {
    assert_true(hy_problem_begins("id,lower,upper,size\n", 20));
    assert_true(hy_problem_begins("\r\nname,size\n", 12));
    assert_false(hy_problem_begins("a,b\nsize,id\n", 12));
    assert_false(hy_problem_begins("", 0));
    assert_false(hy_problem_begins("sizes, ids", 10));
}

/* A problem larger than the first look at the file, and a file that is none. */
static void reads_files(void **state) {
    char path[] = "/tmp/heapyard-problem-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *const out = fdopen(fd, "w");
    assert_non_null(out);
    fputs(HEAD, out);
    for (unsigned i = 0; i < 5000; i++)
        fprintf(out, "buffer %u,%u,%u,%u\n", i, i, i + 10, i % 7 + 1);
    assert_int_equal(fclose(out), 0);
    hy_problem p;
    assert_int_equal(hy_problem_read(path, 1, &p, NULL), 1);
    assert_int_equal(p.job.count, 5000);
    assert_int_equal(p.job.buffers[4999].size, 4999 % 7 + 1);
    hy_problem_clear(&p);
    assert_int_equal(truncate(path, 1), 0);
    assert_int_equal(hy_problem_read(path, 1, &p, NULL), 0);
    unlink(path);
    hy_error error;
    assert_int_equal(hy_problem_read(path, 1, &p, &error), -ENOENT);
    assert_non_null(strstr(error.text, "No such file"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_published_example),
        cmocka_unit_test(takes_columns_in_any_order),
        cmocka_unit_test(rounds_sizes_up),
        cmocka_unit_test(writes_what_it_read),
        cmocka_unit_test(numbers_what_has_no_names),
        cmocka_unit_test(says_what_is_wrong_and_where),
        cmocka_unit_test(knows_a_problem_by_its_first_line),
        cmocka_unit_test(reads_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
