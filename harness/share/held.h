/* SPDX-License-Identifier: MIT
 *
 * held.h - processes that are looked at while they stand still: each is started, says one line when it is ready, and
 * ends when its standard input does.  If we die, so do they.
 */
#ifndef HY_HELD_H
#define HY_HELD_H

#include "error.h"

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

typedef struct hy_held {
    pid_t process;
    int input; /* closed: it ends */
    char said[256];
} hy_held;

/* Starts it; argv[0] is the program's file.  0 or -errno with the sentence. */
int hy_held_start(char *const *argv, hy_held *ret_held, hy_error *error);
/* Lets it go and waits for its end. */
void hy_held_end(hy_held *held);

/* A copy of a file that has no name, as a program of its own to the kernel: a descriptor, or -errno with the sentence.
 * "/proc/self/fd/N" starts it. */
int hy_copy_program(const char *path, hy_error *error);

#endif
