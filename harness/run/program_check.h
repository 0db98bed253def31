/* SPDX-License-Identifier: MIT
 *
 * program_check.h - what a program made, as one number that must be the same under every allocator.
 */
#ifndef HY_PROGRAM_CHECK_H
#define HY_PROGRAM_CHECK_H

#include "error.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct hy_program_check {
    bool output;        /* what it says on standard output counts */
    char *const *files; /* and what it writes to these, seen from this process's folder; ends with NULL, or is NULL */
    const char *filter; /* a shell's command that each of them goes through first; NULL: none */
} hy_program_check;

/* Whether there is anything to look at. */
bool hy_program_checks(const hy_program_check *check);

/* Before a run: the files of the one before are taken away, so that nobody gets away with writing nothing. */
void hy_program_check_clear(const hy_program_check *check);

/* After it.  0; -ENOENT: a file was not written, -errno: all else, with the sentence. */
int hy_program_check_hash(const hy_program_check *check, int output, uint64_t *ret_hash, hy_error *error);

#endif
