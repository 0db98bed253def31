/* SPDX-License-Identifier: MIT
 *
 * import.c - `heapyard import`: a trace from what other programs write, or from text.
 */
#include "command.h"

#include "importers.h"
#include "source.h"
#include "words.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct import_options {
    const char *from, *to, *format, *process;
} import_options;

static error_t parse(int key, char *argument, struct argp_state *state) {
    import_options *const options = state->input;
    switch (key) {
    case 'o': options->to = argument; return 0;
    case 'f': options->format = argument; return 0;
    case 'p': options->process = argument; return 0;
    case ARGP_KEY_ARG: cmd_take_only(state, &options->from, argument, "file"); return 0;
    case ARGP_KEY_END:
        if (!options->from || !options->to)
            argp_error(state, "expected a file and where to write, such as: heapyard import t.txt -o t.hyt");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static void list_formats(FILE *out) {
    for (size_t i = 0; hy_importers[i]; i++)
        fprintf(out, "  %-11s %s\n", hy_importers[i]->name, hy_importers[i]->what);
}

static char *help(int key, const char *text, void *input) {
    return cmd_help_formats(key, text, list_formats);
}

/* "; dropped 3: 2 × call that failed (first in line 7), 1 × …" */
static void say_flaws(const hy_imported *done, const char *what, uint64_t sum, size_t from, size_t to) {
    if (sum == 0)
        return;
    fprintf(stderr, "; %s %" PRIu64 ":", what, sum);
    const char *gap = "";
    for (size_t i = from; i < to; i++) {
        if (done->flaws[i] == 0)
            continue;
        fprintf(stderr, "%s %" PRIu64 " × %s (first in line %" PRIu64 ")", gap, done->flaws[i],
                hy_flaw_what((hy_flaw)i), done->first[i]);
        gap = ",";
    }
}

/* Our own text needs no words: it is as we thought, and nothing is dropped. */
static void say(const import_options *options, const hy_imported *done) {
    if (done->importer == hy_importers[0] && done->dropped == 0)
        return;
    fprintf(stderr, "heapyard: %s: %" PRIu64 " events from %" PRIu64 " lines of %s", options->to, done->events,
            done->lines, done->importer->name);
    if (done->flaws[HY_FLAW_FOREIGN] > 0)
        fprintf(stderr, ", of process %" PRIu64 " (--pid takes another)", done->process);
    say_flaws(done, "dropped", done->dropped, 0, HY_FLAW_MENDED);
    say_flaws(done, "mended", done->mended, HY_FLAW_MENDED, HY_FLAWS);
    fputc('\n', stderr);
}

static int import(const import_options *options) {
    hy_import_options how = {.origin = "heapyard " HY_VERSION};
    hy_imported done;
    hy_error error;
    if (options->format && hy_importer_find(options->format, &how.importer, &error) < 0)
        return cmd_fail("--from: %s", error.text);
    if (options->process && hy_word_number("--pid", options->process, &how.process, &error) < 0)
        return cmd_fail("%s", error.text);
    if (hy_source_is_same(options->from, options->to))
        return cmd_fail("%s: a file cannot be imported over itself", options->to);
    if (hy_import(options->from, options->to, &how, &done, &error) < 0)
        return cmd_fail("%s", error.text);
    say(options, &done);
    return HY_EXIT_OK;
}

static int run(int argc, char **argv) {
    static const struct argp_option table[] = {
        {"output", 'o', "TRACE", 0, "the trace to write; - is standard output", 0},
        {"from", 'f', "FORMAT", 0, "read it as this format, whatever it looks like", 0},
        {"pid", 'p', "PID", 0, "where calls of several processes are told, take those of this one (or of the first)",
         0},
        {0}};
    static const struct argp argp = {
        .options = table,
        .parser = parse,
        .args_doc = "FILE -o TRACE",
        .doc =
            "Makes a trace from what other programs write.  The format is recognised by what the file begins with; a "
            "file that is packed (gzip, xz, zstd, bzip2, zip) is unpacked on the way.\v"
            "A line that is not of the format ends the import: the trace holds what stands before it.  What no trace "
            "can hold (a block freed twice, a call that failed) is dropped and counted; what can be mended (a block "
            "born where one lives: that one is freed first) is, and counted too.",
        .help_filter = help};
    import_options options = {NULL, NULL, NULL, NULL};
    const int r = cmd_parse(&argp, argc, argv, &options);
    return r != 0 ? r : import(&options);
}

const hy_command cmd_import = {
    .name = "import",
    .family = "get traces",
    .usage = "import FILE -o TRACE",
    .summary = "a trace from what another program wrote, or from text",
    .examples = {"heapyard import surfaceflinger.zip -o t.hyt",
                 "valgrind --trace-malloc=yes PROG 2>&1 | heapyard import --from valgrind - -o t.hyt",
                 "heapyard info --events t.hyt | grep -v thread | heapyard import - -o u.hyt",
                 "echo '0 0 malloc 0 24' | heapyard import - -o - | heapyard info -", NULL},
    .run = run,
};
