/* SPDX-License-Identifier: MIT
 *
 * replay_options.h - what `heapyard replay` was asked for, and every other command that runs a campaign.
 */
#ifndef HY_REPLAY_OPTIONS_H
#define HY_REPLAY_OPTIONS_H

#include "campaign.h"
#include "command.h"

typedef struct hy_replay_options {
    hy_campaign_plan plan;
    hy_specs specs;
    bool repetitions_given;
    bool passes_given; /* by --pass; --verify alone adds to the usual ones */
    bool self_check;
    const char *database;
    hy_format format;
    char **traces; /* paths, from argv */
    size_t trace_count;
    char command[4096]; /* as typed, without --resume */
} hy_replay_options;

/* Fills in everything, defaults too.  0, or an exit code after saying what was wrong. */
int replay_options_read(int argc, char **argv, hy_replay_options *ret_options);

/* The same in steps, for a command with options of its own: start, its argp with replay_argp as a child (whose input is
 * the options), then its own choice of specs, and finish. */
extern const struct argp replay_argp;
void replay_options_start(int argc, char **argv, hy_replay_options *ret_options);
void replay_options_add_trace(hy_replay_options *options, char *path);
int replay_options_finish(hy_replay_options *options, const char *command);

/* The A/A control of this spec (an index), if throughput is measured often enough to say anything: it is run twice in
 * every round, and where the two differ nothing can be said of others. */
void replay_options_add_control(hy_replay_options *options, size_t spec);

void replay_options_free(hy_replay_options *options);

#endif
