/* SPDX-License-Identifier: MIT
 *
 * compare.c - `heapyard compare`: verdicts, with an exit code that a gate can act on.
 */
#include "compare_options.h"
#include "compare_print.h"
#include "measure.h"

static int judge_campaign(void *context, hy_store *store, const hy_campaign_end *end) {
    const hy_compare_options *const o = context;
    hy_trials trials;
    hy_comparisons found;
    hy_error error;
    if (hy_trials_read(store, end->campaign, &trials, &error) < 0)
        return cmd_fail("%s", error.text);
    int r = hy_compare_campaign(&trials, o->asked.text, o->asked.count, &o->rules, &found, &error);
    if (r < 0) {
        r = cmd_fail("%s", error.text);
    } else {
        compare_print(&found, o->replay.format, hy_trials_words_rounds(&trials).text);
        r = hy_comparisons_worse(&found) > 0 ? HY_EXIT_MEASURED : HY_EXIT_OK;
        hy_comparisons_free(&found);
    }
    hy_trials_free(&trials);
    return r;
}

static int judge_archives(const hy_compare_options *o, const hy_archive *old, const hy_archive *new) {
    hy_comparisons found;
    hy_error error;
    if (hy_compare_databases(old, new, o->asked.text, o->asked.count, &o->rules, &found, &error) < 0)
        return cmd_fail("%s", error.text);
    compare_print(&found, o->replay.format, "");
    const size_t worse = hy_comparisons_worse(&found);
    hy_comparisons_free(&found);
    return worse > 0 ? HY_EXIT_MEASURED : HY_EXIT_OK;
}

static int judge_databases(const hy_compare_options *o) {
    hy_archive old = {.path = NULL}, new = {.path = NULL};
    hy_error error;
    int r = hy_archive_read(o->replay.traces[0], &old, &error);
    if (r == 0)
        r = hy_archive_read(o->replay.traces[1], &new, &error);
    r = r == 0 ? judge_archives(o, &old, &new) : cmd_fail("%s", error.text);
    hy_archive_free(&old);
    hy_archive_free(&new);
    return r;
}

static int run(int argc, char **argv) {
    hy_compare_options options;
    int r = compare_options_read(argc, argv, &options);
    if (r == 0)
        r = options.databases ? judge_databases(&options) : cmd_measure(&options.replay, judge_campaign, &options);
    compare_options_free(&options);
    return r;
}

const hy_command cmd_compare = {
    .name = "compare",
    .family = "judge",
    .usage = "compare TRACE… -a BASELINE,SPEC,… | compare OLD.db NEW.db",
    .summary = "verdicts: faster, slower, equivalent, larger, smaller",
    .examples = {"heapyard compare traces/python.hyt -a system,jemalloc,./my.so",
                 "heapyard compare t.hyt -a system,system   # what the machine makes of no difference",
                 "heapyard compare release.db today.db --margin 5% --format markdown", NULL},
    .run = run,
};
