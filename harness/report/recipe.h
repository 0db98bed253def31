/* SPDX-License-Identifier: MIT
 *
 * recipe.h - how a figure or a table of the page is made again: the commands, as words.
 *
 *   1. The campaign that it came from, of its trace alone: the same allocators, seed, number of rounds and settings,
 * and only those passes that the figure shows.  (Which cell comes after which then differs from a run of all passes and
 *      traces; what is deterministic comes out the same, times as far as the machine allows.)
 *   2. The limits of the trace, where the figure has them.
 *   3. The page, with that figure.
 *
 * A table of all traces is made from as many campaigns as it came from.
 */
#ifndef HY_RECIPE_H
#define HY_RECIPE_H

#include "report.h"

enum { HY_RECIPE_STEPS = 64 };

typedef struct hy_recipe {
    char id[128];
    const char *title;            /* of what is made */
    bool all;                     /* of all studies, else of `study` */
    const hy_study *study;        /* borrowed */
    char **step[HY_RECIPE_STEPS]; /* words, the first is "heapyard", the last NULL */
    size_t steps;
    char result[4096]; /* the file that holds it in the end */
} hy_recipe;

/* All ids of the page, an array that ends with NULL; one block each and one for the array. */
char **hy_recipe_ids(const hy_report *report);
void hy_recipe_ids_free(char **ids);

/* What comes of it goes to `folder`: results.db and the page.  0 or -errno; -ENOENT: no such id, told with the
 * nearest. */
int hy_recipe_make(const hy_report *report, const char *id, const char *folder, hy_recipe *ret_recipe, hy_error *error);
void hy_recipe_free(hy_recipe *recipe);

#endif
