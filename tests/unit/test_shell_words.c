/* SPDX-License-Identifier: MIT
 *
 * test_shell_words.c - what is written as a line is read back as the same words.
 */
#include "shell_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_every_word_comes_back(void **state) {
    const char *const words[] = {"heapyard", "", "two words", "it's", "a;b", "$(x)", "-a=x,y:z", "\\", "''", " "};
    enum { COUNT = sizeof words / sizeof *words };
    char line[256] = "";
    for (size_t i = 0; i < COUNT; i++)
        hy_shell_add(line, sizeof line, words[i]);
    size_t count = 0;
    char **const back = hy_shell_split(line, &count);
    assert_non_null(back);
    assert_int_equal(count, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        assert_string_equal(back[i], words[i]);
    assert_null(back[COUNT]);
    free(back);
}

static void test_plain_words_stay_plain(void **state) {
    char line[64] = "";
    hy_shell_add(line, sizeof line, "traces/jq.hyt");
    hy_shell_add(line, sizeof line, "it's");
    assert_string_equal(line, "traces/jq.hyt 'it'\\''s'");
}

static void test_a_long_line_is_cut(void **state) {
    char line[8] = "";
    hy_shell_add(line, sizeof line, "abcdefghij");
    hy_shell_add(line, sizeof line, "k");
    assert_string_equal(line, "abcdefg");
}

static void test_a_quote_without_end_ends_with_the_line(void **state) {
    size_t count = 0;
    char **const words = hy_shell_split("  a  'b c", &count);
    assert_int_equal(count, 2);
    assert_string_equal(words[1], "b c");
    free(words);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_word_comes_back), cmocka_unit_test(test_plain_words_stay_plain),
        cmocka_unit_test(test_a_long_line_is_cut), cmocka_unit_test(test_a_quote_without_end_ends_with_the_line)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
