/* SPDX-License-Identifier: MIT
 *
 * page_record.c - `heapyard page record`: the references of a program, or of a text, into a small file.
 */
#include "page.h"

#include "lackey_run.h"
#include "shell_words.h"
#include "units.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

typedef struct record_options {
    page_options page;
    const char *output;
} record_options;

static error_t parse(int key, char *argument, struct argp_state *state) {
    record_options *const o = state->input;
    if (key == 'o') {
        o->output = argument;
        return 0;
    }
    state->input = &o->page;
    const error_t r = page_parse_option(key, argument, state);
    state->input = o;
    return r;
}

static int record(const record_options *o, char **program, hy_page_trace *trace) {
    int status = 0;
    hy_error error;
    hy_page_trace_start(trace, o->page.read.shift);
    for (char **word = program; *word; word++)
        hy_shell_add(trace->command, sizeof trace->command, *word);
    memmove(trace->command, trace->command + (trace->command[0] == ' '), strlen(trace->command));
    if (o->page.read.references) {
        trace->most = o->page.read.references;
        trace->cut = true;
    }
    const int r = hy_lackey_run(program, trace, &status, &error);
    if (r < 0) {
        cmd_fail("%s", error.text);
        return r == -ENOENT ? HY_EXIT_CANNOT : HY_EXIT_INPUT;
    }
    if (status != 0) {
        snprintf(error.text, sizeof error.text, "%s ended with %s %d", program[0],
                 WIFSIGNALED(status) ? "signal" : "exit code",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        cmd_warn(error.text);
    }
    return 0;
}

static int convert(const record_options *o, hy_page_trace *trace) {
    hy_error error;
    if (o->page.count != 1)
        return cmd_fail("page record: expected -- and a program, or one file of lackey's text");
    if (hy_page_trace_read(o->page.paths[0], &o->page.read, trace, &error) < 0)
        return cmd_fail("%s", error.text);
    return 0;
}

static int write_and_say(const record_options *o, const hy_page_trace *trace) {
    struct stat status;
    hy_error error;
    if (hy_page_trace_write(o->output, trace, &error) < 0)
        return cmd_fail("%s", error.text);
    const uint64_t bytes = stat(o->output, &status) == 0 ? (uint64_t)status.st_size : 0;
    fprintf(stderr, "%s: %s references to %s granules of %s, %s, %.3f bits a reference\n", o->output,
            hy_show_count(trace->count).text, hy_show_count(trace->granules).text,
            hy_show_bytes(1ull << trace->shift).text, hy_show_bytes(bytes).text,
            8 * (double)bytes / (double)trace->count);
    return HY_EXIT_OK;
}

int page_record(int argc, char **argv) {
    static const struct argp_option table[] = {
        {"output", 'o', "FILE", 0, "where to", 0},
        {"granule", PAGE_GRANULE, "SIZE", 0, "how finely addresses are kept; 4K", 0},
        {"references", PAGE_REFERENCES, "N", 0, "the first N only; the program is stopped then", 0},
        {0}};
    static const struct argp argp = {
        .options = table,
        .parser = parse,
        .args_doc = "-- PROGRAM [ARGUMENT…]\nTEXT",
        .doc = "Records which pages a program refers to, under valgrind's lackey, or converts lackey's text.\v"
               "The program runs some hundred times slower than by itself.  Its children are not followed; a program "
               "that a shell script starts is recorded by starting it directly."};
    record_options options = {.output = NULL};
    hy_page_trace trace = {.shift = 0};
    page_options_start(&options.page, argc, argv);
    int before = 1;
    while (before < argc && strcmp(argv[before], "--") != 0)
        before++;
    int code = cmd_parse(&argp, before, argv, &options);
    if (code == 0 && !options.output)
        code = cmd_fail("page record: where to?  Expected -o FILE");
    if (code == 0 && before < argc && (options.page.count > 0 || !argv[before + 1]))
        code = cmd_fail("page record: expected -- and a program, or one file of lackey's text");
    if (code == 0)
        code = before < argc ? record(&options, argv + before + 1, &trace) : convert(&options, &trace);
    if (code == 0)
        code = write_and_say(&options, &trace);
    hy_page_trace_clear(&trace);
    page_options_free(&options.page);
    return code;
}
