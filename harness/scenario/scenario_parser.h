/* SPDX-License-Identifier: MIT
 *
 * scenario_parser.h - what the two files that read a scenario share.  Only scenario_parse.c and scenario_verbs.c
 * include it.
 */
#ifndef HY_SCENARIO_PARSER_H
#define HY_SCENARIO_PARSER_H

#include "scenario.h"

#define PARSER_WORDS 256 /* of a line */

typedef struct parser {
    const char *file;
    unsigned line;
    char *words[PARSER_WORDS + 1]; /* ends with NULL */
    size_t count;
    hy_scenario *scenario;
    size_t room;
    hy_error *error;
} parser;

/* Says what is wrong, with file and line.  -EINVAL. */
__attribute__((format(printf, 2, 3))) int parse_fail(const parser *self, const char *format, ...);
void *parse_must(void *memory);

typedef struct verb {
    const char *word;
    hy_step_kind kind;
    size_t least, most; /* words that follow */
    /* Reads what follows the verb; `words` ends with NULL. */
    int (*read)(const parser *self, char **words, hy_step *step);
    const char *usage;
} verb;

/* The verb that *words starts with; *words moves on to what follows it.  0 or -EINVAL with the sentence. */
int parse_verb(const parser *self, char ***words, const verb **ret_verb);

#endif
