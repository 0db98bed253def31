/* SPDX-License-Identifier: MIT
 *
 * test_rel_archive.c - the index of an archive: of 4 and of 8 bytes, the first definition wins; and one that lies about
 * itself is refused, and nothing beyond it is read.
 */
#include "rel_archive.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

enum { HEAD = 60, FIRST = 8 };

/* An archive of an index and of one member of two bytes, "it", without a byte to spare after it: to be freed. */
static char *made_archive(const char *index_name, const void *index, size_t index_size, size_t *ret_size) {
    const size_t size = FIRST + HEAD + index_size + index_size % 2 + HEAD + 2;
    char *const bytes = malloc(size), head[HEAD + 1];
    assert_non_null(bytes);
    memcpy(bytes, "!<arch>\n", FIRST);
    snprintf(head, sizeof head, "%-16s%-12d%-6d%-6d%-8d%-10zu`\n", index_name, 0, 0, 0, 0, index_size);
    memcpy(bytes + FIRST, head, HEAD);
    memcpy(bytes + FIRST + HEAD, index, index_size);
    if (index_size % 2)
        bytes[FIRST + HEAD + index_size] = '\n';
    snprintf(head, sizeof head, "%-16s%-12d%-6d%-6d%-8d%-10d`\n", "it/", 0, 0, 0, 0, 2);
    memcpy(bytes + size - HEAD - 2, head, HEAD);
    memcpy(bytes + size - 2, "ab", 2);
    *ret_size = size;
    return bytes;
}

typedef struct made_index {
    const char *called; /* "/" has numbers of 4 bytes, "/SYM64/" of 8 */
    uint64_t count;     /* of symbols, as it says */
    const char *names;
    size_t name_bytes;
} made_index;

/* Each symbol is said to be in the only member.  NULL, with the sentence, or the archive. */
static hy_rel_archive *read_made(const made_index *made, hy_error *error) {
    uint8_t index[256] = {0};
    size_t size = 0, archive_size;
    const size_t width = strcmp(made->called, "/") == 0 ? 4 : 8,
                 numbers = made->count < 4 ? (size_t)made->count + 1 : 1;
    const size_t index_size = numbers * width + made->name_bytes, member = FIRST + HEAD + index_size + index_size % 2;
    for (size_t i = 0; i < numbers; i++)
        for (size_t left = width; left-- > 0;)
            index[size++] = (uint8_t)((i == 0 ? made->count : member) >> 8 * left);
    memcpy(index + size, made->names, made->name_bytes);
    char *const bytes = made_archive(made->called, index, index_size, &archive_size);
    hy_rel_archive *archive = NULL;
    const int r = hy_rel_archive_read("made.a", bytes, archive_size, &archive, error);
    free(bytes);
    assert_int_equal(r, archive ? 0 : -EINVAL);
    return archive;
}

static void test_found(void **state) {
    (void)state;
    static const char *const called[] = {"/", "/SYM64/"};
    for (size_t i = 0; i < 2; i++) {
        hy_error error = {""};
        hy_rel_archive *const archive = read_made(&(made_index){called[i], 3, "one\0two\0one", 12}, &error);
        if (!archive)
            fail_msg("%s", error.text);
        assert_int_equal(archive->member_count, 1);
        assert_string_equal(archive->members[0].name, "it");
        assert_int_equal(hy_rel_names_find(&archive->definitions, "one"), 0);
        assert_int_equal(hy_rel_names_find(&archive->definitions, "two"), 0);
        assert_int_equal(hy_rel_names_find(&archive->definitions, "three"), HY_REL_NO_NUMBER);
        hy_rel_archive_free(archive);
    }
}

static void test_refused(void **state) {
    (void)state;
    static const struct {
        made_index index;
        const char *sentence;
    } cases[] = {
        {{"/", 2, "one\0two", 7}, "made.a: its index ends within the name of symbol 2 of 2"},
        {{"/", 3, "one\0two", 8}, "made.a: its index ends within the name of symbol 3 of 3"},
        {{"/", 5, "all", 4}, "made.a: its index has 8 bytes, too few for its 5 symbols"},
        {{"/SYM64/", UINT64_C(1) << 61, "all", 4},
         "made.a: its index has 12 bytes, too few for its 2305843009213693952 symbols"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hy_error error = {""};
        assert_null(read_made(&cases[i].index, &error));
        assert_string_equal(error.text, cases[i].sentence);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_found), cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
