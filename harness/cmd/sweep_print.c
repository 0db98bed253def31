/* SPDX-License-Identifier: MIT
 *
 * sweep_print.c - what a sweep found: a table for each trace, and a sentence.
 */
#include "replay_print.h"
#include "sweep.h"

#include <stdlib.h>
#include <string.h>

/* Settings that are refused or too slow are what a sweep looks for; a crash, or contents that are lost, are not. */
static bool something_failed(const hy_rows *rows, size_t count) {
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < rows[i].count; j++)
            if (strcmp(rows[i].row[j].outcome, "failed") == 0 || strcmp(rows[i].row[j].outcome, "crash") == 0)
                return true;
    return false;
}

int sweep_tell(const hy_sweep *sweep, hy_store *store, const hy_campaign_end *end) {
    const hy_replay_options *const o = &sweep->replay;
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
