/* SPDX-License-Identifier: MIT
 *
 * launch.h - starting the program that is recorded.
 *
 * In two steps: the process exists (so that its id can be written down) but waits until it is told to go.
 */
#ifndef HY_LAUNCH_H
#define HY_LAUNCH_H

#include "share.h"

#include <sys/types.h>

typedef struct hy_launch {
    pid_t pid;
    int go;     /* closing it without a word ends the process */
    int status; /* tells why it could not be executed */
} hy_launch;

/* Makes the process of a program, `path` its file; it waits.  0 or -errno with the sentence. */
int hy_launch_make(const char *path, char *const *argv, hy_launch *ret_launch, hy_error *error);

/* Tells it to go.  0, or -errno with the sentence: it could not be executed, and is to be waited for. */
int hy_launch_tell(const hy_launch *launch, const char *program, hy_error *error);

/* Checks that the program can be recorded, and makes its process.  0 or -errno with the sentence. */
int hy_launch_prepare(char *const *argv, const hy_share *share, hy_launch *ret_launch, hy_error *error);

/* Tells it to go, and waits for it if it could not be executed.  0, or -errno with the sentence. */
int hy_launch_go(const hy_launch *launch, const char *program, hy_error *error);

/* Ends a process that was prepared and shall not run. */
void hy_launch_cancel(hy_launch *launch);

#endif
