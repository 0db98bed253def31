/* SPDX-License-Identifier: MIT
 *
 * export.c - `heapyard export`: a trace for other programs.
 */
#include "command.h"

#include "exporters.h"
#include "source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

typedef struct export_options {
    const char *from, *to, *format;
} export_options;

enum { KEY_TO = 256 };

static error_t parse(int key, char *argument, struct argp_state *state) {
    export_options *const options = state->input;
    switch (key) {
    case 'o': options->to = argument; return 0;
    case KEY_TO: options->format = argument; return 0;
    case ARGP_KEY_ARG: cmd_take_only(state, &options->from, argument, "trace"); return 0;
    case ARGP_KEY_END:
        if (!options->from || !options->format)
            argp_error(state, "expected a trace and a format, such as: heapyard export t.hyt --to csv");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static void list_formats(FILE *out) {
    for (size_t i = 0; hy_exporters[i]; i++)
        fprintf(out, "  %-11s for %s; lost: %s\n", hy_exporters[i]->name, hy_exporters[i]->what, hy_exporters[i]->lost);
}

static char *help(int key, const char *text, void *input) {
    return cmd_help_formats(key, text, list_formats);
}

static int export_trace(const export_options *options) {
    const hy_exporter *exporter;
    hy_error error, warning = {""};
    if (hy_exporter_find(options->format, &exporter, &error) < 0)
        return cmd_fail("--to: %s", error.text);
    if (hy_source_is_same(options->from, options->to))
        return cmd_fail("%s: a trace cannot be exported over itself", options->to);
    if (hy_export_trace(options->from, exporter, options->to, &warning, &error) < 0)
        return cmd_fail("%s", error.text);
    if (warning.text[0])
        cmd_warn(warning.text);
    return warning.text[0] ? HY_EXIT_MEASURED : HY_EXIT_OK;
}

static int run(int argc, char **argv) {
    static const struct argp_option table[] = {
        {"to", KEY_TO, "FORMAT", 0, "who shall read it", 0},
        {"output", 'o', "FILE", 0, "the file to write; without it, or -, standard output", 0},
        {0}};
    static const struct argp argp = {
        .options = table,
        .parser = parse,
        .args_doc = "TRACE --to FORMAT",
        .doc = "Writes a trace for other programs.\v"
               "`heapyard import` reads each of them again; what the format cannot hold "
               "is lost.  `heapyard info --events` prints everything.  The exit code is 1 if the "
               "trace is cut off: then what was read of it is there.",
        .help_filter = help};
    export_options options = {.to = "-"};
    const int r = cmd_parse(&argp, argc, argv, &options);
    return r != 0 ? r : export_trace(&options);
}

const hy_command cmd_export = {
    .name = "export",
    .family = "get traces",
    .usage = "export TRACE --to FORMAT [-o FILE]",
    .summary = "a trace for other programs",
    .examples = {"heapyard export t.hyt --to rep -o t.rep", "heapyard export t.hyt --to csv | head",
                 "heapyard export t.hyt --to minimalloc -o t.csv", NULL},
    .run = run,
};
