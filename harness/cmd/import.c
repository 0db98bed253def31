/* SPDX-License-Identifier: MIT
 *
 * import.c - `heapyard import`: a trace from the text that `heapyard info --events` prints.
 */
#include "command.h"

#include "text.h"

#include <errno.h>

typedef struct import_options {
    const char *from, *to;
} import_options;

static error_t parse(int key, char *argument, struct argp_state *state) {
    import_options *const options = state->input;
    switch (key) {
    case 'o': options->to = argument; return 0;
    case ARGP_KEY_ARG:
        if (options->from)
            argp_error(state, "expected one file");
        options->from = argument;
        return 0;
    case ARGP_KEY_END:
        if (!options->from || !options->to)
            argp_error(state, "expected a file and where to write, such as: heapyard import t.txt -o t.hyt");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static int run(int argc, char **argv) {
    static const struct argp_option table[] = {
        {"output", 'o', "TRACE", 0, "the trace to write; - is standard output", 0}, {0}};
    static const struct argp argp = {
        .options = table,
        .parser = parse,
        .args_doc = "FILE -o TRACE",
        .doc =
            "Makes a trace from text, one event a line: time in ns, thread, kind, object, bytes, alignment.\v"
            "Kinds: malloc, calloc, aligned, realloc, free, thread-start, thread-end.  The n-th birth makes object n, "
            "from 0.  Lines that begin with # are comments; @command=… describes the trace.  What "
            "`heapyard info --events` prints can be imported.  If a line is wrong, the trace holds what stands "
            "before it."};
    import_options options = {NULL, NULL};
    const int r = cmd_parse(&argp, argc, argv, &options);
    if (r != 0)
        return r;
    hy_error error;
    return hy_text_import(options.from, options.to, &error) < 0 ? cmd_fail("%s", error.text) : HY_EXIT_OK;
}

const hy_command cmd_import = {
    .name = "import",
    .family = "get traces",
    .usage = "import FILE -o TRACE",
    .summary = "a trace from text, one event a line",
    .examples = {"heapyard import t.txt -o t.hyt",
                 "heapyard info --events t.hyt | grep -v thread | heapyard import - -o u.hyt",
                 "echo '0 0 malloc 0 24' | heapyard import - -o - | heapyard info -", NULL},
    .run = run,
};
