/* SPDX-License-Identifier: MIT
 *
 * shell.h - commands that belong to a measurement but are not measured: they make an input, clear up, normalise.
 */
#ifndef HY_SHELL_H
#define HY_SHELL_H

#include "error.h"

/* Runs argv (argv[0] along PATH) in this process's folder and environment to its end.  Descriptors: `input` and
 * `output`, -1 for nothing; what it complains about is kept, and the last line of it is told if it fails.  0, or
 * -errno with the sentence, "NAME: exit code 3: …", when it does not end with exit code 0. */
int hy_run_aside(const char *name, char *const *argv, int input, int output, hy_error *error);

/* The same of a line that a shell reads. */
int hy_run_shell(const char *name, const char *line, int input, int output, hy_error *error);

#endif
