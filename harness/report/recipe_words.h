/* SPDX-License-Identifier: MIT
 *
 * recipe_words.h - what the files that put recipes together share.  Only recipe*.c include it.
 */
#ifndef HY_RECIPE_WORDS_H
#define HY_RECIPE_WORDS_H

#include "recipe.h"

/* A growing list of words, which ends with NULL. */
typedef struct recipe_words {
    char **word;
    size_t count;
} recipe_words;

void recipe_words_add(recipe_words *list, const char *text);
/* "heapyard COMMAND" */
recipe_words recipe_words_start(const char *command);
void recipe_words_free(char **word);
/* Adds those options, with their values, that stand in the command.  One that ends with "=" has its value there, or
 * none.  False: none. */
bool recipe_words_options(recipe_words *list, const char *command, const char *const *options);

/* One more step: the study's campaign, or of it at least these passes. */
int recipe_replay(const hy_report *report, const hy_study *study, const char *passes, const char *database,
                  hy_recipe *recipe, hy_error *error);

/* recipe_programs.c: the figure of real programs, and whether this report has it. */
extern const char recipe_programs_id[];
bool recipe_has_programs(const hy_report *report);
int recipe_programs(const hy_report *report, const char *folder, hy_recipe *ret_recipe, hy_error *error);

#endif
