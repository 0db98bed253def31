/* SPDX-License-Identifier: MIT
 *
 * run.c - `heapyard run -a SPEC,… -- PROGRAM…`: a real program on an allocator.
 *
 * Several allocators, or several rounds, are run in turn: round by round, each round starting with another allocator.
 * With --compare they are measured and judged (run_compare.c).
 */
#include "command.h"

#include "describe.h"
#include "elfcheck.h"
#include "heap.h"
#include "run_compare.h"
#include "run_suite.h"
#include "timing.h"
#include "units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

typedef struct run_options {
    hy_specs specs;
    unsigned rounds; /* 0: as many as is usual */
    char **argv;
    bool compare;
    const char *only_compared; /* an option that was given and needs --compare or --suite; or NULL */
    const char *only_suite;    /* one that needs --suite */
    char **names;              /* programs of the suite */
    size_t name_count;
    hy_run_compare measured;
} run_options;

enum {
    OPTION_COMPARE = 256,
    OPTION_TRACE,
    OPTION_NAME,
    OPTION_INPUT,
    OPTION_IGNORE,
    OPTION_PRECISION,
    OPTION_BUDGET,
    OPTION_TIMEOUT,
    OPTION_SEED,
    OPTION_RESUME,
    OPTION_FORMAT,
    OPTION_SUITE,
    OPTION_INSTALL,
    OPTION_WORK,
    OPTION_SUMMARY,
    OPTION_AGAINST
};

/* One allocator: how it serves, and its runs so far. */
typedef struct run_row {
    hy_serving serving;
    hy_timing *timing;
    size_t count, failed;
} run_row;

static const struct argp_option options[] = {
    {"allocator", 'a', "SPEC,…", 0, "The allocators to run it on (default system)", 0},
    {"rounds", 'r', "N", 0, "Run it so many times on each (default 1; compared, 10)", 0},
    {NULL, 0, NULL, 0, "Measured and judged:", 1},
    {"compare", OPTION_COMPARE, NULL, 0,
     "In rounds of random order, with a control; stored, and compared with the first allocator, or with system if that "
     "is in the list",
     1},
    {"output", 'o', "FILE", 0, "The results database (results/local/results.db)", 1},
    {"name", OPTION_NAME, "NAME", 0, "The program's name in results (its file name)", 1},
    {"trace", OPTION_TRACE, "TRACE", 0, "The trace recorded from it: the report compares its replay with the truth", 1},
    {"input", OPTION_INPUT, "FILE", 0, "What it reads from standard input (nothing)", 1},
    {"ignore-output", OPTION_IGNORE, NULL, 0, "Throw its output away; else it is kept in memory and must be the same",
     1},
    {"precision", OPTION_PRECISION, "SHARE", 0,
     "Instead of -r: as many rounds as make the half width of the CPU times' intervals so small, judged by 7 of them: "
     "2%",
     1},
    {"budget", OPTION_BUDGET, "TIME", 0, "Instead of -r: as many rounds as there is time for: 10m", 1},
    {"timeout", OPTION_TIMEOUT, "TIME", 0, "Of one run (10m)", 1},
    {"seed", OPTION_SEED, "N", 0, "Orders the runs (random)", 1},
    {"resume", OPTION_RESUME, NULL, 0, "Go on with the last campaign of the same command", 1},
    {"format", OPTION_FORMAT, "WORD", 0, "Of the answer: text, csv, json or markdown (text)", 1},
    {NULL, 0, NULL, 0, "Many programs:", 2},
    {"suite", OPTION_SUITE, "FILE", 0,
     "The programs of this file with their work, or those that are named, each measured as by --compare; a name "
     "without "
     "/ is that of a suite that comes with heapyard: real, replayed",
     2},
    {"install", OPTION_INSTALL, NULL, 0, "Have apt-get install what they need; else a program that lacks it is skipped",
     2},
    {"work", OPTION_WORK, "FOLDER", 0, "Where their inputs are made, to be kept (one that goes away)", 2},
    {"summary", OPTION_SUMMARY, NULL, 0, "Answer with all programs together only", 2},
    {"against", OPTION_AGAINST, "SPEC", 0, "What the summary compares with (the baseline)", 2},
    {0}};

/* 0, or EINVAL after saying what is wrong. */
static error_t parse_measured(int key, char *argument, hy_run_compare *m) {
    switch (key) {
    case 'o': m->database = argument; return 0;
    case OPTION_NAME: m->name = argument; return 0;
    case OPTION_TRACE: m->trace = argument; return 0;
    case OPTION_INPUT: m->input = argument; return 0;
    case OPTION_IGNORE: m->ignore_output = true; return 0;
    case OPTION_RESUME: m->resume = true; return 0;
    case OPTION_PRECISION: return cmd_precision(argument, &m->precision) < 0 ? EINVAL : 0;
    case OPTION_BUDGET: return cmd_budget(argument, &m->budget) < 0 ? EINVAL : 0;
    case OPTION_FORMAT: return cmd_format(argument, &m->wish.format) < 0 ? EINVAL : 0;
    case OPTION_TIMEOUT:
        if (hy_parse_time(argument, &m->timeout) == 0 && m->timeout >= 1000000)
            return 0;
        cmd_fail("--timeout is \"%s\"; expected a time of 1ms or more, as in 20s", argument);
        return EINVAL;
    case OPTION_SEED: return cmd_number("--seed", argument, 0, INT64_MAX, &m->seed);
    default: return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_suite(int key, char *argument, hy_run_compare *m) {
    switch (key) {
    case OPTION_SUITE: m->suite = argument; return 0;
    case OPTION_INSTALL: m->install = true; return 0;
    case OPTION_WORK: m->work = argument; return 0;
    case OPTION_SUMMARY: m->wish.only_summary = true; return 0;
    case OPTION_AGAINST: m->wish.against = argument; return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static void add_name(run_options *run, char *name) {
    run->names = realloc(run->names, (run->name_count + 1) * sizeof *run->names);
    if (!run->names)
        abort();
    run->names[run->name_count++] = name;
}

static const char *option_name(int key) {
    for (const struct argp_option *o = options; o->name || o->doc; o++)
        if (o->key == key)
            return o->name;
    return "";
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    run_options *const run = state->input;
    switch (key) {
    case 'a': return cmd_add_specs(&run->specs, argument) < 0 ? EINVAL : 0;
    case 'r': return cmd_unsigned("--rounds", argument, 1, 10000, &run->rounds);
    case ARGP_KEY_ARG: add_name(run, argument); return 0;
    case ARGP_KEY_END:
        if (run->name_count && !run->measured.suite)
            argp_error(state, "\"%s\" stands before --; expected: heapyard run -a SPEC,… -- PROGRAM…", run->names[0]);
        return 0;
    case OPTION_COMPARE: run->compare = true; return 0;
    default: break;
    }
    error_t r = parse_suite(key, argument, &run->measured);
    if (r == 0) {
        run->only_suite = option_name(key);
        return 0;
    }
    r = parse_measured(key, argument, &run->measured);
    if (r == 0)
        run->only_compared = option_name(key);
    return r;
}

/* ---------------------------------------------------------------------------------------------------- printing ---- */

static const char *describe_end(int status, char *room, size_t size) {
    if (WIFSIGNALED(status))
        snprintf(room, size, "killed by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(room, size, "exit %d", WEXITSTATUS(status));
    return room;
}

static void print_one(const char *spec, const run_row *row) {
    const hy_timing *const t = &row->timing[0];
    char end[64];
    fprintf(stderr, "heapyard: %s (malloc from %s): wall %s, user %s, ", spec, row->serving.served_by,
            hy_show_time(t->wall * 1e9).text, hy_show_time(t->user * 1e9).text);
    fprintf(stderr, "sys %s, peak %s, %s + ", hy_show_time(t->sys * 1e9).text, hy_show_bytes(t->peak).text,
            hy_show_count(t->minor).text);
    fprintf(stderr, "%s page faults, %s\n", hy_show_count(t->major).text, describe_end(t->status, end, sizeof end));
}

/* The figures of a row, one of each run. */
typedef struct run_figures {
    double *wall, *cpu, *peak, *faults;
} run_figures;

static run_figures take_figures(const run_row *row) {
    double *const all = calloc(4 * row->count, sizeof *all);
    if (!all)
        abort();
    const run_figures f = {all, all + row->count, all + 2 * row->count, all + 3 * row->count};
    for (size_t i = 0; i < row->count; i++) {
        const hy_timing *const t = &row->timing[i];
        f.wall[i] = t->wall;
        f.cpu[i] = t->user + t->sys;
        f.peak[i] = (double)t->peak;
        f.faults[i] = (double)(t->minor + t->major);
    }
    return f;
}

static void print_cell(const char *text, int width) {
    fprintf(stderr, " %*s%s", width - (int)hy_text_width(text), "", text);
}

static void print_table(const run_options *run, const run_row *rows) {
    fprintf(stderr, "%-28s %5s %11s %10s %11s %11s %9s %7s\n", "allocator", "runs", "wall", "±", "user+sys", "peak",
            "faults", "failed");
    for (size_t i = 0; i < run->specs.count; i++) {
        const run_figures f = take_figures(&rows[i]);
        const size_t n = rows[i].count;
        fprintf(stderr, "%-28s %5zu", run->specs.text[i], n);
        print_cell(hy_show_time(hy_median(f.wall, n) * 1e9).text, 11);
        print_cell(hy_show_time(hy_mad(f.wall, n) * 1e9).text, 9);
        print_cell(hy_show_time(hy_median(f.cpu, n) * 1e9).text, 11);
        fprintf(stderr, " %11s %9.0f %7zu\n", hy_show_bytes((uint64_t)hy_median(f.peak, n)).text,
                hy_median(f.faults, n), rows[i].failed);
        free(f.wall);
    }
    fputs("medians of all runs; ± is the median absolute deviation of wall\n", stderr);
    for (size_t i = 0; i < run->specs.count; i++)
        fprintf(stderr, "%s: malloc from %s\n", run->specs.text[i], rows[i].serving.served_by);
}

/* ----------------------------------------------------------------------------------------------------- running ---- */

static int plan_rows(const run_options *run, run_row *rows) {
    hy_error error;
    if (hy_can_preload(run->argv[0], &error) < 0)
        return cmd_fail("%s", error.text);
    for (size_t i = 0; i < run->specs.count; i++) {
        rows[i].timing = calloc(run->rounds, sizeof *rows[i].timing);
        if (!rows[i].timing)
            abort();
        if (hy_serving_plan(run->specs.text[i], &rows[i].serving, &error) < 0 ||
            hy_serving_prove(&rows[i].serving, run->argv, &error) < 0)
            return cmd_fail("%s", error.text);
    }
    return 0;
}

static int run_rounds(const run_options *run, run_row *rows) {
    const size_t count = run->specs.count;
    for (size_t i = 0; i < count * run->rounds; i++) {
        run_row *const row = &rows[(i + i / count) % count];
        hy_timing *const timing = &row->timing[row->count++];
        const hy_timing_order order = {.serving = &row->serving, .argv = run->argv, .quiet = count * run->rounds > 1};
        hy_error error;
        if (hy_time_program(&order, timing, &error) < 0)
            return cmd_fail("%s", error.text);
        row->failed += timing->status != 0;
    }
    return 0;
}

static int run_all(const run_options *run) {
    run_row *const rows = calloc(run->specs.count, sizeof *rows);
    if (!rows)
        abort();
    int r = plan_rows(run, rows);
    if (r == 0)
        r = run_rounds(run, rows);
    if (r == 0 && run->specs.count * run->rounds == 1)
        print_one(run->specs.text[0], &rows[0]);
    else if (r == 0)
        print_table(run, rows);
    for (size_t i = 0; i < run->specs.count; i++) {
        r = r == 0 && rows[i].failed ? HY_EXIT_MEASURED : r;
        free(rows[i].timing);
    }
    free(rows);
    return r;
}

static const char usage[] =
    "run [-a SPEC,…] [-r ROUNDS] [--compare] -- PROGRAM [ARGUMENT…], or --suite FILE [PROGRAM…]";

/* Whether the words are about a suite: nothing follows -- then. */
static bool is_suite(int argc, char **argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strncmp(argv[i], "--suite", 7) == 0)
            return true;
    return false;
}

static int parse_words(const struct argp *argp, int argc, char **argv, run_options *run) {
    if (!is_suite(argc, argv))
        return cmd_parse_program(argp, usage, argc, argv, run, &run->argv);
    const int r = cmd_parse(argp, argc, argv, run);
    return r == 0 && !run->measured.suite ? cmd_fail("a suite is named after --suite") : r;
}

static int run_as_asked(run_options *run) {
    hy_run_compare *const measured = &run->measured;
    if (measured->suite)
        return run_suite(measured, &run->specs, run->rounds, run->names, run->name_count);
    if (run->specs.count == 0 && cmd_add_specs(&run->specs, "system") < 0)
        return HY_EXIT_INPUT;
    if (run->only_suite)
        return cmd_fail("--%s is of many programs; expected --suite beside it", run->only_suite);
    if (run->only_compared && !run->compare)
        return cmd_fail("--%s is of measured runs; expected --compare beside it", run->only_compared);
    if (run->compare)
        return run_compare(measured, &run->specs, run->rounds, run->argv);
    run->rounds += run->rounds == 0;
    return run_all(run);
}

static int run(int argc, char **argv) {
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "-- PROGRAM [ARGUMENT…]\n--suite=FILE [PROGRAM…]",
        .doc =
            "Runs a real program with its malloc replaced, and says what it cost.\vOf one run, standard input and "
            "output are the program's.  With several allocators or rounds the program's input is empty and its "
            "output is thrown away.  The figures go to standard error.  A peak below 2 MiB is that of "
            "starting a program, whatever the allocator.\n\nCompared, it is run in rounds of random order, the "
            "baseline twice in each; every run is stored as it ends, and the answer goes to standard output: exit "
            "code 1 if an allocator made the program fail or say something else.\n\nOf a suite, programs that lack a "
            "package are skipped: exit code 77 if all are."};
    run_options run = {.measured = {.timeout = UINT64_C(600000000000), .seed = hy_host_default.entropy() >> 33}};
    int r = parse_words(&argp, argc, argv, &run);
    if (r == 0) {
        cmd_typed(argc, argv, run.measured.command, sizeof run.measured.command);
        r = run_as_asked(&run);
    }
    cmd_free_specs(&run.specs);
    free(run.names);
    return r;
}

const hy_command cmd_run = {
    .name = "run",
    .family = "measure",
    .usage = usage,
    .summary = "real programs on an allocator, or compared on several",
    .examples = {"heapyard run -a segregated -- python3 -c 'import json'",
                 "heapyard run -a system:tcache=0,mxfast=0 -- git log",
                 "heapyard run --compare -a system,jemalloc,mimalloc -- gcc -O2 -c main.c",
                 "heapyard run --suite real -a system,jemalloc,segregated -r 12 -o programs.db",
                 "heapyard run --suite ./mine.suite --against segregated sort", NULL},
    .run = run,
};
