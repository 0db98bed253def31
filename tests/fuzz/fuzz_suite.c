/* SPDX-License-Identifier: MIT
 *
 * fuzz_suite.c - suites of programs: any bytes are refused with a sentence, or give programs that keep what is promised
 * of them.
 */
#include "program_suite.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int is) {
    if (!is)
        abort();
}

static void expect_words(const hy_suite_words *words) {
    for (size_t i = 0; i < words->count; i++)
        expect(words->word[i] != NULL);
    expect(!words->word || words->word[words->count] == NULL);
}

static void expect_program(const hy_suite *suite, const hy_suite_program *program) {
    expect(program->name && program->name[0] && !strchr(program->name, '/') && program->name[0] != '.');
    expect(program->command && program->command[0]);
    expect(program->threads >= 1);
    expect(hy_suite_find(suite, program->name) == program);
    expect_words(&program->packages);
    expect_words(&program->environment);
    expect_words(&program->workers);
    expect_words(&program->files);
    for (size_t i = 0; i < program->files.count; i++)
        expect(program->files.word[i][0] != '/' && strncmp(program->files.word[i], "../", 3) != 0);
    for (size_t i = 0; i < program->environment.count; i++)
        expect(strchr(program->environment.word[i], '=') > program->environment.word[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hy_suite suite;
    hy_error error = {""};
    if (hy_suite_parse((const char *)data, size, "fuzz", &suite, &error) < 0) {
        expect(strncmp(error.text, "fuzz:", 5) == 0);
        return 0;
    }
    expect(suite.count > 0);
    for (size_t i = 0; i < suite.count; i++)
        expect_program(&suite, &suite.program[i]);
    hy_suite_free(&suite);
    return 0;
}
