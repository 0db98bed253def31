/* SPDX-License-Identifier: MIT
 *
 * watch_start.h - starting a job so that nothing of it goes unseen.
 */
#ifndef HY_WATCH_START_H
#define HY_WATCH_START_H

#include "error.h"

#include <sys/types.h>

/* Makes the job's process and traces it; it waits.  `path` is the program's file.  0 or -errno with the sentence. */
int watch_start(const char *path, char *const *argv, pid_t *ret_pid, int ret_pipes[2], hy_error *error);

/* Lets it execute.  0; or -errno with the sentence, and its process is gone. */
int watch_go(pid_t pid, const int pipes[2], const char *program, hy_error *error);

#endif
