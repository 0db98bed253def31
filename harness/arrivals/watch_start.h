/* SPDX-License-Identifier: MIT
 *
 * watch_start.h - starting a job so that nothing of it goes unseen.
 */
#ifndef HY_WATCH_START_H
#define HY_WATCH_START_H

#include "launch.h"

/* Makes the job's process and traces it; it waits.  `path` is the program's file.  0 or -errno with the sentence. */
int watch_start(const char *path, char *const *argv, hy_launch *ret_launch, hy_error *error);

/* Lets it execute.  0; or -errno with the sentence, and its process is gone. */
int watch_go(const hy_launch *launch, const char *program, hy_error *error);

#endif
