/* SPDX-License-Identifier: MIT
 *
 * lackey_run.h - a program under valgrind's lackey, and its references as they come.
 */
#ifndef HY_LACKEY_RUN_H
#define HY_LACKEY_RUN_H

#include "page_trace.h"

/* Runs the program (argv ends with NULL) to its end, or until `trace` is full; then it is stopped.  Its standard input
 * and outputs are ours.  *ret_status: as waitpid says, 0 if it was stopped.  0; -ENOENT: there is no valgrind; or
 * -errno; with the sentence. */
int hy_lackey_run(char **argv, hy_page_trace *trace, int *ret_status, hy_error *error);

#endif
