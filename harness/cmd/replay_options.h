/* SPDX-License-Identifier: MIT
 *
 * replay_options.h - what `heapyard replay` was asked for.
 */
#ifndef HY_REPLAY_OPTIONS_H
#define HY_REPLAY_OPTIONS_H

#include "campaign.h"
#include "command.h"

typedef struct hy_replay_options {
    hy_campaign_plan plan;
    hy_specs specs;
    bool passes_given; /* by --pass; --verify alone adds to the usual ones */
    const char *database;
    hy_format format;
    char **traces; /* paths, from argv */
    size_t trace_count;
    char command[4096]; /* as typed, without --resume */
} hy_replay_options;

/* Fills in everything, defaults too.  0, or an exit code after saying what was wrong. */
int replay_options_read(int argc, char **argv, hy_replay_options *ret_options);
void replay_options_free(hy_replay_options *options);

#endif
