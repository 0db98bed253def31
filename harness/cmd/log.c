/* SPDX-License-Identifier: MIT
 *
 * log.c - `heapyard log`: the ranges of a heap, in the words of the classic teaching heap's log.
 *
 * Without a trace it runs that heap's demonstration on any allocator; with one, it replays the trace up to a moment and
 * prints the ranges; with --parse it reads a log back.
 */
#include "command.h"

#include "log_trace.h"
#include "rangelog.h"
#include "registry.h"
#include "units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct log_options {
    const char *spec;
    const char *trace;
    const char *parse;
    const char *at;
    uint64_t ask; /* bytes; 0: no request after the demonstration */
    bool rebase, last, demo;
} log_options;

static const char classic_spec[] = "simple:storage=4096";

static bool is_classic(const hy_instance *heap) {
    return strcmp(heap->base->name, "simple") == 0;
}

/* 0, or an exit code.  What cannot be walked is refused before it is opened. */
static int open_walkable(const char *name, hy_instance *ret) {
    const hy_text spec = {name, strlen(name)};
    const hy_heap_ops *ops = NULL;
    hy_error error;
    if (hy_spec_check(&hy_registry, spec, &ops, &error) < 0)
        return cmd_fail("%s", error.text);
    if (!ops->walk)
        return cmd_fail("%s cannot be walked, so its ranges cannot be logged", name);
    return hy_open(&hy_registry, spec, NULL, ret, &error) < 0 ? cmd_fail("%s", error.text) : 0;
}

/* ---------------------------------------------------------------------------------------------------- the demo ---- */

/* Requests of 100, 240, 256 and 333 bytes; the second and third freed: two neighbouring holes.  With --ask one more
 * request: 300 fits into neither of them, but into both merged.  The classic heap has its classic 4096 bytes. */
static int run_demo(const log_options *options) {
    static const size_t sizes[] = {100, 240, 256, 333};
    hy_instance heap;
    hy_error error;
    const bool plain = strcmp(options->spec, "simple") == 0;
    const int failed = open_walkable(plain ? classic_spec : options->spec, &heap);
    if (failed)
        return failed;
    const hy_log_options log = {.rebase = options->rebase, .zero_is_null = is_classic(&heap)};
    const size_t align = heap.heap->ops->max_align < HY_MALLOC_ALIGN ? heap.heap->ops->max_align : HY_MALLOC_ALIGN;
    hy_log_writer *writer = NULL;
    if (hy_log_start(heap.heap, stdout, &log, &writer, &error) < 0) {
        hy_close(&heap);
        return cmd_fail("%s", error.text);
    }
    void *blocks[4];
    for (size_t i = 0; i < 4; i++)
        blocks[i] = hy_log_alloc(writer, sizes[i], align);
    hy_log_release(writer, blocks[1], sizes[1]);
    hy_log_release(writer, blocks[2], sizes[2]);
    if (options->ask > 0)
        hy_log_alloc(writer, options->ask, align);
    hy_log_stop(writer);
    hy_close(&heap);
    return HY_EXIT_OK;
}

/* ---------------------------------------------------------------------------------------------------- a trace ---- */

static int run_trace(const log_options *options) {
    hy_instance heap;
    hy_error error;
    uint64_t until = 0, refused = 0;
    if (hy_log_moment(options->trace, options->at, &until, &error) < 0)
        return cmd_fail("%s", error.text);
    const int failed = open_walkable(options->spec, &heap);
    if (failed)
        return failed;
    int r = hy_log_replay(options->trace, heap.heap, until, NULL, NULL, &refused, &error);
    hy_log_writer *writer = NULL;
    if (r == 0)
        r = hy_log_start(heap.heap, stdout, &(hy_log_options){.rebase = options->rebase, .table_only = true}, &writer,
                         &error);
    if (r == 0)
        hy_log_stop(writer);
    hy_close(&heap);
    if (r < 0)
        return cmd_fail("%s", error.text);
    if (refused > 0)
        fprintf(stderr, "heapyard: %s requests found no room on %s and are missing from the table\n",
                hy_show_count(refused).text, options->spec);
    return HY_EXIT_OK;
}

/* ----------------------------------------------------------------------------------------------------- a file ---- */

/* The last table, and a sentence about it. */
static int print_last(const hy_log *log, const char *name) {
    size_t count = 0, used = 0;
    uint64_t used_bytes = 0, free_bytes = 0, largest = 0;
    const hy_log_line *const rows = hy_log_last_table(log, &count);
    if (!rows)
        return cmd_fail("%s: there is no table in it", name);
    for (size_t i = 0; i < count; i++) {
        const uint64_t size = hy_log_range_size(rows[i].header);
        const bool allocated = rows[i].header & HY_LOG_ALLOCATED_BIT;
        hy_log_print(stdout, &rows[i]);
        used += allocated;
        *(allocated ? &used_bytes : &free_bytes) += size;
        largest = !allocated && size > largest ? size : largest;
    }
    printf("%s ranges: %s allocated (%s bytes), %s free (%s bytes, the largest %s)\n", hy_show_count(count).text,
           hy_show_count(used).text, hy_show_count(used_bytes).text, hy_show_count(count - used).text,
           hy_show_count(free_bytes).text, hy_show_count(largest).text);
    return HY_EXIT_OK;
}

static int run_parse(const log_options *options) {
    const bool standard_input = strcmp(options->parse, "-") == 0;
    const char *const name = standard_input ? "standard input" : options->parse;
    FILE *const in = standard_input ? stdin : fopen(options->parse, "r");
    hy_log log;
    hy_error error;
    if (!in)
        return cmd_fail("cannot open %s: %s", name, strerror(errno));
    const int r = hy_log_read(in, name, &log, &error);
    if (!standard_input)
        fclose(in);
    if (r < 0)
        return cmd_fail("%s", error.text);
    int code = HY_EXIT_OK;
    if (options->last)
        code = print_last(&log, name);
    for (size_t i = 0; i < log.count && !options->last; i++)
        hy_log_print(stdout, &log.lines[i]);
    hy_log_free(&log);
    return code;
}

/* --------------------------------------------------------------------------------------------------- options ---- */

enum { KEY_DEMO = 256, KEY_ASK, KEY_REBASE, KEY_PARSE, KEY_LAST, KEY_AT };

static const struct argp_option option_table[] = {
    {"allocator", 'a', "SPEC", 0, "the allocator (default: simple, with 4096 bytes)", 0},
    {"demo", KEY_DEMO, NULL, 0, "malloc 100, 240, 256, 333; free the second and third (the default)", 0},
    {"ask", KEY_ASK, "SIZE", 0, "after the demo: one more request, such as 300, which neither hole can serve", 0},
    {"at", KEY_AT, "MOMENT", 0, "of a trace: an event's number, peak or end (the default)", 0},
    {"rebase", KEY_REBASE, NULL, 0, "addresses count from the start of the first range", 0},
    {"parse", KEY_PARSE, "FILE", 0, "read a log and print it again", 0},
    {"last", KEY_LAST, NULL, 0, "with --parse: the last table only, and a sentence about it", 0},
    {NULL, 0, NULL, 0, NULL, 0}};

static error_t parse(int key, char *argument, struct argp_state *state) {
    log_options *const options = state->input;
    switch (key) {
    case 'a': options->spec = argument; break;
    case KEY_DEMO: options->demo = true; break;
    case KEY_ASK:
        if (hy_parse_size(argument, &options->ask) < 0 || options->ask == 0)
            argp_error(state, "--ask %s: expected a size such as 300", argument);
        break;
    case KEY_AT: options->at = argument; break;
    case KEY_REBASE: options->rebase = true; break;
    case KEY_PARSE: options->parse = argument; break;
    case KEY_LAST: options->last = true; break;
    case ARGP_KEY_ARG: cmd_take_only(state, &options->trace, argument, "trace"); break;
    case ARGP_KEY_END:
        if ((options->trace != NULL) + (options->parse != NULL) + options->demo > 1)
            argp_error(state, "expected one of a trace, --demo or --parse");
        if (options->ask > 0 && (options->trace || options->parse))
            argp_error(state, "--ask belongs to the demo");
        if (options->at && !options->trace)
            argp_error(state, "--at needs a trace");
        if (options->last && !options->parse)
            argp_error(state, "--last needs --parse");
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static int run(int argc, char **argv) {
    static const struct argp argp = {.options = option_table,
                                     .parser = parse,
                                     .args_doc = "[TRACE]",
                                     .doc = "Prints the ranges of a heap: of the classic demonstration, of a trace "
                                            "at one moment, or of a log that was printed before."};
    log_options options = {.spec = classic_spec};
    const int r = cmd_parse(&argp, argc, argv, &options);
    if (r != 0)
        return r;
    if (options.parse)
        return run_parse(&options);
    return options.trace ? run_trace(&options) : run_demo(&options);
}

const hy_command cmd_log = {
    .name = "log",
    .family = "look",
    .usage = "log [TRACE] [-a SPEC] [--at N|peak|end] [--rebase]   log --parse FILE",
    .summary = "the ranges of a heap, one line each",
    .examples = {"heapyard log --rebase", "heapyard log -a fit:grain=1 --rebase --ask 300",
                 "heapyard log t.hyt -a fit --at peak", "heapyard log --parse saved.log --last", NULL},
    .run = run,
};
