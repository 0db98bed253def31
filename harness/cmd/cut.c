/* SPDX-License-Identifier: MIT
 *
 * cut.c - `heapyard cut`: a part of a trace as a trace of its own.
 */
#include "command.h"

#include "cutting.h"
#include "source.h"
#include "units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct cut_options {
    const char *from, *to, *events, *time, *thread;
} cut_options;

/* "A..B", "A.." or "..B". */
static int parse_stretch(const char *option, const char *text, int (*number)(const char *, uint64_t *), hy_cut *cut) {
    const char *const dots = strstr(text, "..");
    char first[64] = "";
    cut->from = 0;
    cut->to = HY_CUT_NO_END;
    const size_t size = dots ? (size_t)(dots - text) : 0;
    if (dots && size < sizeof first)
        memcpy(first, text, size);
    const char *const last = dots ? dots + 2 : "";
    if (!dots || size >= sizeof first || (first[0] == '\0' && last[0] == '\0') ||
        (first[0] && number(first, &cut->from) < 0) || (last[0] && number(last, &cut->to) < 0))
        return cmd_fail("%s=%s: expected a stretch: A..B, A.. or ..B", option, text);
    if (cut->from >= cut->to)
        return cmd_fail("%s=%s: nothing lies between these: A is in, B is not", option, text);
    return 0;
}

static int parse_cut(const cut_options *options, hy_cut *ret) {
    hy_cut cut = {.from = 0, .to = HY_CUT_NO_END, .thread = HY_CUT_ALL_THREADS};
    int r = 0;
    if (options->events && options->time)
        return cmd_fail("a cut is by --events or by --time, not by both");
    if (!options->events && !options->time && !options->thread)
        return cmd_fail("what is to be cut out? --events A..B, --time A..B or --thread N");
    if (options->events)
        r = parse_stretch("--events", options->events, hy_parse_count, &cut);
    cut.by_time = options->time != NULL;
    if (options->time)
        r = parse_stretch("--time", options->time, hy_parse_time, &cut);
    if (r == 0 && options->thread) {
        uint64_t number;
        if (hy_parse_count(options->thread, &number) < 0 || number >= HY_CUT_ALL_THREADS)
            return cmd_fail("--thread=%s: expected a thread's number, from 0", options->thread);
        cut.thread = (uint32_t)number;
    }
    *ret = cut;
    return r;
}

static int cut_trace(const cut_options *options, const hy_cut *cut) {
    const bool standard = strcmp(options->to, "-") == 0;
    hy_cut_counts counts;
    hy_error error;
    if (hy_source_is_same(options->from, options->to))
        return cmd_fail("%s: a trace cannot be cut into itself", options->to);
    if (hy_trace_cut(options->from, options->to, cut, &counts, &error) < 0)
        return cmd_fail("%s", error.text);
    fprintf(standard ? stderr : stdout, "%s: %s births of what lived there, then %s events%s%s%s\n", options->to,
            hy_show_count(counts.prologue).text, hy_show_count(counts.events).text, counts.left_out ? "; " : "",
            counts.left_out ? hy_show_count(counts.left_out).text : "",
            counts.left_out ? " of other threads left out" : "");
    if (counts.warning.text[0])
        cmd_warn(counts.warning.text);
    return counts.warning.text[0] ? HY_EXIT_MEASURED : HY_EXIT_OK;
}

enum { KEY_EVENTS = 256, KEY_TIME, KEY_THREAD };

static error_t parse(int key, char *argument, struct argp_state *state) {
    cut_options *const options = state->input;
    switch (key) {
    case 'o': options->to = argument; return 0;
    case KEY_EVENTS: options->events = argument; return 0;
    case KEY_TIME: options->time = argument; return 0;
    case KEY_THREAD: options->thread = argument; return 0;
    case ARGP_KEY_ARG: cmd_take_only(state, &options->from, argument, "trace"); return 0;
    case ARGP_KEY_END:
        if (!options->from || !options->to)
            argp_error(state,
                       "expected a trace and where to write, such as: heapyard cut t.hyt --events 0..1000 -o u.hyt");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static int run(int argc, char **argv) {
    static const struct argp_option table[] = {
        {"output", 'o', "TRACE", 0, "the trace to write; - is standard output", 0},
        {"events", KEY_EVENTS, "A..B", 0,
         "from event A, counted from 0, up to but without event B; one may be left out", 0},
        {"time", KEY_TIME, "A..B", 0, "from time A up to but without time B, since the start: 1.5s..2s", 0},
        {"thread", KEY_THREAD, "N", 0, "only objects that thread N gave birth to, whoever frees them", 0},
        {0}};
    static const struct argp argp = {
        .options = table,
        .parser = parse,
        .args_doc = "TRACE -o TRACE",
        .doc = "Makes a trace of a part of another.\v"
               "What lives where the part begins becomes births at time 0, with the sizes it has by then; objects and "
               "threads are numbered anew, and times count from the cut.  What the part does not free stays alive at "
               "its end.  With --thread, blocks that others gave birth to are left out, also their frees by that "
               "thread.  The exit code is 1 if the trace is cut off already, and within the part."};
    cut_options options = {NULL, NULL, NULL, NULL, NULL};
    hy_cut cut;
    int r = cmd_parse(&argp, argc, argv, &options);
    if (r == 0)
        r = parse_cut(&options, &cut);
    return r == 0 ? cut_trace(&options, &cut) : r;
}

const hy_command cmd_cut = {
    .name = "cut",
    .family = "get traces",
    .usage = "cut TRACE -o TRACE --events A..B | --time A..B | --thread N",
    .summary = "a part of a trace as a trace of its own",
    .examples = {"heapyard cut t.hyt -o part.hyt --events 100000..200000", "heapyard cut t.hyt -o late.hyt --time 2s..",
                 "heapyard cut t.hyt -o worker.hyt --thread 3", NULL},
    .run = run,
};
