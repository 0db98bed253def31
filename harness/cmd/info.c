/* SPDX-License-Identifier: MIT
 *
 * info.c - `heapyard info`: what is in a trace.
 */
#include "info.h"

#include "text.h"
#include "units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_TABLE = 256, KEY_TOP, KEY_BY };

static error_t parse(int key, char *argument, struct argp_state *state) {
    info_options *const options = state->input;
    switch (key) {
    case 'f': return cmd_format(argument, &options->format) < 0 ? EINVAL : 0;
    case 'e': options->events = true; return 0;
    case KEY_TABLE:
        options->table = argument;
        if (strcmp(argument, "sites") != 0 && strcmp(argument, "phases") != 0)
            argp_error(state, "--table=%s is none; expected sites or phases", argument);
        return 0;
    case KEY_TOP:
        if (hy_parse_count(argument, &options->top) < 0 || options->top == 0)
            argp_error(state, "--top=%s is no number of sites; expected 1 or more", argument);
        return 0;
    case KEY_BY:
        if (!info_parse_order(argument, &options->by))
            argp_error(state, "--by=%s is no order of sites; expected bytes, peak, end or calls", argument);
        return 0;
    case ARGP_KEY_ARG: cmd_add_path(&options->paths, &options->count, argument); return 0;
    case ARGP_KEY_NO_ARGS: argp_error(state, "expected a trace, such as: heapyard info t.hyt"); return EINVAL;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* A cut trace is answered as far as it goes, and told of. */
static int report_warning(const char *warning) {
    if (!warning || !warning[0])
        return HY_EXIT_OK;
    cmd_fail("%s", warning);
    return HY_EXIT_MEASURED;
}

static int print_events(const char *path) {
    hy_trace_reader *reader;
    hy_error error;
    if (hy_trace_open(path, &reader, &error) < 0)
        return cmd_fail("%s", error.text);
    const int r = hy_text_export(reader, stdout, &error);
    const int code = r < 0 ? cmd_fail("%s", error.text) : report_warning(hy_trace_warning(reader));
    hy_trace_close(reader);
    return code;
}

static int worse(int a, int b) {
    return a > b ? a : b;
}

static int print_summaries(const info_options *options) {
    info_trace *const traces = calloc(options->count, sizeof *traces);
    if (!traces)
        abort();
    size_t good = 0;
    int code = HY_EXIT_OK;
    for (size_t i = 0; i < options->count; i++) {
        info_trace *const trace = &traces[good];
        hy_error error;
        trace->path = options->paths[i];
        trace->options = options;
        if (hy_trace_summarise_profile(trace->path, &trace->sum, &trace->curve, &trace->profile, &error) < 0) {
            code = worse(code, cmd_fail("%s", error.text));
            continue;
        }
        if (options->format == HY_FORMAT_TEXT && !options->table) {
            fputs(good > 0 ? "\n" : "", stdout);
            info_print_text(trace);
        }
        code = worse(code, report_warning(trace->sum.warning));
        good++;
    }
    if (good > 0 && options->table)
        info_print_table(traces, good, options->format);
    else if (good > 0 && options->format == HY_FORMAT_CSV)
        info_print_csv(traces, good);
    else if (good > 0 && options->format == HY_FORMAT_MARKDOWN)
        info_print_markdown(traces, good);
    else if (good > 0 && options->format == HY_FORMAT_JSON)
        info_print_json(traces, good);
    for (size_t i = 0; i < good; i++)
        hy_profile_clear(&traces[i].profile);
    free(traces);
    return code;
}

static int run(int argc, char **argv) {
    static const struct argp_option table[] = {
        {"format", 'f', "FORMAT", 0, "text (default), csv, json or markdown", 0},
        {"events", 'e', NULL, 0, "print every event as a line: time in ns, thread, kind, object, bytes, alignment", 0},
        {"table", KEY_TABLE, "TABLE", 0, "only that table of each trace: sites or phases (text, csv, json)", 0},
        {"top", KEY_TOP, "N", 0, "so many sites of each list (default 10; all of them with --table)", 0},
        {"by", KEY_BY, "FIGURE", 0,
         "how sites are ordered in csv, json and --table: bytes (default), peak, end (what leaks), calls", 0},
        {0}};
    static const struct argp argp = {.options = table,
                                     .parser = parse,
                                     .args_doc = "TRACE…",
                                     .doc = "Prints what is in traces.  \"-\" is standard input.\v"
                                            "A trace that was cut off is answered as far as it goes, with a warning "
                                            "and exit code 1."};
    info_options options = {.format = HY_FORMAT_TEXT};
    int code = cmd_parse(&argp, argc, argv, &options);
    if (code == 0 && options.format == HY_FORMAT_GBENCH)
        code = cmd_fail("a summary has no times to show as gbench; expected text, csv, json or markdown");
    else if (code == 0 && options.events)
        for (size_t i = 0; i < options.count; i++)
            code = worse(code, print_events(options.paths[i]));
    else if (code == 0)
        code = print_summaries(&options);
    free(options.paths);
    return code;
}

const hy_command cmd_info = {
    .name = "info",
    .family = "get traces",
    .usage = "info TRACE… [--format text|csv|json|markdown] [--events] [--table sites|phases]",
    .summary = "what is in a trace: events, live peak, sizes, lifetimes",
    .examples = {"heapyard info t.hyt",
                 "heapyard info --table sites --by end --top 20 t.hyt   # what leaks, and from where",
                 "heapyard info --format csv traces/*.hyt", "heapyard info --events t.hyt | head",
                 "zstdcat t.hyt.zst | heapyard info -", NULL},
    .run = run,
};
