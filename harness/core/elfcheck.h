/* SPDX-License-Identifier: MIT
 *
 * elfcheck.h - can a library be preloaded into a program, and will the program's malloc then be the library's?
 */
#ifndef HY_ELFCHECK_H
#define HY_ELFCHECK_H

#include "error.h"

#include <stdbool.h>

/* Finds a program as execvp would: by its path if there is a / in it, else along PATH.  Writes the path into `ret`
 * (HY_PATH_SIZE bytes).  0 or -errno with the sentence. */
int hy_find_program(const char *program, char *ret, hy_error *error);

/* Whether a file begins with #! and names its interpreter. */
bool hy_is_script(const char *path);

/* 0 if LD_PRELOAD replaces malloc in `program` (a path, or a name on PATH); for a script its interpreter counts.
 * Else -errno with the sentence: not found, not executable, not for this machine, statically linked, with privileges
 * of its own, with another C library, with a malloc in the executable itself, or with AddressSanitizer, unless that is
 * told to bear it.  A program that only later executes such a program cannot be told from here. */
int hy_can_preload(const char *program, hy_error *error);

#endif
