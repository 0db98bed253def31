/* SPDX-License-Identifier: MIT
 *
 * suite_place.h - where a program of a suite runs: its packages, its folder with its input, its environment, its words.
 */
#ifndef HY_SUITE_PLACE_H
#define HY_SUITE_PLACE_H

#include "paths.h"
#include "program_suite.h"

#include <stdint.h>

/* Writes those of its packages that are not installed, "redis-server redis-tools", into `ret`, and answers how many.
 * Where nobody knows of Debian's packages, none is missing. */
size_t hy_suite_missing(const hy_suite_program *program, char *ret, size_t size);

/* apt-get.  0 or -errno with the sentence. */
int hy_suite_install(const char *packages, hy_error *error);

/* Being in one.  This process's folder and environment are the program's meanwhile. */
typedef struct hy_suite_place {
    char **argv;      /* ends with NULL */
    uint64_t made_of; /* hash of the recipe, the environment and how it is checked */
    int folder_before;
    char **environment_before, **environment;
} hy_suite_place;

/* `folder` is the suite's, `work` an own one in which the program gets its folder.  That is made by the recipe, unless
 * it is there already and of the same recipe.  0 or -errno with the sentence, and nothing has changed. */
int hy_suite_enter(const hy_suite_program *program, const char *folder, const char *work, hy_suite_place *ret_place,
                   hy_error *error);
void hy_suite_leave(hy_suite_place *place);

#endif
