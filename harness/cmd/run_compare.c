/* SPDX-License-Identifier: MIT
 *
 * run_compare.c - see run_compare.h.
 */
#include "run_compare.h"

#include "machine.h"
#include "measure.h"
#include "program_campaign.h"
#include "summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void run_show_progress(const hy_program_progress *p) {
    cmd_show_bar(p->done, p->total, p->left, p->spec);
}

size_t run_baseline(const hy_specs *specs) {
    for (size_t i = 0; i < specs->count; i++)
        if (strcmp(specs->text[i], "system") == 0)
            return i;
    return 0;
}

static const char *name_of(const hy_run_compare *asked, char *const *argv) {
    const char *const slash = strrchr(argv[0], '/');
    return asked->name ? asked->name : slash ? slash + 1 : argv[0];
}

int run_trace_hash(const char *path, char ret[17], hy_error *error) {
    static hy_trace_summary summary;
    ret[0] = '\0';
    const int r = path ? hy_trace_summarise(path, &summary, error) : 0;
    if (r == 0 && path)
        snprintf(ret, 17, "%016" PRIx64, summary.hash);
    return r;
}

/* Why there are so many rounds, if that was found out. */
static void print_rounds(const hy_program_end *end, hy_format format) {
    if (end->rounds.chosen && (format == HY_FORMAT_TEXT || format == HY_FORMAT_MARKDOWN))
        printf("%s%u rounds, %u of them to find out how many: %s.\n", format == HY_FORMAT_TEXT ? "" : "- ",
               end->rounds.chosen, end->rounds.pilot, end->rounds.reason);
}

int run_answer(hy_store *store, const char *database, int64_t id, const program_wish *wish) {
    char campaign[24];
    const hy_predictions none = {NULL, 0};
    hy_programs programs = {0};
    hy_error error;
    snprintf(campaign, sizeof campaign, "%" PRId64, id);
    int r = hy_programs_load(store, database, campaign, &programs, &error);
    if (r == 0)
        r = hy_programs_judge(&programs, &HY_RULES_DEFAULT, &error);
    if (r == 0)
        r = program_print(&programs, &none, wish, &error);
    r = r < 0 ? cmd_fail("%s", error.text) : HY_EXIT_OK;
    for (size_t i = 0; i < programs.count; i++)
        r = r == HY_EXIT_OK && hy_program_failed(&programs.program[i]) ? HY_EXIT_MEASURED : r;
    hy_programs_free(&programs);
    return r;
}

static int answer(const hy_run_compare *asked, hy_store *store, const hy_program_end *end) {
    const int r = run_answer(store, asked->database, end->campaign, &asked->wish);
    if (r != HY_EXIT_INPUT)
        print_rounds(end, asked->wish.format);
    return r;
}

static int measure(const hy_run_compare *asked, const hy_program_plan *plan, hy_store *store) {
    hy_program_end end;
    hy_error error;
    if (hy_program_run_campaign(plan, store, &end, &error) < 0)
        return cmd_fail("%s", error.text);
    const int r = end.runs > end.missing ? answer(asked, store, &end) : HY_EXIT_INPUT;
    if (!end.missing)
        return r;
    fprintf(stderr, "heapyard: stopped with %zu of %zu runs in %s; the same command with --resume goes on\n",
            end.runs - end.missing, end.runs, asked->database);
    return 128 + (int)*plan->stop;
}

static int compare(const hy_run_compare *asked, hy_program_plan *plan) {
    char hash[17], *const environment = hy_machine_json();
    hy_store *store = NULL;
    hy_error error;
    plan->trace = hash;
    plan->environment = environment ? environment : "{}";
    int r = run_trace_hash(asked->trace, hash, &error);
    if (r == 0)
        r = hy_store_open(asked->database, true, &store, &error);
    r = r < 0 ? cmd_fail("%s", error.text) : measure(asked, plan, store);
    hy_store_close(store);
    free(environment);
    return r;
}

int run_compare(const hy_run_compare *asked, hy_specs *specs, unsigned rounds, char *const *argv) {
    hy_run_compare with_defaults = *asked;
    if (asked->wish.format == HY_FORMAT_GBENCH)
        return cmd_fail("run answers as text, csv, json or markdown; gbench is what `heapyard bench` answers");
    if (rounds > 0 && (asked->precision > 0 || asked->budget > 0))
        return cmd_fail("--rounds says how many there are, --precision and --budget have it found out; expected one of "
                        "the two");
    if (!asked->database)
        with_defaults.database = RUN_DATABASE;
    cmd_drop_doubles(specs); /* the baseline's second run in each round is there anyway */
    hy_program_plan plan = {.name = name_of(asked, argv),
                            .argv = argv,
                            .input = asked->input,
                            .check = {.output = !asked->ignore_output},
                            .specs = specs->text,
                            .spec_count = specs->count,
                            .baseline = run_baseline(specs),
                            .rounds = rounds ? rounds : RUN_USUAL_ROUNDS,
                            .goal = {asked->precision, asked->budget},
                            .timeout = asked->timeout,
                            .seed = asked->seed,
                            .command = asked->command,
                            .resume = asked->resume,
                            .stop = cmd_listen_for_stop(),
                            .show_progress = run_show_progress};
    return compare(&with_defaults, &plan);
}
