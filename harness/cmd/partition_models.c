/* SPDX-License-Identifier: MIT
 *
 * partition_models.c - `heapyard partition models FILE`: one recorded job on flat, fixed, dynamic and paged memory.
 */
#include "partition_models.h"

#include "command.h"
#include "machine_answer.h"
#include "models_answer.h"
#include "picture.h"
#include "spec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is compared if nobody says; a picture gets fewer lines. */
static const char all_models[] =
    "flat,fixed:64K,fixed:256K,fixed:1M,dynamic:first,dynamic:next,dynamic:best,dynamic:worst,dynamic:first:tidy,"
    "dynamic:next:tidy,dynamic:best:tidy,dynamic:worst:tidy,paged:fifo,paged:lru";
static const char drawn_models[] =
    "flat,fixed:64K,fixed:1M,dynamic:first,dynamic:best,dynamic:worst,dynamic:first:tidy,paged:fifo,paged:lru";

enum { KEY_SIZES = 256, KEY_LEAST, KEY_SWEEPS, KEY_NO_FORKS, KEY_PICTURE };

static const struct argp_option options[] = {
    {"machine", 'm', "SIZE", 0,
     "Bytes of memory (default half of what the job's programs need at once, at least its largest)", 0},
    {"model", 'a', "LIST", 0, "flat, fixed:BLOCK, dynamic:POLICY[:tidy], paged:POLICY[:PAGE] (default 14 of these)", 0},
    {"queue", 'q', "ORDER", 0, "Who finds no room waits: fifo (nobody overtakes), overtake; none: is refused", 0},
    {"sizes", KEY_SIZES, "WHICH", 0,
     "Programs ask for what they were measured to need, what was guessed from their file, or elastic: as measured, or "
     "less if there is less",
     0},
    {"least", KEY_LEAST, "PERCENT", 0, "elastic: below this part of it a program cannot run (default 50%)", 0},
    {"sweeps", KEY_SWEEPS, "N", 0, "paged: times that a program refers to all of its memory (default 10)", 0},
    {"no-forks", KEY_NO_FORKS, NULL, 0, "Leave out copies of programs that have not executed anything yet", 0},
    {"picture", KEY_PICTURE, "FILE", 0, "Draw machines of many sizes: FILE.svg or FILE.png, its data beside it", 0},
    {"format", 'f', "FORMAT", 0, "text, csv or json", 0},
    {0}};

typedef struct models_call {
    const char *trace, *picture, *list;
    hy_models models;
    hy_format format;
} models_call;

static bool parse_choice(const char *word, const char *const *names, uint32_t *ret) {
    for (uint32_t i = 0; names[i]; i++)
        if (strcmp(names[i], word) == 0) {
            *ret = i;
            return true;
        }
    return false;
}

static error_t parse_number(int key, char *argument, struct argp_state *state, hy_crowd_options *o) {
    char *end = NULL;
    switch (key) {
    case 'm':
        if (hy_parse_size(argument, &o->machine) < 0 || o->machine < 4096 || o->machine > (uint64_t)1 << 40)
            argp_error(state, "--machine=%s is no size of memory; expected 4K to 1T", argument);
        return 0;
    case KEY_LEAST:
        o->least = strtod(argument, &end) / 100;
        if (end == argument || strcmp(end, "%") != 0 || !(o->least > 0 && o->least <= 1))
            argp_error(state, "--least=%s is no part; expected 1%% to 100%%", argument);
        return 0;
    default: return cmd_unsigned("--sweeps", argument, 2, 1000, &o->sweeps);
    }
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    models_call *const call = state->input;
    hy_crowd_options *const o = &call->models.options;
    uint32_t choice = 0;
    switch (key) {
    case 'm':
    case KEY_LEAST:
    case KEY_SWEEPS: return parse_number(key, argument, state, o);
    case 'a': call->list = argument; return 0;
    case 'q':
        if (!parse_choice(argument, hy_queue_names, &choice))
            argp_error(state, "--queue=%s; expected fifo, overtake or none", argument);
        o->queue = (hy_queue)choice;
        return 0;
    case KEY_SIZES:
        if (!parse_choice(argument, hy_sizes_names, &choice))
            argp_error(state, "--sizes=%s; expected measured, guessed or elastic", argument);
        o->sizes = (hy_sizes)choice;
        return 0;
    case KEY_NO_FORKS: o->no_forks = true; return 0;
    case KEY_PICTURE:
        if (!hy_picture_ending(argument))
            argp_error(state, "--picture=%s; expected a name that ends with .svg or .png", argument);
        call->picture = argument;
        return 0;
    case 'f':
        if (cmd_format(argument, &call->format) < 0)
            exit(HY_EXIT_INPUT);
        return 0;
    case ARGP_KEY_ARG: cmd_take_only(state, &call->trace, argument, "arrival trace"); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static int take_models(hy_models *models, const char *list, hy_error *error) {
    models->count = 0;
    for (const char *at = list; *at;) {
        const size_t size = strcspn(at, ",");
        if (models->count == HY_MODELS_MOST)
            return hy_fail(error, -EINVAL, "more than %u models", HY_MODELS_MOST);
        if (hy_model_parse(at, size, &models->model[models->count++], error) < 0)
            return -EINVAL;
        at += size;
        at += *at == ',';
    }
    return models->count > 0 ? 0 : hy_fail(error, -EINVAL, "an empty list of models");
}

/* Half of what is needed at once: enough to have to wait.  Everybody fits in if he is alone. */
static uint64_t usual_machine(const hy_models *models) {
    const hy_arrivals *const a = models->arrivals;
    uint64_t size = hy_arrivals_peak(a) / 2;
    for (size_t i = 0; i < a->count; i++)
        if (hy_crowd_counts(&a->programs[i], &models->options) && a->programs[i].resident > size)
            size = a->programs[i].resident;
    return (size / (1 << 20) + 1) << 20;
}

static int print(const hy_models *models, hy_format format) {
    char about[600], sentence[1000];
    hy_sheet sheet;
    hy_models_sheet(models, &sheet);
    hy_models_about(models, about, sizeof about);
    sheet.caption = about;
    const int code = cmd_print_sheets(&(const hy_sheet *const){&sheet}, 1, format);
    hy_models_sentence(models, sentence, sizeof sentence);
    if (format == HY_FORMAT_TEXT)
        printf("\n%s.\n", sentence);
    hy_sheet_free(&sheet);
    return code;
}

static int answer(models_call *call, hy_error *error) {
    hy_models *const models = &call->models;
    int r = take_models(models, call->list ? call->list : all_models, error);
    if (r == 0)
        r = hy_models_run(models, error);
    if (r < 0)
        return r;
    const int code = print(models, call->format);
    if (code != HY_EXIT_OK)
        return code;
    if (!call->list && call->picture)
        r = take_models(models, drawn_models, error);
    if (r == 0 && call->picture)
        r = hy_models_picture(models, call->picture, error);
    return r < 0 ? r : HY_EXIT_OK;
}

int cmd_partition_models(int argc, char **argv) {
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "FILE",
        .doc = "Replays an arrival trace (`heapyard record --programs`) on models of a machine's memory."};
    models_call call = {.models = {.options = {.least = 0.5, .sweeps = 10}}};
    hy_arrivals arrivals;
    hy_error error = {""};
    int r = cmd_parse(&argp, argc, argv, &call);
    if (r != 0)
        return r;
    if (!call.trace)
        return cmd_fail("no arrival trace; expected: heapyard partition models FILE");
    if (hy_arrivals_read(call.trace, &arrivals, &error) < 0)
        return cmd_fail("%s", error.text);
    call.models.arrivals = &arrivals;
    call.models.trace = call.trace;
    if (call.models.options.machine == 0)
        call.models.options.machine = usual_machine(&call.models);
    r = answer(&call, &error);
    hy_arrivals_free(&arrivals);
    return r < 0 ? cmd_fail("%s", error.text) : r;
}

int cmd_partition_models_section(hy_machine_page *page, const char *trace) {
    const hy_crowd_options usual = {.least = 0.5, .sweeps = 10};
    hy_models all = {.trace = trace, .options = usual}, drawn = all;
    hy_arrivals arrivals;
    hy_error error;
    if (hy_arrivals_read(trace, &arrivals, &error) < 0)
        return cmd_fail("%s", error.text);
    all.arrivals = drawn.arrivals = &arrivals;
    all.options.machine = usual_machine(&all);
    int r = take_models(&all, all_models, &error);
    if (r == 0)
        r = take_models(&drawn, drawn_models, &error);
    if (r == 0)
        r = hy_models_run(&all, &error);
    if (r == 0)
        hy_models_section(&all, &drawn, page);
    hy_arrivals_free(&arrivals);
    return r < 0 ? cmd_fail("%s", error.text) : HY_EXIT_OK;
}
