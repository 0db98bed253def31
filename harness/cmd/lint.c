/* SPDX-License-Identifier: MIT
 *
 * lint.c - `heapyard lint`: what is wrong in traces and in text that is to become one.
 */
#include "command.h"

#include "faults.h"
#include "format.h"
#include "units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct lint_options {
    char **paths;
    size_t count;
    bool addresses, ignored[HY_FAULTS];
} lint_options;

static int ignore_names(lint_options *options, char *list) {
    char *state;
    for (const char *word = strtok_r(list, ",", &state); word; word = strtok_r(NULL, ",", &state)) {
        size_t fault = 0;
        while (fault < HY_FAULTS && strcmp(word, hy_fault_names[fault]) != 0)
            fault++;
        if (fault == HY_FAULTS) {
            const hy_hint hint = hy_did_you_mean(word, strlen(word), hy_fault_names, NULL);
            return cmd_fail("--ignore=%s: no such fault%s", word, hint.text);
        }
        options->ignored[fault] = true;
    }
    return 0;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    lint_options *const options = state->input;
    switch (key) {
    case 'a': options->addresses = true; return 0;
    case 'i': return ignore_names(options, argument) == 0 ? 0 : EINVAL;
    case ARGP_KEY_ARG: cmd_add_path(&options->paths, &options->count, argument); return 0;
    case ARGP_KEY_NO_ARGS: argp_error(state, "expected a trace or text, such as: heapyard lint t.hyt"); return EINVAL;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* Who asked for what was never freed. */
static void print_leak_advice(const hy_faults *faults, const char *name) {
    if (faults->sites)
        printf("%s: who asked for it: heapyard info --table sites --by end %s\n", name, name);
    else if (!faults->text)
        printf("%s: who asked for it: `heapyard info --table sites --by end` tells, of a trace recorded with --sites\n",
               name);
}

/* "t.txt: double-free    2  first at line 7: object 3 is dead" */
static int lint_one(const lint_options *options, const char *path) {
    hy_faults faults;
    hy_error error;
    char name[256], detail[200];
    bool clean = true;
    if (hy_faults_find(path, options->addresses, &faults, &error) < 0)
        return cmd_fail("%s", error.text);
    hy_text_clean(name, sizeof name, path);
    for (size_t i = 0; i < HY_FAULTS; i++) {
        const hy_fault_count *const of = &faults.of[i];
        if (of->count == 0 || options->ignored[i])
            continue;
        hy_text_clean(detail, sizeof detail, of->detail);
        printf("%s: %-12s %10s  first at %s %" PRIu64 ": %s\n", name, hy_fault_names[i], hy_show_count(of->count).text,
               faults.text ? "line" : "event", of->place, detail);
        clean = false;
        if (i == HY_FAULT_LEAK)
            print_leak_advice(&faults, name);
    }
    if (clean)
        printf("%s: nothing found in %s events\n", name, hy_show_count(faults.events).text);
    return clean ? HY_EXIT_OK : HY_EXIT_MEASURED;
}

static int run(int argc, char **argv) {
    static const struct argp_option table[] = {
        {"addresses", 'a', NULL, 0, "in text, objects are named by the addresses of their blocks, in decimal", 0},
        {"ignore", 'i', "FAULT,…", 0, "faults that are none here, such as leak,zero-size", 0},
        {0}};
    static const struct argp argp = {
        .options = table,
        .parser = parse,
        .args_doc = "FILE…",
        .doc = "Looks for faults in traces, or in text as `heapyard info --events` prints it; \"-\" is text from "
               "standard input.\v"
               "Faults: double-free, unknown-free, dead-realloc (what is resized is dead or was never born), "
               "wrong-birth (not the next number; with --addresses: of a block that lives), overlap (with --addresses: "
               "living blocks over each other), time and thread (out of order), unreadable (a line that is no event, a "
               "file that is cut off), zero-size, leak.  The last two are legal in a trace.  Each is a line with how "
               "often and where first.  The exit code is 1 if something was found, 0 if nothing."};
    lint_options options = {.count = 0};
    int code = cmd_parse(&argp, argc, argv, &options);
    if (code == 0)
        for (size_t i = 0; i < options.count; i++) {
            const int one = lint_one(&options, options.paths[i]);
            code = one > code ? one : code;
        }
    free(options.paths);
    return code;
}

const hy_command cmd_lint = {
    .name = "lint",
    .family = "get traces",
    .usage = "lint FILE… [--addresses] [--ignore FAULT,…]",
    .summary = "what is wrong in a trace or in text: double frees, leaks, overlaps",
    .examples = {"heapyard lint t.hyt", "heapyard lint --ignore leak,zero-size t.txt && heapyard import t.txt -o t.hyt",
                 "heapyard lint --addresses calls.txt", NULL},
    .run = run,
};
