/* SPDX-License-Identifier: MIT
 *
 * record.c - `heapyard record -o TRACE -- PROGRAM…`: what a program asks of malloc, written down.
 */
#include "command.h"

#include "collector.h"
#include "record_layout.h"
#include "record_programs.h"
#include "units.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct argp_option options[] = {
    {"output", 'o', "TRACE", 0, "The file to write (default heapyard.hyt); children go to TRACE.PID", 0},
    {"follow-children", 'f', NULL, 0, "Record what the program starts, too", 0},
    {"sites", 's', "N", OPTION_ARG_OPTIONAL,
     "Note where calls come from: with N, so many frames by frame pointers (-fno-omit-frame-pointer), at most 32", 0},
    {"limit", 'l', "EVENTS", 0, "End each trace after that many events; the program goes on", 0},
    {"programs", 'p', NULL, 0,
     "Instead: write down which programs are started, how large they get and when they end (default heapyard.arrivals)",
     0},
    {0}};

typedef struct record_call {
    hy_record_options record;
    bool programs;
} record_call;

static error_t parse(int key, char *argument, struct argp_state *state) {
    record_call *const call = state->input;
    hy_record_options *const record = &call->record;
    uint64_t count = 0;
    switch (key) {
    case 'o': record->output = argument; return 0;
    case 'f': record->follow = true; return 0;
    case 'p': call->programs = true; return 0;
    case 's':
        if (argument && (hy_parse_count(argument, &count) < 0 || count == 0 || count > HY_RECORD_FRAMES))
            argp_error(state, "--sites=%s is no number of frames; expected 1 to %u", argument, HY_RECORD_FRAMES);
        record->sites = argument ? (uint32_t)count : 1;
        return 0;
    case 'l':
        if (hy_parse_count(argument, &record->limit) < 0 || record->limit == 0)
            argp_error(state, "--limit=%s is no number of events; expected 1 or more", argument);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "\"%s\" stands before --; expected: heapyard record -o TRACE -- PROGRAM…", argument);
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static void print_warnings(const hy_record_options *record, const hy_record_outcome *outcome) {
    if (outcome->signal != 0)
        fprintf(stderr, "heapyard: the program was ended by a signal (%s), and its trace ends there\n",
                strsignal(outcome->signal));
    if (outcome->events == 0 && outcome->refused == 0)
        fputs("heapyard: no event was recorded: the program called no malloc, or the recorder was not loaded into what "
              "it executed\n",
              stderr);
    if (outcome->refused > 0)
        fprintf(stderr,
                "heapyard: not recorded: %s defines malloc in the executable itself, which no preload can "
                "replace\n",
                outcome->refusal);
    if (outcome->crowded > 0)
        fprintf(stderr, "heapyard: %u process%s had more threads at once than can be recorded; the trace ends there\n",
                outcome->crowded, outcome->crowded == 1 ? "" : "es");
    if (outcome->uncounted > 0)
        fprintf(stderr, "heapyard: %u processes were not recorded: there were too many at once\n", outcome->uncounted);
    if (outcome->lost > 0)
        fprintf(stderr, "heapyard: %s frees were not seen and are placed where their address came back\n",
                hy_show_count(outcome->lost).text);
    if (outcome->limited)
        fprintf(stderr, "heapyard: the limit of %s events was reached; what came later is not in the trace\n",
                hy_show_count(record->limit).text);
}

static void print_outcome(const hy_record_options *record, const hy_record_outcome *outcome) {
    fprintf(stderr, "heapyard: recorded %s events in %s%s: %s", hy_show_count(outcome->events).text, record->output,
            outcome->files > 1 ? " and its children's traces" : "", hy_show_bytes(outcome->bytes).text);
    if (outcome->events > 0)
        fprintf(stderr, " (%.2f bytes an event)", (double)outcome->bytes / (double)outcome->events);
    fprintf(stderr, "; %u trace%s, %s calls that are no events, %s stall%s", outcome->files,
            outcome->files == 1 ? "" : "s", hy_show_count(outcome->dropped).text, hy_show_count(outcome->stalls).text,
            outcome->stalls == 1 ? "" : "s");
    if (outcome->stalls > 0)
        fprintf(stderr, " (%s, over all threads)", hy_show_time(outcome->stall_time).text);
    fputc('\n', stderr);
    print_warnings(record, outcome);
}

/* The program that was meant is one that cannot be recorded.  Traces of wrappers stay. */
static int refuse(const hy_record_options *record, const hy_record_outcome *outcome) {
    struct stat st;
    if (stat(record->output, &st) == 0 && S_ISREG(st.st_mode))
        unlink(record->output);
    if (outcome->files > 0)
        fprintf(stderr, "heapyard: %u trace%s of processes around it: %s.PID\n", outcome->files,
                outcome->files == 1 ? "" : "s", record->output);
    return cmd_fail("%s defines malloc in the executable itself, which no preload can replace", outcome->refusal);
}

static int run(int argc, char **argv) {
    static const struct argp argp = {.options = options,
                                     .parser = parse,
                                     .args_doc = "-- PROGRAM [ARGUMENT…]",
                                     .doc = "Runs a program and writes down what it asks of malloc."};
    record_call call = {.record = {.origin = "heapyard " HY_VERSION " record", .limit = UINT64_MAX}};
    char **program;
    const int r = cmd_parse_program(&argp, "record -o TRACE -- PROGRAM [ARGUMENT…]", argc, argv, &call, &program);
    if (r != 0)
        return r;
    hy_record_options record = call.record;
    if (!record.output)
        record.output = call.programs ? "heapyard.arrivals" : "heapyard.hyt";
    if (strcmp(record.output, "-") == 0)
        return cmd_fail("a recording cannot go to standard output, which is the program's; name a file with -o");
    if (call.programs && (record.follow || record.sites > 0 || record.limit != UINT64_MAX))
        return cmd_fail("--programs follows all that is started and sees no malloc; it goes without --follow-children, "
                        "--sites and --limit");
    if (call.programs)
        return cmd_record_programs(record.output, program);
    record.argv = program;
    record.progress = isatty(STDERR_FILENO);
    hy_record_outcome outcome;
    hy_error error;
    if (hy_record(&record, &outcome, &error) < 0)
        return cmd_fail("%s", error.text);
    if (outcome.root_refused)
        return refuse(&record, &outcome);
    print_outcome(&record, &outcome);
    return outcome.exit_code;
}

const hy_command cmd_record = {
    .name = "record",
    .family = "get traces",
    .usage = "record [-o TRACE] [--follow-children] [--sites[=N]] [--limit EVENTS] | --programs -- PROGRAM [ARGUMENT…]",
    .summary = "run a program and write down what it asks of malloc",
    .examples = {"heapyard record -o sort.hyt -- sort --parallel=2 words.txt",
                 "heapyard record -o gcc.hyt --follow-children -- gcc -O2 -c main.c",
                 "heapyard record -o start.hyt --limit 1000000 -- python3 -c 'import json'",
                 "heapyard record --programs -o build.arrivals -- make -j2", NULL},
    .run = run,
};
