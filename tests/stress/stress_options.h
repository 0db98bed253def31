/* SPDX-License-Identifier: MIT
 *
 * stress_options.h - what the stress programs have in common at their start.
 */
#ifndef HY_STRESS_OPTIONS_H
#define HY_STRESS_OPTIONS_H

#include <stdint.h>

/* --name N; a table ends with a NULL name. */
typedef struct stress_option {
    const char *name;
    uint64_t *value;
    uint64_t least, most;
} stress_option;

/* Ends the program, with the options that there are, if one is not understood. */
void options_read(int count, char **words, const stress_option *options);

/* Makes everything ready.  Case 1: the library that LD_PRELOAD asks for is the one that serves. */
void stress_open(uint64_t seed, const char *title);

/* The last line. */
void stress_tap_plan(unsigned cases);

#endif
