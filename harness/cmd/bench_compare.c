/* SPDX-License-Identifier: MIT
 *
 * bench_compare.c - see bench_compare.h.
 */
#include "bench_compare.h"

#include "heap.h"
#include "measure.h"
#include "micro_campaign.h"
#include "micro_cells.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------ command line ---- */

enum { OPTION_FILTER = 1024, OPTION_TIME, OPTION_AGAINST, OPTION_SEED, OPTION_MARGIN, OPTION_FROM, OPTION_FORMAT };

static const struct argp_option table[] = {
    {"rounds", 'r', "N", 0, "How often each is measured (20)", 0},
    {"filter", OPTION_FILTER, "REGEX", 0, "Only benchmarks whose names match, as in 'pair|ring'", 0},
    {"time", OPTION_TIME, "TIME", 0, "How long each cell is timed (60ms)", 0},
    {"against", OPTION_AGAINST, "SPEC", 0, "Whom all are compared with besides (system, or the first)", 0},
    {"output", 'o', "FILE", 0, "Every value as a line of CSV, as soon as it is there", 0},
    {"from", OPTION_FROM, "FILE", 0, "Answer from such a file; nothing is measured", 0},
    {"seed", OPTION_SEED, "N", 0, "Orders the allocators in each round (random)", 0},
    {"margin", OPTION_MARGIN, "PERCENT", 0, "A difference that nobody would care about (2%)", 0},
    {"format", OPTION_FORMAT, "WORD", 0, "Of the answer: text, csv, json or markdown (text)", 0},
    {0}};

static error_t parse_time(const char *argument, uint64_t *ret_time) {
    if (hy_parse_time(argument, ret_time) == 0 && *ret_time >= 1000000 && *ret_time <= 10000000000u)
        return 0;
    cmd_fail("--time is \"%s\"; expected 1ms to 10s, as in 60ms", argument);
    return EINVAL;
}

static const char *option_name(int key) {
    const struct argp_option *option = table;
    while (option->key != key)
        option++;
    return option->name;
}

/* Those that say how to measure. */
static error_t parse_measuring(int key, char *argument, bench_compare *asked) {
    switch (key) {
    case 'r': return cmd_unsigned("--rounds", argument, 1, HY_MICRO_MOST_ROUNDS, &asked->rounds);
    case 'o': asked->cells = argument; return 0;
    case OPTION_FILTER: asked->filter = argument; return 0;
    case OPTION_TIME: return parse_time(argument, &asked->time);
    case OPTION_SEED: return cmd_number("--seed", argument, 1, INT64_MAX, &asked->seed);
    default: return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    bench_compare *const asked = state->input;
    error_t r = parse_measuring(key, argument, asked);
    if (r != ARGP_ERR_UNKNOWN) {
        asked->given = asked->measuring = option_name(key);
        return r;
    }
    switch (key) {
    case OPTION_FROM: asked->from = argument; break;
    case OPTION_AGAINST: asked->reference = argument; break;
    case OPTION_MARGIN: r = cmd_margin(argument, &asked->margin) < 0 ? EINVAL : 0; break;
    case OPTION_FORMAT: r = cmd_format(argument, &asked->format) < 0 ? EINVAL : 0; break;
    default: return ARGP_ERR_UNKNOWN;
    }
    asked->given = option_name(key);
    return r == ARGP_ERR_UNKNOWN ? 0 : r;
}

const struct argp bench_compare_argp = {.options = table, .parser = parse};

/* --------------------------------------------------------------------------------------------------- measuring ---- */

static void show_progress(size_t done, size_t total, const char *doing) {
    cmd_show_bar(done, total, 0, doing);
}

/* The place of a spec among the entries; their number: it is not there. */
static size_t find_entry(const hy_micro_results *results, const char *spec) {
    size_t i = 0;
    while (i < results->count && strcmp(results->entries[i].spec, spec) != 0)
        i++;
    return i;
}

/* `null`, each allocator once, and the control: of `system`, or else of the first. */
static int make_entries(const bench_compare *asked, const hy_specs *specs, hy_micro_entry *entries,
                        hy_micro_results *results) {
    results->entries = entries;
    entries[results->count++] = (hy_micro_entry){"null", HY_MICRO_NULL};
    for (size_t i = 0; i < specs->count; i++)
        if (find_entry(results, specs->text[i]) == results->count)
            entries[results->count++] = (hy_micro_entry){specs->text[i], HY_MICRO_RIVAL};
    if (results->count < 2)
        return cmd_fail("only null is to be measured; expected another allocator");
    results->controlled = find_entry(results, "system") < results->count ? find_entry(results, "system") : 1;
    results->reference = asked->reference ? find_entry(results, asked->reference) : results->controlled;
    if (results->reference == results->count || results->reference == 0)
        return cmd_fail("--against is \"%s\"; expected one of the allocators that are measured", asked->reference);
    entries[results->count++] = (hy_micro_entry){entries[results->controlled].spec, HY_MICRO_CONTROL};
    return 0;
}

static int judge_and_print(const bench_compare *asked, hy_micro_results *results) {
    hy_rules rules = HY_RULES_DEFAULT;
    hy_error error;
    rules.margin = asked->margin;
    if (hy_micro_judge(results, &rules, &error) < 0)
        return cmd_fail("%s", error.text);
    bench_print(results, asked->margin, asked->format);
    return HY_EXIT_OK;
}

static int measure(const bench_compare *asked, hy_micro_results *results, FILE *cells) {
    const hy_micro_plan plan = {.filter = asked->filter,
                                .milliseconds = (unsigned)(asked->time / 1000000),
                                .seed = asked->seed ? asked->seed : hy_host_default.entropy() >> 33,
                                .cells = cells,
                                .stop = cmd_listen_for_stop(),
                                .show_progress = show_progress};
    hy_micro_end end;
    hy_error error;
    if (hy_micro_run(&plan, results, &end, &error) < 0)
        return cmd_fail("%s", error.text);
    const int r = judge_and_print(asked, results);
    if (end.stopped)
        return 128 + (int)*plan.stop;
    return r == HY_EXIT_OK && end.failed > 0 ? HY_EXIT_MEASURED : r;
}

/* Measures, and keeps every value if that is wanted. */
static int measure_and_keep(const bench_compare *asked, hy_micro_results *results) {
    FILE *const cells = asked->cells ? fopen(asked->cells, "w") : NULL;
    if (asked->cells && !cells)
        return cmd_fail("%s: cannot be written: %s", asked->cells, strerror(errno));
    const int r = measure(asked, results, cells);
    if (cells && fclose(cells) != 0)
        return cmd_fail("%s: cannot be written: %s", asked->cells, strerror(errno));
    return r;
}

static int answer_from(const bench_compare *asked, hy_micro_results *results) {
    hy_error error;
    if (asked->measuring)
        return cmd_fail("--%s is of measuring; expected none of it beside --from", asked->measuring);
    if (hy_micro_cells_read(asked->from, results, &error) < 0)
        return cmd_fail("%s", error.text);
    return judge_and_print(asked, results);
}

int bench_compare_run(const bench_compare *asked, const hy_specs *specs) {
    hy_micro_results results = {.rounds = asked->rounds};
    hy_micro_entry *const entries = calloc(specs->count + 2, sizeof *entries);
    if (!entries)
        abort();
    int r = make_entries(asked, specs, entries, &results);
    if (r == 0)
        r = asked->from ? answer_from(asked, &results) : measure_and_keep(asked, &results);
    hy_micro_free(&results);
    free(entries);
    return r;
}
