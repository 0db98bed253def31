/* SPDX-License-Identifier: MIT
 *
 * program_answer.c - see program_answer.h.
 */
#include "program_answer.h"

#include "predicted.h"

#include <errno.h>

/* The campaign, if one is named, is the programs'; replays are each trace's newest. */
static int load_programs(const hy_report_options *options, hy_programs *programs, hy_error *error) {
    int r = 0;
    for (size_t i = 0; r == 0 && i < options->count; i++) {
        hy_store *store = NULL;
        r = hy_store_open(options->databases[i], false, &store, error);
        if (r == 0)
            r = hy_programs_load(store, options->databases[i], options->campaign, programs, error);
        hy_store_close(store);
    }
    if (r == 0 && programs->count + programs->skipped_count == 0)
        return hy_fail(error, -ENODATA, "%s: no runs of programs; `heapyard run --compare` makes some",
                       options->databases[0]);
    return r == 0 ? hy_programs_judge(programs, &HY_RULES_DEFAULT, error) : r;
}

int program_answer(const hy_report_options *options, const program_wish *wish) {
    const hy_report_options replays = {.databases = options->databases, .count = options->count};
    hy_programs programs = {.count = 0};
    hy_report report = {.count = 0};
    hy_error error;
    if (wish->format == HY_FORMAT_GBENCH)
        return cmd_fail("the format gbench is `heapyard bench`'s; expected text, csv, json or markdown");
    int r = load_programs(options, &programs, &error);
    const int replayed = r == 0 ? hy_report_load(&replays, &report, &error) : 0;
    r = replayed < 0 && replayed != -ENODATA ? replayed : r;
    if (r == 0) {
        hy_predictions predictions = hy_predict(&report, &programs);
        r = program_print(&programs, &predictions, wish, &error);
        hy_predictions_free(&predictions);
    }
    if (replayed == 0)
        hy_report_free(&report);
    hy_programs_free(&programs);
    return r < 0 ? cmd_fail("%s", error.text) : HY_EXIT_OK;
}
