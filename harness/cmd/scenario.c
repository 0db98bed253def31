/* SPDX-License-Identifier: MIT
 *
 * scenario.c - `heapyard scenario`: plays scenario files on allocators and says whether all that they expect is so.
 */
#include "command.h"

#include "registry.h"
#include "scenario.h"
#include "units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILES 256

typedef struct scenario_options {
    hy_specs specs;
    const char *files[MAX_FILES];
    size_t count;
} scenario_options;

/* The whole file; to be freed.  NULL: that was said. */
static char *read_file(const char *path, size_t *ret_size) {
    const bool standard_input = strcmp(path, "-") == 0;
    FILE *const in = standard_input ? stdin : fopen(path, "re");
    if (!in) {
        cmd_fail("%s: %s", path, strerror(errno));
        return NULL;
    }
    char *const text = malloc(HY_SCENARIO_SIZE + 1);
    if (!text)
        abort();
    *ret_size = fread(text, 1, HY_SCENARIO_SIZE + 1, in);
    const int error = ferror(in) ? errno : 0;
    if (!standard_input)
        fclose(in);
    if (!error)
        return text;
    cmd_fail("%s: %s", path, strerror(error));
    free(text);
    return NULL;
}

static hy_scenario *load(const char *path) {
    size_t size = 0;
    hy_error error;
    hy_scenario *scenario = NULL;
    char *const text = read_file(path, &size);
    if (!text)
        return NULL;
    if (hy_scenario_parse(text, size, strcmp(path, "-") == 0 ? "standard input" : path, &scenario, &error) < 0)
        cmd_fail("%s", error.text);
    free(text);
    return scenario;
}

static int play(const hy_scenario *scenario, const char *spec) {
    hy_play result;
    hy_error error;
    if (hy_scenario_play(scenario, &hy_registry, (hy_text){spec, strlen(spec)}, stdout, &result, &error) < 0)
        return cmd_fail("%s", error.text);
    if (result.failed)
        printf("%s; on %s\n", result.failure.text, spec);
    else
        printf("%s on %s: %s %s\n", scenario->name, spec, hy_show_count(result.held).text,
               result.held == 1 ? "expectation holds" : "expectations hold");
    return result.failed ? HY_EXIT_MEASURED : HY_EXIT_OK;
}

/* On the user's specs, or else on those of the file. */
static int play_all(const hy_scenario *scenario, const hy_specs *specs) {
    int code = HY_EXIT_OK;
    for (size_t i = 0; code != HY_EXIT_INPUT; i++) {
        const char *const spec = specs->count == 0  ? hy_scenario_spec(scenario, i)
                                 : i < specs->count ? specs->text[i]
                                                    : NULL;
        if (!spec)
            return i > 0 ? code : cmd_fail("%s: no \"on SPEC\" in it; expected -a SPEC", scenario->name);
        const int r = play(scenario, spec);
        code = r > code ? r : code;
    }
    return code;
}

/* --------------------------------------------------------------------------------------------------- options ---- */

static const struct argp_option option_table[] = {
    {"allocator", 'a', "SPEC,…", 0, "play on these (default: those that the file names)", 0},
    {NULL, 0, NULL, 0, NULL, 0}};

static error_t parse(int key, char *argument, struct argp_state *state) {
    scenario_options *const options = state->input;
    switch (key) {
    case 'a':
        if (cmd_add_specs(&options->specs, argument) < 0)
            exit(HY_EXIT_INPUT);
        break;
    case ARGP_KEY_ARG:
        if (options->count == MAX_FILES)
            argp_error(state, "more than %d files", MAX_FILES);
        options->files[options->count++] = argument;
        break;
    case ARGP_KEY_NO_ARGS: argp_error(state, "expected a scenario file"); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const char words[] =
    "Plays scenarios: small files in which blocks with names come and go, and which say what must then be true.\v"
    "A line each, # starts a comment; docs/scenarios.md has all of it:\n"
    "  storage 4096               bytes that the heap has in all\n"
    "  unit 100                   numbers below count so many bytes\n"
    "  header 8                   bytes taken off each request\n"
    "  on simple                  an allocator to play on if -a names none\n"
    "  alloc a 100 [align 16]     realloc a 200     free a     merge     compact\n"
    "  grant a 2048 4096          what it would like, or the largest hole, but not less than the minimum\n"
    "  map 10                     print what lies where, 10 units a row\n"
    "  expect a at +0x6c          where its range starts, header included\n"
    "  expect a fails             found no room; fails externally: not in one piece\n"
    "  expect holes 12:10 29:4    all of them; expect hole 12:10: one of them\n"
    "  expect largest 10          expect free 14    expect waste 9    expect moved 15    expect a gets 3000\n"
    "  expect map                 its rows in the lines below, each after a |\n"
    "  case TITLE                 a fresh heap; the lines above cases come first\n"
    "  [policy=first|best] LINE   for such allocators only; [else] LINE: for others";

static int run(int argc, char **argv) {
    static const struct argp argp = {.options = option_table, .parser = parse, .args_doc = "FILE…", .doc = words};
    scenario_options options = {.count = 0};
    int code = cmd_parse(&argp, argc, argv, &options);
    for (size_t i = 0; i < options.count && code != HY_EXIT_INPUT; i++) {
        hy_scenario *const scenario = load(options.files[i]);
        const int r = scenario ? play_all(scenario, &options.specs) : HY_EXIT_INPUT;
        code = r > code ? r : code;
        if (scenario)
            hy_scenario_free(scenario);
    }
    cmd_free_specs(&options.specs);
    return code;
}

const hy_command cmd_scenario = {
    .name = "scenario",
    .family = "look",
    .usage = "scenario FILE… [-a SPEC,…]",
    .summary = "plays a file of requests and checks where blocks and holes lie",
    .examples = {"heapyard scenario traces/scenarios/neighbours.scenario",
                 "heapyard scenario blocks.scenario -a fit:policy=best,grain=1",
                 "printf 'alloc a 100\\nexpect a at +0\\nmap 1000\\n' | heapyard scenario - -a simple", NULL},
    .run = run,
};
