/* SPDX-License-Identifier: MIT
 *
 * reloc_run.c - `heapyard reloc run`: one function of an object, called at one base or at a thousand.
 */
#include "reloc_parts.h"
#include "reloc_trial.h"
#include "report.h"
#include "units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef enum run_type { RUN_INT, RUN_LONG, RUN_UNSIGNED, RUN_HEX, RUN_STRING, RUN_NOTHING } run_type;

typedef struct run_options {
    const char *object, *expect;
    char **with;
    size_t with_count, argument_count;
    const char *arguments[HY_RELOC_TRIAL_ARGUMENTS]; /* as typed */
    hy_reloc_trial_call call;
    uint64_t base, bases, seed;
    bool based;
    run_type returns;
    hy_format format;
} run_options;

/* One way in which calls ended, and how many did. */
typedef struct run_outcome {
    char text[200];
    uint64_t count, first_base;
    bool returned;
} run_outcome;

#define RUN_OUTCOMES 16

typedef struct run_tally {
    run_outcome outcome[RUN_OUTCOMES];
    size_t count;
    uint64_t others; /* calls with outcomes that had no room here */
    uint64_t lowest, highest;
} run_tally;

/* ------------------------------------------------------------------------------------------------------- outcomes ----
 */

static void write_value(run_type type, const hy_reloc_trial *t, char *ret, size_t room) {
    switch (type) {
    case RUN_INT: snprintf(ret, room, "%d", (int)t->value); break;
    case RUN_LONG: snprintf(ret, room, "%" PRId64, (int64_t)t->value); break;
    case RUN_UNSIGNED: snprintf(ret, room, "%" PRIu64, t->value); break;
    case RUN_HEX: snprintf(ret, room, "%#" PRIx64, t->value); break;
    case RUN_STRING: snprintf(ret, room, "%s", t->value ? t->text : "(null)"); break;
    case RUN_NOTHING: snprintf(ret, room, "returned"); break;
    }
}

static void write_outcome(run_type type, const hy_reloc_trial *t, char *ret, size_t room) {
    if (t->end == HY_RELOC_TRIAL_RETURNED)
        write_value(type, t, ret, room);
    else if (t->end == HY_RELOC_TRIAL_KILLED)
        snprintf(ret, room, "killed by SIG%s", sigabbrev_np(t->signal) ? sigabbrev_np(t->signal) : "?");
    else
        snprintf(ret, room, "ended the process with exit code %d", t->exit_code);
}

static void tally_add(run_tally *tally, const char *text, uint64_t base, bool returned) {
    tally->lowest = tally->lowest == 0 || base < tally->lowest ? base : tally->lowest;
    tally->highest = base > tally->highest ? base : tally->highest;
    for (size_t i = 0; i < tally->count; i++)
        if (strcmp(tally->outcome[i].text, text) == 0) {
            tally->outcome[i].count++;
            return;
        }
    if (tally->count == RUN_OUTCOMES) {
        tally->others++;
        return;
    }
    run_outcome *const outcome = &tally->outcome[tally->count++];
    *outcome = (run_outcome){.count = 1, .first_base = base, .returned = returned};
    snprintf(outcome->text, sizeof outcome->text, "%s", text);
}

static void print_call(const run_options *options) {
    printf("%s(", options->call.function);
    for (size_t i = 0; i < options->argument_count; i++)
        printf("%s%s", i ? ", " : "", options->arguments[i]);
    printf(")");
}

static int print_tally(const run_options *options, const run_tally *tally) {
    const uint64_t right = tally->count == 1 && tally->others == 0 ? tally->outcome[0].count : 0;
    for (size_t i = 0; options->format == HY_FORMAT_TEXT && i < tally->count; i++) {
        const run_outcome *const o = &tally->outcome[i];
        print_call(options);
        printf(" %s %s at %s %s, the first %#" PRIx64 "\n", o->returned ? "=" : ":", o->text,
               hy_show_count(o->count).text, o->count == 1 ? "base" : "bases", o->first_base);
    }
    if (options->format == HY_FORMAT_TEXT && options->bases > 1)
        printf("bases from %#" PRIx64 " to %#" PRIx64 "\n", tally->lowest, tally->highest);
    const bool expected = !options->expect || (right && strcmp(tally->outcome[0].text, options->expect) == 0);
    if (!expected)
        fprintf(stderr, "heapyard: expected %s at every base\n", options->expect);
    return right && tally->outcome[0].returned && expected ? HY_EXIT_OK : HY_EXIT_MEASURED;
}

/* -------------------------------------------------------------------------------------------------------- calls ----
 */

/* Draws again while something else lies there: 0, or an exit code. */
static int call_somewhere(const hy_reloc_image *image, const run_options *options, uint64_t *draws, uint64_t *ret_base,
                          hy_reloc_trial *ret_trial) {
    hy_error error;
    for (int tries = 0; tries < 100; tries++) {
        *ret_base = options->based ? options->base : hy_reloc_trial_base(image, options->seed, (*draws)++);
        if (hy_reloc_trial_run(image, *ret_base, &options->call, options->returns == RUN_STRING, ret_trial, &error) < 0)
            return cmd_fail("%s", error.text);
        if (ret_trial->end != HY_RELOC_TRIAL_TAKEN)
            return 0;
        if (options->based)
            break;
    }
    return cmd_fail("something else lies at base %#" PRIx64 ", or nothing may lie there", *ret_base);
}

static int call_all(const hy_reloc_image *image, const run_options *options) {
    run_tally tally = {.count = 0};
    uint64_t draws = 0;
    if (options->format == HY_FORMAT_CSV)
        puts("base,outcome");
    for (uint64_t i = 0; i < options->bases; i++) {
        hy_reloc_trial trial;
        uint64_t base;
        char text[200];
        const int code = call_somewhere(image, options, &draws, &base, &trial);
        if (code != 0)
            return code;
        write_outcome(options->returns, &trial, text, sizeof text);
        tally_add(&tally, text, base, trial.end == HY_RELOC_TRIAL_RETURNED);
        if (options->format != HY_FORMAT_CSV)
            continue;
        printf("%#" PRIx64 ",", base);
        hy_csv(stdout, text);
        putchar('\n');
    }
    return print_tally(options, &tally);
}

static int work_on(const run_options *options) {
    hy_error error;
    hy_reloc_image *image = NULL;
    int r = hy_reloc_create(NULL, &image, &error);
    r = r < 0 ? r : hy_reloc_add_file(image, options->object, &error);
    for (size_t i = 0; r == 0 && i < options->with_count; i++)
        r = hy_reloc_add_file(image, options->with[i], &error);
    r = r < 0 ? r : hy_reloc_layout(image, &error);
    const int code = r < 0 ? cmd_fail("%s", error.text) : call_all(image, options);
    hy_reloc_free(image);
    return code;
}

/* ------------------------------------------------------------------------------------------------------- options ----
 */

enum { KEY_BASE = 256, KEY_BASES, KEY_SEED, KEY_WITH, KEY_RETURNS, KEY_EXPECT, KEY_FORMAT };

static const struct argp_option option_table[] = {
    {"base", KEY_BASE, "ADDRESS", 0, "call it at this base, a multiple of the page size", 0},
    {"bases", KEY_BASES, "N", 0, "or at N random bases (default 1)", 0},
    {"seed", KEY_SEED, "N", 0, "of the bases (default 1)", 0},
    {"with", KEY_WITH, "FILE", 0, "another object, or an archive for what is undefined; any number of times", 0},
    {"returns", KEY_RETURNS, "int|long|unsigned|hex|string|nothing", 0, "default: int", 0},
    {"expect", KEY_EXPECT, "VALUE", 0, "exit code 1 if it is something else at any base", 0},
    {"format", KEY_FORMAT, "text|csv", 0, "default: text", 0},
    {NULL, 0, NULL, 0, NULL, 0}};

static run_type parse_type(const char *word) {
    static const char *const types[] = {"int", "long", "unsigned", "hex", "string", "nothing", NULL};
    for (int i = 0; types[i]; i++)
        if (strcmp(types[i], word) == 0)
            return (run_type)i;
    cmd_reloc_refuse("--returns %s: expected int, long, unsigned, hex, string or nothing", word);
    return RUN_INT;
}

/* A number if it reads as one, else a string. */
static uint64_t argument_of(const char *text) {
    char *end;
    errno = 0;
    const uint64_t value = *text == '-' ? (uint64_t)strtoll(text, &end, 0) : strtoull(text, &end, 0);
    return *text && *end == '\0' && errno == 0 ? value : (uint64_t)(uintptr_t)text;
}

static void take_argument(run_options *options, const char *argument) {
    if (!options->object) {
        options->object = argument;
    } else if (!options->call.function) {
        options->call.function = argument;
    } else if (options->argument_count < HY_RELOC_TRIAL_ARGUMENTS) {
        options->arguments[options->argument_count] = argument;
        options->call.arguments[options->argument_count++] = argument_of(argument);
    } else {
        cmd_reloc_refuse("more than %d arguments", HY_RELOC_TRIAL_ARGUMENTS);
    }
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    run_options *const options = state->input;
    switch (key) {
    case KEY_BASE:
        options->based = true;
        if (cmd_reloc_address(argument, &options->base) < 0)
            exit(HY_EXIT_INPUT);
        break;
    case KEY_BASES: return cmd_number("--bases", argument, 1, 1000000, &options->bases);
    case KEY_SEED: return cmd_number("--seed", argument, 0, UINT64_MAX, &options->seed);
    case KEY_WITH: cmd_add_path(&options->with, &options->with_count, argument); break;
    case KEY_RETURNS: options->returns = parse_type(argument); break;
    case KEY_EXPECT: options->expect = argument; break;
    case KEY_FORMAT:
        if (cmd_format(argument, &options->format) < 0)
            exit(HY_EXIT_INPUT);
        break;
    case ARGP_KEY_ARG: take_argument(options, argument); break;
    case ARGP_KEY_END:
        if (!options->call.function)
            cmd_reloc_refuse("expected an object (.o) and the name of a function in it");
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

int cmd_reloc_run(int argc, char **argv) {
    static const struct argp argp = {
        .options = option_table,
        .parser = parse,
        .args_doc = "FILE.o FUNCTION [ARGUMENT…]",
        .doc =
            "Places an object at a base, in a child process of its own for each, and calls one of its functions there. "
            "Arguments that read as numbers are numbers (negative ones behind --), others are strings. What the "
            "object leaves undefined is taken from --with and from this program's C library."};
    run_options options = {.bases = 1, .seed = 1};
    int code = cmd_parse(&argp, argc, argv, &options);
    if (code == 0 && options.format != HY_FORMAT_TEXT && options.format != HY_FORMAT_CSV)
        code = cmd_fail("--format: expected text or csv");
    if (code == 0 && options.based && options.bases > 1)
        code = cmd_fail("--base is one base, --bases %" PRIu64 " are random ones; give one of the two", options.bases);
    code = code ? code : work_on(&options);
    free(options.with);
    return code;
}
