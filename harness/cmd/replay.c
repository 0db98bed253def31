/* SPDX-License-Identifier: MIT
 *
 * replay.c - `heapyard replay`: traces on allocators, measured, stored, and told in a table and a sentence.
 */
#include "measure.h"
#include "replay_print.h"

#include <stdlib.h>

static bool something_failed(const hy_rows *rows, size_t count) {
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < rows[i].count; j++)
            if (rows[i].row[j].failed)
                return true;
    return false;
}

static int answer(void *context, hy_store *store, const hy_campaign_end *end) {
    const hy_replay_options *const o = context;
    hy_rows *const rows = calloc(o->trace_count, sizeof *rows);
    hy_error error;
    int r = rows ? 0 : cmd_fail("no memory for the answer");
    size_t count = 0;
    for (; r == 0 && count < o->trace_count; count++)
        if (replay_rows_read(store, end->campaign, end->traces[count], o->specs.text, o->specs.count, &rows[count],
                             &error) < 0)
            r = cmd_fail("%s", error.text);
    if (r == 0)
        replay_print(rows, count, o->format);
    const bool prose = o->format == HY_FORMAT_TEXT || o->format == HY_FORMAT_MARKDOWN;
    for (size_t i = 0; r == 0 && prose && i < count; i++)
        replay_print_sentence(&rows[i]);
    if (r == 0 && something_failed(rows, count))
        r = HY_EXIT_MEASURED;
    for (size_t i = 0; rows && i < count; i++)
        replay_rows_free(&rows[i]);
    free(rows);
    return r;
}

static int run(int argc, char **argv) {
    hy_replay_options options;
    int r = replay_options_read(argc, argv, &options);
    if (r == 0)
        r = cmd_measure(&options, answer, &options);
    replay_options_free(&options);
    return r;
}

const hy_command cmd_replay = {
    .name = "replay",
    .family = "measure",
    .usage = "replay TRACE… -a SPEC,…",
    .summary = "traces on allocators: time, latency, footprint",
    .examples = {"heapyard replay traces/python.hyt", "heapyard replay t.hyt -a first-fit,jemalloc -r 20",
                 "heapyard replay t.hyt -a ./my.so --verify --pass footprint", NULL},
    .run = run,
};
