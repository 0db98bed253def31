/* SPDX-License-Identifier: MIT
 *
 * program_suite.h - a list of programs with their work, as text: what traces/suites/real.suite describes and is.
 */
#ifndef HY_PROGRAM_SUITE_H
#define HY_PROGRAM_SUITE_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>

/* Words of a line: an array that ends with NULL. */
typedef struct hy_suite_words {
    char **word; /* NULL: the line is not there */
    size_t count;
} hy_suite_words;

typedef struct hy_suite_program {
    unsigned line; /* where it begins */
    /* Each NULL if its line is not there, but name and command always are. */
    char *name, *input, *trace, *command, *input_file, *before, *filter;
    hy_suite_words packages, environment, workers, files;
    bool output; /* what it says on standard output is checked, too, or nothing if there are no files either */
    unsigned threads;
} hy_suite_program;

typedef struct hy_suite {
    hy_suite_program *program;
    size_t count;
} hy_suite;

/* `size` bytes of text; `file` is its name in sentences: "real.suite:12: …".  0; -EINVAL with the sentence. */
int hy_suite_parse(const char *text, size_t size, const char *file, hy_suite *ret_suite, hy_error *error);
void hy_suite_free(hy_suite *suite);

/* NULL: not there. */
const hy_suite_program *hy_suite_find(const hy_suite *suite, const char *name);

#endif
