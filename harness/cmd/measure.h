/* SPDX-License-Identifier: MIT
 *
 * measure.h - what all commands that run a campaign do around it.
 */
#ifndef HY_MEASURE_H
#define HY_MEASURE_H

#include "replay_options.h"

/* Told of a campaign that has ended or was stopped; returns an exit code. */
typedef int cmd_answer(void *context, hy_store *store, const hy_campaign_end *end);

/* Opens the results, runs the plan with progress and warnings on stderr, and has it answered.  SIGINT and SIGTERM stop
 * after what is stored, and the last line says how to go on.  An exit code. */
int cmd_measure(hy_replay_options *options, cmd_answer *answer, void *context);

/* From now on SIGINT and SIGTERM set what is pointed to, to the signal's number, and do nothing else. */
const volatile sig_atomic_t *cmd_listen_for_stop(void);

/* A bar on standard error, if that is a terminal; `doing` NULL: the end.  left: ns, 0 for unknown. */
void cmd_show_bar(size_t done, size_t total, uint64_t left, const char *doing);

#endif
