/* SPDX-License-Identifier: MIT
 *
 * generate.c - `heapyard generate`: traces that no program made: adversaries of an allocator, and models of programs.
 */
#include "command.h"

#include "generate_growth.h"
#include "generator.h"
#include "picture.h"
#include "units.h"

#include <stdio.h>
#include <string.h>

/* Fits grow by small steps here, so that the last one does not show. */
#define GROWTH_LIST "first-fit:order=address,chunk=4K,first-fit:order=lifo,chunk=4K,best-fit:chunk=4K,tlsf,segregated"

typedef struct generate_options {
    const char *spec, *trace, *picture, *format;
    hy_specs specs;
    bool growth;
    int failed;
} generate_options;

/* --------------------------------------------------------------------------------------------------------- list ----
 */

static void list_generators(void) {
    for (const hy_generator *const *g = hy_generators; *g; g++) {
        fputs(g == hy_generators ? "" : "\n", stdout);
        cmd_show_generator(*g);
    }
}

/* ------------------------------------------------------------------------------------------------------ one trace ----
 */

/* "heapyard generate robson:live=1M -a first-fit", as far as it fits. */
static void command_line(const generate_options *options, char *ret, size_t size) {
    const bool has = options->specs.count > 0;
    snprintf(ret, size, "heapyard generate %s%s%s", options->spec, has ? " -a " : "",
             has ? options->specs.text[0] : "");
}

static void print_generated(FILE *out, const generate_options *options, const hy_generated *got) {
    fprintf(out, "%s: %s events, %s blocks, at most %s alive\n", options->spec, hy_show_count(got->events).text,
            hy_show_count(got->blocks).text, hy_show_bytes(got->peak_live).text);
    if (options->specs.count == 0)
        return;
    fprintf(out, "on %s the blocks reach over %s", options->specs.text[0], hy_show_bytes(got->span).text);
    if (got->footprint)
        fprintf(out, "; footprint %s, %.2f× live", hy_show_bytes(got->footprint).text,
                (double)got->footprint / (double)got->peak_live);
    if (got->proven)
        fprintf(out, "; proved: at least %s of addresses", hy_show_bytes(got->proven).text);
    fprintf(out, "%s%s\n", got->note ? "; " : "", got->note ? got->note : "");
}

static int generate(const generate_options *options) {
    char command[1024];
    hy_error error;
    hy_generated got;
    command_line(options, command, sizeof command);
    const hy_generate_options what = {.spec = options->spec,
                                      .allocator = options->specs.count ? options->specs.text[0] : NULL,
                                      .trace = options->trace,
                                      .command = command,
                                      .origin = "heapyard " HY_VERSION " generate"};
    if (hy_generate(&what, &got, &error) < 0)
        return cmd_fail("%s", error.text);
    if (got.warning.text[0])
        cmd_warn(got.warning.text);
    print_generated(options->trace && strcmp(options->trace, "-") == 0 ? stderr : stdout, options, &got);
    return HY_EXIT_OK;
}

static int growth(generate_options *options) {
    hy_growth_options what = {.specs = &options->specs, .picture = options->picture, .format = HY_FORMAT_TEXT};
    if (options->format && cmd_format(options->format, &what.format) < 0)
        return HY_EXIT_INPUT;
    if (what.format == HY_FORMAT_JSON || what.format == HY_FORMAT_GBENCH)
        return cmd_fail("--growth prints text, markdown or csv, not %s", options->format);
    if (options->picture && !hy_picture_ending(options->picture))
        return cmd_fail("%s: expected a picture called FILE.svg or FILE.png", options->picture);
    if (options->specs.count == 0 && cmd_add_specs(&options->specs, GROWTH_LIST) < 0)
        return HY_EXIT_INPUT;
    return hy_growth(&what);
}

/* ------------------------------------------------------------------------------------------------------- options ----
 */

enum { KEY_GROWTH = 256, KEY_PICTURE, KEY_FORMAT };

static error_t parse(int key, char *argument, struct argp_state *state) {
    generate_options *const options = state->input;
    switch (key) {
    case 'a':
        if (cmd_add_specs(&options->specs, argument) < 0)
            options->failed = HY_EXIT_INPUT;
        return 0;
    case 'o': options->trace = argument; return 0;
    case KEY_GROWTH: options->growth = true; return 0;
    case KEY_PICTURE: options->picture = argument; return 0;
    case KEY_FORMAT: options->format = argument; return 0;
    case ARGP_KEY_ARG: cmd_take_only(state, &options->spec, argument, "generator"); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static int run_options(generate_options *options) {
    if (options->growth && (options->spec || options->trace))
        return cmd_fail("--growth measures all adversaries and writes no trace: leave the generator and -o out");
    if (options->growth)
        return growth(options);
    if (options->picture || options->format)
        return cmd_fail("--picture and --format belong to --growth");
    if (!options->spec && (options->trace || options->specs.count))
        return cmd_fail("which generator? `heapyard generate` lists them");
    if (options->specs.count > 1)
        return cmd_fail("a trace is made against one allocator, but -a names %zu", options->specs.count);
    if (options->spec)
        return generate(options);
    list_generators();
    return HY_EXIT_OK;
}

static int run(int argc, char **argv) {
    static const struct argp_option table[] = {
        {"allocator", 'a', "SPEC", 0, "the allocator that the trace is made against; with --growth a list", 0},
        {"output", 'o', "TRACE", 0, "the trace to write; - is standard output; without it only the figures are printed",
         0},
        {"growth", KEY_GROWTH, NULL, 0, "footprint / live under the adversaries, for sizes from 1:2 to 1:1024", 0},
        {"picture", KEY_PICTURE, "FILE", 0, "draws the growth as FILE.svg or FILE.png", 0},
        {"format", KEY_FORMAT, "FORMAT", 0, "of the growth: text, markdown or csv", 0},
        {0}};
    static const struct argp argp = {
        .options = table,
        .parser = parse,
        .args_doc = "[GENERATOR]",
        .doc = "Makes a trace; without a generator, lists them.\v"
               "Generators are named like allocators: NAME:KEY=VALUE,KEY=VALUE.  Adversaries look at the addresses "
               "that a real heap gives to their blocks and free what hurts it most; their traces replay on any "
               "allocator, and are worst for the one they were made against."};
    generate_options options = {.spec = NULL};
    int r = cmd_parse(&argp, argc, argv, &options);
    if (r == 0)
        r = options.failed ? options.failed : run_options(&options);
    cmd_free_specs(&options.specs);
    return r;
}

const hy_command cmd_generate = {
    .name = "generate",
    .family = "get traces",
    .usage = "generate [GENERATOR [-a SPEC] [-o TRACE]]",
    .summary = "a trace that hurts an allocator most, or that models a program",
    .examples =
        {"heapyard generate", "heapyard generate first-fit-worst:live=1M,largest=64K -a first-fit -o worst.hyt",
         "heapyard generate best-fit-worst -a best-fit -o worst.hyt && heapyard replay worst.hyt -a first-fit,best-fit",
         "heapyard generate --growth --picture growth.png", NULL},
    .run = run,
};
