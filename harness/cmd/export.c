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
    case ARGP_KEY_ARG:
        if (options->from)
            argp_error(state, "expected one trace");
        options->from = argument;
        return 0;
    case ARGP_KEY_END:
        if (!options->from || !options->format)
            argp_error(state, "expected a trace and a format, such as: heapyard export t.hyt --to csv");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* The list of formats stands in the help. */
static char *help(int key, const char *text, void *input) {
    char *list = NULL;
    size_t size;
    FILE *const out = key == ARGP_KEY_HELP_POST_DOC && text ? open_memstream(&list, &size) : NULL;
    if (!out)
        return (char *)text;
    fputs("Formats:\n", out);
    for (size_t i = 0; hy_exporters[i]; i++)
        fprintf(out, "  %-11s for %s; lost: %s\n", hy_exporters[i]->name, hy_exporters[i]->what, hy_exporters[i]->lost);
    fprintf(out, "\n%s", text);
    return fclose(out) == 0 ? list : (char *)text;
}

static int export_to(const export_options *options, const hy_exporter *exporter, FILE *to) {
    hy_error error;
    const bool output = to == stdout;
    const int r = hy_export_trace(options->from, exporter, to, &error);
    const bool good = !ferror(to);
    if (!output && fclose(to) != 0 && r == 0)
        return cmd_fail("%s: cannot write: %s", options->to, strerror(errno));
    if (r < 0)
        return cmd_fail("%s", error.text);
    if (!output && !good)
        return cmd_fail("%s: cannot write all of it", options->to);
    return HY_EXIT_OK; /* the answer on standard output is looked at by main */
}

static int run(int argc, char **argv) {
    static const struct argp_option table[] = {
        {"to", KEY_TO, "FORMAT", 0, "who shall read it", 0},
        {"output", 'o', "FILE", 0, "the file to write; without it, or -, standard output", 0},
        {0}};
    static const struct argp argp = {.options = table,
                                     .parser = parse,
                                     .args_doc = "TRACE --to FORMAT",
                                     .doc = "Writes a trace for other programs.\v"
                                            "`heapyard import` reads each of them again; what the format cannot hold "
                                            "is lost.  `heapyard info --events` prints everything.",
                                     .help_filter = help};
    export_options options = {NULL, NULL, NULL};
    const hy_exporter *exporter;
    hy_error error;
    const int r = cmd_parse(&argp, argc, argv, &options);
    if (r != 0)
        return r;
    if (hy_exporter_find(options.format, &exporter, &error) < 0)
        return cmd_fail("--to: %s", error.text);
    if (options.to && hy_source_is_same(options.from, options.to))
        return cmd_fail("%s: a trace cannot be exported over itself", options.to);
    FILE *const to = !options.to || strcmp(options.to, "-") == 0 ? stdout : fopen(options.to, "wbe");
    if (!to)
        return cmd_fail("%s: %s", options.to, strerror(errno));
    return export_to(&options, exporter, to);
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
