/* SPDX-License-Identifier: MIT
 *
 * replay.c - `heapyard replay`: traces on allocators, measured, stored, and told in a table and a sentence.
 */
#include "measure.h"
#include "replay_phases.h"
#include "replay_print.h"
#include "replay_self.h"

static bool something_failed(const hy_rows *rows, size_t count) {
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < rows[i].count; j++)
            if (rows[i].row[j].failed)
                return true;
    return false;
}

/* The baseline is that of the command line, the control's too. */
static int judge(hy_store *store, const hy_campaign_end *end, const char *baseline, hy_rows *rows, size_t count,
                 hy_trials *ret_trials, hy_error *error) {
    const hy_rules rules = HY_RULES_DEFAULT;
    int r = hy_trials_read(store, end->campaign, ret_trials, error);
    for (size_t i = 0; r == 0 && i < count; i++) {
        hy_trial *const trial = hy_trial_of(ret_trials, end->traces[i]);
        if (trial)
            hy_trial_compare_with(trial, baseline);
        rows[i].trial = trial;
        rows[i].rounds = hy_trials_words_rounds(ret_trials);
    }
    r = r == 0 ? hy_trials_judge(ret_trials, &rules, error) : r;
    for (size_t i = 0; r == 0 && i < count; i++)
        rows[i].few = hy_trials_words_few(ret_trials, rules.alpha);
    return r;
}

static int tell(const hy_replay_options *o, hy_store *store, const hy_campaign_end *end, const hy_rows *rows) {
    const bool prose = o->format == HY_FORMAT_TEXT || o->format == HY_FORMAT_MARKDOWN;
    hy_error error;
    replay_print(rows, o->trace_count, o->format);
    if (prose && replay_phases_print(store, end, rows, o->trace_count, o->format == HY_FORMAT_MARKDOWN, &error) < 0)
        return cmd_fail("%s", error.text);
    for (size_t i = 0; prose && i < o->trace_count; i++)
        replay_print_sentence(&rows[i]);
    return something_failed(rows, o->trace_count) ? HY_EXIT_MEASURED : HY_EXIT_OK;
}

static int answer(void *context, hy_store *store, const hy_campaign_end *end) {
    const hy_replay_options *const o = context;
    hy_trials trials = {.count = 0};
    hy_rows *rows;
    hy_error error;
    if (replay_rows_read_all(store, end, &o->plan, &rows, &error) < 0)
        return cmd_fail("%s", error.text);
    const int judged = judge(store, end, o->plan.specs[o->plan.control], rows, o->trace_count, &trials, &error);
    const int r = judged < 0 ? cmd_fail("%s", error.text) : tell(o, store, end, rows);
    hy_trials_free(&trials);
    replay_rows_free_all(rows, o->trace_count);
    return r;
}

static int run(int argc, char **argv) {
    hy_replay_options options;
    int r = replay_options_read(argc, argv, &options);
    if (r == 0)
        r = options.self_check ? replay_self_check(&options) : cmd_measure(&options, answer, &options);
    replay_options_free(&options);
    return r;
}

const hy_command cmd_replay = {
    .name = "replay",
    .family = "measure",
    .usage = "replay TRACE… -a SPEC,…",
    .summary = "traces on allocators: time, latency, footprint",
    .examples = {"heapyard replay traces/python.hyt", "heapyard replay t.hyt -a first-fit,jemalloc -r 20",
                 "heapyard replay t.hyt -a ./my.so --verify --pass footprint",
                 "heapyard replay traces/redis.hyt -a segregated,jemalloc --pass latency --open-loop=2x",
                 "heapyard replay traces/sqlite.hyt --self-check", NULL},
    .run = run,
};
